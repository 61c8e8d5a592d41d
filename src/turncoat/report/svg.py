"""The little SVG that the figures need: shapes and text, every value escaped, no style attributes."""

from __future__ import annotations

from markupsafe import Markup, escape


class Drawing:
    """One SVG picture, made of elements in the order in which they are added.

    Colours and fonts come from the page's style sheet by class, because the page's security policy allows no styles
    of elements.

    Args:
        width: Width in user units; the picture scales to its place.
        height: Height in user units.
        label: What the picture shows, for readers who do not see it.
    """

    def __init__(self, width: float, height: float, label: str) -> None:
        self._head = Markup('<svg class="figure" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            _number(width), _number(height), label
        )
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

    def _add(self, start: Markup, tag: str, title: str) -> None:
        inside = Markup("<title>{}</title>").format(title) if title else Markup()
        self._parts.append(start + Markup(">") + inside + Markup("</{}>").format(tag))

    def markup(self) -> Markup:
        """Return the picture for a page."""
        return self._head + Markup("").join(self._parts) + Markup("</svg>")


def _number(value: float) -> str:
    return str(escape(f"{value:.1f}".removesuffix(".0")))
