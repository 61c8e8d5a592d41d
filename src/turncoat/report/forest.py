"""Differences with their intervals around a line of no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.report.bars import NARROW, WIDE
from turncoat.report.svg import Drawing
from turncoat.report.words import points


@dataclass(frozen=True)
class Gap:
    """One row: a difference of two rates."""

    label: str
    estimate: float
    low: float
    high: float
    simulated: bool


def forest(gaps: Sequence[Gap], title: str, form: str = "wide") -> Drawing:
    """Draw differences in percentage points, from −100 to +100.

    Args:
        gaps: The rows, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    narrow = form == "narrow"
    width, left, right = (NARROW, 16.0, 16.0) if narrow else (WIDE, 176.0, 150.0)
    row = 37.0 if narrow else 27.0
    bottom = row * len(gaps) + 4
    words = "; ".join(f"{g.label}: {_value(g)}" for g in gaps)
    drawing = Drawing(width, bottom + 22, f"{title}. {words}.")

    def x(share: float) -> float:
        return left + (share + 1) / 2 * (width - left - right)

    for tick in (-100, -50, 0, 50, 100):
        at = x(tick / 100)
        drawing.line(at, 2, at, bottom, "grid zero" if tick == 0 else "grid")
        drawing.text(at, bottom + 15, points(tick / 100) if tick else "0", "tick")
    for i, gap in enumerate(gaps):
        top = i * row + 2
        middle = top + (25 if narrow else row / 2)
        if narrow:
            drawing.name(left, top + 13, gap.label, "name", 26)
            drawing.text(width - right, top + 13, _value(gap), "value")
        else:
            drawing.name(left - 10, middle + 4, gap.label, "name end", 25)
            drawing.text(width - 2, middle + 4, _value(gap), "value")
        drawing.line(x(gap.low), middle, x(gap.high), middle, "reach")
        drawing.dot(x(gap.estimate), middle, 4.5, "point simulated" if gap.simulated else "point")
    return drawing


def _value(gap: Gap) -> str:
    return f"{points(gap.estimate)}  ({points(gap.low)} to {points(gap.high)})"
