"""Medians with intervals that assume nothing of the distribution."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.stats._checks import check_lengths, check_open


@dataclass(frozen=True, slots=True)
class Median:
    """A median over worlds.

    Attributes:
        estimate: The median of the worlds' medians; None of no value.
        low: Lower end; None where there are too few worlds for the level (six for 95 %).
        high: Upper end; None likewise.
        confidence: Two-sided level, at least.
        n: Values.
        worlds: Different worlds.
    """

    estimate: float | None
    low: float | None
    high: float | None
    confidence: float
    n: int
    worlds: int


def median_over_worlds(values: Sequence[float], worlds: Sequence[Hashable], confidence: float = 0.95) -> Median:
    """The median of the worlds' medians, with the interval of order statistics.

    Args:
        values: One for each answer.
        worlds: The world of each.
        confidence: Two-sided level; the interval covers at least so much.

    Source: Hahn & Meeker (1991), Statistical Intervals, section 5.2 (Thompson 1936): the r-th smallest and the r-th
    largest of n values cover the median with probability 1 - 2 P(Binomial(n, 1/2) < r).
    """
    from scipy.stats import binom

    check_open(confidence=confidence)
    if not len(values):
        return Median(None, None, None, confidence, 0, 0)
    check_lengths(values=values, worlds=worlds)
    by_world: dict[Hashable, list[float]] = {}
    for value, world in zip(values, worlds, strict=True):
        by_world.setdefault(world, []).append(value)
    found = sorted(float(np.median(v)) for v in by_world.values())
    count, rank = len(found), 0
    while 2 * binom.cdf(rank, count, 0.5) <= 1 - confidence:
        rank += 1
    low, high = (found[rank - 1], found[count - rank]) if rank else (None, None)
    return Median(float(np.median(found)), low, high, confidence, len(values), count)
