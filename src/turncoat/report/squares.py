"""The two pressures crossed, one small square of four rates for each model (the paper's figure 6)."""

from __future__ import annotations

from turncoat.analysis import Cell, Square
from turncoat.report.svg import Drawing, shortened
from turncoat.report.words import percent, span

WIDTH, HEIGHT = 300.0, 186.0
_LEFT, _TOP, _CELL, _TALL = 84.0, 46.0, 106.0, 66.0


def square(found: Square, name: str) -> Drawing:
    """Draw one model's square."""
    rows = (("no threat", (found.neither, found.goal)), ("replacement", (found.threat, found.both)))
    words = "; ".join(
        f"{threat}, {goal}: {_rate(cell)}"
        for threat, cells in rows
        for goal, cell in zip(("no goal", "explicit goal"), cells, strict=True)
    )
    drawing = Drawing(WIDTH, HEIGHT, f"{name}. {words}.")
    drawing.text(0, 13, shortened(name, 32) + (" (simulated)" if found.simulated else ""), "heading")
    for column, goal in enumerate(("no goal", "explicit goal")):
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
    shade = 0 if not estimate else min(int(estimate * 5) + 1, 5)
    light = " light" if shade == 5 else " strong" if shade > 1 else ""
    drawing.rect(x, y, _CELL, _TALL, f"shade{shade}")
    middle = x + _CELL / 2
    if rate is None or estimate is None:
        drawing.text(middle, y + 38, _rate(cell), "small middle")
    else:
        drawing.text(middle, y + 28, _rate(cell), f"large{light}")
        drawing.text(middle, y + 43, f"{rate.k}/{rate.n}", f"small middle{light}")
        drawing.text(middle, y + 57, span(rate.low, rate.high), f"small middle{light}")


def _rate(cell: Cell | None) -> str:
    if cell is None:
        return "not run"
    return "not scored" if cell.rate.estimate is None else percent(cell.rate.estimate)
