"""The little SVG that the figures need: shapes and text, every value escaped, no style attributes; sheets of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from turncoat.base.simulated import MARK

_MARK_LETTERS = 10
"""Letters of a label that the mark of a simulated model takes the room of."""

ASSETS = Path(__file__).parent / "assets"


@lru_cache(maxsize=8)
def asset(name: str) -> Markup:
    """One of our own files, to stand in a page as it is."""
    return Markup((ASSETS / name).read_text("utf-8"))  # noqa: S704 - our own file


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
        self._shape("rect", kind, title, x=x, y=y, width=max(width, 0), height=height)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Add a line of a class."""
        self._shape("line", kind, "", x1=x1, y1=y1, x2=x2, y2=y2)

    def whisker(self, low: float, high: float, y: float) -> None:
        """Add an interval: a line with a bar at each end."""
        self.line(low, y, high, y, "whisker")
        for end in (low, high):
            self.line(end, y - 4, end, y + 4, "whisker")

    def path(self, points: Sequence[tuple[float, float]], kind: str, title: str = "") -> None:
        """Add a line through points, or the area within them where its class fills it."""
        self._shape("polyline", kind, title, points=" ".join(f"{_number(x)},{_number(y)}" for x, y in points))

    def dot(self, x: float, y: float, radius: float, kind: str, title: str = "") -> None:
        """Add a circle of a class, with a tooltip if there is a title."""
        self._shape("circle", kind, title, cx=x, cy=y, r=radius)

    def diamond(self, x: float, y: float, title: str = "") -> None:
        """Add the mark of a published value around a point."""
        corners = ((x, y - 5.5), (x + 5.5, y), (x, y + 5.5), (x - 5.5, y))
        self._shape("polygon", "published", title, points=" ".join(f"{_number(a)},{_number(b)}" for a, b in corners))

    def text(self, x: float, y: float, words: str, kind: str) -> None:
        """Add a line of text; where it is anchored is up to its class."""
        self._parts.append(
            Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, _number(x), _number(y), words)
        )

    def name(self, x: float, y: float, words: str, kind: str, longest: int) -> None:
        """Add a label whose baseline is at y: one line, or two smaller ones around it where it is long.

        Names often differ at their ends, so what fits neither way loses its middle. The mark of a simulated model is
        never cut; it stands in small letters at the end, or alone in the second line.
        """
        plain = words.replace(f" {MARK}", "", 1)
        lines = wrapped(plain, longest)
        if plain != words and len(lines) == 1 and len(plain) > longest - _MARK_LETTERS:
            lines = (plain, "")
        mark = Markup('<tspan class="mark">{}</tspan>').format(MARK) if plain != words else ""
        places = ((0.0,) if len(lines) == 1 else (-6.0, 5.0), kind if len(lines) == 1 else f"{kind} tight")
        for line, down in zip(lines[:-1], places[0], strict=False):
            self.text(x, y + down, line, places[1])
        last = Markup(" ").join(part for part in (lines[-1], mark) if part)
        self.text(x, y + places[0][-1], last, places[1])

    def place(self, other: Drawing, x: float, y: float) -> None:
        """Add another picture with its upper left corner at a point."""
        self._parts.append(
            Markup('<svg x="{}" y="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>').format(
                *(_number(v) for v in (x, y, other.width, other.height, other.width, other.height)),
                Markup("").join(other._parts),
            )
        )

    def _shape(self, tag: str, kind: str, title: str, **places: float | str) -> None:
        listed = ((name, v if isinstance(v, str) else _number(v)) for name, v in {"class": kind, **places}.items())
        marks = Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in listed)
        inside = Markup("<title>{}</title>").format(title) if title else Markup()
        self._parts.append(Markup("<{0}{1}>{2}</{0}>").format(tag, marks, inside))

    def markup(self) -> Markup:
        """Return the picture for a page, which has the style sheet and the patterns."""
        return Markup('<svg class="figure" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
            _number(self.width), _number(self.height), self.label, Markup("").join(self._parts)
        )

    def file(self) -> str:
        """Return the picture as an SVG file of its own, style sheet and patterns included."""
        head = Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" class="figure" width="{0}" height="{1}" viewBox="0 0 {0} {1}">'
            "<title>{2}</title>"
        ).format(_number(self.width), _number(self.height), self.label)
        style = Markup("<style>{}</style>").format(asset("figures.css"))
        ground = Markup('<rect class="paper" width="100%" height="100%"/>')
        return str(head + style + asset("patterns.svg") + ground + Markup("").join(self._parts) + Markup("</svg>\n"))


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


_MARGIN = 18.0
_LETTER = 7.0
"""Width of a letter of a title, rounded up: fonts differ."""


@dataclass(frozen=True)
class Key:
    """One entry of a legend."""

    kind: str
    """Class of the mark."""
    words: str
    small: str = ""
    """Stands behind it, in brackets or in small letters."""


def sheet(heading: str, keys: Sequence[Key], panels: Sequence[tuple[str, Drawing]], columns: int) -> Drawing:
    """Lay a figure out as a picture of its own, for papers and slides: heading, legend, panels with titles, a margin.

    Args:
        heading: Stands above all.
        keys: The legend.
        panels: Title, or "", and picture of each panel.
        columns: Panels side by side.
    """
    body = grid([_titled(title, drawing) for title, drawing in panels], columns, heading)
    legend = _legend(keys, body.width)
    top = _MARGIN + 24 + (legend.height + 10 if keys else 0)
    whole = Drawing(body.width + 2 * _MARGIN, top + body.height + _MARGIN, f"{heading}. {body.label}")
    whole.text(_MARGIN, _MARGIN + 12, heading, "title")
    whole.place(legend, _MARGIN, _MARGIN + 26)
    whole.place(body, _MARGIN, top)
    return whole


def _titled(title: str, drawing: Drawing) -> Drawing:
    if not title:
        return drawing
    lines = wrapped(title, int(drawing.width / _LETTER))
    down = 9 + 15.0 * len(lines)
    whole = Drawing(drawing.width, drawing.height + down, drawing.label)
    for i, line in enumerate(lines):
        whole.text(0, 12 + 15 * i, line, "heading")
    whole.place(drawing, 0, down)
    return whole


def _legend(keys: Sequence[Key], width: float) -> Drawing:
    said = [key.words + (f" ({key.small})" if key.small else "") for key in keys]
    places: list[tuple[float, float]] = []
    x, y = 0.0, 0.0
    for words in said:
        needed = 28 + _LETTER * len(words) + 14
        if x and x + needed > width:
            x, y = 0.0, y + 18
        places.append((x, y))
        x += needed
    drawing = Drawing(width, y + 18, "")
    for key, words, (x, y) in zip(keys, said, places, strict=True):
        _mark(drawing, x, y + 7, key.kind)
        drawing.text(x + 28, y + 11, words, "key")
    return drawing


def _mark(drawing: Drawing, x: float, middle: float, kind: str) -> None:
    match kind:
        case "whisker":
            drawing.whisker(x, x + 22, middle)
        case "published":
            drawing.diamond(x + 11, middle)
        case "point" | "point beaten":
            drawing.dot(x + 11, middle, 4.5, kind)
        case "curve":
            drawing.line(x, middle, x + 22, middle, kind)
        case "front":
            drawing.path([(x, middle + 5), (x + 11, middle + 5), (x + 11, middle - 5), (x + 22, middle - 5)], kind)
        case _:
            drawing.rect(x, middle - 6, 22, 12, kind)
