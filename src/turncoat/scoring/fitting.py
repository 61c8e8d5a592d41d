"""How data is made to fit a record: values are cut to what a summary keeps, and what is wrong is left out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

MAX_BYTES = 960
"""Longest value of a key, as JSON."""


def shortened(value: Any) -> tuple[Any, int]:
    """Cut the value of a key until a summary keeps it.

    Text loses its end. Lists and mappings lose entries from their end; entries that hold lists, such as places of
    evidence, are emptied before, the longest first.

    Returns:
        The value, and how many entries it lost, those of its entries included.
    """
    if isinstance(value, str):
        while len(json.dumps(value)) > MAX_BYTES:
            value = value[: len(value) * 3 // 4] + "…"
        return value, 0
    dropped = 0
    while value and isinstance(value, list | dict) and len(json.dumps(value)) > MAX_BYTES:
        inner = value.values() if isinstance(value, dict) else value
        lists = [v for held in inner if isinstance(held, dict) for v in held.values() if isinstance(v, list) and v]
        longest = max(lists, key=lambda found: len(json.dumps(found)), default=value)
        longest.popitem() if isinstance(longest, dict) else longest.pop()
        dropped += 1
    return value, dropped


def without(data: dict[str, Any], wrong: Iterable[tuple[int | str, ...]]) -> dict[str, Any]:
    """The data without what is wrong: entries of a list or of a mapping, or a whole field.

    Args:
        data: A record.
        wrong: The places of errors, as a validation gives them: a field, and what leads on from there.
    """
    places: dict[str, set[int | str | None]] = defaultdict(set)
    for field, *rest in wrong:
        places[str(field)].add(rest[0] if rest else None)
    kept = dict(data)
    for name, at in places.items():
        match data[name]:
            case list() as items if None not in at:
                kept[name] = [item for i, item in enumerate(items) if i not in at]
            case dict() as items if None not in at:
                kept[name] = {k: v for k, v in items.items() if k not in at}
            case _:
                del kept[name]
    return kept


def is_endless(value: Any) -> bool:
    """Whether a value is nested so deep that it cannot be written."""
    try:
        json.dumps(value, default=str)
    except RecursionError:
        return True
    return False
