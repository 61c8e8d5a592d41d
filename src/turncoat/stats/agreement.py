"""Agreement of judges beyond chance: Cohen's kappa for two, Fleiss' kappa for several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats, codes
from turncoat.stats._checks import check_lengths, two_sided_t, two_sided_z
from turncoat.stats.rates import Interval, wilson

KappaMethod = Literal["asymptotic", "jackknife", "wilson on agreement", "undefined"]
"""How the interval was made; `undefined` where all ratings are one category, so that chance explains everything."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance."""

    estimate: float | None
    """1 is perfect, 0 is chance; `None` where all ratings are of one category."""
    low: float | None
    high: float | None
    confidence: float
    method: KappaMethod
    agreement: float
    """Raw share of agreement (for several raters: of agreeing pairs)."""
    agreement_interval: Interval
    """Wilson's interval of the raw agreement, with items (or worlds, if given) as the sample size."""
    items: int
    raters: int
    worlds: int | None = None


def cohen_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    worlds: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Cohen's kappa of two raters who judged the same items.

    The interval is the asymptotic one; with worlds, a jackknife over worlds. Where the raters agree on everything, or
    one of them says the same of everything, both have width zero, and the limits are taken from Wilson's interval of
    the raw agreement at the observed chance agreement.

    Kappa falls with rarity at the same sensitivity and specificity, so read it beside the raw agreement.

    Args:
        first: The first rater's category for each item.
        second: The second rater's category for each item.
        worlds: The world of each item, where several items share one.
        confidence: Two-sided level.

    Returns:
        Kappa with its interval.

    Raises:
        UsageError: If columns differ in length, or there are fewer than two worlds.

    Source: Cohen (1960), Educ. Psychol. Meas. 20:37-46; variance: Fleiss, Cohen & Everitt (1969), Psychol. Bull.
    72:323-327, by statsmodels `cohens_kappa`; jackknife: Efron & Tibshirani (1993), chapter 11.
    """
    check_lengths(first=first, second=second, worlds=worlds)
    number, n = codes([*first, *second]), len(first)
    pairs, categories = np.column_stack([number[:n], number[n:]]), int(number.max()) + 1
    table, estimate, agreement, chance = _cohen(pairs, categories)
    # A rater who says the same of everything makes kappa 0 with an error of 0: no certainty, but no information.
    informative = all(np.count_nonzero(table.sum(axis=axis)) > 1 for axis in (0, 1))
    interval: Interval | None = None
    method: KappaMethod = "asymptotic" if worlds is None else "jackknife"
    if informative and agreement < 1 and worlds is not None:
        interval = _jackknife(lambda rows: _cohen(rows, categories)[1], pairs, worlds, estimate, confidence)
    elif informative and agreement < 1:
        from statsmodels.stats.inter_rater import cohens_kappa

        half = two_sided_z(confidence) * sqrt(max(0.0, float(cohens_kappa(table).var_kappa)))
        interval = Interval(estimate - half, estimate + half, confidence)
    return _kappa(estimate, interval, method, agreement, chance, (n, 2), worlds, confidence)


def fleiss_kappa(
    ratings: Sequence[Sequence[Hashable]],
    *,
    worlds: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Fleiss' kappa of several raters; every item has the same number of ratings, not needfully by the same raters.

    The interval is a jackknife over items, or over worlds if given.

    Args:
        ratings: For each item the categories that its raters gave, at least two.
        worlds: The world of each item, where several items share one.
        confidence: Two-sided level.

    Returns:
        Kappa with its interval; see `cohen_kappa` for perfect agreement.

    Raises:
        UsageError: If items have different numbers of ratings or fewer than two, or there are fewer than two items
            (worlds).

    Source: Fleiss (1971), Psychol. Bull. 76:378-382, by statsmodels `fleiss_kappa`; its linearised jackknife is the
    variance of Gwet (2021), Educ. Psychol. Meas. 81:781-790.
    """
    check_lengths(ratings=ratings, worlds=worlds)
    raters = len(ratings[0])
    for i, item in enumerate(ratings):
        if len(item) != raters or raters < 2:
            raise UsageError(
                f"item {i} has {len(item)} ratings and item 0 has {raters}; each needs the same number, at least two"
            )
    number = codes([rating for item in ratings for rating in item]).reshape(len(ratings), raters)
    counts = np.stack([np.bincount(row, minlength=int(number.max()) + 1) for row in number])
    agreement = float(np.mean((np.sum(counts**2, axis=1) - raters) / (raters * (raters - 1))))
    chance = float(np.sum((counts.sum(axis=0) / counts.sum()) ** 2))
    estimate, interval = _fleiss(counts), None
    if not np.isnan(estimate) and agreement < 1:
        clusters = worlds if worlds is not None else range(len(ratings))
        interval = _jackknife(_fleiss, counts, clusters, estimate, confidence)
    return _kappa(estimate, interval, "jackknife", agreement, chance, number.shape, worlds, confidence)


def kappa(
    ratings: Sequence[Sequence[Hashable]], *, worlds: Sequence[Hashable] | None = None, confidence: float = 0.95
) -> Kappa:
    """Cohen's kappa where each item has two ratings, Fleiss' where it has more; arguments as for `fleiss_kappa`."""
    if len(ratings[0]) != 2:
        return fleiss_kappa(ratings, worlds=worlds, confidence=confidence)
    return cohen_kappa([r[0] for r in ratings], [r[1] for r in ratings], worlds=worlds, confidence=confidence)


_Rows = np.ndarray[tuple[int, int], np.dtype[np.intp]]


def _cohen(pairs: _Rows, categories: int) -> tuple[Floats, float, float, float]:
    """The table of two raters, and its kappa (NaN where it has no value), agreement and agreement by chance."""
    flat = np.bincount(pairs[:, 0] * categories + pairs[:, 1], minlength=categories**2)
    table = flat.reshape(categories, categories).astype(float)
    agreement = float(np.trace(table) / len(pairs))
    chance = float(table.sum(axis=0) @ table.sum(axis=1)) / len(pairs) ** 2
    return table, (agreement - chance) / (1 - chance) if chance < 1 else float("nan"), agreement, chance


def _fleiss(counts: _Rows) -> float:
    from statsmodels.stats.inter_rater import fleiss_kappa as by_statsmodels

    if np.count_nonzero(counts.sum(axis=0)) < 2:
        return float("nan")
    return float(by_statsmodels(counts, method="fleiss"))


def _jackknife(
    statistic: Callable[[_Rows], float],
    rows: _Rows,
    clusters: Sequence[Hashable],
    estimate: float,
    confidence: float,
) -> Interval:
    """Leave out one cluster at a time; t interval on clusters minus 1."""
    group = codes(list(clusters))
    count = int(group.max()) + 1
    if count < 2:
        raise UsageError("only one world (or item): an interval for agreement needs at least two")
    left_out = np.array([statistic(rows[group != g]) for g in range(count)])
    # Without one cluster all ratings may be of one category, where kappa has no value: it then says nothing here.
    left_out = left_out[~np.isnan(left_out)]
    variance = (count - 1) / count * float(np.sum((left_out - left_out.mean()) ** 2))
    half = two_sided_t(confidence, count - 1) * sqrt(variance)
    return Interval(estimate - half, estimate + half, confidence)


def _kappa(
    estimate: float,
    interval: Interval | None,
    method: KappaMethod,
    agreement: float,
    chance: float,
    shape: tuple[int, ...],
    worlds: Sequence[Hashable] | None,
    confidence: float,
) -> Kappa:
    """Kappa with the interval that was found, or that of the raw agreement; none where kappa has no value.

    Args:
        estimate: Kappa, NaN where it has no value.
        interval: Its interval, or None where that would have width zero.
        method: How the interval was made.
        agreement: Raw agreement.
        chance: Agreement that chance alone would give.
        shape: Items and raters.
        worlds: The world of each item.
        confidence: Two-sided level.
    """
    items, raters = shape
    units = len(set(worlds)) if worlds is not None else items
    raw = wilson(agreement * units, units, confidence)
    known = not np.isnan(estimate)
    if interval is None:
        method = "wilson on agreement" if known else "undefined"
    if known and interval is None:
        interval = Interval((raw.low - chance) / (1 - chance), (raw.high - chance) / (1 - chance), confidence)
    return Kappa(
        estimate=estimate if known else None,
        low=max(-1.0, interval.low) if interval else None,
        high=min(1.0, interval.high) if interval else None,
        confidence=confidence,
        method=method,
        agreement=agreement,
        agreement_interval=raw,
        items=items,
        raters=raters,
        worlds=units if worlds is not None else None,
    )
