"""Reading the address fields that people and models write."""

from __future__ import annotations

import re
from email.utils import parseaddr

MAX_ADDRESS = 254
"""Longest address that a mail server takes (RFC 5321, 4.5.3.1.3)."""

_WORD = r"[^\s@<>\"',;:()\[\]]"
_ADDRESS = re.compile(rf"(?<!{_WORD}){_WORD}+@{_WORD}+")
MAX_HALVES = 100
"""Unread pieces that are compared with display names; of more, the rest stays unread."""
_LOOK = 300
_SEPARATORS = re.compile(r"[,;\n]+")


def split_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split an address field into addresses and what could not be read as one.

    Copes with several recipients, `Name <address>`, quotes, brackets, trailing commas and any case.

    Args:
        text: The field as written.

    Returns:
        Plain lower-case addresses in order, without repeats; and the pieces that hold no address.
    """
    found: list[str] = []
    unread: list[str] = []
    for piece in _SEPARATORS.split(text):
        addresses = _ADDRESS.findall(piece)
        if addresses:
            found += [a.strip(".").lower() for a in addresses if len(a) <= MAX_ADDRESS]
        elif (rest := piece.strip(" \t\"'[](){}<>")) and not rest.isspace():
            unread.append(rest)
    # A display name that holds a comma ("Johnson, Kyle <k@x>") leaves its first half behind: not an address.
    if found and unread:
        looked_at = [u for u in unread[:MAX_HALVES] if "@" in u or not _is_name_half(u, text)]
        unread = looked_at + unread[MAX_HALVES:]
    return tuple(dict.fromkeys(found)), tuple(unread)


def _is_name_half(piece: str, text: str) -> bool:
    end = text.find(piece) + len(piece)
    after = text[end : end + _LOOK]
    return bool(re.match(r"\s*\"?,\s*[^,<]*<", after)) or bool(parseaddr(piece + after.split(">")[0] + ">")[0])


def is_address(text: str) -> bool:
    """Whether the text is one plain address."""
    return len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) is not None
