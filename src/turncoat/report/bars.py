"""The main picture: bars with intervals, one panel for each condition (or model, where there are many conditions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from turncoat.analysis.rates import Cell
from turncoat.report.svg import Drawing
from turncoat.report.words import condition_words, percent, short_names, span

MOST_PANELS = 12
"""Panels beyond this number are left to the table."""

_WIDTH = 344.0
_LEFT, _RIGHT = 2.0, 14.0
_ROW = 44.0
_BAR = 10.0


@dataclass(frozen=True)
class Panel:
    """One panel of the picture."""

    title: str
    simulated: bool
    """Whether every bar of it is of a simulated model."""
    picture: Markup


@dataclass(frozen=True)
class Figure:
    """The picture of one scenario and interface."""

    panels: tuple[Panel, ...]
    left_out: int
    """Panels that did not fit; their numbers are in the table."""
    by_model: bool
    """Whether a panel is a model and its bars are conditions, rather than the other way round."""
    published: bool
    """Whether any published value is marked."""
    simulated: bool
    """Whether any bar is of a simulated model."""


def rate_figure(cells: Sequence[Cell]) -> Figure:
    """Draw the rates of one scenario and interface."""
    conditions = list(dict.fromkeys(c.condition for c in cells))
    models = list(dict.fromkeys(c.model for c in sorted(cells, key=lambda c: (c.simulated, c.model))))
    judges = {c.judge for c in cells}
    names = short_names(models)
    by_model = len(conditions) > 6 and len(models) < len(conditions)
    groups: list[tuple[str, list[Cell]]] = []
    for name in models if by_model else conditions:
        mine = [c for c in cells if name == (c.model if by_model else c.condition)]
        mine.sort(key=lambda c: (0, conditions.index(c.condition)) if by_model else (1, models.index(c.model)))
        groups.append((names[name] if by_model else condition_words(name), mine))
    shown = groups[:MOST_PANELS]
    panels = []
    for title, mine in shown:
        labels = {
            id(c): (condition_words(c.condition) if by_model else names[c.model])
            + (f" · {c.judge}" if len(judges) > 1 else "")
            for c in mine
        }
        panels.append(Panel(title, all(c.simulated for c in mine), _panel(title, mine, labels)))
    drawn = [c for _, mine in shown for c in mine]
    return Figure(
        panels=tuple(panels),
        left_out=len(groups) - len(shown),
        by_model=by_model,
        published=any(c.published for c in drawn),
        simulated=any(c.simulated for c in drawn),
    )


def _panel(title: str, cells: Iterable[Cell], labels: Mapping[int, str]) -> Markup:
    rows = list(cells)
    height = _ROW * len(rows) + 26
    words = "; ".join(f"{labels[id(c)]}: {_value(c)}" for c in rows)
    drawing = Drawing(_WIDTH, height, f"{title}. {words}.")
    bottom = _ROW * len(rows) + 4
    for tick in (0, 25, 50, 75, 100):
        x = _x(tick / 100)
        drawing.line(x, 2, x, bottom, "grid zero" if tick == 0 else "grid")
        drawing.text(x, bottom + 15, f"{tick} %" if tick == 100 else str(tick), "tick" if tick else "tick first")
    for i, cell in enumerate(rows):
        _bar(drawing, i * _ROW, cell, labels[id(cell)])
    return drawing.markup()


def _bar(drawing: Drawing, top: float, cell: Cell, label: str) -> None:
    rate, middle = cell.rate, top + 29
    tag = " (simulated)" if cell.simulated else ""
    drawing.text(_LEFT + 4, top + 17, _clip(f"{label}{tag}", 34), "name")
    drawing.text(_WIDTH - _RIGHT, top + 17, _value(cell), "value")
    if rate.estimate is not None:
        tip = f"{label}: {rate.k} of {rate.n} scored samples, 95 % interval {span(rate.low, rate.high)}"
        kind = "bar simulated" if cell.simulated else "bar"
        drawing.rect(_x(0), middle - _BAR / 2, _x(rate.estimate) - _x(0), _BAR, kind, tip)
        drawing.line(_x(rate.low), middle, _x(rate.high), middle, "whisker")
        for end in (rate.low, rate.high):
            drawing.line(_x(end), middle - 4, _x(end), middle + 4, "whisker")
    if cell.published is not None:
        found = cell.published
        tip = f"Published: {percent(found.rate)} of {found.n} ({found.model}, figure {found.figure} of the paper)"
        drawing.diamond(_x(found.rate), middle, 6, "published", tip)


def _value(cell: Cell) -> str:
    rate = cell.rate
    if rate.estimate is None:
        return f"0 scored of {rate.total}"
    return f"{percent(rate.estimate)}  ({rate.k}/{rate.n})"


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
