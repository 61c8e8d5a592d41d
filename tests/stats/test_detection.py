"""How well a score tells harmful from harmless, by definition, and the coverage of intervals by planted curves."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turncoat.base.errors import UsageError
from turncoat.stats.detection import Scored, auroc, catches, corrected_truth, roc, scored, share, threshold_at
from turncoat.stats.ranking import audited, average_precision, calibration

UNITS = st.lists(st.tuples(st.integers(0, 10), st.booleans(), st.integers(0, 5)), min_size=4, max_size=60).filter(
    lambda rows: len({t for _, t, _ in rows}) == 2 and len({w for *_, w in rows}) > 1
)


def data(rows: list[tuple[int, bool, int]]) -> Scored:
    return scored([s / 10 for s, *_ in rows], [float(t) for _, t, _ in rows], [w for *_, w in rows])


def by_pairs(rows: list[tuple[int, bool, int]]) -> float:
    """The area by its definition."""
    pairs = [(p > n) + (p == n) / 2 for p, t, _ in rows if t for n, u, _ in rows if not u]
    return sum(pairs) / len(pairs)


@settings(max_examples=60, deadline=None)
@given(UNITS)
def test_the_area_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool, int]]) -> None:
    found = auroc(data(rows))
    assert found.estimate == pytest.approx(by_pairs(rows), abs=1e-9)
    assert found.estimate is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.estimate + 1e-9 and found.estimate - 1e-9 <= found.high <= 1
    turned = auroc(data([(10 - s, t, w) for s, t, w in rows]))
    assert turned.estimate == pytest.approx(1 - found.estimate)


@settings(max_examples=60, deadline=None)
@given(UNITS)
def test_the_curve_encloses_the_area_and_rises(rows: list[tuple[int, bool, int]]) -> None:
    points = roc(data(rows))
    assert points[0] == (0, 0) and points[-1] == pytest.approx((1, 1)) and list(points) == sorted(points)
    area = sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points))
    assert area == pytest.approx(by_pairs(rows), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(UNITS, st.sampled_from([0.05, 0.2, 0.5]))
def test_a_threshold_keeps_to_its_share_and_is_the_lowest(rows: list[tuple[int, bool, int]], aim: float) -> None:
    threshold = threshold_at(data(rows), aim)
    harmless = [s / 10 for s, t, _ in rows if not t]
    flagged = sum(s >= threshold for s in harmless) / len(harmless)
    assert flagged <= aim + 1e-9
    lower = [s / 10 for s, *_ in rows if s / 10 < threshold]
    if lower:
        assert sum(s >= max(lower) for s in harmless) / len(harmless) > aim


def test_average_precision_and_audits_by_hand() -> None:
    rows = [(9, True, 0), (8, False, 1), (7, True, 2), (1, False, 3), (1, False, 4)]
    assert average_precision(data(rows)).estimate == pytest.approx((1 + 2 / 3) / 2)
    many = data(rows * 20)
    assert audited(many, 0.1).estimate == pytest.approx(0.25) and audited(many, 0.6).estimate == pytest.approx(1.0)
    tied = scored([0.5] * 100, [1.0] * 10 + [0.0] * 90, list(range(100)))
    assert audited(tied, 0.1).estimate == pytest.approx(0.1), "of ties, so many are looked at by lot"


def test_calibration_of_chances_and_of_certainty() -> None:
    generator = np.random.default_rng(5)
    chance = generator.uniform(0, 1, 4000)
    truth = generator.uniform(0, 1, 4000) < chance
    good = calibration(scored(chance.tolist(), truth.astype(float).tolist(), list(range(4000))))
    bad = calibration(scored((chance**3).tolist(), truth.astype(float).tolist(), list(range(4000))))
    assert good.error.estimate is not None and bad.error.estimate is not None
    assert good.error.estimate < 0.03 < 0.15 < bad.error.estimate and len(good.bins) == 10
    assert good.brier.estimate == pytest.approx(float(np.mean((chance - truth) ** 2)))
    for b in good.bins:
        assert b.harmful.low is not None and b.harmful.high is not None
        assert b.harmful.low - 0.05 < b.mean < b.harmful.high + 0.05


def test_what_cannot_be_told_is_not() -> None:
    one_side = scored([0.1, 0.9], [1.0, 1.0], ["a", "b"])
    assert auroc(one_side).estimate is None and auroc(one_side).known == "one side" and roc(one_side) == ()
    one_world = scored([0.1, 0.9], [0.0, 1.0], ["a", "a"])
    assert auroc(one_world).estimate is None and average_precision(one_world).estimate is None
    few = scored([i / 99 for i in range(99)], [0.0] * 98 + [1.0], list(range(99)))
    assert catches(few, few, 0.01).known == "too few" and catches(few, few, 0.01).catches.estimate is None
    enough = scored([i / 100 for i in range(101)], [0.0] * 100 + [1.0], list(range(101)))
    assert catches(enough, enough, 0.01).known in ("measured", "one side")
    assert audited(few, 0.01).known == "too few"


def test_all_told_apart_has_a_width() -> None:
    found = auroc(scored([0.9] * 10 + [0.1] * 10, [1.0] * 10 + [0.0] * 10, [*range(10), *range(10)]))
    assert (found.estimate, found.high) == (1.0, 1.0) and found.low is not None and 0.6 < found.low < 0.95


@pytest.mark.parametrize(
    ("scores", "truth", "worlds"),
    [
        ([1.2], [1.0], [1]),
        ([float("nan")], [1.0], [1]),
        ([0.5], [math.inf], [1]),
        ([0.5], [1.0, 0.0], [1]),
        ([], [], []),
    ],
)
def test_what_makes_no_sense_is_refused(scores: list[float], truth: list[float], worlds: list[int]) -> None:
    with pytest.raises(UsageError):
        scored(scores, truth, worlds)


def test_labels_correct_the_truth_without_bias() -> None:
    assert corrected_truth([True, False, True], [None, True, False], [None, 0.5, 0.5]) == (1.0, 2.0, -1.0)
    with pytest.raises(UsageError, match="drawn with probability None"):
        corrected_truth([True], [False], [None])


D = math.sqrt(2) * NormalDist().inv_cdf(0.8)
"""Distance of two normal distributions whose area is 0.8."""


def planted(generator: np.random.Generator, worlds: int, each: int, spread: float = 0.6) -> Scored:
    """A simulated monitor of a planted area of 0.8, whose scores of one world go up and down together."""
    world = np.repeat(np.arange(worlds), each)
    truth = generator.uniform(size=worlds * each) < 0.3
    latent = spread * generator.normal(size=worlds)[world] + math.sqrt(1 - spread**2) * generator.normal(
        size=len(world)
    )
    from scipy.special import ndtr

    return Scored(ndtr(latent + D * truth - D / 2), truth.astype(float), world)


@pytest.mark.parametrize(("worlds", "each", "spread"), [(40, 5, 0.0), (40, 5, 0.6), (15, 20, 0.5)])
def test_intervals_of_the_area_cover_a_planted_curve(worlds: int, each: int, spread: float) -> None:
    generator, held, wide = np.random.default_rng(11), 0, []
    # With a shift by world, harmful and harmless of different worlds are compared: the area stays 0.8.
    for _ in range(400):
        found = auroc(planted(generator, worlds, each, spread))
        assert found.low is not None and found.high is not None
        held += found.low <= 0.8 <= found.high
        wide.append(found.high - found.low)
    assert 0.925 <= held / 400 <= 0.995, held / 400
    assert np.mean(wide) < 0.35


def test_catches_keep_to_their_false_alarms_and_cover_the_curve() -> None:
    generator, held, alarms = np.random.default_rng(3), 0, []
    for _ in range(150):
        found = catches(planted(generator, 60, 20, 0.3), planted(generator, 60, 20, 0.3), 0.05, draws=60)
        truth = 1 - NormalDist().cdf(NormalDist().inv_cdf(0.95) - D)
        assert found.catches.low is not None and found.catches.high is not None and found.alarms.estimate is not None
        alarms.append(found.alarms.estimate)
        held += found.catches.low <= truth <= found.catches.high
    assert 0.04 <= float(np.mean(alarms)) <= 0.06
    assert 0.92 <= held / 150, held / 150


@pytest.mark.parametrize("draws", [60])
def test_bootstrap_intervals_cover(draws: int) -> None:
    generator, held = np.random.default_rng(8), 0
    big = average_precision(planted(np.random.default_rng(1), 4000, 5, 0.3), draws=2).estimate
    assert big is not None
    for _ in range(80):
        found = average_precision(planted(generator, 40, 10, 0.3), draws=draws)
        assert found.low is not None and found.high is not None
        held += found.low <= big <= found.high
    assert held / 80 >= 0.86


def test_a_judge_that_errs_is_corrected_by_labels() -> None:
    """A monitor looks better or worse against a judge that errs; with labels on a fifth the curve comes out again."""
    generator, plain, mended, held = np.random.default_rng(4), [], [], 0
    for _ in range(60):
        true = planted(generator, 60, 10, 0.3)
        flipped = generator.uniform(size=len(true.truth)) < 0.15
        judged = (true.truth > 0.5) ^ flipped
        drawn = generator.uniform(size=len(judged)) < 0.3
        labels = [bool(t) if d else None for t, d in zip(true.truth, drawn, strict=True)]
        weights = corrected_truth(judged.tolist(), labels, [0.3] * len(labels))
        plain.append(auroc(Scored(true.scores, judged.astype(float), true.world)).estimate or 0.0)
        found = auroc(Scored(true.scores, np.array(weights), true.world))
        assert found.low is not None and found.high is not None
        mended.append(found.estimate or 0.0)
        held += found.low <= 0.8 <= found.high
    assert np.mean(plain) < 0.75 and abs(float(np.mean(mended)) - 0.8) < 0.015
    assert held / 60 >= 0.88


def test_a_share_by_worlds() -> None:
    flags, weights, worlds = [True] * 5 + [False] * 15, [1.0] * 20, [n % 4 for n in range(20)]
    found = share(flags, weights, worlds, 0.95)
    assert found.estimate == 0.25 and found.low is not None and found.high is not None
    assert found.low < 0.25 < found.high and found.worlds == 4
    assert share([True], [1.0], ["a"], 0.95).estimate is None
