"""Agreement of judges, and rates corrected for their errors."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from turncoat.base.errors import UsageError
from turncoat.stats.agreement import cohen_kappa, fleiss_kappa
from turncoat.stats.clusters import cluster_rate
from turncoat.stats.correction import JudgeAccuracy, prediction_powered, rogan_gladen
from turncoat.stats.rates import interval_coverage, rate, simulation_band, wilson


def test_cohens_kappa_of_a_published_table() -> None:
    # Fleiss, Cohen & Everitt (1969), table 1 by way of Fleiss (1981): 75, 1, 4 / 5, 4, 1 / 0, 0, 10.
    table = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    first = [i for i in range(3) for j in range(3) for _ in range(table[i, j])]
    second = [j for i in range(3) for j in range(3) for _ in range(table[i, j])]
    found = cohen_kappa(first, second)
    peer = cohens_kappa(table)
    assert found.estimate == pytest.approx(0.676, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((peer.kappa_low, peer.kappa_upp))
    assert found.agreement == pytest.approx(0.89)


def test_fleiss_kappa_of_the_published_example() -> None:
    # Fleiss (1971)-style example of 14 raters on 10 subjects in 5 categories; kappa is 0.210.
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    found = fleiss_kappa([[c for c, n in enumerate(row) for _ in range(n)] for row in counts])
    assert found.estimate == pytest.approx(0.210, abs=5e-4)
    assert found.low is not None and found.high is not None and found.low < 0.21 < found.high
    assert (found.items, found.raters) == (10, 14)


def test_perfect_agreement_is_not_certainty_and_one_category_is_no_agreement_beyond_chance() -> None:
    perfect = cohen_kappa([True, False] * 5, [True, False] * 5)
    assert perfect.estimate == 1 and perfect.low is not None and perfect.low < 0.6
    one_sided = cohen_kappa([True] * 8 + [False] * 12, [False] * 20)
    assert one_sided.estimate == 0 and one_sided.low is not None and one_sided.high is not None
    assert one_sided.low < -0.1 and one_sided.high > 0.1, "a rater who always says no tells nothing"
    constant = cohen_kappa([False] * 10, [False] * 10)
    assert constant.estimate is None and constant.agreement == 1


def test_rogan_gladen_undoes_known_errors() -> None:
    judge = JudgeAccuracy(90, 100, 190, 200)
    # A true rate of 0.4 looks like 0.4 * 0.9 + 0.6 * 0.05 = 0.39 to this judge.
    found = rogan_gladen(rate(390, 1000), judge)
    assert found.estimate == pytest.approx(0.4)
    assert found.low < 0.4 < found.high
    assert found.high - found.low > rate(390, 1000).width, "what is not known of the judge widens it"
    with pytest.raises(UsageError, match="no better than chance"):
        rogan_gladen(rate(1, 10), JudgeAccuracy(50, 100, 50, 100))


@pytest.mark.parametrize("truth", [0.02, 0.5])
def test_the_corrected_interval_holds_the_truth(truth: float) -> None:
    rng = np.random.default_rng(31)
    sensitivity, specificity, runs = 0.85, 0.95, 600
    held = raw = 0
    for _ in range(runs):
        judge = JudgeAccuracy(int(rng.binomial(60, sensitivity)), 60, int(rng.binomial(60, specificity)), 60)
        seen = rate(int(rng.binomial(200, truth * sensitivity + (1 - truth) * (1 - specificity))), 200)
        found = rogan_gladen(seen, judge)
        held += found.low <= truth <= found.high
        raw += seen.contains(truth)
    assert held / runs >= simulation_band(0.95, runs).low
    assert raw / runs < held / runs, "the raw rate is off by the judge's errors"


def test_labels_on_a_random_part_correct_the_judge() -> None:
    rng = np.random.default_rng(32)
    runs, held, raw, narrower = 300, 0, 0, 0
    for _ in range(runs):
        truth = rng.random(600) < 0.3
        judged = np.where(truth, rng.random(600) < 0.6, rng.random(600) < 0.05)
        chance = np.where(judged, 0.5, 0.2)
        drawn = rng.random(600) < chance
        labels = [bool(t) if d else None for t, d in zip(truth, drawn, strict=True)]
        found = prediction_powered(judged.tolist(), labels, chance.tolist())
        alone = prediction_powered(judged.tolist(), labels, chance.tolist(), weight=0.0)
        held += found.low <= 0.3 <= found.high
        raw += rate(int(judged.sum()), 600).contains(0.3)
        narrower += found.high - found.low < alone.high - alone.low
    assert held / runs >= simulation_band(0.95, runs).low
    assert raw / runs < 0.5 and narrower / runs > 0.9


@pytest.mark.parametrize("share", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("truth", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("n", [10, 20, 100])
def test_the_interval_holds_the_truth_however_few_or_many_are_labelled(n: int, truth: float, share: float) -> None:
    rng = np.random.default_rng(33)
    runs, held, tried = 300, 0, 0
    for _ in range(runs):
        harm = rng.random(n) < truth
        judged = np.where(harm, rng.random(n) < 0.7, rng.random(n) < 0.05)
        labels = [bool(h) if d else None for h, d in zip(harm, rng.random(n) < share, strict=True)]
        if sum(label is not None for label in labels) < 2:
            continue
        found = prediction_powered(judged.tolist(), labels, share)
        plain = wilson(found.estimate * n, n)
        assert found.low <= plain.low and found.high >= plain.high and found.high > found.low
        held, tried = held + (found.low <= truth <= found.high), tried + 1
    expected = interval_coverage(n, truth) if share == 1 else 0.95
    assert held / tried >= simulation_band(min(expected, 0.95), tried).low


def test_where_all_are_labelled_it_is_the_rate_of_the_labels() -> None:
    labels = [True] * 4 + [False] * 16
    judged = [True] * 9 + [False] * 11
    found = prediction_powered(judged, labels, [1.0, 0.5] * 10)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, rate(4, 20).low, rate(4, 20).high))
    worlds = [i % 10 for i in range(20)]
    found, alone = prediction_powered(judged, labels, 1.0, worlds=worlds), cluster_rate(labels, worlds)
    assert (found.low, found.high) == (alone.low, alone.high)


def test_with_equal_chances_and_full_trust_it_is_the_plain_formula() -> None:
    judged = [True, True, False, False, True, False]
    labels = [True, False, None, True, None, None]
    found = prediction_powered(judged, labels, 0.5, weight=1.0)
    assert found.uncut == pytest.approx(3 / 6 + ((1 - 1) + (0 - 1) + (1 - 0)) / 3)
    assert (found.judged, found.labelled) == (6, 3)
