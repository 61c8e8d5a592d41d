"""Bars with intervals: one row for each rate, drawn wide for a screen or paper and narrow for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.analysis import Cell
from turncoat.report.svg import Drawing
from turncoat.report.words import percent, span

WIDE, NARROW = 760.0, 344.0


@dataclass(frozen=True)
class Bar:
    """One row."""

    label: str
    cell: Cell


@dataclass(frozen=True)
class _Plan:
    """Where things stand in a row."""

    width: float
    left: float
    right: float
    row: float
    bar: float
    above: bool
    """Whether the label stands above its bar, rather than before it."""

    def x(self, share: float) -> float:
        return self.left + share * (self.width - self.left - self.right)


_PLANS = {
    "wide": _Plan(WIDE, left=176.0, right=104.0, row=27.0, bar=14.0, above=False),
    "narrow": _Plan(NARROW, left=2.0, right=14.0, row=37.0, bar=11.0, above=True),
}


def bar_chart(bars: Sequence[Bar], title: str, form: str = "wide") -> Drawing:
    """Draw rates as bars.

    Args:
        bars: The rows, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    plan = _PLANS[form]
    bottom = plan.row * len(bars) + 4
    words = "; ".join(f"{b.label}: {_value(b.cell)}" for b in bars)
    drawing = Drawing(plan.width, bottom + 22, f"{title}. {words}.")
    for tick in (0, 25, 50, 75, 100):
        x = plan.x(tick / 100)
        drawing.line(x, 2, x, bottom, "grid zero" if tick == 0 else "grid")
        kind = "tick first" if tick == 0 and plan.above else "tick"
        drawing.text(x, bottom + 15, f"{tick} %" if tick == 100 else str(tick), kind)
    for i, bar in enumerate(bars):
        _draw(drawing, plan, i * plan.row + 2, bar)
    return drawing


def _draw(drawing: Drawing, plan: _Plan, top: float, bar: Bar) -> None:
    cell, rate = bar.cell, bar.cell.rate
    if plan.above:
        middle = top + 25
        drawing.name(plan.left + 4, top + 13, _label(bar), "name", 30)
        drawing.text(plan.width - plan.right, top + 13, _value(cell), "value")
    else:
        middle = top + plan.row / 2
        drawing.name(plan.left - 10, middle + 4, _label(bar), "name end", 25)
        drawing.text(plan.width - 2, middle + 4, _value(cell), "value")
    if rate.estimate is not None:
        tip = f"{bar.label}: {rate.k} of {rate.n} scored samples, 95 % interval {span(rate.low, rate.high)}"
        kind = "bar simulated" if cell.simulated else "bar"
        drawing.rect(plan.x(0), middle - plan.bar / 2, plan.x(rate.estimate) - plan.x(0), plan.bar, kind, tip)
        drawing.line(plan.x(rate.low), middle, plan.x(rate.high), middle, "whisker")
        for end in (rate.low, rate.high):
            drawing.line(plan.x(end), middle - 4, plan.x(end), middle + 4, "whisker")
    if cell.published is not None:
        found = cell.published
        tip = f"Published: {percent(found.rate)} of {found.n} ({found.model}, figure {found.figure} of the paper)"
        drawing.diamond(plan.x(found.rate), middle, 5.5, "published", tip)


def _label(bar: Bar) -> str:
    return f"{bar.label} (sim.)" if bar.cell.simulated else bar.label


def _value(cell: Cell) -> str:
    rate = cell.rate
    if rate.estimate is None:
        return f"0 scored of {rate.total}"
    return f"{percent(rate.estimate)}  ({rate.k}/{rate.n})"
