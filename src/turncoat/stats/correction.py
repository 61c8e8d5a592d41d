"""Rates corrected for the judge's errors: from its sensitivity and specificity, or from a labelled subsample."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from turncoat.base.counting import counted
from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats, codes, scored
from turncoat.stats._checks import Harm, check_counts, check_outcomes, check_share, two_sided_t, two_sided_z
from turncoat.stats.clusters import cluster_rate
from turncoat.stats.rates import Interval, Rate, rate, wilson
from turncoat.stats.regression import fit_cr2


@dataclass(frozen=True, slots=True)
class JudgeAccuracy:
    """What a judge said of samples whose truth is known."""

    true_positives: int
    positives: int
    """Truly harmful samples."""
    true_negatives: int
    negatives: int
    """Truly harmless samples."""

    def __post_init__(self) -> None:
        """Check the counts."""
        check_counts(self.true_positives, self.positives, "true positives of positives")
        check_counts(self.true_negatives, self.negatives, "true negatives of negatives")
        if self.positives == 0 or self.negatives == 0:
            raise UsageError(
                f"{self.positives} harmful and {self.negatives} harmless samples of known truth: "
                "the judge's accuracy needs some of both"
            )

    @property
    def sensitivity(self) -> Rate:
        """Share of truly harmful samples that the judge calls harmful."""
        return rate(self.true_positives, self.positives)

    @property
    def specificity(self) -> Rate:
        """Share of truly harmless samples that the judge calls harmless."""
        return rate(self.true_negatives, self.negatives)


def weighted_accuracy(judged: Sequence[bool], labels: Sequence[bool | None], chance: Sequence[float]) -> JudgeAccuracy:
    """Sensitivity and specificity from labels that were drawn with unequal probabilities.

    Shares are weighted by the inverse probabilities; the counts behind them are Kish's effective numbers, rounded
    down, so that unequal weights do not look like more labels than they are.

    Raises:
        UsageError: There are not both harmful and harmless ones among the labels.

    Source: Horvitz & Thompson (1952), JASA 47:663-685; Kish (1965), section 11.7.
    """
    counts: dict[bool, tuple[int, int]] = {}
    for truth in (True, False):
        rows = [(v == truth, 1 / p) for v, y, p in zip(judged, labels, chance, strict=True) if y is truth]
        total, squares = sum(w for _, w in rows), sum(w * w for _, w in rows)
        effective = int(total * total / squares + 1e-9) if rows else 0
        share = sum(w for right, w in rows if right) / total if rows else 0.0
        counts[truth] = (round(share * effective), effective)
    return JudgeAccuracy(*counts[True], *counts[False])


@dataclass(frozen=True, slots=True)
class CorrectedRate(Interval):
    """A rate after correction for the judge's errors."""

    estimate: float
    """Cut to [0, 1]."""
    observed: float
    """The rate as the judge reported it."""
    uncut: float
    """The estimate before it was cut; outside [0, 1] it says that the judge's accuracy does not fit this sample."""


def rogan_gladen(observed: Rate, judge: JudgeAccuracy, *, confidence: float = 0.95) -> CorrectedRate:
    """True rate from the observed one and the judge's sensitivity and specificity, with the uncertainty of all three.

    The accuracy must have been measured on other samples than the rate, and must hold for this model's
    transcripts too; an accuracy from another population corrects nothing.

    Args:
        observed: Rate by the judge; its effective sample size is used, so that clusters are respected.
        judge: Its verdicts on samples of known truth.
        confidence: Two-sided level.

    Returns:
        The corrected rate.

    Raises:
        UsageError: If nothing was scored, or the judge is no better than chance (sensitivity + specificity <= 1).

    Source: Rogan & Gladen (1978), Am. J. Epidemiol. 107:71-76; interval: Lang & Reiczigel (2014), Prev. Vet. Med.
    113:13-22.
    """
    z = two_sided_z(confidence)
    if observed.estimate is None:
        raise UsageError("the observed rate has no scored samples: there is nothing to correct")
    raw_sens = judge.true_positives / judge.positives
    raw_spec = judge.true_negatives / judge.negatives
    if raw_sens + raw_spec <= 1:
        raise UsageError(
            f"the judge's sensitivity {raw_sens:.3f} and specificity {raw_spec:.3f} sum to no more than 1: "
            "it is no better than chance, so no rate can be recovered from it"
        )
    uncut = (observed.estimate + raw_spec - 1) / (raw_sens + raw_spec - 1)
    # Lang and Reiczigel add z^2 trials to the rate and two trials to each accuracy, half of them successes.
    n, n_sens, n_spec = observed.effective_n + z * z, judge.positives + 2.0, judge.negatives + 2.0
    p = (observed.estimate * observed.effective_n + z * z / 2) / n
    sens, spec = (judge.true_positives + 1) / n_sens, (judge.true_negatives + 1) / n_spec
    youden = sens + spec - 1
    low, high, estimate = 0.0, 1.0, _cut(uncut)
    if youden > 0:
        centre = (p + spec - 1) / youden
        var_sens, var_spec = sens * (1 - sens) / n_sens, spec * (1 - spec) / n_spec
        se = sqrt(p * (1 - p) / n + centre**2 * var_sens + (1 - centre) ** 2 * var_spec) / youden
        shift = 2 * z * z * (centre * var_sens - (1 - centre) * var_spec)
        # The interval is not centred on the estimate; near 0 and 1 it could otherwise miss it.
        low = min(_cut(centre + shift - z * se), estimate)
        high = max(_cut(centre + shift + z * se), estimate)
    return CorrectedRate(low, high, confidence, estimate, observed.estimate, uncut)


@dataclass(frozen=True, slots=True)
class PredictionPowered(Interval):
    """A rate from many verdicts of the judge and some labels by people."""

    estimate: float
    """Cut to [0, 1]."""
    uncut: float
    weight: float
    """How far the judge was trusted: 0 is labels alone, 1 is the full judge."""
    judged: int
    labelled: int
    judged_rate: float
    """The judge's own rate."""
    labels_only: float
    """The estimate that the labels alone give, weighted by their sampling probabilities."""
    worlds: int | None = None


def prediction_powered(
    judged: Sequence[bool | int],
    labels: Sequence[Harm],
    sampled_with: Sequence[float] | float,
    *,
    worlds: Sequence[Hashable] | None = None,
    weight: float | None = None,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Rate from the judge's verdicts on all samples, corrected by labels on a random part of them.

    Needs no accuracy from elsewhere: the labelled part measures the judge's error on this very population. It must
    have been drawn with known probabilities, each sample by itself; they may differ (say, all that the judge
    calls harmful and a tenth of the rest).

    The rate is `w mean(f) + mean_labelled(y - w f)`: verdict f, label y, weight w, the second mean weighted by the
    inverse of the sampling probabilities. The interval is t on worlds (or samples) with CR2 errors of its influence
    values, and with one degree of freedom less where the weight was estimated, as in any regression on the judge
    (Cochran 1977, Sampling Techniques, 7.4). Because a handful of labels can by luck show no error of the judge, which
    would make the judge look perfect, the variance is never taken smaller than with two more disagreements among four
    more labels (the adjustment of Agresti & Coull 1998, Am. Stat. 52:119-126, applied to the judge's errors). And since
    the truth of all samples would tell no more, the interval is never narrower than Wilson's on the effective number
    of samples. Where all samples are labelled, the judge is not needed: it is the rate of the labels with its interval.

    Args:
        judged: The judge's verdict on each sample.
        labels: The true outcome of the labelled samples; `None` elsewhere.
        sampled_with: Probability with which each sample was to be labelled, or one for all; above 0.
        worlds: The world of each sample.
        weight: The judge's weight w; by default the one with the smallest variance, cut to [0, 1].
        confidence: Two-sided level.

    Returns:
        The rate.

    Raises:
        UsageError: If columns differ in length, values are out of range, fewer than two samples (or worlds)
            carry a label, or
            a sample is labelled although its probability of being so was 0.

    Source: Angelopoulos et al. (2023), Science 382:669-674; weight: Angelopoulos, Duchi & Zrnic (2023),
    arXiv 2311.01453; unequal probabilities: Zrnic & Candes (2024), arXiv 2403.03208.
    """
    n = len(judged)
    chance = (
        np.broadcast_to(np.asarray(sampled_with, dtype=float), (n,))
        if np.isscalar(sampled_with)
        else np.asarray(sampled_with, dtype=float)
    )
    _, f = scored(judged, labels=labels, sampled_with=chance, worlds=worlds)
    check_outcomes(labels)
    if float(chance.min()) <= 0 or float(chance.max()) > 1:
        raise UsageError("sampled_with: each probability must be above 0 and at most 1, also of samples not drawn")
    r = np.array([label is not None for label in labels], dtype=float)
    y = np.array([float(bool(label)) for label in labels])
    clusters: Sequence[Hashable] = worlds if worlds is not None else range(n)
    labelled_clusters = len({c for c, has in zip(clusters, r, strict=True) if has})
    if labelled_clusters < 2:
        unit = "sample" if worlds is None else "world"
        raise UsageError(f"{counted(labelled_clusters, unit)} with a label: at least two are needed")
    if r.all():
        known, share = _rate(labels, worlds, confidence), float(y.mean())
        return PredictionPowered(
            estimate=share,
            low=known.low,
            high=known.high,
            confidence=confidence,
            uncut=share,
            weight=0.0,
            judged=n,
            labelled=n,
            judged_rate=float(f.mean()),
            labels_only=share,
            worlds=known.worlds,
        )
    inverse = r / chance
    labels_only = float(inverse @ y / inverse.sum())
    judged_labelled = float(inverse @ f / inverse.sum())
    # Influence of each sample on the labels' mean, and on the labels' mean of verdicts minus the mean of all verdicts.
    direct = inverse * (y - labels_only) * n / inverse.sum()
    control = inverse * (f - judged_labelled) * n / inverse.sum() - (f - f.mean())
    if weight is None:
        w = _best_weight(direct, control, codes(clusters))
    else:
        check_share(weight=weight)
        w = weight
    uncut = labels_only + w * (float(f.mean()) - judged_labelled)
    mean = fit_cr2(uncut + direct - w * control, np.ones((n, 1)), clusters).contrast([1.0])
    # Only labelled units inform about the judge's errors, so the t quantile counts them.
    df = min(mean.df, labelled_clusters - 1.0)
    spent = max(1.0, df - 1) if weight is None else df
    variance = max(mean.se**2 * df / spent, _least_variance(f, y, inverse, w))
    half = two_sided_t(confidence, spent) * sqrt(variance)
    units, estimate = _rate(judged, worlds, confidence).effective_n, _cut(uncut)
    least = wilson(estimate * units, units, confidence)
    return PredictionPowered(
        estimate=estimate,
        low=min(_cut(uncut - half), least.low),
        high=max(_cut(uncut + half), least.high),
        confidence=confidence,
        uncut=uncut,
        weight=w,
        judged=n,
        labelled=int(r.sum()),
        judged_rate=float(f.mean()),
        labels_only=labels_only,
        worlds=len(set(clusters)) if worlds is not None else None,
    )


def _rate(outcomes: Sequence[Harm], worlds: Sequence[Hashable] | None, confidence: float) -> Rate:
    """Rate of outcomes that are all known, by worlds if there are any."""
    if worlds is not None:
        return cluster_rate(outcomes, worlds, confidence=confidence)
    return rate(sum(bool(o) for o in outcomes), len(outcomes), confidence=confidence)


def _best_weight(direct: Floats, control: Floats, group: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
    """Weight with the smallest variance of the mean of `direct - weight * control`, with clusters summed."""
    a, b = np.bincount(group, direct), np.bincount(group, control)
    spread = float(b @ b)
    return min(1.0, max(0.0, float(a @ b) / spread)) if spread > 0 else 1.0


def _least_variance(f: Floats, y: Floats, inverse: Floats, w: float) -> float:
    """Variance with two more disagreements among four more labels; see `prediction_powered`."""
    labels = float(inverse.sum() ** 2 / np.sum(inverse**2))
    disagreement = float(inverse @ np.abs(y - f) / inverse.sum())
    adjusted = (disagreement * labels + 2) / (labels + 4)
    p = float(f.mean())
    unlabelled = 1 - np.count_nonzero(inverse) / len(f)
    return w * w * p * (1 - p) / len(f) + unlabelled * adjusted * (1 - adjusted) / (labels + 4)


def _cut(value: float) -> float:
    return min(1.0, max(0.0, value))
