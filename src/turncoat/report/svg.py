"""The little SVG that the figures need: shapes and text, every value escaped, no style attributes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

ASSETS = Path(__file__).parent / "assets"


class Drawing:
    """One SVG picture, made of elements in the order in which they are added.

    Colours and fonts come from the figures' style sheet by class, because the page's security policy allows no styles
    of elements.

    Args:
        width: Width in user units; the picture scales to its place.
        height: Height in user units.
        label: What the picture shows, for readers who do not see it.
    """

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width, self.height, self.label = width, height, label
        self._parts: list[Markup] = []

    def rect(self, x: float, y: float, width: float, height: float, kind: str, title: str = "") -> None:
        """Add a rectangle of a class, with a tooltip if there is a title."""
        shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"').format(
            kind, _number(x), _number(y), _number(max(width, 0)), _number(height)
        )
        self._add(shape, "rect", title)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Add a line of a class."""
        places = (_number(v) for v in (x1, y1, x2, y2))
        self._add(Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"').format(kind, *places), "line", "")

    def dot(self, x: float, y: float, radius: float, kind: str, title: str = "") -> None:
        """Add a circle."""
        shape = Markup('<circle class="{}" cx="{}" cy="{}" r="{}"').format(kind, _number(x), _number(y), radius)
        self._add(shape, "circle", title)

    def diamond(self, x: float, y: float, radius: float, kind: str, title: str = "") -> None:
        """Add a diamond around a point."""
        corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
        path = " ".join(f"{_number(a)},{_number(b)}" for a, b in corners)
        self._add(Markup('<polygon class="{}" points="{}"').format(kind, path), "polygon", title)

    def text(self, x: float, y: float, words: str, kind: str) -> None:
        """Add a line of text; where it is anchored is up to its class."""
        self._parts.append(
            Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, _number(x), _number(y), words)
        )

    def name(self, x: float, y: float, words: str, kind: str, longest: int) -> None:
        """Add a label whose baseline is at y: one line, or two smaller ones around it where it is long.

        Names often differ at their ends, so what fits neither way loses its middle.
        """
        lines = wrapped(words, longest)
        if len(lines) == 1:
            self.text(x, y, lines[0], kind)
            return
        for line, down in zip(lines, (-6.0, 5.0), strict=True):
            self.text(x, y + down, line, f"{kind} tight")

    def place(self, other: Drawing, x: float, y: float) -> None:
        """Add another picture with its upper left corner at a point."""
        self._parts.append(
            Markup('<svg x="{}" y="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>').format(
                *(_number(v) for v in (x, y, other.width, other.height, other.width, other.height)),
                Markup("").join(other._parts),
            )
        )

    def _add(self, start: Markup, tag: str, title: str) -> None:
        inside = Markup("<title>{}</title>").format(title) if title else Markup()
        self._parts.append(start + Markup(">") + inside + Markup("</{}>").format(tag))

    def markup(self) -> Markup:
        """Return the picture for a page, which has the style sheet and the patterns."""
        return Markup('<svg class="figure" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
            _number(self.width), _number(self.height), self.label, Markup("").join(self._parts)
        )

    def file(self) -> str:
        """Return the picture as an SVG file of its own, style sheet and patterns included."""
        style, patterns = _style(), _patterns()
        head = Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" class="figure" width="{0}" height="{1}" viewBox="0 0 {0} {1}">'
            "<title>{2}</title>"
        ).format(_number(self.width), _number(self.height), self.label)
        ground = Markup('<rect class="paper" width="100%" height="100%"/>')
        return str(head + style + patterns + ground + Markup("").join(self._parts) + Markup("</svg>\n"))


def grid(drawings: Sequence[Drawing], columns: int, label: str, gap: float = 24.0) -> Drawing:
    """Lay pictures out in rows of so many columns, as one picture."""
    rows = [drawings[i : i + columns] for i in range(0, len(drawings), columns)]
    heights = [max(d.height for d in row) for row in rows]
    width = max((d.width for d in drawings), default=0.0)
    across = min(columns, max(len(drawings), 1))
    whole = Drawing(width * across + gap * (across - 1), sum(heights) + gap * (len(rows) - 1), label)
    top = 0.0
    for row, height in zip(rows, heights, strict=True):
        for i, drawing in enumerate(row):
            whole.place(drawing, i * (width + gap), top)
        top += height + gap
    return whole


@lru_cache(maxsize=1)
def _style() -> Markup:
    return Markup("<style>{}</style>").format(Markup((ASSETS / "figures.css").read_text("utf-8")))  # noqa: S704 - ours


@lru_cache(maxsize=1)
def _patterns() -> Markup:
    return Markup((ASSETS / "patterns.svg").read_text("utf-8"))  # noqa: S704 - our own file


def _number(value: float) -> str:
    return str(escape(f"{value:.1f}".removesuffix(".0")))


def wrapped(words: str, longest: int) -> tuple[str, ...]:
    """Break a label into one or two lines, at a space or after `-`, `/` or `,` where there is one near the middle."""
    if len(words) <= longest:
        return (words,)
    words = shortened(words, 2 * longest)
    half = len(words) / 2
    places = [i + 1 for i, c in enumerate(words) if c in " -/," and i + 1 <= longest and len(words) - i - 1 <= longest]
    at = min(places, key=lambda i: abs(i - half)) if places else len(words) // 2
    return words[:at].rstrip(), words[at:].lstrip()


def shortened(words: str, longest: int) -> str:
    """Cut out the middle of what is too long; the cut shows as «…»."""
    if len(words) <= longest:
        return words
    kept = longest - 1
    return f"{words[: kept - kept * 3 // 5]}…{words[-(kept * 3 // 5) :]}"
