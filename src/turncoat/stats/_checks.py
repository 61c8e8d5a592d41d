"""Checks of arguments, shared by the statistics. Each failure is one clear `UsageError`."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from statistics import NormalDist

from turncoat.base.errors import UsageError

Harm = bool | int | None
"""One sample's result: harmful (true, 1), not harmful (false, 0), or unscored (`None`)."""


def check_counts(k: float, n: float, what: str = "k") -> None:
    """Raise unless `0 <= k <= n`.

    Raises:
        UsageError: If the counts are impossible.
    """
    if not (0 <= k <= n):
        raise UsageError(f"{what}: {k} of {n} is not a count out of a total; it must lie between 0 and the total")


def check_open(**values: float) -> None:
    """Raise unless each of the named values lies strictly between 0 and 1.

    Raises:
        UsageError: Naming the first that does not.
    """
    for name, value in values.items():
        if not 0.0 < value < 1.0:
            raise UsageError(f"{name} is {value}; it must lie strictly between 0 and 1")


def check_share(**values: float) -> None:
    """Raise unless each of the named values lies between 0 and 1.

    Raises:
        UsageError: Naming the first that does not.
    """
    for name, value in values.items():
        if not 0.0 <= value <= 1.0:
            raise UsageError(f"{name} is {value}; it must lie between 0 and 1")


def check_lengths(**columns: Sized | None) -> None:
    """Raise unless all columns that are given have the same length and none is empty.

    Raises:
        UsageError: Naming each column with its length.
    """
    lengths = {name: len(column) for name, column in columns.items() if column is not None}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {size}" for name, size in lengths.items())
        raise UsageError(f"columns of different lengths: {found}; give one entry for each sample")
    if 0 in lengths.values():
        raise UsageError(f"no samples: {', '.join(lengths)} are empty")


def check_outcomes(outcomes: Sequence[Harm]) -> None:
    """Raise unless each outcome is 0, 1, a bool or `None`.

    Raises:
        UsageError: Naming the first wrong entry.
    """
    for i, outcome in enumerate(outcomes):
        if outcome is not None and outcome not in (0, 1):
            raise UsageError(f"outcome {i} is {outcome!r}; it must be true, false, 0, 1, or None for unscored")


def two_sided_z(confidence: float) -> float:
    """Return the normal quantile of a two-sided interval (1.96 for 0.95)."""
    check_open(confidence=confidence)
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def two_sided_t(confidence: float, df: float) -> float:
    """Return the t quantile of a two-sided interval with `df` degrees of freedom."""
    from scipy.special import stdtrit

    check_open(confidence=confidence)
    return float(stdtrit(df, 0.5 + confidence / 2))


def t_p_value(statistic: float, df: float) -> float:
    """Return the two-sided p-value of a t statistic."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(statistic)))
