"""The report's charts, each drawn wide for a screen or paper and narrow for a phone: rows with a label and a value.

Rates as bars with intervals, differences around zero, bars divided by kind; and the square of the two pressures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from turncoat.analysis import Cell, Contrast, Rate, Square
from turncoat.analysis.counts import READ, Awareness
from turncoat.analysis.published import PublishedAwareness
from turncoat.report.svg import Drawing, shortened
from turncoat.report.words import percent, points, span

Form = Literal["wide", "narrow"]


@dataclass(frozen=True)
class _Plan:
    """Where things stand in the rows of a chart."""

    width: float
    left: float
    right: float
    row: float
    middle: float
    """From the top of a row to the middle of its bar."""
    longest: int
    """Letters of a label in one line."""
    above: float | None = None
    """From the top of a row to a label that stands above its bar; None where it stands before the bar."""
    inset: float = 0.0

    def x(self, share: float) -> float:
        """The place of a share of the width that the bars have."""
        return self.left + share * (self.width - self.left - self.right)

    def start(self, rows: int, words: str, *, axis: bool = True) -> tuple[Drawing, float]:
        """A drawing with room for so many rows, and where they end."""
        bottom = self.row * rows + 4
        return Drawing(self.width, bottom + (22 if axis else 0), words), bottom

    def write(self, drawing: Drawing, row: int, label: str, value: str = "") -> float:
        """Write a row's label and value, and return the middle of its bar."""
        top = row * self.row
        middle = top + self.middle
        if self.above is not None:
            drawing.name(self.left + self.inset, top + self.above, label, "name", self.longest)
            at = self.width - self.right, top + self.above
        else:
            drawing.name(self.left - 10, middle + 4, label, "name end", self.longest)
            at = self.width - 2, middle + 4
        if value:
            drawing.text(*at, value, "value")
        return middle


WIDE, NARROW = 760.0, 344.0
_RATES = {
    "wide": _Plan(WIDE, 176, 104, row=27, middle=15.5, longest=25),
    "narrow": _Plan(NARROW, 2, 18, row=37, middle=27, longest=30, above=15, inset=4),
}
_GAPS = {
    "wide": _Plan(WIDE, 176, 150, row=27, middle=15.5, longest=25),
    "narrow": _Plan(NARROW, 16, 16, row=37, middle=27, longest=26, above=15),
}
_PARTS = {
    "wide": _Plan(WIDE, 208, 2, row=27, middle=11.5, longest=29),
    "narrow": _Plan(NARROW, 2, 2, row=40, middle=26.5, longest=44, above=13),
}


def _axis(drawing: Drawing, bottom: float, ticks: Sequence[tuple[float, str, str]]) -> None:
    """Lines from above with their words beneath; that of zero is strong."""
    for x, words, kind in ticks:
        drawing.line(x, 2, x, bottom, "grid zero" if words == "0" else "grid")
        drawing.text(x, bottom + 15, words, kind)


@dataclass(frozen=True)
class Bar:
    """One rate to draw."""

    label: str
    rate: Rate
    simulated: bool
    marks: tuple[tuple[float, str], ...] = ()
    """Rates that others report, each with what is said of it."""

    @property
    def value(self) -> str:
        """The rate in words."""
        if self.rate.estimate is None:
            return f"0 scored of {self.rate.total}"
        return f"{percent(self.rate.estimate)}  ({self.rate.k}/{self.rate.n})"


def bar_chart(bars: Sequence[Bar], title: str, form: Form) -> Drawing:
    """Draw rates as bars with their intervals, and those that others report as diamonds.

    Args:
        bars: The rates, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    plan = _RATES[form]
    drawing, bottom = plan.start(len(bars), f"{title}. {'; '.join(f'{b.label}: {b.value}' for b in bars)}.")
    first = "tick first" if plan.above else "tick"
    ticks = [(plan.x(t / 100), f"{t} %" if t == 100 else str(t), "tick" if t else first) for t in (0, 25, 50, 75, 100)]
    _axis(drawing, bottom, ticks)
    half = 7.0 if form == "wide" else 5.5
    for i, bar in enumerate(bars):
        rate = bar.rate
        middle = plan.write(drawing, i, bar.label, bar.value)
        if rate.estimate is not None:
            tip = f"{bar.label}: {rate.k} of {rate.n} scored samples, 95 % interval {span(rate.low, rate.high)}"
            kind = "bar simulated" if bar.simulated else "bar"
            drawing.rect(plan.left, middle - half, plan.x(rate.estimate) - plan.left, 2 * half, kind, tip)
            drawing.whisker(plan.x(rate.low), plan.x(rate.high), middle)
        for share, tip in bar.marks:
            drawing.diamond(plan.x(share), middle, tip)
    return drawing


def _moved(contrast: Contrast) -> str:
    d = contrast.difference
    return f"{points(d.estimate)}  ({points(d.low)} to {points(d.high)})"


def forest(rows: Sequence[tuple[str, Contrast]], title: str, form: Form) -> Drawing:
    """Draw differences with their intervals, in percentage points from −100 to +100.

    Args:
        rows: Label and difference of each, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    plan = _GAPS[form]
    drawing, bottom = plan.start(len(rows), f"{title}. {'; '.join(f'{label}: {_moved(c)}' for label, c in rows)}.")

    def x(difference: float) -> float:
        return plan.x((difference + 1) / 2)

    _axis(drawing, bottom, [(x(t), points(t) if t else "0", "tick") for t in (-1, -0.5, 0, 0.5, 1)])
    for i, (label, contrast) in enumerate(rows):
        d = contrast.difference
        middle = plan.write(drawing, i, label, _moved(contrast))
        drawing.line(x(d.low), middle, x(d.high), middle, "reach")
        drawing.dot(x(d.estimate), middle, 4.5, "point simulated" if contrast.first.simulated else "point")
    return drawing


@dataclass(frozen=True)
class Part:
    """One part of a divided bar."""

    kind: str
    """Class of its colour."""
    words: str
    count: int


_DARK = frozenset({"seg mild4", "seg mild5", "seg harm1", "seg harm2", "aware0", "aware1"})
"""Colours on which words are light."""


def divided(rows: Sequence[tuple[str, Sequence[Part], int]], title: str, form: Form) -> Drawing:
    """Draw bars that are divided by kind.

    Args:
        rows: Label, parts and the whole of each row, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    plan = _PARTS[form]
    drawing, _ = plan.start(len(rows), title, axis=False)
    for i, (label, parts, whole) in enumerate(rows):
        middle = plan.write(drawing, i, label)
        x = plan.left
        for part in (p for p in parts if p.count):
            width = (plan.x(1) - plan.left) * part.count / whole
            tip = f"{part.words}: {part.count} of {whole} ({percent(part.count / whole)})"
            drawing.rect(x, middle - 8.5, max(width - 1, 0.5), 17, part.kind, tip)
            if width > 8 * len(str(part.count)) + 4:
                light = "inside light" if part.kind in _DARK else "inside"
                drawing.text(x + width / 2, middle + 4, str(part.count), light)
            x += width
    return drawing


def awareness_bars(rows: Sequence[tuple[str, Awareness]], title: str, form: Form) -> Drawing:
    """Draw what models said of the situation as shares of the samples that were read.

    Args:
        rows: Label and counts, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    kinds = list(enumerate(READ))
    bars = [
        (label, [Part(f"aware{i}", k.replace("-", " "), a.kinds[k].total) for i, k in kinds if k in a.kinds], a.read)
        for label, a in rows
    ]
    said = [
        f"{label}: {', '.join(f'{p.words} {percent(p.count / read)}' for p in parts)}" for label, parts, read in bars
    ]
    drawing = divided(bars, f"{title}. {'; '.join(said)}.", form)
    plan = _PARTS[form]
    for i, (_, a) in enumerate(rows):
        for border, tip in _borders(a.published):
            drawing.diamond(plan.x(border), i * plan.row + plan.middle, tip)
    return drawing


def _borders(published: PublishedAwareness | None) -> list[tuple[float, str]]:
    """Where the paper's shares end: of «real» from the left, then of «evaluation»."""
    if published is None:
        return []
    words = f"Published: stated real {percent(published.real)}, stated evaluation {percent(published.evaluation)}"
    tip = f"{words}, neither {percent(1 - published.real - published.evaluation)} of {published.n}"
    return [(published.real, tip), (published.real + published.evaluation, tip)]


_LEFT, _TOP, _CELL, _TALL = 84.0, 46.0, 106.0, 66.0
_GOALS = ("no goal", "explicit goal")


def square(found: Square, name: str) -> Drawing:
    """Draw the two pressures crossed, four rates of one model (the paper's figure 6)."""
    rows = (("no threat", (found.neither, found.goal)), ("replacement", (found.threat, found.both)))
    words = "; ".join(
        f"{threat}, {goal}: {_rate(cell)}" for threat, cells in rows for goal, cell in zip(_GOALS, cells, strict=True)
    )
    drawing = Drawing(300, 186, f"{name}. {words}.")
    drawing.text(0, 13, shortened(name, 42), "heading")
    for column, goal in enumerate(_GOALS):
        drawing.text(_LEFT + (column + 0.5) * _CELL, _TOP - 8, goal, "small middle")
    for row, (threat, cells) in enumerate(rows):
        top = _TOP + row * (_TALL + 3)
        drawing.text(_LEFT - 8, top + _TALL / 2 + 4, threat, "small end")
        for column, cell in enumerate(cells):
            _cell(drawing, _LEFT + column * (_CELL + 3), top, cell)
    return drawing


def _cell(drawing: Drawing, x: float, y: float, cell: Cell | None) -> None:
    rate = cell.rate if cell else None
    estimate = rate.estimate if rate else None
    shade, light = _shade(cell)
    drawing.rect(x, y, _CELL, _TALL, f"shade{shade}")
    middle = x + _CELL / 2
    if rate is None or estimate is None:
        drawing.text(middle, y + 38, _rate(cell), "small middle")
        return
    drawing.text(middle, y + 28, _rate(cell), f"large{light}")
    for down, words in ((43, f"{rate.k}/{rate.n}"), (57, span(rate.low, rate.high))):
        drawing.text(middle, y + down, words, f"small middle{light}")


def square_rows(rows: Sequence[tuple[str, Square]], title: str) -> Drawing:
    """Draw squares of many models for a phone: a row for each model with its four rates side by side.

    Args:
        rows: Name and square of each model, from above.
        title: What the picture shows, for readers who do not see it.
    """
    heads = (("no threat", "no goal"), ("no threat", "explicit goal"), ("replacement", "no goal"), ("both", ""))
    found = [(name, (s.neither, s.goal, s.threat, s.both)) for name, s in rows]
    said = "; ".join(f"{name}: {', '.join(_rate(c) for c in cells)}" for name, cells in found)
    drawing = Drawing(NARROW, 34 + 62 * len(rows), f"{title}. No threat and no goal, goal, threat, both. {said}.")
    width = NARROW / 4
    for column, lines in enumerate(heads):
        for line, words in enumerate(lines):
            drawing.text((column + 0.5) * width, 11 + 13 * line, words, "small middle")
    for row, (name, cells) in enumerate(found):
        top = 34 + 62 * row
        drawing.name(0, top + 12, name, "name", 44)
        for column, cell in enumerate(cells):
            _small_cell(drawing, column * width, top + 18, width - 3, cell)
    return drawing


def _small_cell(drawing: Drawing, x: float, y: float, width: float, cell: Cell | None) -> None:
    shade, light = _shade(cell)
    drawing.rect(x, y, width, 36, f"shade{shade}")
    drawing.text(x + width / 2, y + 16, _rate(cell), f"middle{light}")
    if cell is not None and cell.rate.estimate is not None:
        drawing.text(x + width / 2, y + 29, span(cell.rate.low, cell.rate.high), f"small middle{light}")


def _shade(cell: Cell | None) -> tuple[int, str]:
    """The shade of a rate, and the class of words on it."""
    estimate = cell.rate.estimate if cell else None
    shade = 0 if not estimate else min(int(estimate * 5) + 1, 5)
    return shade, " light" if shade == 5 else " strong" if shade > 1 else ""


def _rate(cell: Cell | None) -> str:
    return "not run" if cell is None else "not scored" if cell.rate.estimate is None else percent(cell.rate.estimate)
