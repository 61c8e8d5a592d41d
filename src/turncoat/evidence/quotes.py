"""Quotes: whether one stands word for word in the text that it cites, in whatever form it was copied."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from turncoat.base.patterns import later
from turncoat.evidence.passages import Span, dense

MIN_QUOTE = 4
"""Fewer characters than this are no evidence, unless they are the whole record; `dense` ones count for two."""


def letters(text: str) -> int:
    """Characters besides blanks; each of writing without blanks (`dense`) counts for two, as it says more."""
    said = "".join(text.split())
    return len(said) + dense(said)


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, whatever its blanks, line breaks, quotation marks, dashes and entities.

    Quotation marks, dots and brackets around a quote are the judge's own where it stands in the text without them only.

    Args:
        quote: What was quoted.
        text: The record that it is said to stand in.

    Returns:
        Start and end offsets into `text`, or None if it does not stand there (or is too short to say).
    """
    for form, around in ((_BLANKS, ""), (_MARKS, ""), (_MARKS, '".[]')):
        wanted, there = form.plain(quote).strip().strip(around or None), form.plain(text)
        if not wanted or (len(wanted) + dense(wanted) < MIN_QUOTE and wanted != there.strip()):
            continue
        at = there.find(wanted)
        if at >= 0:
            return form.place(text, at)[0], form.place(text, at + len(wanted) - 1)[1]
    return None


_CHUNK = later(r".{2000,}?(?<!<br)(?=\s)", re.S)
"""A stretch of a text that ends before white space, where no piece of a form is cut in two."""


@dataclass(frozen=True)
class _Form:
    """A form in which texts are compared.

    Attributes:
        pieces: What is compared as something else than its characters.
        same: Characters that are compared as others, as several or as none.
    """

    pieces: re.Pattern[str]
    same: dict[int, str]

    def plain(self, text: str) -> str:
        """The text as it is compared."""
        return self.pieces.sub(_piece, text).translate(self.same)

    def place(self, text: str, at: int) -> Span:
        """What of a text the character of `plain` at a place stands for."""
        start, chunk = 0, ""
        while start < len(text):
            match = _CHUNK.match(text, start)
            chunk = text[start : match.end() if match else len(text)]
            said = len(self.plain(chunk))
            if at < said:
                break
            at, start = at - said, start + len(chunk)
        span = next(islice(self._units(chunk), at, None))
        return start + span[0], start + span[1]

    def _units(self, text: str) -> Iterator[Span]:
        """Where each character of `plain` comes from."""
        at = 0
        for match in (*self.pieces.finditer(text), None):
            stop, after = match.span() if match else (len(text), len(text))
            for i in range(at, stop):
                yield from ((i, i + 1),) * len(text[i].translate(self.same))
            if match:
                yield from ((stop, after),) * len(_piece(match).translate(self.same))
            at = after


def _piece(match: re.Match[str]) -> str:
    found = match.group()
    if found.startswith("&"):
        return unicodedata.normalize("NFD", html.unescape(found))
    return " " if found.isspace() else "-" if found.startswith("-") else ""


_BLANKS = _Form(later(r"\s+"), str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'}))
"""The length of white space and the form of quotation marks may differ."""
_MARKS = _Form(
    later(
        r"""\\[nrt]|\\(?=[\\"'/*_#`\[\](){}<>&.!+~|-])"""
        r"""|&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});|<br\s?/?>|</?(?:b|i|u|p|em|strong|div|span)>|--+"""
    ),
    str.maketrans(
        {
            **{chr(i): said for i in range(0x2000) if (said := unicodedata.normalize("NFD", chr(i))) != chr(i)},
            **{chr(i): "" for i in range(0x3001) if chr(i).isspace()},
            **dict.fromkeys(">*_~`\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
            **dict.fromkeys("'’‘‚‛´“”„‟«»‹›″′「」『』＂＇", '"'),
            **dict.fromkeys("‐‑‒–—―−", "-"),
            "…": "...",
        }
    ),
)
"""So may any quotation mark or dash, blanks or none, escapes, entities, emphasis, fences, marks of quoted lines, and
whether an accent is a sign of its own."""
