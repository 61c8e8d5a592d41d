"""Text from strangers made fit for where it goes: a screen, a table, a provider, a mail server, a log.

Broken Unicode is half of a surrogate pair: JSON can spell it, and no text in UTF-8 can hold it.
"""

from __future__ import annotations

import json
import re

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


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula, or skip before one."""


def no_formula(text: str) -> str:
    """Text for a cell of a spreadsheet: an apostrophe stands before what would run. Numbers stay."""
    start = text.lstrip(" \u00a0\ufeff\u200b")[:1]
    return f"'{text}" if start in FORMULA and not _NUMBER.fullmatch(text) else text


def plain(value: object, longest: int = LONGEST) -> str:
    """Return the value as text that UTF-8 can encode, on one line, cut to a length.

    Args:
        value: Anything; `str()` is taken of what is not text.
        longest: Number of characters kept; a cut shows as "…".
    """
    try:
        text = value if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):  # numbers of thousands of figures, lists without a bottom
        text = f"({type(value).__name__} that cannot be written out)"
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return " ".join("".join(c if c.isprintable() else " " for c in _writable(text)).split())


def unbroken(text: str) -> str:
    """The text with each half of a surrogate pair as U+FFFD; lengths stay."""
    return _HALVES.sub("\ufffd", text)


def sendable(text: str) -> str:
    """The text with each half of a surrogate pair and each control character as U+FFFD; lengths stay."""
    return text if text.isprintable() else _UNSENDABLE.sub("\ufffd", text)


def clean(text: str, *, one_line: bool = False) -> str:
    """Text as a mail server stores it: no control characters, no broken Unicode, header fields on one line."""
    stored = _CONTROLS.sub("", _writable(text))
    return " ".join(stored.split()) if one_line else stored


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,4})?")
_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
