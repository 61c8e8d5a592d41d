"""Differences between two rates: independent, paired sample by sample, or clustered by world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats, codes, scored
from turncoat.stats._checks import Harm, check_counts, check_lengths, check_open, check_outcomes
from turncoat.stats.clusters import arm_interval
from turncoat.stats.rates import Estimand, Interval, Rate, wilson
from turncoat.stats.regression import Contrast, fit_cr2

DifferenceMethod = Literal["newcombe", "newcombe paired", "cluster mover"]
"""How the interval of a difference was made."""

DifferenceTest = Literal["N-1 chi-squared", "Fisher exact", "mid-p McNemar", "cluster t", "sign test on worlds"]
"""How the p-value of a difference was made."""


@dataclass(frozen=True, slots=True)
class Difference(Interval):
    """First rate minus second rate, in units of probability (0.1 is ten percentage points)."""

    estimate: float
    p_value: float
    """Two-sided, of no difference; before any correction for multiplicity."""
    method: DifferenceMethod
    test: DifferenceTest
    first: float
    second: float
    n_first: int
    n_second: int
    estimand: Estimand
    left_out: int = 0
    """Samples (for pairs: pairs) that were left out because they are unscored."""
    worlds: int | None = None


def difference(
    k_first: int,
    n_first: int,
    k_second: int,
    n_second: int,
    *,
    confidence: float = 0.95,
    estimand: Estimand = "this prompt",
) -> Difference:
    """Difference of two rates from independent samples.

    The p-value is that of the N - 1 chi-squared test, or Fisher's exact test where an expected count is below 1.
    Interval and test are different inversions; close to the limit one may exclude zero and the other not.

    Args:
        k_first: Harmful samples of the first arm.
        n_first: Scored samples of the first arm, at least 1.
        k_second: Harmful samples of the second arm.
        n_second: Scored samples of the second arm, at least 1.
        confidence: Two-sided level.
        estimand: What the rates speak of.

    Returns:
        First minus second.

    Raises:
        UsageError: If an arm is empty or counts are impossible.

    Source: interval: Newcombe (1998), Stat. Med. 17:873-890, method 10, by statsmodels
    `confint_proportions_2indep`; test: Campbell (2007), Stat. Med. 26:3661-3675.
    """
    for k, n, arm in ((k_first, n_first, "first arm"), (k_second, n_second, "second arm")):
        check_counts(k, n, arm)
        if n == 0:
            raise UsageError(f"{arm}: no scored samples, so there is no difference to estimate")
    check_open(confidence=confidence)
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        k_first, n_first, k_second, n_second, method="newcomb", compare="diff", alpha=1 - confidence
    )
    p_value, test = _two_sample_test(k_first, n_first, k_second, n_second)
    first, second = k_first / n_first, k_second / n_second
    return Difference(
        estimate=first - second,
        low=max(-1.0, float(low)),
        high=min(1.0, float(high)),
        confidence=confidence,
        p_value=p_value,
        method="newcombe",
        test=test,
        first=first,
        second=second,
        n_first=n_first,
        n_second=n_second,
        estimand=estimand,
    )


def paired_difference(
    first: Sequence[Harm],
    second: Sequence[Harm],
    *,
    confidence: float = 0.95,
    estimand: Estimand = "worlds given these storylines",
) -> Difference:
    """Difference of two rates, one sample each in the same worlds.

    Entry `i` of both sequences is the same world under the two conditions. A pair with an unscored member is left out
    and counted. Where epochs repeat within worlds, use `cluster_difference`.

    Args:
        first: Outcomes under the first condition.
        second: Outcomes under the second condition, in the same order of worlds.
        confidence: Two-sided level.
        estimand: What the rates speak of.

    Returns:
        First minus second.

    Raises:
        UsageError: If the lengths differ, an outcome is not binary, or no pair is complete.

    Source: interval: Newcombe (1998), Stat. Med. 17:2635-2650, method 10; test: mid-p McNemar, Fagerland, Lydersen &
    Laake (2013), BMC Med. Res. Methodol. 13:91.
    """
    check_lengths(first=first, second=second)
    check_outcomes(first)
    check_outcomes(second)
    pairs = [(bool(a), bool(b)) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        raise UsageError(f"none of {len(first)} pairs is scored on both sides: there is no paired difference")
    n = len(pairs)
    seen = Counter(pairs)
    both, only_first, only_second = seen[True, True], seen[True, False], seen[False, True]
    k1, k2 = both + only_first, both + only_second
    interval = _square_and_add(
        k1 / n,
        wilson(k1, n, confidence),
        k2 / n,
        wilson(k2, n, confidence),
        _newcombe_correlation(both, only_first, only_second, n - both - only_first - only_second),
    )
    return Difference(
        estimate=(only_first - only_second) / n,
        low=interval.low,
        high=interval.high,
        confidence=confidence,
        p_value=float(mid_p_mcnemar(min(only_first, only_second), only_first + only_second)),
        method="newcombe paired",
        test="mid-p McNemar",
        first=k1 / n,
        second=k2 / n,
        n_first=n,
        n_second=n,
        estimand=estimand,
        left_out=len(first) - n,
        worlds=n if estimand == "worlds given these storylines" else None,
    )


def cluster_difference(
    outcomes: Sequence[Harm],
    in_first: Sequence[bool],
    worlds: Sequence[Hashable],
    *,
    storylines: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
) -> Difference:
    """Difference of two rates over worlds, with any number of epochs, paired by world as far as worlds are shared.

    Each arm's rate gets the effective-sample interval of `cluster_rate`; the two are combined by the method of
    variance estimates recovery with the correlation that the shared worlds give. The p-value is the CR2 t test; where
    the errors vanish (each arm all alike), it is an exact sign test on worlds, or Fisher's test on worlds where none
    is shared.

    Args:
        outcomes: One entry for each sample; `None` is left out and counted.
        in_first: Whether the sample belongs to the first arm.
        worlds: The world of each sample; the same world in both arms is a pair.
        storylines: The storyline of each sample; each weighs the same, and both arms must have all of them.
        confidence: Two-sided level.

    Returns:
        First minus second.

    Raises:
        UsageError: If columns differ in length, an arm lacks a storyline or has fewer than two worlds in it.

    Source: Zou & Donner (2008), Stat. Med. 27:1693-1702, for correlated estimates with Newcombe's idea; CR2: Bell &
    McCaffrey (2002), Survey Methodology 28:169-181.
    """
    kept, y = scored(outcomes, in_first=in_first, worlds=worlds, storylines=storylines)
    all_strata: list[Hashable] = list(storylines) if storylines is not None else [0] * len(outcomes)
    strata = [all_strata[i] for i in kept]
    arm = np.array([0 if in_first[i] else 1 for i in kept])
    keys = [(all_strata[i], worlds[i]) for i in kept]
    _check_arms(arm.tolist(), keys, all_strata, storylines is not None)
    number = codes(strata)
    columns = int(number.max()) + 1
    fit = fit_cr2(y, np.eye(2 * columns)[number + columns * arm], keys)
    mean, nothing = np.full(columns, 1 / columns), np.zeros(columns)
    first, second = np.concatenate([mean, nothing]), np.concatenate([nothing, mean])
    rates, intervals = [], []
    for which, weights in enumerate((first, second)):
        member = arm == which
        found = len({key for key, here in zip(keys, member, strict=True) if here})
        own = fit.contrast(weights)
        rates.append(min(1.0, max(0.0, own.estimate)))
        intervals.append(arm_interval(rates[-1], own.se**2, own.df, int(member.sum()), found, confidence)[0])
    spread = fit.contrast(first).se * fit.contrast(second).se
    correlation = float(first @ fit.covariance @ second) / spread if spread > 0 else 0.0
    interval = _square_and_add(rates[0], intervals[0], rates[1], intervals[1], min(1.0, max(-1.0, correlation)))
    p_value, test = _cluster_test(fit.contrast(first - second), y, arm.tolist(), keys)
    return Difference(
        estimate=rates[0] - rates[1],
        low=interval.low,
        high=interval.high,
        confidence=confidence,
        p_value=p_value,
        method="cluster mover",
        test=test,
        first=rates[0],
        second=rates[1],
        n_first=int(np.sum(arm == 0)),
        n_second=int(np.sum(arm == 1)),
        estimand="worlds given these storylines",
        left_out=len(outcomes) - len(kept),
        worlds=len(set(keys)),
    )


def _two_sample_test(k1: int, n1: int, k2: int, n2: int) -> tuple[float, DifferenceTest]:
    if k1 + k2 in (0, n1 + n2):
        return 1.0, "N-1 chi-squared"
    n, harmful = n1 + n2, k1 + k2
    if min(n1, n2) * min(harmful, n - harmful) / n < 1:
        from scipy.stats import fisher_exact

        return float(fisher_exact(np.array([[k1, n1 - k1], [k2, n2 - k2]])).pvalue), "Fisher exact"
    statistic = (n - 1) * (k1 * (n2 - k2) - k2 * (n1 - k1)) ** 2 / (n1 * n2 * harmful * (n - harmful))
    from scipy.special import chdtrc

    return float(chdtrc(1, statistic)), "N-1 chi-squared"


def mid_p_mcnemar(fewer: npt.ArrayLike, discordant: npt.ArrayLike) -> Floats:
    """Two-sided mid-p values where so few of the pairs that differ, at most half of them, differ to one side.

    Source: Fagerland, Lydersen & Laake (2013), BMC Med. Res. Methodol. 13:91.
    """
    from scipy.special import bdtr

    few, all_ = np.asarray(fewer), np.asarray(discordant)
    # Twice the distribution function less the probability of the count itself, without the seconds of `scipy.stats`.
    below = np.where(few > 0, bdtr(few - 1, all_, 0.5), 0.0)
    return np.minimum(1.0, bdtr(few, all_, 0.5) + below)


def _newcombe_correlation(both: int, only_first: int, only_second: int, neither: int) -> float:
    n = both + only_first + only_second + neither
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if margins == 0:
        return 0.0
    cross = both * neither - only_first * only_second
    # Newcombe's continuity correction shrinks positive correlations only.
    return (max(0.0, cross - n / 2) if cross > 0 else cross) / sqrt(margins)


def _square_and_add(p1: float, i1: Interval, p2: float, i2: Interval, correlation: float) -> Interval:
    def reach(a: float, b: float) -> float:
        return sqrt(max(0.0, a * a - 2 * correlation * a * b + b * b))

    gap = p1 - p2
    low = max(-1.0, gap - reach(p1 - i1.low, i2.high - p2))
    high = min(1.0, gap + reach(i1.high - p1, p2 - i2.low))
    return Interval(low, high, i1.confidence)


def _check_arms(arm: list[int], keys: list[tuple[Hashable, Hashable]], strata: list[Hashable], named: bool) -> None:
    for which, name in ((0, "first"), (1, "second")):
        for stratum in dict.fromkeys(strata):
            found = len({key for key, here in zip(keys, arm, strict=True) if here == which and key[0] == stratum})
            if found < 2:
                where = f" in storyline {stratum!r}" if named else ""
                raise UsageError(
                    f"the {name} arm has {found} scored worlds{where}; a difference over worlds needs at least two; "
                    "for one world, use `difference`"
                )


def _cluster_test(
    gap: Contrast, y: Floats, arm: list[int], keys: list[tuple[Hashable, Hashable]]
) -> tuple[float, DifferenceTest]:
    """The t test, or an exact one where all outcomes of an arm are alike in each storyline: a world is then one."""
    if gap.se > 0:
        return gap.p_value, "cluster t"
    seen = {(key, which): float(outcome) for outcome, which, key in zip(y, arm, keys, strict=True)}
    gaps = [value - seen[key, 1] for (key, which), value in seen.items() if which == 0 and (key, 1) in seen]
    if gaps:
        up, down = sum(g > 0 for g in gaps), sum(g < 0 for g in gaps)
        if up + down == 0:
            return 1.0, "sign test on worlds"
        from scipy.stats import binomtest

        return float(binomtest(up, up + down, 0.5).pvalue), "sign test on worlds"
    from scipy.stats import fisher_exact

    counts = Counter((which, value) for (_, which), value in seen.items())
    table = np.array([[counts[which, value] for value in (1.0, 0.0)] for which in (0, 1)])
    return float(fisher_exact(table).pvalue), "Fisher exact"


def independent_interval(first: Rate, second: Rate) -> Interval:
    """Interval of first minus second for two rates from independent samples, whatever their own intervals rest on.

    It is for arms of different kinds, such as one prompt over epochs and worlds over storylines; for two Wilson
    intervals it is Newcombe's.

    Raises:
        UsageError: An arm has no scored samples, or the arms' confidence differs.

    Source: Zou & Donner (2008), Stat. Med. 27:1693-1702 (method of variance estimates recovery).
    """
    if first.estimate is None or second.estimate is None:
        raise UsageError("an arm has no scored samples, so there is no difference to estimate")
    if first.confidence != second.confidence:
        raise UsageError(f"the arms have intervals of {first.confidence} and {second.confidence}; give both the same")
    return _square_and_add(first.estimate, first, second.estimate, second, 0.0)
