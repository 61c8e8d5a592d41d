"""Logs with something wrong in them: a good one's members read, changed at one place, and written anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from turncoat.analysis.table.archive import Archive

Place = tuple[str | int, ...]

DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]

VALUES: dict[str, Any] = {
    "nothing": None,
    "list": [1, "a"],
    "mapping": {"a": {"b": 1}},
    "huge": 10**24,
    "float": 1e300,
    "not a number": float("nan"),
    "infinite": float("-inf"),
    "negative": -7,
    "text": "x",
    "long": "y" * 20_000,
    "half": "\ud800z",
    "figures": "9" * 400 + "@" + "9" * 400,
    "true": True,
    "deep": DEEP,
    "formula": "=cmd|' /C calc'!A0",
}
MISSING = object()


def places(value: Any, deep: int = 5, at: Place = ()) -> Iterator[Place]:
    """The places in JSON data, down to a depth; of a list its first entry stands for all."""
    if at:
        yield at
    if len(at) < deep:
        inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
        for name, held in inner:
            yield from places(held, deep, (*at, name))


def changed(data: Any, at: Place, value: Any) -> Any:
    """The data with another value at a place, or without it (`MISSING`)."""
    copy = json.loads(json.dumps(data))
    *way, last = at
    held = copy
    for step in way:
        held = held[step]
    if value is MISSING:
        del held[last]
    else:
        held[last] = value
    return copy


def members(path: Path) -> dict[str, Any]:
    """All members of a log, as data."""
    with Archive(path) as archive:
        return {name: archive.json(name) for name in archive.names}


def write(path: Path, content: dict[str, Any], change: Callable[[str, Any], Any] = lambda name, data: data) -> Path:
    """Write members as a log."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, json.dumps(change(name, data)))
    return path
