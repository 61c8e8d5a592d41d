"""What intervals hold and what a study can find: computed against independent computations."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from turncoat.base.errors import UsageError
from turncoat.stats.power import (
    design_effect,
    detectable_h,
    detectable_rate,
    effect_size_h,
    n_for_width,
    n_per_arm,
    power_two_rates,
)
from turncoat.stats.rates import (
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
def test_coverage_is_what_counting_gives(n: int, p: float, method: str) -> None:
    interval = wilson if method == "wilson" else clopper_pearson
    draws = np.random.default_rng(1).binomial(n, p, 200_000)
    share = np.isin(draws, [k for k in range(n + 1) if interval(k, n).contains(p)]).mean()
    assert interval_coverage(n, p, method=method) == pytest.approx(share, abs=0.003)  # type: ignore[arg-type]


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
    with pytest.raises(UsageError, match="h is 0"):
        n_per_arm(0)
    assert math.isclose(effect_size_h(1, 0), math.pi)
