"""Finding phrases in text: without case at word borders; a capital asks for its case, `*` stands for any ending."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Span = tuple[int, int]


@lru_cache(maxsize=512)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = [_part(p) for p in phrases if p.strip()]
    return re.compile("|".join(parts)) if parts else None


def _part(phrase: str) -> str:
    escaped = (re.escape(w).replace("'", "['’]") for w in phrase.split())
    words = r"\s+".join(w.replace(r"\*", r"[\w'’.-]*") for w in escaped)
    cased = any(c.isupper() for c in phrase)
    start, end = (
        (r"\b" if phrase.strip()[0].isalnum() else ""),
        (r"\b" if phrase.strip()[-1].isalnum() else ""),
    )
    return f"{start}(?:{words}){end}" if cased else f"(?i:{start}(?:{words}){end})"


def find_phrases(text: str, phrases: Iterable[str]) -> list[Span]:
    """Where any of the phrases stand, in order.

    Args:
        text: The text to look through.
        phrases: Phrases; a phrase with a capital letter is matched in its case, so that names that are also words
            (Grace, Will) do not match everything.
    """
    pattern = _pattern(tuple(phrases))
    return [m.span() for m in pattern.finditer(text)] if pattern else []
