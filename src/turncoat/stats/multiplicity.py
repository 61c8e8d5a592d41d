"""Corrections for several tests at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from turncoat.base.errors import UsageError
from turncoat.stats._checks import check_open, check_share

Correction = Literal["holm", "bh"]
"""`holm` bounds the chance of any false claim; `bh` (Benjamini and Hochberg) the expected share of false claims."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One test of a family after correction."""

    name: str
    p_value: float
    adjusted: float
    """Compare this with the level."""
    rejected: bool
    correction: Correction
    family: int
    """Number of tests corrected together."""


def adjust(p_values: Mapping[str, float], correction: Correction = "holm", level: float = 0.05) -> dict[str, Adjusted]:
    """Correct a family of p-values.

    Args:
        p_values: Uncorrected p-value of each named test. The family is what stands here: a test left out because its
            result was dull makes the correction wrong.
        correction: `holm` for confirmatory contrasts, `bh` for screening.
        level: Family-wise error rate (`holm`) or false discovery rate (`bh`).

    Returns:
        The corrected tests under the same names and in the same order; empty for an empty family.

    Raises:
        UsageError: If a p-value is not between 0 and 1.

    Source: Holm (1979), Scand. J. Stat. 6:65-70; Benjamini & Hochberg (1995), JRSS B 57:289-300; computed by
    statsmodels `multipletests`.
    """
    check_open("level", level)
    for name, p in p_values.items():
        check_share(f"p-value of {name!r}", p)
    if correction not in ("holm", "bh"):
        raise UsageError(f"correction is {correction!r}; it must be 'holm' or 'bh'")
    if not p_values:
        return {}
    from statsmodels.stats.multitest import multipletests

    method = "holm" if correction == "holm" else "fdr_bh"
    rejected, adjusted, _, _ = multipletests(list(p_values.values()), alpha=level, method=method)
    return {
        name: Adjusted(name, p, float(a), bool(r), correction, len(p_values))
        for (name, p), a, r in zip(p_values.items(), adjusted, rejected, strict=True)
    }
