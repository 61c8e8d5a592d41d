"""Quotes: each claim of a judge must stand word for word in the record that it cites."""

from __future__ import annotations

import re

MIN_QUOTE = 4
"""Fewer characters than this are no evidence."""


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, whitespace and typographic quotes aside.

    Args:
        quote: What was quoted.
        text: The record that it is said to stand in.

    Returns:
        Start and end offsets into `text`, or None if it does not stand there (or is too short to say).
    """
    plain, places = _normalised(text)
    wanted = _normalised(quote)[0].strip()
    if len(wanted) < MIN_QUOTE:
        return None
    at = plain.find(wanted)
    if at < 0:
        return None
    return places[at], places[at + len(wanted) - 1] + 1


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})


def _normalised(text: str) -> tuple[str, list[int]]:
    """The text with runs of whitespace as one blank, and where each character came from."""
    characters: list[str] = []
    places: list[int] = []
    for match in re.finditer(r"\s+|\S", text):
        characters.append(" " if match.group().isspace() else match.group().translate(_SAME))
        places.append(match.start())
    return "".join(characters), places
