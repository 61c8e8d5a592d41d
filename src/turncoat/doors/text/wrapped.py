"""An answer that came as JSON: what a gateway, or the model itself, put around what is said and what is thought."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from turncoat.doors.text.thoughts import thinking

MAX_JSON = 1_000_000
"""Characters of an answer that is looked at as JSON."""
MAX_SAID = 100
"""Texts in one answer that are looked at."""
_KINDS = ("type", "kind", "role", "channel")
_DEPTH = 6


def said_in_json(text: str) -> list[str] | None:
    """What an answer says that is JSON as a whole; None where it is none.

    What stands under the name of a thought, or in a block that says that it is one, is not said.
    """
    bare = text.strip().strip("\ufeff")
    if bare[:1] not in ("{", "[", '"') or bare[-1:] not in ("}", "]", '"') or len(bare) > MAX_JSON:
        return None
    try:
        value = json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        return None
    return list(islice(dict.fromkeys(_said(value, 0)), MAX_SAID))


def _said(value: Any, depth: int) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() if depth < _DEPTH:
            for item in value:
                yield from _said(item, depth + 1)
        case dict() if depth < _DEPTH and not any(_is_thought(value.get(kind)) for kind in _KINDS):
            for key, item in value.items():
                if not _is_thought(key):
                    yield from _said(item, depth + 1)


def _is_thought(name: object) -> bool:
    return isinstance(name, str) and (found := thinking(name)) is not None and found.sure
