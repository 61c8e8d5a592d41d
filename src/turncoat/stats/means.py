"""Means of numbers from 0 to 1 over worlds, and their differences, with errors clustered by world."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.stats._checks import check_lengths, check_share, two_sided_t, two_sided_z
from turncoat.stats.rates import Interval, wilson
from turncoat.stats.regression import fit_cr2


@dataclass(frozen=True)
class Mean(Interval):
    """A mean, or a difference of two, with its interval; from 0 to 1 (-1 to 1) where fewer than two worlds tell it.

    Attributes:
        estimate: The mean, or the first minus the second.
        n: Samples.
        worlds: Different worlds.
    """

    estimate: float = 0.0
    n: int = 0
    worlds: int = 0


@dataclass(frozen=True)
class Spread:
    """How far values lie apart within groups.

    Attributes:
        value: Pooled standard deviation.
        n: Values.
    """

    value: float
    n: int


ENOUGH_TO_SPREAD = 10
"""Degrees of freedom without which no spread is told; with ten, 95 % of estimates lie within 43 % of the truth."""


def pooled_spread(groups: Iterable[Sequence[float]]) -> Spread | None:
    """The standard deviation within groups, pooled over them.

    Args:
        groups: The values of each group.

    Returns:
        None with fewer than `ENOUGH_TO_SPREAD` degrees of freedom (values less groups), and where no values differ.
    """
    there = [np.asarray(g, dtype=float) for g in groups if len(g) > 1]
    free = sum(len(g) - 1 for g in there)
    squares = sum(float(((g - g.mean()) ** 2).sum()) for g in there)
    if free < ENOUGH_TO_SPREAD or squares <= 0:
        return None
    return Spread(float(np.sqrt(squares / free)), sum(map(len, there)))


def cluster_mean(values: Sequence[float], worlds: Sequence[Hashable], confidence: float = 0.95) -> Mean | None:
    """The mean over samples, with an interval over worlds; None of no sample.

    The interval is Wilson's on the effective sample size `p (1 - p) / variance` of the CR2 variance, shrunk by the
    squared ratio of the normal to the t quantile; where worlds do not vary, each counts once. It stays within 0 and 1.

    Args:
        values: From 0 to 1.
        worlds: The world of each sample.
        confidence: Two-sided level.

    Raises:
        UsageError: Columns differ in length, or a value lies outside 0 and 1.

    Source: as `turncoat.stats.clusters.cluster_rate`.
    """
    if not len(values) and not len(worlds):
        return None
    check_lengths(values=values, worlds=worlds)
    check_share(**{f"values[{i}]": v for i, v in enumerate(values)})
    own, found = np.asarray(values, float), len(set(worlds))
    share = float(own.mean())
    if found < 2:
        return Mean(0.0, 1.0, confidence, share, len(values), found)
    fit, size = fit_cr2(own, np.ones((len(own), 1)), worlds).contrast(np.ones(1)), float(found)
    if fit.se > 0:
        size = share * (1 - share) / fit.se**2 * (two_sided_z(confidence) / two_sided_t(confidence, fit.df)) ** 2
    ends = wilson(share * size, size, confidence)
    return Mean(ends.low, ends.high, confidence, share, len(values), found)


def mean_difference(
    values: Sequence[float], in_first: Sequence[bool], worlds: Sequence[Hashable], confidence: float = 0.95
) -> Mean | None:
    """First mean minus second; a world that is in both arms is a pair. None where an arm has no sample.

    Args:
        values: From 0 to 1.
        in_first: Whether the sample belongs to the first arm.
        worlds: The world of each sample.
        confidence: Two-sided level.

    Source: Bell & McCaffrey (2002), Survey Methodology 28:169-181.
    """
    if len(set(in_first)) < 2:
        return None
    check_lengths(values=values, in_first=in_first, worlds=worlds)
    own, first, found = np.asarray(values, float), np.asarray(in_first, bool), len(set(worlds))
    estimate = float(own[first].mean() - own[~first].mean())
    if found < 2:
        return Mean(-1.0, 1.0, confidence, estimate, len(values), found)
    fit = fit_cr2(own, np.column_stack([first, ~first]).astype(float), worlds).contrast(np.array([1.0, -1.0]))
    # Where all worlds are alike they show no spread: then what as many yes-or-no worlds leave open.
    half = two_sided_t(confidence, fit.df) * fit.se if fit.se > 0 else wilson(0, found, confidence).high
    return Mean(max(-1.0, estimate - half), min(1.0, estimate + half), confidence, estimate, len(values), found)
