"""What a study can find: sample sizes, detectable differences and power, with a design effect for clusters."""

from __future__ import annotations

from bisect import bisect_left
from math import asin, ceil, log, log1p, pi, sin, sqrt
from typing import Any, Literal

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats
from turncoat.stats._checks import check_open, check_share, two_sided_z
from turncoat.stats.differences import mid_p_mcnemar
from turncoat.stats.rates import wilson


def effect_size_h(first: float, second: float) -> float:
    """Cohen's h: the difference of two rates after the arcsine transformation (0.2 small, 0.5 medium, 0.8 large).

    Raises:
        UsageError: If a rate is outside 0 to 1.

    Source: Cohen (1988), Statistical Power Analysis, chapter 6.
    """
    check_share(first=first, second=second)
    return 2 * asin(sqrt(first)) - 2 * asin(sqrt(second))


def design_effect(epochs: float, icc: float) -> float:
    """How many times more samples are needed when epochs repeat within worlds.

    Args:
        epochs: Samples in each world.
        icc: Intraclass correlation within worlds, 0 to 1; see `intraclass_correlation`.

    Returns:
        `1 + (epochs - 1) * icc`.

    Raises:
        UsageError: If an argument is out of range.

    Source: Kish (1965), Survey Sampling, section 5.4.
    """
    check_share(icc=icc)
    if epochs < 1:
        raise UsageError(f"epochs is {epochs}; each world has at least one sample")
    return 1 + (epochs - 1) * icc


def n_per_arm(h: float, *, power: float = 0.8, level: float = 0.05, effect: float = 1.0) -> int:
    """Samples needed in each of two arms to find an effect of size h with a two-sided test.

    `n_per_arm(0.2)` is 393. For two rates give `effect_size_h(first, second)`; for rates near 0 or 1 check the answer
    with `power_two_rates`.

    Args:
        h: Cohen's h, not 0.
        power: Wanted power.
        level: Two-sided level of the test; divide it by the number of contrasts for a Bonferroni-safe plan.
        effect: Design effect that multiplies the size.

    Returns:
        Samples per arm, rounded up.

    Raises:
        UsageError: If an argument is out of range.

    Source: Cohen (1988), chapter 6, by statsmodels `NormalIndPower`.
    """
    _check_plan(power, level, effect)
    if h == 0 or abs(h) > pi:
        raise UsageError(f"h is {h}; an effect to be found lies between 0 and pi in size, and is not 0")
    from statsmodels.stats.power import NormalIndPower

    # Power depends on n h² alone, and statsmodels finds no n below 2: so n is found for a tenth of h.
    hundredfold = float(NormalIndPower().solve_power(effect_size=abs(h) / 10, alpha=level, power=power))
    return ceil(effect * hundredfold / 100 - 1e-9)


def detectable_h(n: float, *, power: float = 0.8, level: float = 0.05, effect: float = 1.0) -> float:
    """Smallest Cohen's h that `n` samples per arm find; 0.396 for 100.

    Args:
        n: Samples in each arm.
        power: Wanted power.
        level: Two-sided level.
        effect: Design effect that divides the size.

    Returns:
        h, positive.

    Raises:
        UsageError: If an argument is out of range.

    Source: see `n_per_arm`.
    """
    _check_plan(power, level, effect)
    if n / effect < 1:
        raise UsageError(f"{n} samples with a design effect of {effect} are less than one independent sample per arm")
    from statsmodels.stats.power import NormalIndPower

    return float(NormalIndPower().solve_power(nobs1=n / effect, alpha=level, power=power))


def detectable_rate(
    baseline: float,
    n: float,
    direction: Literal["up", "down"] = "up",
    *,
    power: float = 0.8,
    level: float = 0.05,
    effect: float = 1.0,
) -> float | None:
    """The rate nearest to the baseline that `n` samples per arm tell apart from it.

    Args:
        baseline: Rate of the other arm.
        n: Samples in each arm.
        direction: Whether the rate rises or falls.
        power: Wanted power.
        level: Two-sided level.
        effect: Design effect that divides the size.

    Returns:
        The rate, or `None` where not even 0 or 1 is far enough away.

    Raises:
        UsageError: If an argument is out of range.

    Source: see `n_per_arm`, solved for the second rate.
    """
    check_share(baseline=baseline)
    h = detectable_h(n, power=power, level=level, effect=effect)
    angle = 2 * asin(sqrt(baseline)) + (h if direction == "up" else -h)
    return sin(angle / 2) ** 2 if 0 <= angle <= pi else None


def power_two_rates(first: float, second: float, n: int, *, level: float = 0.05) -> float:
    """Exact power of the test in `difference` with `n` independent samples per arm.

    Sums the probability of every pair of counts that the N - 1 chi-squared test rejects. Where that test gives way to
    Fisher's (an expected count below 1, which in equal arms is a single event), Fisher's p-value is 1.

    Args:
        first: Rate of the first arm.
        second: Rate of the second arm.
        n: Samples in each arm, at least 2.
        level: Two-sided level.

    Returns:
        The power; the level that is really used, if both rates are the same.

    Raises:
        UsageError: If an argument is out of range.

    Source: the binomial model; test of Campbell (2007), Stat. Med. 26:3661-3675.
    """
    check_share(first=first, second=second)
    check_open(level=level)
    if n < 2:
        raise UsageError(f"n is {n}; power needs at least 2 samples in each arm")
    from scipy.stats import binom, chi2

    k = np.arange(n + 1)
    a, b = k[:, None], k[None, :]
    harmful, total = a + b, 2 * n
    rest = total - harmful
    # The margins decide the smallest expected count; below 1 the small-sample test takes over.
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (total - 1) * (a * (n - b) - b * (n - a)) ** 2 / (n * n * harmful * rest)
    rejected = (np.minimum(harmful, rest) * n / total >= 1) & (statistic >= chi2.isf(level, 1))
    return float(binom.pmf(k, n, first) @ rejected @ binom.pmf(k, n, second))


def power_paired_rates(
    first: float, second: float, pairs: int, *, correlation: float = 0.0, level: float = 0.05
) -> float:
    """Exact power of the test in `paired_difference` with pairs of one sample each in the same worlds.

    Sums over the number of pairs that differ, which is binomial, the probability that they split so unevenly that the
    mid-p McNemar test rejects.

    Args:
        first: Rate of the first arm.
        second: Rate of the second arm.
        pairs: Worlds that both arms were run in.
        correlation: Of the two outcomes of a world (phi), as far as the rates allow it; 0 where worlds do not matter.
            The more worlds matter, the more pairs find.
        level: Two-sided level.

    Returns:
        The power; the level that is really used, if both rates are the same.

    Raises:
        UsageError: If an argument is out of range.

    Source: the multinomial model of matched pairs, Connor (1987), Biometrics 43:207-211, without its normal
    approximation; test of Fagerland, Lydersen & Laake (2013), BMC Med. Res. Methodol. 13:91.
    """
    check_share(first=first, second=second)
    check_open(level=level)
    if pairs < 1 or not -1 <= correlation <= 1:
        raise UsageError(f"{pairs} pairs with a correlation of {correlation}; at least 1 pair, and from -1 to 1")
    from scipy.special import bdtr
    from scipy.stats import binom

    both = first * second + correlation * sqrt(first * (1 - first) * second * (1 - second))
    both = min(max(both, first + second - 1, 0.0), first, second)
    only_first, only_second = max(first - both, 0.0), max(second - both, 0.0)
    if (differing := only_first + only_second) <= 0:
        return 0.0
    counts = np.arange(1, pairs + 1)
    # The largest number on one side that still rejects lies next to that of the normal approximation.
    near = np.floor(counts / 2 - two_sided_z(1 - level) * np.sqrt(counts) / 2)[:, None] + np.arange(-3, 4)
    rejected = (near >= 0) & (mid_p_mcnemar(near, counts[:, None]) <= level)
    most = np.where(rejected, near, -1).max(axis=1)
    share = only_first / differing
    rejects: Floats = np.where(most < 0, 0.0, bdtr(most, counts, share) + bdtr(most, counts, 1 - share))
    return min(1.0, float(binom.pmf(counts, pairs, min(differing, 1.0)) @ rejects))


def detectable_paired_rate(
    baseline: float,
    pairs: int,
    direction: Literal["up", "down"] = "down",
    *,
    power: float = 0.8,
    correlation: float = 0.0,
    level: float = 0.05,
) -> float | None:
    """The rate nearest to the baseline that pairs of the same worlds tell apart from it.

    Args:
        baseline: Rate of the other arm.
        pairs: Worlds that both arms were run in.
        direction: Whether the rate rises or falls.
        power: Wanted power.
        correlation: See `power_paired_rates`.
        level: Two-sided level.

    Returns:
        The rate, or None where not even 0 or 1 is far enough away.

    Raises:
        UsageError: If an argument is out of range.

    Source: `power_paired_rates`, by bisection.
    """
    _check_plan(power, level, 1.0)
    check_share(baseline=baseline)
    far, near = (1.0 if direction == "up" else 0.0), baseline

    def found(rate: float) -> bool:
        return power_paired_rates(baseline, rate, pairs, correlation=correlation, level=level) >= power

    if not found(far):
        return None
    for _ in range(20):  # to a millionth
        middle = (far + near) / 2
        far, near = (middle, near) if found(middle) else (far, middle)
    return far


def detectable_mean_difference(
    pairs: int, spread: float, *, correlation: float = 0.0, power: float = 0.8, level: float = 0.05
) -> float | None:
    """Smallest difference of two means that pairs of the same worlds find.

    Args:
        pairs: Worlds that both arms were run in.
        spread: Standard deviation of a value within an arm.
        correlation: Of the two values of a world.
        power: Wanted power.
        level: Two-sided level.

    Returns:
        The difference, in units of the values; None for fewer than 3 pairs.

    Raises:
        UsageError: If an argument is out of range.

    Source: the paired t test by the noncentral t distribution, Cohen (1988), chapter 2, by statsmodels `TTestPower`;
    the intervals of `mean_difference` are wider by little where worlds are few.
    """
    _check_plan(power, level, 1.0)
    if spread <= 0 or not -1 <= correlation < 1:
        raise UsageError(f"spread {spread} with a correlation of {correlation}; above 0, and from -1 to below 1")
    if pairs < 3:
        return None
    from statsmodels.stats.power import TTestPower

    size: Any = TTestPower().solve_power(nobs=pairs, alpha=level, power=power, alternative="two-sided")
    return float(np.squeeze(size)) * spread * sqrt(2 * (1 - correlation))


def n_for_width(rate: float, half_width: float, *, confidence: float = 0.95, effect: float = 1.0) -> int:
    """Samples needed for a Wilson interval of at most the given half-width.

    Args:
        rate: Expected rate; 0.5 is the worst case.
        half_width: Wanted half-width, in units of probability, below 0.5.
        confidence: Two-sided level.
        effect: Design effect that multiplies the size.

    Returns:
        Samples, rounded up.

    Raises:
        UsageError: If an argument is out of range.

    Source: Wilson's interval at `rate * n` successes, by bisection; see `wilson`.
    """
    check_share(rate=rate)
    _check_plan(0.5, 0.05, effect)
    if not 0 < half_width < 0.5:
        raise UsageError(f"half_width is {half_width}; it must lie strictly between 0 and 0.5")
    enough = ceil((two_sided_z(confidence) / half_width) ** 2)  # at a rate of 0.5 a quarter of it would do
    found = bisect_left(
        range(enough), True, lo=1, key=lambda n: wilson(rate * n, n, confidence).width <= 2 * half_width
    )
    return ceil(effect * found)


def n_to_exclude(rate: float, confidence: float = 0.95) -> int:
    """Samples without one event that exclude a rate, one-sided: 59 for 5 %, 299 for 1 %.

    Args:
        rate: The rate to exclude.
        confidence: One-sided level.

    Returns:
        Samples, rounded up.

    Raises:
        UsageError: If an argument is out of range.

    Source: `(1 - rate) ** n <= 1 - confidence`; the counterpart of `upper_bound`.
    """
    check_open(rate=rate, confidence=confidence)
    return ceil(log(1 - confidence) / log1p(-rate) - 1e-9)


def _check_plan(power: float, level: float, effect: float) -> None:
    check_open(power=power, level=level)
    if effect <= 0:
        raise UsageError(f"effect is {effect}; a design effect is above 0, and 1 for independent samples")
