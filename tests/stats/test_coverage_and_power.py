"""What intervals hold and what a study can find: computed against independent computations."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from turncoat.base.errors import UsageError
from turncoat.stats.differences import mid_p_mcnemar, paired_difference
from turncoat.stats.means import mean_difference
from turncoat.stats.power import (
    design_effect,
    detectable_h,
    detectable_mean_difference,
    detectable_paired_rate,
    detectable_rate,
    effect_size_h,
    n_for_width,
    n_per_arm,
    power_paired_rates,
    power_two_rates,
)
from turncoat.stats.rates import (
    BinomialMethod,
    clopper_pearson,
    interval_coverage,
    mean_coverage,
    rate,
    simulation_band,
    upper_bound,
    wilson,
)


@given(st.integers(1, 300), st.data())
@settings(max_examples=60, deadline=None)
def test_intervals_lie_within_reason(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    for interval in (wilson(k, n), clopper_pearson(k, n)):
        assert 0 <= interval.low <= k / n <= interval.high <= 1
    mirrored = wilson(n - k, n)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((wilson(k, n).low, wilson(k, n).high))
    peer = binomtest(k, n).proportion_ci(method="exact")
    assert (clopper_pearson(k, n).low, clopper_pearson(k, n).high) == pytest.approx((peer.low, peer.high), abs=1e-9)


@pytest.mark.parametrize(("n", "p"), [(20, 0.05), (50, 0.5), (100, 0.02)])
@pytest.mark.parametrize("method", ["wilson", "exact"])
def test_coverage_is_what_counting_gives(n: int, p: float, method: BinomialMethod) -> None:
    interval = wilson if method == "wilson" else clopper_pearson
    draws = np.random.default_rng(1).binomial(n, p, 200_000)
    share = np.isin(draws, [k for k in range(n + 1) if interval(k, n).contains(p)]).mean()
    assert interval_coverage(n, p, method=method) == pytest.approx(share, abs=0.003)


def test_exact_over_covers_and_wilson_is_right_on_average() -> None:
    assert min(interval_coverage(30, p / 100, method="exact") for p in range(1, 100)) >= 0.95
    assert mean_coverage(30) == pytest.approx(0.953, abs=0.005)
    assert min(interval_coverage(30, p / 100) for p in range(1, 100)) < 0.95


def test_nothing_seen_is_not_nothing() -> None:
    assert upper_bound(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))
    assert rate(0, 100, method="exact").high == pytest.approx(0.0362, abs=5e-5)  # 0 of 100 excludes only above 3.6 %


def test_the_band_of_a_simulation_is_the_binomials() -> None:
    band = simulation_band(0.95, 1000, confidence=0.99)
    inside = binom.cdf(round(band.high * 1000), 1000, 0.95) - binom.cdf(round(band.low * 1000) - 1, 1000, 0.95)
    assert 0.99 <= inside < 0.995


def test_power_is_what_simulation_gives() -> None:
    from turncoat.stats.differences import difference

    rng = np.random.default_rng(2)
    table = {(a, b): difference(a, 30, b, 30).p_value <= 0.05 for a in range(31) for b in range(31)}
    found = np.mean(
        [table[a, b] for a, b in zip(rng.binomial(30, 0.5, 20_000), rng.binomial(30, 0.15, 20_000), strict=True)]
    )
    assert power_two_rates(0.5, 0.15, 30) == pytest.approx(found, abs=0.012)
    assert power_two_rates(0.3, 0.3, 100) <= 0.06


def test_plans() -> None:
    assert detectable_h(100) == pytest.approx(0.396, abs=5e-4)
    assert detectable_h(n_per_arm(0.4)) <= 0.4 < detectable_h(n_per_arm(0.4) - 1)
    up = detectable_rate(0.2, 100)
    assert up is not None and effect_size_h(up, 0.2) == pytest.approx(detectable_h(100))
    assert detectable_rate(0.01, 20, "down") is None
    assert design_effect(10, 0.3) == pytest.approx(3.7)
    assert n_per_arm(0.4, effect=2.0) == pytest.approx(2 * n_per_arm(0.4), abs=1)
    n = n_for_width(0.5, 0.1)
    assert wilson(n / 2, n).width <= 0.2 < wilson((n - 1) / 2, n - 1).width
    assert (n_per_arm(2.8), n_per_arm(2.81), n_per_arm(-math.pi)) == (3, 2, 2)  # at the largest effects
    with pytest.raises(UsageError, match="h is 0"):
        n_per_arm(0)
    assert math.isclose(effect_size_h(1, 0), math.pi)


def simulated_pairs(first: float, second: float, n: int, correlation: float, runs: int) -> npt.NDArray[np.int64]:
    """How often each of (only first, only second) comes in that many worlds, by a draw of its own."""
    both = first * second + correlation * math.sqrt(first * (1 - first) * second * (1 - second))
    both = min(max(both, first + second - 1, 0.0), first, second)
    cells = [both, first - both, second - both, 1 - first - second + both]
    return np.random.default_rng(1).multinomial(n, np.clip(cells, 0, 1), runs)[:, 1:3]


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 60), st.floats(-1, 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_paired_power_is_the_share_of_simulations_that_reject(a: float, b: float, n: int, correlation: float) -> None:
    runs = 2000
    found = simulated_pairs(a, b, n, correlation, runs)
    share = np.mean(mid_p_mcnemar(found.min(axis=1), found.sum(axis=1)) <= 0.05)
    power = power_paired_rates(a, b, n, correlation=correlation)
    assert abs(share - power) <= 5 * math.sqrt(max(power * (1 - power), 0.002) / runs)


def test_paired_power_is_that_of_the_test_that_reports_use() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.random((600, 30)) < 0.6, rng.random((600, 30)) < 0.25
    rejected = np.mean(
        [paired_difference(list(a), list(b)).p_value <= 0.05 for a, b in zip(first, second, strict=True)]
    )
    assert rejected == pytest.approx(power_paired_rates(0.6, 0.25, 30), abs=4 * math.sqrt(0.2 / 600))


def test_pairs_of_worlds_that_are_alike_find_more_and_the_level_is_kept() -> None:
    powers = [power_paired_rates(0.5, 0.2, 25, correlation=c) for c in (-0.3, 0.0, 0.3, 0.5)]
    assert powers == sorted(powers) and powers[0] < powers[-1]
    assert all(power_paired_rates(p, p, n) <= 0.055 for p in (0.05, 0.3, 0.5, 0.9) for n in (5, 20, 100, 400))
    assert power_paired_rates(0.0, 0.0, 50) == power_paired_rates(0.3, 0.3, 50, correlation=1.0) == 0.0


@pytest.mark.parametrize(("baseline", "n"), [(0.2, 50), (0.4, 20), (0.8, 20), (0.5, 400)])
def test_the_detectable_paired_rate_is_the_border(baseline: float, n: int) -> None:
    lower = detectable_paired_rate(baseline, n)
    assert lower is not None and lower < baseline
    assert power_paired_rates(baseline, lower, n) >= 0.8 > power_paired_rates(baseline, lower + 0.01, n)
    upper = detectable_paired_rate(1 - baseline, n, "up")
    assert upper == pytest.approx(1 - lower, abs=1e-5)


def test_few_pairs_find_nothing() -> None:
    assert detectable_paired_rate(0.2, 20) is None and detectable_paired_rate(0.9, 4) is None
    assert detectable_mean_difference(2, 0.3) is None
    with pytest.raises(UsageError, match="0 pairs"):
        power_paired_rates(0.1, 0.2, 0)


def test_the_detectable_difference_of_means_is_found_in_four_of_five_simulations() -> None:
    n, spread, correlation = 20, 0.12, 0.4
    apart = detectable_mean_difference(n, spread, correlation=correlation)
    assert apart is not None
    rng = np.random.default_rng(3)
    shared = np.array([[1, correlation], [correlation, 1]]) * spread**2
    worlds, arms = [*range(n), *range(n)], [True] * n + [False] * n
    found = 0
    for draw in rng.multivariate_normal([0.5 + apart / 2, 0.5 - apart / 2], shared, (400, n)):
        mean = mean_difference([*draw[:, 0], *draw[:, 1]], arms, worlds)
        assert mean is not None
        found += mean.low > 0 or mean.high < 0
    assert found / 400 == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 400))
