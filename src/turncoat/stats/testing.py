"""What tests allow to be claimed: corrections for several at once, and evidence for no relevant difference (TOST)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._checks import check_open, check_share
from turncoat.stats.differences import Difference, difference

Correction = Literal["holm", "bh"]
"""`holm` bounds the chance of any false claim; `bh` (Benjamini and Hochberg) the expected share of false claims."""


def adjust(p_values: Mapping[str, float], correction: Correction = "holm") -> dict[str, float]:
    """Correct a family of p-values.

    Args:
        p_values: Uncorrected p-value of each named test. The family is what stands here: a test left out because its
            result was dull makes the correction wrong.
        correction: `holm` for confirmatory contrasts, `bh` for screening.

    Returns:
        The corrected p-values under the same names and in the same order, to be compared with the family-wise error
        rate (`holm`) or the false discovery rate (`bh`); empty for an empty family.

    Raises:
        UsageError: If a p-value is not between 0 and 1.

    Source: Holm (1979), Scand. J. Stat. 6:65-70; Benjamini & Hochberg (1995), JRSS B 57:289-300. Written out here, five
    lines, so that who needs only this does not wait for statsmodels to load.
    """
    check_share(**{f"p-value of {name!r}": p for name, p in p_values.items()})
    if correction not in ("holm", "bh"):
        raise UsageError(f"correction is {correction!r}; it must be 'holm' or 'bh'")
    if not p_values:
        return {}
    found = np.array(list(p_values.values()), dtype=float)
    order, ranks = np.argsort(found), np.arange(1, len(found) + 1)
    if correction == "holm":
        sorted_ = np.maximum.accumulate(found[order] * ranks[::-1])
    else:
        sorted_ = np.minimum.accumulate((found[order] / (ranks / len(found)))[::-1])[::-1]
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(sorted_, 1.0)
    return dict(zip(p_values, map(float, adjusted), strict=True))


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Result of two one-sided tests against a margin."""

    difference: Difference
    """The difference with its interval at `1 - 2 * level`."""
    margin: float
    level: float
    p_value: float
    """The smallest level at which equivalence could be claimed; 1 where the estimate itself is beyond the margin."""

    @property
    def equivalent(self) -> bool:
        """Whether the difference was shown to be smaller than the margin in both directions."""
        return self.p_value <= self.level


def equivalence_by(difference_at: Callable[[float], Difference], *, margin: float, level: float = 0.05) -> Equivalence:
    """Two one-sided tests by interval: equivalent where the `1 - 2 * level` interval lies within the margin.

    Works for any kind of difference, so that paired and clustered data are tested by the interval that is
    reported: `equivalence_by(lambda c: paired_difference(a, b, confidence=c), margin=0.1)`.

    Args:
        difference_at: Gives the difference for a two-sided confidence level.
        margin: Largest irrelevant difference, in units of probability; settle it before seeing data.
        level: Level of each one-sided test.

    Returns:
        The result, its p-value found by bisection on the level (to 1e-6).

    Raises:
        UsageError: If margin or level are out of range.

    Source: Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657-680; by interval inclusion: Westlake (1981),
    Biometrics 37:589-594.
    """
    check_open(margin=margin)
    if not 0 < level < 0.5:
        raise UsageError(f"level is {level}; a one-sided level must lie strictly between 0 and 0.5")
    at_level = difference_at(1 - 2 * level)
    return Equivalence(at_level, margin, level, _p_value(difference_at, margin, level, at_level))


def equivalence(
    k_first: int, n_first: int, k_second: int, n_second: int, *, margin: float, level: float = 0.05
) -> Equivalence:
    """Two one-sided tests for two independent rates, by Newcombe's interval.

    Args:
        k_first: Harmful samples of the first arm.
        n_first: Scored samples of the first arm.
        k_second: Harmful samples of the second arm.
        n_second: Scored samples of the second arm.
        margin: Largest irrelevant difference, in units of probability; settle it before seeing data.
        level: Level of each one-sided test.

    Returns:
        The result.

    Raises:
        UsageError: If counts, margin or level are out of range.

    Source: see `equivalence_by` and `difference`.
    """
    return equivalence_by(
        lambda c: difference(k_first, n_first, k_second, n_second, confidence=c), margin=margin, level=level
    )


def _p_value(at: Callable[[float], Difference], margin: float, level: float, known: Difference) -> float:
    def within(d: Difference) -> bool:
        return -margin < d.low and d.high < margin

    if abs(known.estimate) >= margin:
        return 1.0
    # The interval shrinks to the estimate as the one-sided level goes to 0.5. Starting at the asked level keeps the
    # verdict and the p-value on the same side of it.
    low, high = (0.0, level) if within(known) else (level, 0.5)
    while high - low > 1e-6:
        middle = (low + high) / 2
        if within(at(1 - 2 * middle)):
            high = middle
        else:
            low = middle
    return high
