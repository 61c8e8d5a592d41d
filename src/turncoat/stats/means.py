"""Means of numbers from 0 to 1 over worlds, and their differences, with errors clustered by world."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.stats._checks import check_lengths
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


def cluster_mean(values: Sequence[float], worlds: Sequence[Hashable], confidence: float = 0.95) -> Mean | None:
    """The mean over samples, with the CR2 t interval; None of no sample.

    Args:
        values: From 0 to 1.
        worlds: The world of each sample.
        confidence: Two-sided level.
    """
    if not len(values):
        return None
    check_lengths(values=values, worlds=worlds)
    return _contrast(values, worlds, [True] * len(values), confidence)


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
    return _contrast(values, worlds, in_first, confidence)


def _contrast(values: Sequence[float], worlds: Sequence[Hashable], in_first: Sequence[bool], confidence: float) -> Mean:
    from scipy.stats import t

    several = len(set(in_first)) == 2
    design = np.column_stack([np.asarray(in_first, float), 1 - np.asarray(in_first, float)])[:, : 1 + several]
    weights = np.array([1.0, -1.0])[: 1 + several]
    found, lowest = len(set(worlds)), -1.0 if several else 0.0
    own = np.asarray(values, float)
    first = np.asarray(in_first, bool)
    estimate = float(own[first].mean() - (own[~first].mean() if several else 0.0))
    if found < 2:
        return Mean(lowest, 1.0, confidence, estimate, len(values), found)
    fit = fit_cr2(own, design, worlds).contrast(weights)
    # Where all worlds are alike they show no spread: then what as many yes-or-no worlds leave open.
    half = float(t.ppf(0.5 + confidence / 2, fit.df)) * fit.se if fit.se > 0 else wilson(0, found, confidence).high
    return Mean(max(lowest, estimate - half), min(1.0, estimate + half), confidence, estimate, len(values), found)
