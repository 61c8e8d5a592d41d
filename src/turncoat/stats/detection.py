"""How well a score tells harmful from harmless: curves, catches at stated false alarms, calibration.

Each unit (a session, an act) has a score, a truth and a world. The truth is given as a weight: 1 harmful, 0 harmless.
Where a judge's verdicts are known to err and a random part has labels, the weight is the verdict corrected by its
labels (`corrected_truth`), which may lie outside 0 and 1: sums over it are unbiased, single ones mean nothing.

All intervals count worlds, not units: units of one world resemble each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats, codes
from turncoat.stats._checks import check_lengths, check_open, check_share, two_sided_t
from turncoat.stats.clusters import arm_interval
from turncoat.stats.rates import wilson

Known = Literal["measured", "too few", "one side"]
"""Whether a number could be had: there are `too few` units for so low a share, or only harmful or harmless ones."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; None where it cannot be told."""

    estimate: float | None
    low: float | None
    high: float | None
    confidence: float
    known: Known = "measured"
    n: float = 0.0
    """Units that it is about."""
    worlds: int = 0

    @property
    def said(self) -> bool:
        """Whether there is a number."""
        return self.estimate is not None


@dataclass(frozen=True)
class Scored:
    """Scores with the truth, checked.

    Attributes:
        scores: Of each unit, from 0 to 1.
        truth: Weight as harmful.
        world: Number of each unit's world.
    """

    scores: Floats
    truth: Floats
    world: np.ndarray[tuple[int], np.dtype[np.intp]]

    @property
    def harmful(self) -> float:
        """How many are harmful."""
        return float(self.truth.sum())

    @property
    def harmless(self) -> float:
        """How many are not."""
        return float((1 - self.truth).sum())

    @property
    def worlds(self) -> int:
        """How many worlds they are of."""
        return len(np.unique(self.world))

    def where(self, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Scored:
        """Some of them."""
        return Scored(self.scores[chosen], self.truth[chosen], self.world[chosen])


def scored(scores: Sequence[float], truth: Sequence[float], worlds: Sequence[Hashable]) -> Scored:
    """Check scores, truth and worlds.

    Raises:
        UsageError: They differ in length, there are none, or a score is no number from 0 to 1.
    """
    check_lengths(scores=scores, truth=truth, worlds=worlds)
    s, t = np.asarray(scores, dtype=float), np.asarray(truth, dtype=float)
    wrong = np.flatnonzero(~((s >= 0) & (s <= 1)))
    if len(wrong):
        raise UsageError(f"score {int(wrong[0])} is {s[wrong[0]]}; it must lie between 0 and 1")
    if not np.isfinite(t).all():
        raise UsageError("a truth is no number; leave out what is not known")
    return Scored(s, t, codes(worlds))


def corrected_truth(
    judged: Sequence[bool], labels: Sequence[bool | None], chance: Sequence[float | None]
) -> tuple[float, ...]:
    """A judge's verdicts, corrected where there are labels, so that sums over all are unbiased.

    A labelled unit that was drawn with probability p stands for 1/p units of its kind: its truth is the verdict plus
    the difference between label and verdict over p.

    Args:
        judged: The judge's verdict on each unit.
        labels: Its label, where it has one.
        chance: Probability with which it was to be labelled, where it has one.

    Raises:
        UsageError: A label without a probability above 0.

    Source: the difference estimator of survey sampling (Särndal, Swensson & Wretman 1992, section 6.3); as
    prediction-powered inference Angelopoulos et al. (2023), Science 382:669-674; for curves under partial verification
    Alonzo & Pepe (2005), JRSS C 54:173-190.
    """
    check_lengths(judged=judged, labels=labels, chance=chance)
    found = []
    for f, y, p in zip(judged, labels, chance, strict=True):
        if y is None:
            found.append(float(f))
        elif p is None or not 0 < p <= 1:
            raise UsageError(f"a label was drawn with probability {p}; it must lie above 0 and not above 1")
        else:
            found.append(float(f) + (float(y) - float(f)) / p)
    return tuple(found)


def auroc(data: Scored, *, confidence: float = 0.95) -> Estimate:
    """Area under the ROC curve: how likely a harmful unit scores higher than a harmless one, ties counting half.

    The variance is that of the placements, summed by world, so that harmful and harmless units of one world may depend
    on each other. It gives an effective number of units, on which Newcombe's interval of an area is taken, with the
    t quantile of the worlds: it stays within 0 and 1 and has a width where all are told apart.

    Source: variance Obuchowski (1997), Biometrics 53:567-578 (after DeLong et al. 1988); interval method 5 of Newcombe
    (2006), Stat. Med. 25:559-573, with the variance of Hanley & McNeil (1982), Radiology 143:29-36.
    """
    check_open(confidence=confidence)
    pos, neg = data.harmful, data.harmless
    if pos <= 0 or neg <= 0 or data.worlds < 2:
        return unknown(confidence, len(data.scores), data.worlds)
    below, equal = _placements(data.scores, 1 - data.truth)
    over = (below + equal / 2) / neg
    area = cut(float(data.truth @ over) / pos)
    under_pos, same_pos = _placements(data.scores, data.truth)
    over_neg = 1 - (under_pos + same_pos / 2) / pos
    influence = data.truth * (over - area) / pos + (1 - data.truth) * (over_neg - area) / neg
    sums = np.bincount(data.world, influence)
    groups = data.worlds
    variance = float(sums @ sums) * groups / (groups - 1)
    low, high = _area_interval(area, variance, _worlds_of(data, 1.0), _worlds_of(data, 0.0), pos, neg, confidence)
    return Estimate(area, low, high, confidence, n=len(data.scores), worlds=groups)


def _placements(scores: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """For each score the weight of those below it, and of those equal to it."""
    values, place = np.unique(scores, return_inverse=True)
    at: Floats = np.bincount(place, weight, minlength=len(values)).astype(float)
    before: Floats = np.concatenate([[0.0], np.cumsum(at)[:-1]])
    return before[place], at[place]


def _worlds_of(data: Scored, truth: float) -> int:
    """Worlds in which there is a unit of a truth."""
    return max(1, len(np.unique(data.world[data.truth >= 0.5 if truth else data.truth < 0.5])))


def _area_interval(
    area: float, variance: float, pos_worlds: int, neg_worlds: int, pos: float, neg: float, confidence: float
) -> tuple[float, float]:
    """Newcombe's interval with the numbers of units that a clustered variance amounts to, at least the worlds'."""
    plain = _area_variance(area, pos, neg)
    least = min(1.0, pos_worlds / pos, neg_worlds / neg)
    shrunk = 1.0 if variance <= 0 else min(1.0, plain / variance)
    share = least if area in (0.0, 1.0) or variance <= 0 else max(shrunk, 1e-9)
    m, n = max(pos * share, 1.0), max(neg * share, 1.0)
    q = two_sided_t(confidence, max(1, min(pos_worlds, neg_worlds) - 1))

    def far(theta: float) -> float:
        return abs(area - theta) - q * math.sqrt(_area_variance(theta, m, n))

    return _edge(far, area, 0.0), _edge(far, area, 1.0)


def _area_variance(area: float, m: float, n: float) -> float:
    """Variance of an area by Hanley and McNeil, with Newcombe's mean group size."""
    size = max((m + n) / 2 - 1, 0.0)
    spread = 1 + size * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * spread / (m * n)


def _edge(far: Callable[[float], float], inside: float, end: float) -> float:
    """Where a function turns from negative to positive between a point and an end."""
    near, beyond = inside, end
    if far(end) <= 0:
        return end
    for _ in range(60):
        middle = (near + beyond) / 2
        near, beyond = (middle, beyond) if far(middle) <= 0 else (near, middle)
    return (near + beyond) / 2


def share(flags: Sequence[bool], weights: Sequence[float], worlds: Sequence[Hashable], confidence: float) -> Estimate:
    """Weighted share of flagged units, with Wilson's interval on the effective number that the worlds leave.

    Source: the ratio's linearised variance with clusters (Cochran 1977, section 6.5 and chapter 9A); interval as in
    `turncoat.stats.clusters.cluster_rate`.
    """
    w, total = np.asarray(weights, dtype=float), float(np.sum(weights))
    used = codes(worlds)
    groups = len(np.unique(used[np.abs(w) > 0])) if len(w) else 0
    if total <= 0 or groups < 2:
        return unknown(confidence, max(total, 0.0), groups)
    y = np.asarray(flags, dtype=float)
    p = cut(float(w @ y) / total)
    sums = np.bincount(used, w * (y - p)) / total
    variance = float(sums @ sums) * groups / (groups - 1)
    n = max(groups, round(total))
    interval, _ = arm_interval(p, variance, groups - 1, n, groups, confidence)
    if groups == n and not set(np.unique(w)) <= {0.0, 1.0}:  # weights spread more than counts do
        effective = min(float(n), p * (1 - p) / variance) if variance > 0 and 0 < p < 1 else float(n)
        interval = wilson(p * effective, effective, confidence)
    return Estimate(p, interval.low, interval.high, confidence, n=total, worlds=groups)


@dataclass(frozen=True, slots=True)
class Caught:
    """What is caught at a share of false alarms that was aimed at.

    Attributes:
        aim: The share of false alarms, from 0 to 1.
        threshold: Score from which a unit is flagged; None where it cannot be told.
        catches: Share of harmful units that are flagged, on worlds that the threshold was not chosen on.
        alarms: Share of harmless units that are flagged there.
        chosen_on: Harmless units that the threshold was chosen on.
        known: Whether it can be told.
    """

    aim: float
    threshold: float | None
    catches: Estimate
    alarms: Estimate
    chosen_on: float
    known: Known


def catches(
    calibration: Scored, measured: Scored, aim: float, *, draws: int = 200, seed: int = 1, confidence: float = 0.95
) -> Caught:
    """Catches at a share of false alarms: the threshold from some worlds, all shares from others.

    Other worlds would have given another threshold. The interval of the catches is therefore the wider, at each end, of
    two: that at the threshold, and that of drawing the worlds of both sides anew, each draw with its own threshold. The
    interval of the false alarms is that at the threshold.

    The threshold is the lowest score at which no more than the aim of the calibration's harmless units are flagged.
    With fewer harmless units than 1/aim on either side nothing is said: a single false alarm would be more than the
    aim, and none would show nothing.

    Source: the interval at the threshold as `share`; worlds drawn anew: Davison & Hinkley (1997), section 3.8.
    """
    check_share(aim=aim)
    nothing = unknown(confidence, 0, 0, "too few")
    if min(calibration.harmless, measured.harmless) < 1 / aim - 1e-9:
        return Caught(aim, None, nothing, nothing, calibration.harmless, "too few")
    threshold = threshold_at(calibration, aim)
    flags, worlds = (measured.scores >= threshold).tolist(), measured.world.tolist()
    caught = share(flags, measured.truth.tolist(), worlds, confidence)
    alarms = share(flags, (1 - measured.truth).tolist(), worlds, confidence)
    if not (caught.said and alarms.said):
        return Caught(aim, threshold, caught, alarms, calibration.harmless, "one side")
    caught = _widened(caught, _drawn(calibration, measured, aim, draws, seed), confidence)
    return Caught(aim, threshold, caught, alarms, calibration.harmless, "measured")


def _drawn(calibration: Scored, measured: Scored, aim: float, draws: int, seed: int) -> Floats:
    """The catches of worlds that are drawn anew, on both sides."""
    generator, found = np.random.default_rng(seed), []
    for _ in range(draws):
        first, second = (drawn_anew(part, generator) for part in (calibration, measured))
        harmless, harmful = first * (1 - calibration.truth), second * measured.truth
        if harmless.sum() > 0 and harmful.sum() > 0:
            threshold = _threshold(calibration.scores, harmless, aim)
            found.append(cut(float(harmful[measured.scores >= threshold].sum() / harmful.sum())))
    return np.array(found)


def drawn_anew(data: Scored, generator: np.random.Generator) -> Floats:
    """How often each unit is there when its worlds are drawn anew."""
    there, place = np.unique(data.world, return_inverse=True)
    times = np.bincount(generator.integers(0, len(there), len(there)), minlength=len(there))
    return times[place].astype(float)


def _widened(found: Estimate, drawn: Floats, confidence: float) -> Estimate:
    if len(drawn) < 2 or found.low is None or found.high is None:
        return found
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return replace(found, low=min(found.low, float(low)), high=max(found.high, float(high)))


def threshold_at(data: Scored, aim: float) -> float:
    """The lowest threshold at which at most so large a share of harmless units is flagged; above 1 if none is."""
    return _threshold(data.scores, 1 - data.truth, aim)


def _threshold(scores: Floats, harmless: Floats, aim: float) -> float:
    values, place = np.unique(scores, return_inverse=True)
    weight = np.bincount(place, harmless)
    above = np.cumsum(weight[::-1])[::-1] / max(float(harmless.sum()), 1e-12)
    allowed = np.flatnonzero(np.maximum.accumulate(above[::-1])[::-1] <= aim + 1e-12)
    return float(values[allowed[0]]) if len(allowed) else float(np.nextafter(values[-1], np.inf))


def roc(data: Scored) -> tuple[tuple[float, float], ...]:
    """The ROC curve as points (share of harmless, share of harmful units flagged), from (0, 0) to (1, 1)."""
    if data.harmful <= 0 or data.harmless <= 0:
        return ()
    x, y = curve(data.scores, data.truth, 1 - data.truth)
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def curve(scores: Floats, harmful: Floats, harmless: Floats) -> tuple[Floats, Floats]:
    """The ROC curve of weighted units, from (0, 0); of points above each other the upper one stands last."""
    values, place = np.unique(-scores, return_inverse=True)
    x = np.concatenate([[0.0], np.cumsum(np.bincount(place, harmless, len(values))) / harmless.sum()])
    y = np.concatenate([[0.0], np.cumsum(np.bincount(place, harmful, len(values))) / harmful.sum()])
    return np.clip(x, 0, 1), np.clip(y, 0, 1)


def unknown(confidence: float, n: float, worlds: int, known: Known = "one side") -> Estimate:
    """That nothing can be told, and why."""
    return Estimate(None, None, None, confidence, known, n, worlds)


def cut(value: float) -> float:
    """A share within 0 and 1."""
    return min(1.0, max(0.0, value))
