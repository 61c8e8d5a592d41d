"""A figure as a picture of its own, for papers and slides: heading, legend, panels with their titles, and a margin."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.report.svg import Drawing, grid, wrapped

_MARGIN = 18.0
_LETTER = 7.0
"""Width of a letter of a title, rounded up: fonts differ."""

Key = tuple[str, str]
"""Class of a mark, and what it stands for."""


def sheet(heading: str, keys: Sequence[Key], panels: Sequence[tuple[str, Drawing]], columns: int) -> Drawing:
    """Lay a figure out.

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
    places: list[tuple[float, float]] = []
    x, y = 0.0, 0.0
    for _, words in keys:
        needed = 28 + _LETTER * len(words) + 14
        if x and x + needed > width:
            x, y = 0.0, y + 18
        places.append((x, y))
        x += needed
    drawing = Drawing(width, y + 18, "")
    for (kind, words), (x, y) in zip(keys, places, strict=True):
        _mark(drawing, x, y + 7, kind)
        drawing.text(x + 28, y + 11, words, "key")
    return drawing


def _mark(drawing: Drawing, x: float, middle: float, kind: str) -> None:
    match kind:
        case "whisker":
            drawing.line(x, middle, x + 22, middle, kind)
            for end in (x, x + 22):
                drawing.line(end, middle - 4, end, middle + 4, kind)
        case "published":
            drawing.diamond(x + 11, middle, 5.5, kind)
        case _:
            drawing.rect(x, middle - 6, 22, 12, kind)
