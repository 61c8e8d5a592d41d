"""What a run came to, in the terminal or as JSON: the numbers are the analysis'."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from turncoat.base.text import inert

if TYPE_CHECKING:
    from turncoat.analysis import Cell, Failures
    from turncoat.runs.request import RunResult

WIDE = 140
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True)
class RunSummary:
    """What `turncoat run` prints."""

    paths: list[Path]
    cells: tuple[Cell, ...]
    failures: Failures
    stopped: str
    cost: float
    kept: int
    notes: tuple[str, ...]

    @property
    def problem(self) -> str:
        """Why the run does not count as done, or ""."""
        return self.stopped or self.failures.problem

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "complete": not self.problem,
            "problem": self.problem or None,
            "logs": [str(p) for p in self.paths],
            "cost": round(self.cost, 6),
            "kept": self.kept,
            "notes": list(self.notes),
            "cells": [_cell(c) for c in self.cells],
        }

    def show(self) -> None:
        """Print the table of rates; if the run does not count as done, that comes first."""
        console = Console(file=sys.stdout, highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDE)
        if self.problem:
            again = "; the same command runs what is missing" if self.stopped or self.failures.errors else ""
            console.print(inert(f"Not done: {self.problem}{again}"), soft_wrap=True)
        for note in self.notes:
            console.print(inert(f"Note: {note}"), soft_wrap=True)
        console.print(self._grid())
        if self.failures.errors and not self.problem:
            console.print(f"{self.failures.errors} samples ended in errors; the same command runs them again.")
        if self.cost:
            console.print(f"Cost of this command: ${self.cost:.2f}.")

    def _grid(self) -> Grid:
        simulated = any(c.simulated for c in self.cells)
        several = len({c.scenario for c in self.cells}) > 1
        title = "Harmful, with 95 % interval"
        grid = Grid(title=title + (" (sim/… are simulated: evidence about the instrument)" if simulated else ""))
        judges = len({c.judge for c in self.cells}) > 1
        left = ("model", *(("scenario",) if several else ()), "condition", *(("judge",) if judges else ()))
        for name in (*left, "harmful", "rate", "95 %", "scored"):
            grid.add_column(name, justify="left" if name in left else "right", overflow="fold")
        for cell in self.cells:
            rate = cell.rate
            names = (
                cell.model,
                *((cell.scenario,) if several else ()),
                cell.condition,
                *((cell.judge,) if judges else ()),
            )
            grid.add_row(
                *(Text(inert(name)) for name in names),
                f"{rate.k}",
                f"{rate.estimate:.0%}" if rate.estimate is not None else "–",
                f"{rate.low:.0%}–{rate.high:.0%}" if rate.n else "–",
                f"{rate.n}/{rate.total}",
            )
        return grid


def _cell(cell: Cell) -> dict[str, Any]:
    rate = cell.rate
    return {
        "model": cell.model,
        "scenario": cell.scenario,
        "interface": cell.interface,
        "condition": cell.condition,
        "judge": cell.judge,
        "harmful": rate.k,
        "scored": rate.n,
        "total": rate.total,
        "errors": cell.errors,
        "rate": rate.estimate,
        "low": rate.low if rate.n else None,
        "high": rate.high if rate.n else None,
        "method": rate.method,
    }


def summary_of(result: RunResult) -> RunSummary:
    """Read a run's logs and sum them up.

    Raises:
        LogError: None of the logs can be read.
    """
    from turncoat.analysis import failures, rates, read_table

    table, progress = read_table(result.paths), result.progress
    return RunSummary(
        result.paths, rates(table), failures(table), progress.stopped, progress.cost, result.kept, result.notes
    )
