"""Confidence sequences hold at all times together, and rules stop where they say."""

from math import exp, lgamma, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.base.errors import UsageError
from turncoat.stats.rates import wilson
from turncoat.stats.sequential import StopRule, confidence_sequence, difference_sequence, look, look_at_difference


def ever_excluded(rate: float, cap: int, confidence: float = 0.95) -> float:
    """Exact probability that the sequence excludes the rate at any of the first `cap` samples."""
    alive = np.array([1.0])
    lost = 0.0
    for n in range(1, cap + 1):
        alive = np.append(alive * (1 - rate), 0.0) + np.append(0.0, alive * rate)
        inside = np.array([confidence_sequence(k, n, confidence).contains(rate) for k in range(n + 1)])
        lost += float(alive[~inside].sum())
        alive = alive * inside
    return lost


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2, 0.5, 0.96])
def test_the_true_rate_is_ever_excluded_at_most_as_often_as_it_says(rate: float) -> None:
    assert ever_excluded(rate, 150) <= 0.05
    assert ever_excluded(rate, 60, 0.8) <= 0.2


def test_the_guarantee_is_not_empty() -> None:
    assert ever_excluded(0.3, 200) > 0.02, "far below its level the sequence would be needlessly wide"


@pytest.mark.parametrize("n", [1, 10, 100])
def test_no_event_has_a_closed_form(n: int) -> None:
    mixture = lgamma(0.5) + lgamma(n + 0.5) - lgamma(n + 1) - 2 * lgamma(0.5)
    interval = confidence_sequence(0, n)
    assert interval.low == 0
    assert interval.high == pytest.approx(1 - exp((mixture + lgamma(1) + log(0.05)) / n), abs=1e-7)


@given(st.integers(1, 150).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_it_holds_the_estimate_mirrors_and_is_wider_than_a_fixed_interval(counts: tuple[int, int]) -> None:
    k, n = counts
    interval, mirror, fixed = confidence_sequence(k, n), confidence_sequence(n - k, n), wilson(k, n)
    assert 0 <= interval.low <= k / n <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirror.high, abs=1e-7)
    assert interval.width > fixed.width


def test_a_rule_stops_at_the_first_sample_that_decides() -> None:
    rule = StopRule(threshold=0.5)
    at = look([True] * 30, rule)
    assert (at.decision, at.n, at.seen) == ("above", 7, 7)
    assert confidence_sequence(6, 6).low < 0.5 < confidence_sequence(7, 7).low
    assert look([None, *[True] * 6], rule).decision == ""
    passed = look([None, *[True] * 7, False], rule)
    assert (passed.seen, passed.n, passed.k, passed.decision) == (8, 7, 7, "above")
    assert look([False] * 100, StopRule(threshold=0.05)).decision == ""
    assert look([False] * 120, StopRule(threshold=0.05)).decision == "below"


def test_a_rule_may_ask_for_width_and_for_a_least_number() -> None:
    outcomes = [i % 2 == 0 for i in range(400)]
    at = look(outcomes, StopRule(half_width=0.1))
    before = confidence_sequence(sum(outcomes[: at.n - 1]), at.n - 1)
    assert at.decision == "narrow" and at.interval.width <= 0.2 < before.width
    assert look([True] * 30, StopRule(threshold=0.5, at_least=20)).n == 20


def test_differences_are_decided_side_by_side() -> None:
    at = look_at_difference([True] * 100, [False] * 100, StopRule(threshold=0.0))
    assert at.decision == "above" and at.seen < 15
    assert at.interval == difference_sequence((at.n, at.n), (0, at.n))
    assert look_at_difference([True, False] * 50, [False, True] * 50, StopRule(threshold=0.0)).decision == ""
    assert look_at_difference([True] * 3, [], StopRule(threshold=0.0)).seen == 0


def test_a_difference_is_ever_misjudged_rarely_even_if_the_cells_are_copies() -> None:
    draws = np.random.default_rng(7)
    rule = StopRule(threshold=0.0)
    wrong = 0
    for _ in range(200):
        first, second = draws.random(60) < 0.4, draws.random(60) < 0.4
        wrong += look_at_difference(first.tolist(), second.tolist(), rule).decision != ""
    assert wrong <= 10


@pytest.mark.parametrize("wrong", [{}, {"threshold": 0.1, "half_width": 0.1}, {"threshold": 0.1, "at_least": 0}])
def test_a_rule_without_one_aim_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        StopRule(**wrong)  # type: ignore[arg-type]  # wrong on purpose
