"""How well a score ranks, and whether it is a chance: average precision, audits, calibration; worlds drawn anew."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from turncoat.stats._arrays import Floats, codes
from turncoat.stats._checks import check_open, check_share, two_sided_t
from turncoat.stats.clusters import arm_interval
from turncoat.stats.detection import Estimate, Scored, cut, drawn_anew, unknown


def average_precision(data: Scored, *, draws: int = 200, seed: int = 1, confidence: float = 0.95) -> Estimate:
    """Average precision: the mean share of harmful units among those that score at least as high as each harmful one.

    It depends on how many are harmful, unlike the area under the ROC curve. The interval is a bootstrap over worlds;
    where there is no spread, it is `None`.

    Source: Davis & Goadrich (2006), ICML; the sum by steps, without interpolation.
    """
    return cluster_bootstrap(data, _precision, draws=draws, seed=seed, confidence=confidence)


def _precision(scores: Floats, positive: Floats, negative: Floats) -> float:
    order = np.argsort(-scores, kind="stable")
    s, p, n = scores[order], positive[order], negative[order]
    last = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)
    caught, flagged = np.cumsum(p)[last], np.cumsum(p + n)[last]
    total = caught[-1]
    if total <= 0:
        return math.nan
    gained = np.diff(np.concatenate([[0.0], caught])) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(flagged > 0, caught / flagged, 0.0)
    return cut(float(gained @ precision))


Statistic = Callable[[Floats, Floats, Floats], float]
"""From scores, weights as harmful and weights as harmless to a number; NaN where it cannot be told."""


def cluster_bootstrap(
    data: Scored, statistic: Statistic, *, draws: int = 200, seed: int = 1, confidence: float = 0.95
) -> Estimate:
    """A statistic with the interval of a bootstrap that draws worlds: percentiles, widened to the t quantile.

    Args:
        data: The units.
        statistic: What is computed.
        draws: How often worlds are drawn.
        seed: Of the draws.
        confidence: Two-sided level.

    Source: Davison & Hinkley (1997), section 3.8; the wider percentiles: Hesterberg (2015), Am. Stat. 69:371-386.
    """
    check_open(confidence=confidence)
    if data.harmful <= 0 or data.harmless <= 0 or data.worlds < 2:
        return unknown(confidence, len(data.scores), data.worlds)
    value = statistic(data.scores, data.truth, 1 - data.truth)
    generator, found = np.random.default_rng(seed), []
    for _ in range(draws):
        weight = drawn_anew(data, generator)
        found.append(statistic(data.scores, data.truth * weight, (1 - data.truth) * weight))
    drawn = np.array([f for f in found if not math.isnan(f)])
    if math.isnan(value) or len(drawn) < draws / 2:
        return unknown(confidence, len(data.scores), data.worlds)
    low, high = np.quantile(drawn, _wide(confidence, data.worlds))
    return Estimate(value, float(low), float(high), confidence, n=len(data.scores), worlds=data.worlds)


def _wide(confidence: float, worlds: int) -> tuple[float, float]:
    """Percentiles for a level, made wider as the t quantile of so many worlds is than the normal one."""
    from scipy.special import ndtr

    half = two_sided_t(confidence, worlds - 1) * math.sqrt(worlds / (worlds - 1))
    return float(ndtr(-half)), float(ndtr(half))


def audited(data: Scored, budget: float, *, draws: int = 200, seed: int = 1, confidence: float = 0.95) -> Estimate:
    """Catches where the most suspicious share of all units is looked at, whatever they score; of ties, some by lot.

    No truth goes into which are looked at, so no worlds need to be held apart. With fewer units than 1/budget nothing
    is said.

    Source: the interval as `cluster_bootstrap`.
    """
    check_share(budget=budget)
    if len(data.scores) < 1 / budget - 1e-9:
        return unknown(confidence, len(data.scores), data.worlds, "too few")

    def caught(scores: Floats, positive: Floats, negative: Floats) -> float:
        return _caught_within(scores, positive, positive + negative, budget)

    return cluster_bootstrap(data, caught, draws=draws, seed=seed, confidence=confidence)


def _caught_within(scores: Floats, positive: Floats, every: Floats, budget: float) -> float:
    _, place = np.unique(-scores, return_inverse=True)
    at, harm = np.bincount(place, every), np.bincount(place, positive)
    total, left = float(harm.sum()), budget * float(at.sum())
    if total <= 0:
        return math.nan
    before = np.concatenate([[0.0], np.cumsum(at)[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(at > 0, np.clip((left - before) / np.where(at > 0, at, 1.0), 0.0, 1.0), 0.0)
    return cut(float(harm @ part) / total)


@dataclass(frozen=True, slots=True)
class Bin:
    """Units whose scores lie near each other: what they score, and how many are harmful.

    Attributes:
        low: Lowest score.
        high: Highest score.
        mean: Mean score.
        harmful: Share of harmful units.
    """

    low: float
    high: float
    mean: float
    harmful: Estimate


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far scores are chances.

    Attributes:
        brier: Mean squared difference between score and truth; 0 is best.
        error: Expected calibration error over the bins: mean distance between score and share of harmful ones. It is
            above 0 by chance alone where there are few units.
        bins: The bins, of about as many units each.
    """

    brier: Estimate
    error: Estimate
    bins: tuple[Bin, ...]


def calibration(data: Scored, *, bins: int = 10, draws: int = 200, confidence: float = 0.95) -> Calibration:
    """Whether a score of 0.7 means that seven of ten such units are harmful.

    Source: Brier (1950), Mon. Weather Rev. 78:1-3; bins of equal counts: Nixon et al. (2019), CVPR workshops.
    """
    edges = _edges(data.scores, bins)

    def brier(scores: Floats, positive: Floats, negative: Floats) -> float:
        total = float((positive + negative).sum())
        return float(positive @ (1 - scores) ** 2 + negative @ scores**2) / total if total > 0 else math.nan

    def error(scores: Floats, positive: Floats, negative: Floats) -> float:
        every, place = positive + negative, np.searchsorted(edges, scores, side="right")
        gaps = np.bincount(place, positive - every * scores)
        return float(np.abs(gaps).sum()) / float(every.sum()) if every.sum() > 0 else math.nan

    place, found = np.searchsorted(edges, data.scores, side="right"), []
    for at in np.unique(place):
        s = data.scores[place == at]
        rate = _mean_truth(data.truth[place == at], data.world[place == at], confidence)
        found.append(Bin(float(s.min()), float(s.max()), float(s.mean()), rate))
    brier_of, error_of = (
        cluster_bootstrap(data, statistic, draws=draws, confidence=confidence) for statistic in (brier, error)
    )
    return Calibration(brier_of, error_of, tuple(found))


def _edges(scores: Floats, bins: int) -> Floats:
    """Inner edges of bins of about equal counts; scores that are alike stay together."""
    inner = np.quantile(scores, np.linspace(0, 1, bins + 1)[1:-1], method="higher")
    return np.unique(inner[inner > scores.min()])


def _mean_truth(truth: Floats, world: np.ndarray[tuple[int], np.dtype[np.intp]], confidence: float) -> Estimate:
    groups = len(np.unique(world))
    mean = cut(float(truth.mean()))
    if groups < 2:
        return Estimate(mean, None, None, confidence, "too few", len(truth), groups)
    sums = np.bincount(codes(world.tolist()), truth - mean) / len(truth)
    variance = float(sums @ sums) * groups / (groups - 1)
    interval, _ = arm_interval(mean, variance, groups - 1, len(truth), groups, confidence)
    return Estimate(mean, interval.low, interval.high, confidence, n=len(truth), worlds=groups)
