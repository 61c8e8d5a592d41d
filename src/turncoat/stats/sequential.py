"""Looking after every sample: confidence sequences, and rules that stop on them.

A confidence interval holds at one sample size that was fixed beforehand; looked at again and again it misses the truth
far more often than it says. A confidence sequence holds at all sample sizes together, so that a rule may stop on it at
any moment, for any reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import lgamma, log, log1p
from typing import Literal

from turncoat.base.errors import UsageError
from turncoat.stats._checks import Harm, check_counts, check_open, check_outcomes
from turncoat.stats.rates import Interval

Decision = Literal["", "above", "below", "narrow"]
"""What a rule has decided: on which side of the threshold, or that the sequence is narrow enough; "" if nothing."""

PRIOR = 0.5
"""Both parameters of the beta mixture (Jeffreys'): near the best for rates close to 0 and 1 as well as between."""
BORDER = 1e-12
"""How far a limit of a sequence may lie outside the rate at which it ends."""


@lru_cache(maxsize=100_000)
def confidence_sequence(k: int, n: int, confidence: float = 0.95) -> Interval:
    """The confidence sequence of a rate at its n-th sample, by a beta mixture.

    The likelihood of the data under Beta(1/2, 1/2), divided by their likelihood under a rate p, is a martingale if p is
    the rate; by Ville's inequality it ever reaches `1 / (1 - confidence)` with probability at most `1 - confidence`.
    The sequence holds the rates at which it has not. Each sample must have the rate given what came before it: one
    sample of each world, in an order fixed beforehand.

    Args:
        k: Harmful samples among the first n.
        n: Samples; 0 gives [0, 1].
        confidence: Probability with which the rate lies in the sequence at every n.

    Raises:
        UsageError: If the counts or the level are impossible.

    Source: Robbins (1970), Ann. Math. Stat. 41:1397-1409; as the prior-posterior ratio in Waudby-Smith & Ramdas (2020),
    Confidence sequences for sampling without replacement, NeurIPS 33, section 2; Ville (1939).
    """
    check_counts(k, n)
    check_open(confidence=confidence)
    if n == 0:
        return Interval(0.0, 1.0, confidence)
    limit = _log_beta(PRIOR + k, PRIOR + n - k) - _log_beta(PRIOR, PRIOR) + log(1 - confidence)

    def inside(p: float) -> bool:
        """Whether the log-likelihood of p is the least that keeps it in the sequence, or above."""
        return k * log(p) + (n - k) * log1p(-p) >= limit

    best = min(max(k / n, 1e-12), 1 - 1e-12)
    low = 0.0 if k == 0 else _border(inside, 0.0, best)
    high = 1.0 if k == n else _border(inside, 1.0, best)
    return Interval(low, high, confidence)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _border(inside: Callable[[float], bool], out: float, within: float) -> float:
    """Where a sequence ends between a rate that it does not hold and one that it does, from outside, by halving.

    A root finder of scipy gives the same, and half a second goes by until that is imported.
    """
    while abs(within - out) > BORDER:
        middle = (out + within) / 2
        out, within = (out, middle) if inside(middle) else (middle, within)
    return out


def difference_sequence(first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95) -> Interval:
    """A confidence sequence of the difference of two rates, however the two are related.

    Args:
        first: Harmful samples and samples of the first rate.
        second: Those of the second.
        confidence: Probability with which the difference lies in the sequence at all times.

    Returns:
        Limits of first minus second, between -1 and 1.

    Raises:
        UsageError: If the counts or the level are impossible.

    Source: the union bound over two sequences of `confidence_sequence`, each at half the error.
    """
    half = (1 + confidence) / 2
    a, b = confidence_sequence(*first, half), confidence_sequence(*second, half)
    return Interval(a.low - b.high, a.high - b.low, confidence)


@dataclass(frozen=True, slots=True)
class StopRule:
    """When enough has been seen: one of a threshold to be on one side of, and a half-width to reach.

    Raises:
        UsageError: If not exactly one aim is given, or a number is out of range.
    """

    threshold: float | None = None
    half_width: float | None = None
    confidence: float = 0.95
    at_least: int = 1
    """Scored samples before the rule may stop."""

    def __post_init__(self) -> None:
        if (self.threshold is None) == (self.half_width is None):
            raise UsageError("a stopping rule has either a threshold or a half-width")
        check_open(confidence=self.confidence)
        if self.at_least < 1:
            raise UsageError(f"at_least is {self.at_least}; at least one sample is needed to stop")

    def decides(self, interval: Interval, scored: int) -> Decision:
        """What a confidence sequence decides after so many scored samples."""
        if scored < self.at_least:
            return ""
        if self.threshold is not None:
            return "above" if interval.low > self.threshold else "below" if interval.high < self.threshold else ""
        return "narrow" if self.half_width is not None and interval.width <= 2 * self.half_width else ""


@dataclass(frozen=True, slots=True)
class Looked:
    """Where a rule stopped, or the end of the data."""

    seen: int
    """Samples that were looked at, the unscored ones included."""
    k: int
    n: int
    interval: Interval
    decision: Decision
    """"" if the data ended first."""


def look(outcomes: Sequence[Harm], rule: StopRule) -> Looked:
    """Go through samples in their order and stop as soon as the rule decides.

    Unscored samples pass without changing the sequence; they show in the coverage.

    Args:
        outcomes: In the order fixed beforehand.
        rule: When to stop.

    Raises:
        UsageError: An outcome that is none.
    """
    check_outcomes(outcomes)
    k = n = 0
    interval = confidence_sequence(0, 0, rule.confidence)
    for seen, outcome in enumerate(outcomes, 1):
        if outcome is None:
            continue
        k, n = k + bool(outcome), n + 1
        interval = confidence_sequence(k, n, rule.confidence)
        if decision := rule.decides(interval, n):
            return Looked(seen, k, n, interval, decision)
    return Looked(len(outcomes), k, n, interval, "")


def look_at_difference(first: Sequence[Harm], second: Sequence[Harm], rule: StopRule) -> Looked:
    """Go through two columns of samples side by side and stop as soon as the rule decides on their difference.

    Args:
        first: Outcomes in the order fixed beforehand.
        second: The same order of the same worlds; what goes beyond the shorter column is not looked at.
        rule: When to stop; a threshold is one of the difference, such as 0.

    Returns:
        `k` and `n` are of the first column; `interval` is of the difference.

    Raises:
        UsageError: An outcome that is none.
    """
    check_outcomes(first)
    check_outcomes(second)
    counts = [[0, 0], [0, 0]]
    interval = Interval(-1.0, 1.0, rule.confidence)
    seen = 0
    for seen, pair in enumerate(zip(first, second, strict=False), 1):
        for count, outcome in zip(counts, pair, strict=True):
            if outcome is not None:
                count[0] += bool(outcome)
                count[1] += 1
        (k, n), (other, m) = counts
        interval = difference_sequence((k, n), (other, m), rule.confidence)
        if decision := rule.decides(interval, min(n, m)):
            return Looked(seen, k, n, interval, decision)
    return Looked(seen, counts[0][0], counts[0][1], interval, "")
