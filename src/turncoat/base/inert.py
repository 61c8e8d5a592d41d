"""Text from strangers made inert: what a terminal would obey, or a reader would not see, becomes a visible sign."""

from __future__ import annotations

import json

_CONTROL = {c: chr(0x2400 + c) for c in range(0x20) if c not in (0x09, 0x0A)} | {0x7F: "\u2421"}
_HIDDEN = [
    # C1 controls, lone surrogates, marks that reorder or hide text, and characters that HTML forbids.
    *range(0x80, 0xA0),
    *range(0xD800, 0xE000),
    0x061C,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    0xFFFE,
    0xFFFF,
    *range(0xE0000, 0xE0080),
]
_INERT = _CONTROL | dict.fromkeys(_HIDDEN, "\ufffd")
LONGEST = 300
"""Characters that `plain` keeps unless told otherwise."""

_IN_JSON = {c: json.dumps(chr(c))[1:-1] for c in _HIDDEN} | {0x7F: "\\u007f"}


def inert(text: str) -> str:
    """Show what is invisible: each control character, lone surrogate or reordering mark becomes one visible sign.

    The length stays the same, so that offsets into the text still hold. Tabs and line feeds stay. Escaping for HTML is
    the template's part.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_INERT)


def inert_json(text: str) -> str:
    """JSON of the same meaning in which such characters are escaped."""
    return text.translate(_IN_JSON)


def plain(value: object, longest: int = LONGEST) -> str:
    """Return the value as text that UTF-8 can encode, on one line, cut to a length.

    Args:
        value: Anything; `str()` is taken of what is not text.
        longest: Number of characters kept; a cut shows as "…".
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    # Lone surrogates come out of JSON escapes; nothing can write them.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
