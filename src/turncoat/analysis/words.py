"""Strings from logs made safe to store: everything that a model or a file says may hold anything."""

from __future__ import annotations

_LONGEST = 300


def plain(value: object, longest: int = _LONGEST) -> str:
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
