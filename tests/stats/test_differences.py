"""Differences of rates: against the literature, and by how often their intervals hold the truth."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact

from turncoat.base.errors import UsageError
from turncoat.stats.differences import cluster_difference, difference, independent_interval, paired_difference
from turncoat.stats.rates import rate, simulation_band
from turncoat.stats.testing import equivalence, equivalence_by

# Fagerland, Lydersen & Laake (2013, 2014): airway hyper-responsiveness before and after stem cell transplantation,
# 21 pairs with 1 positive both times, 1 before only, 7 after only, 12 never.
BEFORE = [True] * 2 + [False] * 19
AFTER = [True, False] + [True] * 7 + [False] * 12


@pytest.mark.parametrize(
    ("k1", "n1", "k2", "n2", "low", "high"),
    [  # Newcombe (1998b), Stat. Med. 17:873, table II, method 10
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombes_published_intervals(k1: int, n1: int, k2: int, n2: int, low: float, high: float) -> None:
    found = difference(k1, n1, k2, n2)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    turned = difference(k2, n2, k1, n1)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_the_test_beside_the_interval() -> None:
    # Campbell (2007): the N - 1 chi-squared test is Pearson's times (N - 1) / N.
    from scipy.stats import chi2, chi2_contingency

    pearson = chi2_contingency([[56, 14], [48, 32]], correction=False).statistic
    assert difference(56, 70, 48, 80).p_value == pytest.approx(chi2.sf(pearson * 149 / 150, 1))
    rare = difference(1, 30, 0, 30)
    assert rare.test == "Fisher exact"
    assert rare.p_value == pytest.approx(fisher_exact(np.array([[1, 29], [0, 30]])).pvalue)


def test_paired_data_of_the_literature() -> None:
    found = paired_difference(BEFORE, AFTER)
    assert found.estimate == pytest.approx(-6 / 21)
    assert (found.low, found.high) == pytest.approx((-0.507, -0.026), abs=5e-4)
    assert found.p_value == pytest.approx(0.0391, abs=5e-5)  # mid-p McNemar


def test_a_pair_with_an_unscored_half_is_left_out_and_counted() -> None:
    found = paired_difference([*BEFORE, None, True], [*AFTER, True, None])
    assert (found.left_out, found.n_first) == (2, 21)
    assert found.estimate == pytest.approx(-6 / 21)
    with pytest.raises(UsageError, match="none of 2 pairs"):
        paired_difference([None, True], [True, None])


@pytest.mark.parametrize(("p1", "p2", "n"), [(0.8, 0.3, 40), (0.05, 0.0, 50), (0.5, 0.5, 25)])
def test_the_interval_holds_the_truth_as_often_as_it_says(p1: float, p2: float, n: int) -> None:
    weights = np.outer(binom.pmf(range(n + 1), n, p1), binom.pmf(range(n + 1), n, p2))
    likely = [(a, b) for a in range(n + 1) for b in range(n + 1) if weights[a, b] > 1e-5]
    held = sum(weights[a, b] for a, b in likely if difference(a, n, b, n).contains(p1 - p2))
    assert 0.92 < held <= 1.0  # computed, not simulated; Newcombe reports a minimum of 0.93 for method 10


def clustered(
    rng: np.random.Generator, rates: Sequence[float], worlds: int, epochs: int
) -> tuple[list[bool], list[bool], list[int]]:
    """Two arms in the same worlds, each world with a leaning of its own that both arms share."""
    leaning = rng.normal(0, 1.2, worlds)
    found: list[bool] = []
    arms: list[bool] = []
    names: list[int] = []
    for arm, p in enumerate(rates):
        chance = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + leaning)))
        for world in range(worlds):
            found += list(rng.random(epochs) < chance[world])
            arms += [arm == 0] * epochs
            names += [world] * epochs
    return found, arms, names


def test_clusters_are_respected_where_pooling_is_too_sure() -> None:
    rng = np.random.default_rng(20)
    # The truth is what many worlds show; the leaning pulls both rates towards one half.
    many, arms, _ = clustered(rng, (0.6, 0.4), 40_000, 1)
    truth = np.mean([o for o, a in zip(many, arms, strict=True) if a]) - np.mean(
        [o for o, a in zip(many, arms, strict=True) if not a]
    )
    held = 0
    for _ in range(300):
        outcomes, first, names = clustered(rng, (0.6, 0.4), 15, 6)
        held += cluster_difference(outcomes, first, names).contains(float(truth))
    assert held / 300 >= simulation_band(0.95, 300).low


def test_worlds_shared_by_both_arms_make_the_difference_sharper() -> None:
    outcomes, first, names = clustered(np.random.default_rng(3), (0.6, 0.4), 20, 5)
    shared = cluster_difference(outcomes, first, names)
    apart = cluster_difference(outcomes, first, [(n, f) for n, f in zip(names, first, strict=True)])
    assert shared.width < apart.width
    assert shared.estimate == pytest.approx(apart.estimate)
    assert (shared.worlds, apart.worlds) == (20, 40)


def test_equivalence_is_the_ninety_percent_interval_within_the_margin() -> None:
    close = equivalence(50, 500, 52, 500, margin=0.05)
    assert close.equivalent and close.difference.confidence == pytest.approx(0.9)
    assert -0.05 < close.difference.low and close.difference.high < 0.05
    edge = equivalence_by(lambda c: difference(50, 500, 52, 500, confidence=c), margin=0.05, level=close.p_value)
    reach = max(-edge.difference.low, edge.difference.high)
    assert reach == pytest.approx(0.05, abs=1e-4), "at its p-value the interval just touches the margin"
    assert not equivalence(5, 20, 5, 20, margin=0.05).equivalent, "few data show no equivalence"
    assert equivalence(60, 100, 40, 100, margin=0.1).p_value == 1.0


@pytest.mark.parametrize(("a", "b"), [((7, 20), (3, 25)), ((0, 10), (10, 10)), ((0, 5), (0, 9))])
def test_for_wilson_intervals_it_is_newcombes(a: tuple[int, int], b: tuple[int, int]) -> None:
    found = independent_interval(rate(*a), rate(*b))
    expected = difference(*a, *b)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_an_empty_arm_has_no_difference() -> None:
    with pytest.raises(UsageError, match="no scored samples"):
        independent_interval(rate(0, 0, total=3), rate(1, 2))
