"""What callers give: one name or several, a row; see `turncoat.base.arguments` for what is refused before."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from operator import index
from pathlib import Path
from typing import SupportsIndex

from turncoat.base.errors import UsageError


def names(value: str | Path | Iterable[str | Path] | None) -> list[str]:
    """One name or several, as a list; none where the value is None or empty."""
    several = [value] if isinstance(value, str | Path) else value or ()
    return [str(v) for v in several if str(v)]


def row(value: object) -> int | str:
    """A row's number or a sample's name.

    Raises:
        UsageError: It is anything else, such as a slice.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        with suppress(TypeError):  # an array, which has an index where it holds one number alone
            return index(value)
    there = type(value).__name__
    raise UsageError(f"sample: expected a row's number or a sample's name, found {there}; of several, take `samples`")
