"""Passages in texts: where phrases stand, and whether a quote stands word for word in the record that it cites.

Phrases are found without case at word borders; a capital asks for its case, `*` stands for any ending. Where words are
written without blanks between them (Chinese, Japanese, Thai …), every letter is a border.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache

Span = tuple[int, int]

_DENSE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
"""Kana, Chinese characters and Hangul: about two of them say as much as an English word."""
_LONG = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer: about five of them."""
_SPACED = rf"[^\W{_DENSE}{_LONG}]"
_WORD = re.compile(rf"[{_DENSE}]{{1,2}}|[{_LONG}]{{1,5}}|{_SPACED}+")


def words(text: str) -> Iterator[str]:
    """The words of a text, in order; of writing without blanks, pieces that say about as much as a word."""
    return (match.group() for match in _WORD.finditer(text))


def dense(text: str) -> int:
    """How many letters of a text are kana, Chinese characters or Hangul."""
    return len(re.findall(f"[{_DENSE}]", text))


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    parts = phrase.split()
    words = r"\s+".join(re.escape(w).replace("'", "['’]").replace(r"\*", r"[\w'’.-]*") for w in parts)
    start = f"(?<!{_SPACED})" if parts[0][0].isalnum() else ""
    end = f"(?!{_SPACED})" if parts[-1][-1].isalnum() else ""
    return re.compile(f"{start}(?:{words}){end}", re.NOFLAG if any(c.isupper() for c in phrase) else re.IGNORECASE)


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
    wanted, there = _plain(quote), _plain(text)
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
        blank = match.group().isspace()
        pieces.append(" " if blank else match.group().translate(_SAME))
        places.extend((match.start(),) if blank else range(*match.span()))
    return "".join(pieces), places
