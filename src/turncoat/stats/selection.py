"""Rates of what was selected: the best of many looks better than it is, so it is measured anew.

The share of harmful samples by which a cell was picked out of many is too high on average (the winner's curse), and its
interval misses the truth far more often than it says. Samples that had no part in the picking know nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.base.errors import UsageError
from turncoat.stats._checks import Harm, check_open
from turncoat.stats.differences import Difference, paired_difference
from turncoat.stats.rates import Interval, clopper_pearson


def share_of_error(confidence: float, family: int) -> float:
    """The level of each of several intervals that hold all together at `confidence`, however they are related.

    Raises:
        UsageError: No interval, or a level that is none.

    Source: Bonferroni's inequality; Dunn (1961), JASA 56:52-64.
    """
    check_open(confidence=confidence)
    if family < 1:
        raise UsageError(f"family is {family}; there must be at least one interval")
    return 1 - (1 - confidence) / family


def simultaneous_rates(counts: Sequence[tuple[int, int]], confidence: float = 0.95) -> list[Interval]:
    """Exact intervals of several rates that hold together.

    The samples must be others than those by which the cells were picked. The cells may be run on the same worlds.

    Args:
        counts: Harmful and scored samples of each.
        confidence: Probability with which all intervals hold their rates.

    Source: Clopper & Pearson (1934) at Bonferroni's level.
    """
    level = share_of_error(confidence, max(len(counts), 1))
    return [clopper_pearson(k, n, level) for k, n in counts]


def simultaneous_differences(
    pairs: Sequence[tuple[Sequence[Harm], Sequence[Harm]]], confidence: float = 0.95, family: int = 0
) -> list[Difference | None]:
    """Paired differences whose intervals hold together; None where no pair is scored on both sides.

    Args:
        pairs: Outcomes of both sides in the same order of worlds.
        confidence: Probability with which all hold.
        family: Number of intervals, where there are more than these.

    Source: Newcombe (1998), method 10, at Bonferroni's level.
    """
    level = share_of_error(confidence, max(family, len(pairs), 1))
    return [paired_difference(a, b, confidence=level) if _scored(a, b) else None for a, b in pairs]


def _scored(first: Sequence[Harm], second: Sequence[Harm]) -> bool:
    return any(a is not None and b is not None for a, b in zip(first, second, strict=True))
