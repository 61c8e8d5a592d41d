"""Markdown made of text that models may have written: nothing in it is a link, a tag or a heading."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

from turncoat.base.text import inert

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def md(text: str) -> str:
    """Escape what Markdown would read as a sign; line breaks become spaces."""
    return _SPECIAL.sub(r"\\\1", " ".join(inert(text).split()))


def md_table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Container[int] = ()) -> str:
    """A table.

    Args:
        heads: Names of the columns.
        rows: Cells as plain text; they are escaped here.
        numeric: Numbers of the columns that stand to the right, from 0.
    """
    lines = ["| " + " | ".join(md(h) for h in heads) + " |"]
    lines.append("|" + "|".join(" ---: " if i in numeric else " --- " for i in range(len(heads))) + "|")
    lines += ["| " + " | ".join(md(c) for c in row) + " |" for row in rows]
    return "\n".join(lines)
