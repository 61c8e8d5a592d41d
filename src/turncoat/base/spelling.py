"""Names and codes compared by what a reader sees, whatever their case, accents, hyphens and alphabets."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

ZERO_WIDTH = "\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u034f\u180e\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f"
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


def unescaped(text: str) -> str:
    """Text without the escapes of HTML (once or twice), JSON, addresses of the web, and Markdown."""
    bare = html.unescape(html.unescape(text))
    bare = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), bare, flags=re.I)
    return re.sub(r"\\(?=[^\w\s])", "", unquote(bare))


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
