"""Names and codes compared by what a reader sees, whatever their case, accents, hyphens and alphabets."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ZERO_WIDTH = "\u200b-\u200f\u2060\ufeff\u00ad"
"""Characters without width, as in a character class."""
LOOKALIKES = {
    "‹": "›",
    "〈": "〉",
    "《": "》",
    "⟨": "⟩",
    "❮": "❯",
    "«": "»",
    "【": "】",
    "「": "」",
    "｢": "｣",
    "〔": "〕",
}
"""Brackets of other writing that models put for those of tags: opening → closing."""
_LATIN = str.maketrans(
    "авеікмнорстухѕјһԁɡԛԝүαβεικνορτυχζημɑ",
    "abeikmhopctyxsjhdgqwyabeiknoptuxznua",
)
"""Letters of other alphabets that look like Latin ones."""


def as_latin(text: str) -> str:
    """Text without case in which letters of other alphabets that look like Latin ones are these."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_LATIN)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The letters and digits of a name, without case and accents.

    A word that mixes Latin letters with others is read as it looks; one that is wholly of another alphabet stays.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))
    return "".join(_seen(word) for word in re.findall(r"[^\W_]+", re.sub(f"[{ZERO_WIDTH}]", "", bare)))


def _seen(word: str) -> str:
    mixed = not word.isascii() and any(c.isascii() and c.isalpha() for c in word)
    return word.translate(_LATIN) if mixed else word
