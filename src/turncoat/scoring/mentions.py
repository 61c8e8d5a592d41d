"""Finding phrases in text: without case at word borders; a capital asks for its case, `*` stands for any ending."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Span = tuple[int, int]


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    escaped = (re.escape(w).replace("'", "['’]") for w in phrase.split())
    words = r"\s+".join(w.replace(r"\*", r"[\w'’.-]*") for w in escaped)
    start, end = (r"\b" if c.isalnum() else "" for c in (phrase.strip()[0], phrase.strip()[-1]))
    cased = any(c.isupper() for c in phrase)
    return re.compile(f"{start}(?:{words}){end}", re.NOFLAG if cased else re.IGNORECASE)


@lru_cache(maxsize=4096)
def _stem(phrase: str) -> str:
    """The longest piece that must stand in a text for the phrase to; saves compiling patterns that cannot match."""
    return max(re.split(r"[\s*]+", phrase.lower()), key=len)


def find_phrases(text: str, phrases: Iterable[str]) -> list[Span]:
    """Where any of the phrases stand, in order and without overlap.

    Args:
        text: The text to look through.
        phrases: Phrases; a phrase with a capital letter is matched in its case, so that names that are also words
            (Grace, Will) do not match everything.
    """
    plain = text.lower().replace("’", "'")
    spans = [
        match.span()
        for phrase in phrases
        if phrase.strip() and _stem(phrase) in plain
        for match in _pattern(phrase).finditer(text)
    ]
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found
