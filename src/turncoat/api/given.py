"""What callers give: one name or several, logs, a row; what cannot be meant is one line."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from operator import index
from pathlib import Path
from typing import SupportsIndex

from turncoat.base.errors import UsageError


def names(value: object, what: str) -> list[str]:
    """One name or several, as a list; none where the value is None.

    Args:
        value: A text, a path, or an iterable of them.
        what: The argument's name, for the message.

    Raises:
        UsageError: It is anything else.
    """
    match value:
        case None:
            return []
        case str() | Path():
            return [str(value)] if str(value) else []
        case Iterable():
            found = list(value)
            if all(isinstance(v, str | Path) for v in found):
                return [str(v) for v in found]
            wrong = next(v for v in found if not isinstance(v, str | Path))
            raise UsageError(f"{what}: expected names, found {type(wrong).__name__} among them")
    raise UsageError(f"{what}: expected a name or several, found {type(value).__name__}")


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
