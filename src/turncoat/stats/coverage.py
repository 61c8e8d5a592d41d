"""How often an interval holds the truth: computed exactly, and what a simulation of it may show by chance."""

from __future__ import annotations

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._checks import check_open, check_share
from turncoat.stats.rates import BinomialMethod, Interval, binomial_interval


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
    check_share("p", p)
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
    from scipy.stats import binom

    p = np.arange(1, points + 1) / (points + 1)
    total = np.zeros(points)
    for k in range(n + 1):
        limits = binomial_interval(k, n, confidence, method)
        total += binom.pmf(k, n, p) * ((limits.low <= p) & (p <= limits.high))
    return float(total.mean())


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
    check_share("expected", expected)
    check_open("confidence", confidence)
    if repetitions < 1:
        raise UsageError(f"repetitions is {repetitions}; it must be at least 1")
    from scipy.stats import binom

    low, high = binom.interval(confidence, repetitions, expected)
    # scipy reports -1 for the lower end when expected is 0.
    return Interval(max(0.0, float(low)) / repetitions, float(high) / repetitions, confidence)
