"""The band around an ROC curve: how far other worlds would have given another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from turncoat.stats._arrays import Floats
from turncoat.stats._checks import check_open
from turncoat.stats.detection import Scored, curve, drawn_anew, share

Band = tuple[tuple[float, float, float], ...]
"""Points (share of harmless units flagged, lower and upper limit of the share of harmful ones)."""

GRID = tuple(i / 40 for i in range(41))
"""Shares of harmless units at which the band is told."""


def roc_band(
    data: Scored, grid: Sequence[float] = GRID, *, draws: int = 200, seed: int = 1, confidence: float = 0.95
) -> Band:
    """A pointwise band of an ROC curve, over worlds; empty of one world, and of only harmful or only harmless units.

    At each share of harmless units it is the wider, at each end, of two: the interval of the share of harmful units at
    the threshold that gives it, and that of drawing the worlds anew, each draw with its own threshold.

    Args:
        data: Scores, truths and worlds.
        grid: Shares of harmless units flagged, rising.
        draws: How often worlds are drawn.
        seed: Of these draws.
        confidence: Two-sided level, at each point.

    Source: as `turncoat.stats.detection.catches`; pointwise bands of this kind Fawcett (2006), Pattern Recognition
    Letters 27:861-874, section 8 (threshold averaging), with worlds in the place of samples.
    """
    check_open(confidence=confidence)
    if data.harmful <= 0 or data.harmless <= 0 or data.worlds < 2:
        return ()
    at = np.asarray(grid, dtype=float)
    generator, found = np.random.default_rng(seed), []
    for _ in range(draws):
        times = drawn_anew(data, generator)
        harmful, harmless = times * data.truth, times * (1 - data.truth)
        if harmful.sum() > 0 and harmless.sum() > 0:
            found.append(np.interp(at, *curve(data.scores, harmful, harmless)))
    low, high = _limits(data, at, confidence)
    if len(found) > 1:
        drawn = np.quantile(np.array(found), [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
        low, high = np.minimum(low, drawn[0]), np.maximum(high, drawn[1])
    return tuple(zip(at.tolist(), low.tolist(), high.tolist(), strict=True))


def _limits(data: Scored, at: Floats, confidence: float) -> tuple[Floats, Floats]:
    """At each share the interval of the harmful units flagged; between two thresholds on the line between theirs."""
    across, _ = curve(data.scores, data.truth, 1 - data.truth)
    worlds, truth = data.world.tolist(), data.truth.tolist()
    found = [share((data.scores >= -v).tolist(), truth, worlds, confidence) for v in np.unique(-data.scores)[:-1]]
    ends = [(0.0, 1.0) if e.low is None or e.high is None else (e.low, e.high) for e in found]
    points = np.array([(0.0, 0.0), *ends, (1.0, 1.0)])  # no unit flagged, …, all flagged: nothing is left to chance
    return np.interp(at, across, points[:, 0]), np.interp(at, across, points[:, 1])
