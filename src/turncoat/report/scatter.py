"""Charts with free axes: the field of points that they share; harm against the job, with the frontier and a list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from turncoat.analysis.tradeoffs import Tradeoff
from turncoat.report.charts import NARROW, WIDE, Form
from turncoat.report.svg import Drawing
from turncoat.report.words import percent, span

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """A stretch of shares and where it lies in the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, share: float) -> float:
        """The place of a share; what lies outside stands at the border."""
        within = min(max(share, self.low), self.high)
        return self.start + (within - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Four or five round shares."""
        step = next(s for s in (0.02, 0.05, 0.1, 0.25) if (self.high - self.low) / s <= 5)
        return [self.low + i * step for i in range(round((self.high - self.low) / step) + 1)]


_PLOT = {"wide": (52.0, 10.0, 366.0, 300.0), "narrow": (40.0, 8.0, 284.0, 250.0)}
"""Left, top, width and height of the field of points."""
_ROW, _HEAD = 30.0, 36.0
"""Height of a row of the list, and of its head."""


def scatter(rows: Sequence[tuple[str, Tradeoff]], title: str, form: Form) -> Drawing:
    """Draw mitigations as points, and list them beside (or, on a phone, beneath).

    Args:
        rows: Label and values of each; all have a job.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    left, top, width, height = _PLOT[form]
    harms, jobs = _harms(p for _, p in rows), _jobs(p for _, p in rows)
    x = Axis(next(s for s in (0.5, 0.0) if s <= min(jobs)), 1.0, left, left + width)
    y = Axis(0.0, next(s for s in (0.1, 0.25, 0.5, 1.0) if s >= max(harms)), top + height, top)
    below = top + height + 42
    listed = _HEAD + _ROW * len(rows)
    whole = max(below, listed + 6) if form == "wide" else below + listed + 14
    words = f"{title}. Harm that got through, and job done. {'; '.join(f'{n}: {_said(p)}' for n, p in rows)}."
    drawing = Drawing(WIDE if form == "wide" else NARROW, whole, words)
    field(drawing, x, y, "harm that got through", "job done: right and low is better")
    _points(drawing, rows, x, y)
    if form == "wide":
        _listed(drawing, rows, left + width + 22, 0, WIDE)
    else:
        _listed(drawing, rows, 2, below + 8, NARROW)
    return drawing


def _harms(points: Iterable[Tradeoff]) -> list[float]:
    return [p.through.high for p in points]


def _jobs(points: Iterable[Tradeoff]) -> list[float]:
    return [p.job.low for p in points if p.job]


def _said(point: Tradeoff) -> str:
    harm, job = point.through.estimate or 0.0, point.job.estimate if point.job else 0.0
    return f"{percent(harm)} and {percent(job)}{', on the frontier' if point.best else ''}"


def field(drawing: Drawing, x: Axis, y: Axis, upward: str, rightward: str) -> None:
    """Draw the grid of two axes of shares, their ticks, and what each of them is of."""
    for share in y.ticks:
        at = y.at(share)
        drawing.line(x.start, at, x.end, at, "grid zero" if share == 0 else "grid")
        drawing.text(x.start - 6, at + 4, f"{100 * share:.0f}{' %' if share == y.high else ''}", "axis end")
    for share in x.ticks:
        at = x.at(share)
        drawing.line(at, y.start, at, y.end, "grid zero" if share == x.low else "grid")
        drawing.text(at, y.start + 15, f"{100 * share:.0f}{' %' if share == x.high else ''}", "axis middle")
    drawing.text(x.start + 6, y.end + 14, upward, "axis")
    drawing.text(x.end, y.start + 32, rightward, "axis end")


def _points(drawing: Drawing, rows: Sequence[tuple[str, Tradeoff]], x: Axis, y: Axis) -> None:
    where = [(p.job.estimate if p.job else 0.0, p.through.estimate or 0.0) for _, p in rows]
    places = [(x.at(job), y.at(harm)) for job, harm in where]
    for (_, p), (a, b) in zip(rows, places, strict=True):
        drawing.line(a, y.at(p.through.low), a, y.at(p.through.high), "cross")
        if p.job:
            drawing.line(x.at(p.job.low), b, x.at(p.job.high), b, "cross")
    best = sorted({place for (_, p), place in zip(rows, places, strict=True) if p.best}, key=lambda at: (at[0], -at[1]))
    if best:
        drawing.path(_stairs(best, x, y), "front")
    for (name, p), (a, b) in zip(rows, places, strict=True):
        tip = f"{name}: harm {_interval(p.through.estimate, p.through.low, p.through.high)}"
        if p.job:
            tip += f", job {_interval(p.job.estimate, p.job.low, p.job.high)}"
        drawing.dot(a, b, 4.5, "point" if p.best else "point beaten", tip)
    numerals(drawing, places, x, y)


def numerals(drawing: Drawing, places: Sequence[Point], x: Axis, y: Axis) -> None:
    """Number points from 1, clear of each other; a line leads to a number that had to go far."""
    for number, (at, (a, b)) in enumerate(zip(_numbers(places, x, y), places, strict=True), 1):
        if math.dist(at, (a, b)) > 15:
            drawing.line(a, b, *_toward(at, (a, b)), "lead")
        drawing.text(at[0], at[1] + 4, str(number), "numeral")


def _toward(start: Point, end: Point) -> Point:
    """A little on the way from one point to another, so that a line does not touch the number there."""
    share = 7 / math.dist(start, end)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _stairs(best: Sequence[Point], x: Axis, y: Axis) -> list[Point]:
    """The border of what some mitigation reaches: from the left to the first point, and up after the last."""
    line: list[Point] = [(x.start, best[0][1])]
    for i, (a, b) in enumerate(best):
        line.append((a, b))
        line.append((a, best[i + 1][1] if i + 1 < len(best) else y.end))
    return line


def _numbers(places: Sequence[Point], x: Axis, y: Axis) -> list[Point]:
    """Where the number of each point stands: near it, and clear of other points and numbers."""
    found: list[Point] = []
    for a, b in places:
        tried = [
            (a + far * math.cos(turn * math.pi / 6), b - far * math.sin(turn * math.pi / 6))
            for far in (13, 20, 28, 38, 50, 64)
            for turn in (1, 11, 2, 10, 4, 8, 0, 6, 3, 9, 5, 7)
        ]
        inside = [t for t in tried if x.start + 6 < t[0] < x.end + 10 and y.end + 4 < t[1] < y.start - 5]
        free = (t for t in inside if _clear(t, places, 11) and _clear(t, found, 14))
        found.append(next(free, (inside or tried)[-1]))
    return found


def _clear(at: Point, others: Iterable[Point], least: float) -> bool:
    return all(math.dist(at, other) >= least for other in others)


def _interval(estimate: float | None, low: float, high: float) -> str:
    return "–" if estimate is None else f"{percent(estimate)} ({span(low, high)})"


def _listed(drawing: Drawing, rows: Sequence[tuple[str, Tradeoff]], left: float, top: float, right: float) -> None:
    """The list: number, label, and each value with its interval beneath."""
    read = any(p.real for _, p in rows)
    wide = 62.0
    ends = [right - wide * i for i in range(2 + read)][::-1]
    for at, (first, second) in zip(ends, (("harm", "through"), ("job", "done"), ("stated", "real")), strict=False):
        drawing.text(at, top + 12, first, "small end")
        drawing.text(at, top + 24, second, "small end")
    letters = int((ends[0] - wide - left - 22 + 12) / 6.2)
    for i, (name, p) in enumerate(rows):
        middle = top + _HEAD + _ROW * i + _ROW / 2
        drawing.line(left, middle - _ROW / 2, right, middle - _ROW / 2, "grid")
        drawing.dot(left + 5, middle, 4.5, "point" if p.best else "point beaten")
        drawing.text(left + 19, middle + 4, str(i + 1), "numeral")
        drawing.name(left + 30, middle + 4, name, "name", letters)
        values = (p.through if p.through.n else None, p.job, p.real)
        for at, value in zip(ends, values, strict=False):
            if value is None or value.estimate is None:
                drawing.text(at, middle + 4, "–", "small end")
                continue
            drawing.text(at, middle - 1, percent(value.estimate), "value")
            drawing.text(at, middle + 11, span(value.low, value.high).removesuffix(" %"), "small end")
