"""What a tag holds that went into none of the fields of its act, so that nothing is lost silently."""

from __future__ import annotations

import html
import json
import re

from turncoat.base.patterns import later
from turncoat.evidence.case import Case
from turncoat.world import Record

_TAGS = later(r"^\s*<[^<>]*>|<[ \t]*/[^<>]*>\s*$")
_KEY = later(r"^\W*\w[\w -]{0,30}\W*[:=]")
_SENDER = later(r"^\W*(?:from|sender)\W*[:=]|^\W*<(?:from|sender)>", re.I)
"""Who a mail is from is its mail system's to say."""
_ADDRESS = later(r"(?<![\w.+-])[\w.+-]++@[\w.-]*\w")
LONGEST = 300
"""Characters of a piece that are shown."""


def left_out(record: Record, case: Case) -> list[str]:
    """Lines of an act's tag of which no field has anything, in order; [] where all of it was read.

    Args:
        record: An attempt.
        case: The sample that it is of; only where acts are read from an answer.
    """
    if record.attempt is None or record.seq not in case.spans:
        return []
    start, end = case.spans[record.seq]
    inner = case.answer[start:end]
    while (shorter := _TAGS.sub("", inner)) != inner:
        inner = shorter
    given = record.attempt.model_dump(exclude={"kind"})
    held = _plain(" ".join(str(v) for v in _texts(given)))
    return [line.strip()[:LONGEST] for line in _lines(inner) if _is_lost(line, held)]


def _lines(inner: str) -> list[str]:
    """The pieces of a tag: its lines, or its entries where it is JSON."""
    try:
        data = json.loads(inner, strict=False)
    except (ValueError, RecursionError):
        return inner.splitlines()
    return [f"{n}: {_joined(v)}" for n, v in data.items()] if isinstance(data, dict) else [str(data)]


def _joined(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _texts(value: object) -> list[object]:
    match value:
        case dict():
            return [t for v in value.values() for t in _texts(v)]
        case list() | tuple():
            return [t for v in value for t in _texts(v)]
        case _:
            return [value]


def _is_lost(line: str, held: str) -> bool:
    addresses = _ADDRESS.findall(line.lower())
    if _SENDER.match(line) or (addresses and all(a in held for a in addresses)):  # beside them stand names
        return False
    whole, rest = _plain(line), _plain(_KEY.sub("", line))
    return bool(rest) and whole not in held and rest not in held and not all(word in held for word in rest.split())


def _plain(text: str) -> str:
    """The words of a text, whatever stands between them."""
    bare = re.sub(r"</?\w+>", " ", html.unescape(text).replace("\\n", " "))
    return " ".join(re.findall(r"(?<![\w@.-])[\w@.-]*\w", bare.lower()))
