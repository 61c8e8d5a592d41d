"""Rates over worlds: intervals that hold when samples of one world resemble each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats, codes, scored
from turncoat.stats._checks import Harm, check_share, two_sided_t, two_sided_z
from turncoat.stats.rates import Bounds, Interval, Rate, RateMethod, wilson
from turncoat.stats.regression import fit_cr2

ClusterMethod = Literal["wilson", "t"]
"""`wilson` on the effective sample size, or the plain `t` interval; both with CR2 errors."""


def cluster_rate(
    outcomes: Sequence[Harm],
    worlds: Sequence[Hashable],
    *,
    storylines: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    method: ClusterMethod = "wilson",
    icc: float = 1.0,
) -> Rate:
    """Rate over worlds drawn from given storylines, with epochs clustered by world.

    The variance is CR2 with Satterthwaite degrees of freedom. `wilson` turns it into an effective sample size
    `p (1 - p) / variance`, at most the number of samples, shrinks that by the squared ratio of the normal to the t
    quantile, and takes Wilson's interval: it stays within [0, 1] and has a width at 0 %. `t` is the usual
    symmetric interval, cut at 0 and 1.

    With storylines, each storyline weighs the same, worlds vary within storylines only, and nothing is claimed
    about other storylines. Without storylines each sample weighs the same.

    Where the data show no variation (all outcomes alike), the effective size is
    `n / (1 + (m - 1) icc)`, `m` being the mean number of samples in a world; the default `icc = 1` counts each world
    once, which is the widest interval.

    Args:
        outcomes: One entry for each sample; `None` is unscored.
        worlds: The world of each sample.
        storylines: The storyline of each sample, or nothing.
        confidence: Two-sided level.
        method: `wilson` or `t`.
        icc: Intraclass correlation assumed where none can be estimated.

    Returns:
        The rate, with `worlds` and `effective_n`.

    Raises:
        UsageError: If columns differ in length, an outcome is not binary, or there are fewer than two scored worlds
            (in each storyline, if storylines are given).

    Source: CR2: Bell & McCaffrey (2002), Survey Methodology 28:169-181; effective size with t correction:
    Korn & Graubard (1998), Survey Methodology 24:193-201; with Wilson's interval: Dean & Pagano (2015),
    J. Surv. Stat. Methodol. 3:484-503.
    """
    kept, y = scored(outcomes, worlds=worlds, storylines=storylines)
    check_share(icc=icc)
    strata: list[Hashable] = list(storylines) if storylines is not None else [0] * len(outcomes)
    keys = list(zip(strata, worlds, strict=True))
    if not kept:
        raise UsageError(f"none of {len(outcomes)} samples is scored: there is no rate over worlds")
    if missing := sorted(map(str, set(strata) - {strata[i] for i in kept})):
        raise UsageError(f"storyline {missing[0]!r} has no scored sample: leave it out or score it")
    estimate = partial(_estimate, confidence=confidence, method=method, icc=icc)
    share, interval, effective_n, made = estimate(y, [keys[i] for i in kept])
    bounds = Bounds(share, share, interval.low, interval.high)
    if None in outcomes:
        least, inner, *_ = estimate(np.array([float(bool(o)) for o in outcomes]), keys)
        most, outer, *_ = estimate(np.array([float(o is None or bool(o)) for o in outcomes]), keys)
        bounds = Bounds(least, most, inner.low, outer.high)
    return Rate(
        k=int(y.sum()),
        n=len(kept),
        total=len(outcomes),
        estimate=share,
        low=interval.low,
        high=interval.high,
        confidence=confidence,
        method=made,
        estimand="worlds given these storylines",
        bounds=bounds,
        effective_n=effective_n,
        worlds=len({keys[i] for i in kept}),
    )


def intraclass_correlation(outcomes: Sequence[Harm], worlds: Sequence[Hashable]) -> float | None:
    """How much samples of one world resemble each other: the analysis-of-variance estimator.

    Args:
        outcomes: One entry for each sample; `None` is left out.
        worlds: The world of each sample.

    Returns:
        The correlation, which can come out slightly negative; `None` where it cannot be estimated: fewer than two
        worlds, no world with two samples, or all outcomes alike.

    Raises:
        UsageError: If columns differ in length or an outcome is not binary.

    Source: Fleiss (1981), Statistical Methods for Rates and Proportions; compared by Ridout, Demetrio & Firth
    (1999), Biometrics 55:137-148.
    """
    kept, y = scored(outcomes, worlds=worlds)
    return anova_icc(y, codes([worlds[i] for i in kept])) if kept else None


def anova_icc(y: Floats, group: npt.NDArray[np.intp], cell: npt.NDArray[np.intp] | None = None) -> float | None:
    """Intraclass correlation of numbered groups, within cells if given; see `intraclass_correlation`.

    Args:
        y: Outcomes, shape (samples,).
        group: Number of each sample's group; groups lie within cells.
        cell: Number of each sample's cell, whose mean is taken out.

    Returns:
        The correlation, or `None` where it cannot be estimated.
    """
    cell = np.zeros_like(group) if cell is None else cell
    sizes = np.bincount(group)
    means = np.bincount(group, y) / sizes
    _, first = np.unique(group, return_index=True)
    cell_of_group = cell[first]
    cell_sizes = np.bincount(cell)
    cell_means = np.bincount(cell, y) / cell_sizes
    between_df, within_df = len(sizes) - len(cell_sizes), len(y) - len(sizes)
    if between_df < 1 or within_df < 1:
        return None
    between = float(np.sum(sizes * (means - cell_means[cell_of_group]) ** 2)) / between_df
    within = float(np.sum((y - means[group]) ** 2)) / within_df
    # Mean group size, corrected for unequal groups.
    m0 = (len(y) - float(np.sum(sizes**2 / cell_sizes[cell_of_group]))) / between_df
    spread = between + (m0 - 1) * within
    return (between - within) / spread if spread > 0 else None


def arm_interval(
    p: float, variance: float, df: float, n: int, worlds: int, confidence: float, icc: float = 1.0
) -> tuple[Interval, float]:
    """Wilson's interval on the effective sample size that a cluster-robust variance implies.

    Args:
        p: The rate.
        variance: Its cluster-robust variance.
        df: Degrees of freedom of the variance.
        n: Samples.
        worlds: Worlds.
        confidence: Two-sided level.
        icc: Intraclass correlation assumed where `variance` is 0 or `p` is 0 or 1.

    Returns:
        The interval and the effective sample size, before the correction for the degrees of freedom.

    Source: see `cluster_rate`.
    """
    if worlds == n:
        return wilson(p * n, n, confidence), float(n)
    if variance <= 0 or p <= 0 or p >= 1:
        effective = n / (1 + (n / worlds - 1) * icc)
        return wilson(p * effective, effective, confidence), effective
    effective = min(p * (1 - p) / variance, float(n))
    shrunk = effective * (two_sided_z(confidence) / two_sided_t(confidence, df)) ** 2
    return wilson(p * shrunk, shrunk, confidence), effective


def _estimate(
    y: Floats, keys: Sequence[tuple[Hashable, Hashable]], confidence: float, method: ClusterMethod, icc: float
) -> tuple[float, Interval, float, RateMethod]:
    """The rate, its interval, its effective sample size, and how the interval was made; keys are (storyline, world)."""
    strata = [stratum for stratum, _ in keys]
    worlds = len(set(keys))
    for stratum, found in Counter(stratum for stratum, _ in dict.fromkeys(keys)).items():
        if found < 2:
            where = f"storyline {stratum!r} has" if len(set(strata)) > 1 else "there is"
            raise UsageError(
                f"{where} {found} scored world: a rate over worlds needs at least two; for one world, use `rate`"
            )
    number = codes(strata)
    columns = int(number.max()) + 1
    mean = fit_cr2(y, np.eye(columns)[number], keys).contrast(np.full(columns, 1 / columns))
    p = min(1.0, max(0.0, mean.estimate))
    interval, effective = arm_interval(p, mean.se**2, mean.df, len(y), worlds, confidence, icc)
    if mean.se == 0 and worlds < len(y):
        return p, interval, effective, "wilson on worlds"
    if method == "t" and mean.se > 0:
        half = two_sided_t(confidence, mean.df) * mean.se
        return p, Interval(max(0.0, p - half), min(1.0, p + half), confidence), effective, "cluster t"
    return p, interval, effective, "wilson" if worlds == len(y) else "cluster wilson"
