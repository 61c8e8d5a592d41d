"""A rate: what was counted, its estimate and interval, what was not scored, and what that could hide."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from turncoat.base.errors import UsageError
from turncoat.stats._checks import check_counts, check_open, two_sided_z

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
class Rate:
    """A rate of harmful outcomes among the scored samples, with all that is needed to read it."""

    k: int
    """Harmful samples."""
    n: int
    """Scored samples."""
    total: int
    """All samples, the unscored included."""
    estimate: float | None
    """The rate; `None` where nothing was scored."""
    low: float
    high: float
    confidence: float
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

    @property
    def interval(self) -> Interval:
        """The limits as an `Interval`."""
        return Interval(self.low, self.high, self.confidence)


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

    Source: Clopper & Pearson (1934), Biometrika 26:404-413; computed by statsmodels `proportion_confint`.
    """
    check_counts(k, n)
    check_open("confidence", confidence)
    if n == 0:
        return Interval(0.0, 1.0, confidence)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(k, n, alpha=1 - confidence, method="beta")
    return Interval(float(low), float(high), confidence)


def binomial_interval(k: int, n: int, confidence: float = 0.95, method: BinomialMethod = "wilson") -> Interval:
    """Return the interval of the named method; see `wilson` and `clopper_pearson`."""
    match method:
        case "wilson":
            return wilson(k, n, confidence)
        case "exact":
            return clopper_pearson(k, n, confidence)


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
    check_open("confidence", confidence)
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


def coverage(scored: int, total: int) -> Rate:
    """Coverage as a rate of its own: scored samples out of all samples, with Wilson's interval.

    Raises:
        UsageError: If `total` is 0 or the counts are impossible.
    """
    if total == 0:
        raise UsageError("coverage of no samples: the total is 0")
    return rate(scored, total)
