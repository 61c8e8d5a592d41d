"""Quotes: each claim of a judge must stand word for word in the record that it cites."""

from __future__ import annotations

import re
from array import array

from turncoat.evidence.mentions import dense

_RUN = re.compile(r"\s+|\S+")
MIN_QUOTE = 4
"""Fewer characters than this are no evidence, unless they are the whole record; `dense` ones count for two."""


def letters(text: str) -> int:
    """Characters besides blanks; each of writing without blanks (`dense`) counts for two, as it says more."""
    said = "".join(text.split())
    return len(said) + dense(said)


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, whitespace and typographic quotes aside.

    Args:
        quote: What was quoted.
        text: The record that it is said to stand in.

    Returns:
        Start and end offsets into `text`, or None if it does not stand there (or is too short to say).
    """
    wanted = _plain(quote)
    there = _plain(text)
    if not wanted or wanted not in there or (len(wanted) + dense(wanted) < MIN_QUOTE and wanted != there):
        return None
    plain, places = _normalised(text)
    at = plain.find(wanted)
    return places[at], places[at + len(wanted) - 1] + 1


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})


def _plain(text: str) -> str:
    """The text with runs of whitespace as one blank, and none at its ends."""
    return " ".join(text.translate(_SAME).split())


def _normalised(text: str) -> tuple[str, array[int]]:
    """As `_plain`, whitespace at the ends kept, and where each character came from."""
    pieces: list[str] = []
    places = array("q")
    for match in _RUN.finditer(text):
        if match.group().isspace():
            pieces.append(" ")
            places.append(match.start())
        else:
            pieces.append(match.group().translate(_SAME))
            places.extend(range(*match.span()))
    return "".join(pieces), places
