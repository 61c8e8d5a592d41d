"""Passages in texts: where phrases stand. Where quotes do: see `turncoat.evidence.quotes`.

Phrases are found without case at word borders; a capital asks for its case, `*` stands for any ending. Where words are
written without blanks between them (Chinese, Japanese, Thai …), every letter is a border.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from turncoat.base.patterns import later

Span = tuple[int, int]

_DENSE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
"""Kana, Chinese characters and Hangul: about two of them say as much as an English word."""
_LONG = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer: about five of them."""
_SPACED = rf"[^\W{_DENSE}{_LONG}]"
_WORD = later(rf"[{_DENSE}]{{1,2}}|[{_LONG}]{{1,5}}|{_SPACED}+")


def words(text: str) -> Iterator[str]:
    """The words of a text, in order; of writing without blanks, pieces that say about as much as a word."""
    return (match.group() for match in _WORD.finditer(text))


def dense(text: str) -> int:
    """How many letters of a text are kana, Chinese characters or Hangul."""
    return len(re.findall(f"[{_DENSE}]", text))


Phrase = tuple[tuple[str, ...], ...]
"""A phrase's words, each as the pieces between its stars: `cancel* the alarm` is `(("cancel", ""), ("the",), …)`."""

_ENDING = later(r"[\w'.-]*")
"""What a star stands for."""
_BLANKS = later(r"\s+")
_LETTER = later(_SPACED)


@lru_cache(maxsize=4096)
def _parsed(phrase: str) -> Phrase:
    return tuple(tuple(re.split(r"\*+", word)) for word in phrase.replace("’", "'").split())


@lru_cache(maxsize=4096)
def _stem(phrase: str) -> str:
    """The longest piece that must stand in a text for the phrase to; "" where there is none, and nothing is found."""
    return max(re.split(r"[\s*]+", _folded(phrase)), key=len)


def _folded(text: str) -> str:
    """The text in lower case with plain apostrophes, letter for letter."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals have small forms of two signs
        lower = "".join(small if len(small := c.lower()) == 1 else c for c in text)
    return lower.replace("’", "'").replace("ς", "σ")


def find_phrases(text: str, phrases: Iterable[str]) -> list[Span]:
    """Where any of the phrases stand, in order and without overlap.

    The time grows with the length of the text and of the phrases alone, whatever stands in either: both may be a
    stranger's.

    Args:
        text: The text to look through.
        phrases: Phrases; a phrase with a capital letter is matched in its case, so that names that are also words
            (Grace, Will) do not match everything.
    """
    folded, spans = _folded(text), list[Span]()
    for phrase in phrases:
        if (stem := _stem(phrase)) and stem in folded:
            cased = any(c.isupper() for c in phrase)
            spans += _places(text.replace("’", "'") if cased else folded, _parsed(phrase if cased else _folded(phrase)))
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _places(text: str, phrase: Phrase) -> Iterator[Span]:
    """Where a phrase stands, each time as far as it goes.

    No star reaches over a blank, so that each word is looked for within one word of the text. Of several beginnings in
    a stretch of letters the first can be continued wherever a later one can; so where it cannot, none can.
    """
    first, at = phrase[0][0], 0
    while (start := text.find(first, at)) >= 0:
        after = start + len(first)
        if first[:1].isalnum() and start and _LETTER.match(text, start - 1):
            at = start + 1
        elif (end := _word_end(text, after, phrase[0], last=len(phrase) == 1)) < 0:
            starred = len(phrase[0]) > 1
            at = max(start + 1, _ending(text, after) - len(first) + 1) if starred else start + 1
        elif (whole := _further(text, end, phrase[1:])) < 0:
            at = max(start + 1, end)
        else:
            yield start, whole
            at = max(start + 1, whole)


def _further(text: str, end: int, words: Phrase) -> int:
    """Where the words of a phrase after its first one end, each after blanks; -1 if they do not stand there."""
    for number, word in enumerate(words, 1):
        blank = _BLANKS.match(text, end)
        if blank is None or not text.startswith(word[0], blank.end()):
            return -1
        if (end := _word_end(text, blank.end() + len(word[0]), word, last=number == len(words))) < 0:
            return -1
    return end


def _word_end(text: str, at: int, word: tuple[str, ...], *, last: bool) -> int:
    """Where a word ends whose first piece ends at a place: as far as possible, at a border; -1 if nowhere."""
    *between, final = word[1:] or ("",)
    for piece in between:
        if (found := text.find(piece, at, _ending(text, at) + len(piece))) < 0:
            return -1
        at = found + len(piece)
    end = (_ending(text, at) if len(word) > 1 else at) + len(final)
    while (found := text.rfind(final, at, end)) >= 0:
        end = found + len(final)
        if _at_border(text, end, word[-1]) if last else _BLANKS.match(text, end):
            return end
        end -= 1
    return -1


def _at_border(text: str, end: int, piece: str) -> bool:
    """Whether a phrase whose last piece this is may end here: a letter or figure is not followed by another."""
    return not piece[-1:].isalnum() or _LETTER.match(text, end) is None


def _ending(text: str, at: int) -> int:
    found = _ENDING.match(text, at)
    return found.end() if found else at
