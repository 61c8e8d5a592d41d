"""A rate: what was counted, its interval and how often that holds, what was not scored, and what that could hide."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from turncoat.base.errors import UsageError
from turncoat.stats._checks import check_counts, check_open, check_share, two_sided_z

Estimand = Literal["this prompt", "worlds given these storylines"]
"""What a rate speaks of: repetitions of one rendered prompt, or new worlds drawn from the same storylines."""

BinomialMethod = Literal["wilson", "exact"]
"""Intervals for independent samples: Wilson's score interval, or Clopper and Pearson's exact one."""

RateMethod = Literal[
    "wilson", "exact", "cluster wilson", "cluster t", "wilson on worlds", "confidence sequence", "none"
]
"""How the interval of a `Rate` was made; `none` where nothing was scored."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, limits included."""

    low: float
    high: float
    confidence: float
    """Nominal two-sided level, such as 0.95."""

    @property
    def width(self) -> float:
        """The distance between the limits."""
        return self.high - self.low

    def contains(self, value: float) -> bool:
        """Whether the value lies within the limits."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rate over all samples could be, whatever the unscored ones were (Manski's bounds)."""

    low: float
    """The share if no unscored sample was harmful."""
    high: float
    """The share if every unscored sample was harmful."""
    low_limit: float
    """Lower confidence limit of `low`."""
    high_limit: float
    """Upper confidence limit of `high`."""


@dataclass(frozen=True, slots=True)
class Rate(Interval):
    """A rate of harmful outcomes among the scored samples, with all that is needed to read it."""

    k: int
    """Harmful samples."""
    n: int
    """Scored samples."""
    total: int
    """All samples, the unscored included."""
    estimate: float | None
    """The rate; `None` where nothing was scored."""
    method: RateMethod
    estimand: Estimand
    bounds: Bounds
    effective_n: float
    """Number of independent samples that would carry as much information; equals `n` without clusters."""
    worlds: int | None = None
    """Number of worlds, where the interval respects them."""

    @property
    def unscored(self) -> int:
        """Samples without a verdict."""
        return self.total - self.n

    @property
    def coverage(self) -> float:
        """Scored samples out of all samples; 0 where there are none."""
        return self.n / self.total if self.total else 0.0

    @property
    def design_effect(self) -> float:
        """How many times fewer the independent samples are than the samples; 1 without clusters."""
        return self.n / self.effective_n if self.effective_n else 1.0


def wilson(k: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a binomial proportion.

    Written out here, five lines, so that who needs only this does not wait for statsmodels to load.

    Args:
        k: Successes; may be fractional where `n` is an effective sample size.
        n: Trials; 0 gives the interval [0, 1].
        confidence: Two-sided level.

    Returns:
        The interval.

    Raises:
        UsageError: If the counts or the level are impossible.

    Source: Wilson (1927), JASA 22:209-212; recommended by Brown, Cai & DasGupta (2001), Stat. Sci. 16:101-133.
    """
    check_counts(k, n)
    z = two_sided_z(confidence)
    if n == 0:
        return Interval(0.0, 1.0, confidence)
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends the algebra gives exactly 0 and 1; rounding would leave 1e-18.
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high, confidence)


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """The exact interval of Clopper and Pearson: never below its level, often above.

    Args:
        k: Successes.
        n: Trials; 0 gives the interval [0, 1].
        confidence: Two-sided level.

    Returns:
        The interval.

    Raises:
        UsageError: If the counts or the level are impossible.

    Source: Clopper & Pearson (1934), Biometrika 26:404-413.
    """
    check_counts(k, n)
    check_open(confidence=confidence)
    if n == 0:
        return Interval(0.0, 1.0, confidence)
    from scipy.special import betainccinv, betaincinv

    error = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, error))
    high = 1.0 if k == n else float(betainccinv(k + 1, n - k, error))
    return Interval(low, high, confidence)


def binomial_interval(k: int, n: int, confidence: float = 0.95, method: BinomialMethod = "wilson") -> Interval:
    """Return the interval of the named method; see `wilson` and `clopper_pearson`."""
    return (wilson if method == "wilson" else clopper_pearson)(k, n, confidence)


def upper_bound(k: int, n: int, confidence: float = 0.95) -> float:
    """Exact one-sided upper limit of a rate; meant for few or no events.

    0 of 100 gives 0.030 at one-sided 95 %; the upper end of the two-sided 95 % exact interval, 0.036, is the
    one-sided limit at 97.5 %.

    Args:
        k: Successes.
        n: Trials.
        confidence: One-sided level.

    Returns:
        The largest rate that is not excluded; 1 where `k == n`.

    Raises:
        UsageError: If the counts or the level are impossible.

    Source: Clopper & Pearson (1934); for k = 0 it is `1 - (1 - confidence) ** (1 / n)`, near 3 / n at 95 %
    (Hanley & Lippman-Hand 1983, JAMA 249:1743-1745).
    """
    check_counts(k, n)
    check_open(confidence=confidence)
    if k == n:
        return 1.0
    from scipy.special import betaincinv

    return float(betaincinv(k + 1, n - k, confidence))


def rate(
    k: int,
    n: int,
    *,
    total: int | None = None,
    confidence: float = 0.95,
    method: BinomialMethod = "wilson",
    estimand: Estimand = "this prompt",
) -> Rate:
    """Rate of independent samples.

    Samples are independent where one prompt was repeated, or where each world was used once. Where epochs repeat
    within worlds and the claim is about worlds, use `cluster_rate`.

    Args:
        k: Harmful samples.
        n: Scored samples.
        total: All samples; the difference to `n` is unscored. Defaults to `n`.
        confidence: Two-sided level.
        method: `wilson` (near its level on average) or `exact` (never below it).
        estimand: What the rate speaks of.

    Returns:
        The rate with its interval, coverage and worst-case bounds. Where nothing was scored, the estimate is `None`
        and the interval [0, 1].

    Raises:
        UsageError: If the counts or the level are impossible.

    Source: see `wilson`, `clopper_pearson`; bounds: Horowitz & Manski (2000), JASA 95:77-84.
    """
    total = n if total is None else total
    check_counts(k, n, "harmful of scored samples")
    check_counts(n, total, "scored of all samples")
    inner = binomial_interval(k, n, confidence, method)
    return Rate(
        k=k,
        n=n,
        total=total,
        estimate=k / n if n else None,
        low=inner.low,
        high=inner.high,
        confidence=confidence,
        method=method if n else "none",
        estimand=estimand,
        bounds=worst_case(k, n, total, confidence, method),
        effective_n=float(n),
    )


def worst_case(k: int, n: int, total: int, confidence: float = 0.95, method: BinomialMethod = "wilson") -> Bounds:
    """Bounds on the rate over all samples when the unscored ones could be anything.

    Args:
        k: Harmful samples.
        n: Scored samples.
        total: All samples.
        confidence: Level of the outer limits.
        method: Interval of the outer limits.

    Returns:
        The bounds and their confidence limits; [0, 1] where there are no samples at all.

    Raises:
        UsageError: If the counts are impossible.

    Source: Horowitz & Manski (2000), JASA 95:77-84.
    """
    check_counts(k, n, "harmful of scored samples")
    check_counts(n, total, "scored of all samples")
    if total == 0:
        return Bounds(0.0, 1.0, 0.0, 1.0)
    most = k + total - n
    return Bounds(
        low=k / total,
        high=most / total,
        low_limit=binomial_interval(k, total, confidence, method).low,
        high_limit=binomial_interval(most, total, confidence, method).high,
    )


def interval_coverage(n: int, p: float, confidence: float = 0.95, method: BinomialMethod = "wilson") -> float:
    """Probability that the interval of `n` independent samples contains the true rate `p`.

    The sum of the binomial probabilities of all counts whose interval contains `p`: no simulation.

    Args:
        n: Samples, at least 1.
        p: True rate.
        confidence: Nominal two-sided level of the interval.
        method: `wilson` or `exact`.

    Returns:
        The coverage, between 0 and 1.

    Raises:
        UsageError: If an argument is out of range.

    Source: Brown, Cai & DasGupta (2001), Stat. Sci. 16:101-133, equation 3.
    """
    if n < 1:
        raise UsageError(f"n is {n}; coverage needs at least one sample")
    check_share(p=p)
    import numpy as np
    from scipy.stats import binom

    intervals = [binomial_interval(k, n, confidence, method) for k in range(n + 1)]
    # A limit that equals p up to rounding contains it: p itself is often a decimal such as 0.1.
    inside = np.array([i.low - 1e-12 <= p <= i.high + 1e-12 for i in intervals])
    return float(np.sum(binom.pmf(np.arange(n + 1), n, p)[inside]))


def mean_coverage(n: int, confidence: float = 0.95, method: BinomialMethod = "wilson", points: int = 999) -> float:
    """Coverage averaged over a uniform grid of true rates.

    Args:
        n: Samples, at least 1.
        confidence: Nominal two-sided level.
        method: `wilson` or `exact`.
        points: Number of equally spaced rates strictly between 0 and 1.

    Returns:
        The mean coverage.

    Raises:
        UsageError: If an argument is out of range.

    Source: Brown, Cai & DasGupta (2001), section 4.1.1.
    """
    if n < 1 or points < 1:
        raise UsageError(f"n is {n} and points is {points}; both must be at least 1")
    import numpy as np
    from scipy.stats import binom

    p = np.arange(1, points + 1) / (points + 1)
    intervals = [binomial_interval(k, n, confidence, method) for k in range(n + 1)]
    held = [binom.pmf(k, n, p) * ((i.low <= p) & (p <= i.high)) for k, i in enumerate(intervals)]
    return float(np.mean(sum(held)))


def simulation_band(expected: float, repetitions: int, confidence: float = 0.999) -> Interval:
    """Range in which a simulated share should fall if its true probability is `expected`.

    Use it to compare an observed coverage with a computed one, or to set the tolerance of a seeded test.

    Args:
        expected: The true probability.
        repetitions: Independent repetitions of the simulation.
        confidence: Probability that the share falls inside.

    Returns:
        The central binomial range, as shares.

    Raises:
        UsageError: If an argument is out of range.
    """
    check_share(expected=expected)
    check_open(confidence=confidence)
    if repetitions < 1:
        raise UsageError(f"repetitions is {repetitions}; it must be at least 1")
    from scipy.stats import binom

    low, high = binom.interval(confidence, repetitions, expected)
    # scipy reports -1 for the lower end when expected is 0.
    return Interval(max(0.0, float(low)) / repetitions, float(high) / repetitions, confidence)
