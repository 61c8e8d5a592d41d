"""Statistics against values from the literature and from other implementations."""

import math

import pytest
from statsmodels.stats.proportion import proportion_confint

from turncoat.stats.differences import difference
from turncoat.stats.power import effect_size_h, n_per_arm, n_to_exclude
from turncoat.stats.rates import clopper_pearson, rate, wilson
from turncoat.stats.testing import adjust


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe (1998a), Stat Med 17:857, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    interval = wilson(k, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 100), (3, 10), (50, 100), (96, 100), (7, 7)])
def test_wilson_and_exact_agree_with_statsmodels(k: int, n: int) -> None:
    for ours, method in ((wilson(k, n), "wilson"), (clopper_pearson(k, n), "beta")):
        assert (ours.low, ours.high) == pytest.approx(proportion_confint(k, n, method=method), abs=1e-9)


def test_a_rate_carries_its_coverage_and_worst_case() -> None:
    found = rate(3, 18, total=20)
    assert found.estimate == pytest.approx(1 / 6) and found.coverage == 0.9
    assert (found.bounds.low, found.bounds.high) == (3 / 20, 5 / 20)
    assert rate(0, 0, total=5).estimate is None


def test_newcombes_interval_for_a_difference() -> None:
    # Newcombe (1998b), Stat Med 17:873, table II: 56/70 against 48/80, method 10.
    found = difference(56, 70, 48, 80)
    assert found.estimate == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-4)


def test_holm() -> None:
    # Holm (1979): the smallest p times 4, and so on, never decreasing.
    found = adjust({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})


def test_power_and_rare_events() -> None:
    assert n_per_arm(0.2) == 393  # Cohen (1988), table 6.4.1, rounded up
    assert effect_size_h(0.5, 0.4) == pytest.approx(2 * math.asin(0.5**0.5) - 2 * math.asin(0.4**0.5))
    assert n_to_exclude(0.03) == 99  # the rule of three: 1 - 0.05 ** (1 / 99) = 0.0298
