"""`turncoat run` and `turncoat demo`: build the task, run it, sum it up."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, read_eval_log_sample_summaries
from rich.console import Console
from rich.table import Table

from turncoat.stats.rates import wilson
from turncoat.studies.runner import RunResult, run_tasks
from turncoat.tasks import scenario_task

DEMO_MODELS = ["sim/insider", "sim/drifter", "sim/loyal"]
FAILURE_BUDGET = 0.05
"""Largest share of samples without a verdict that a run may have and still count as done."""


@dataclass(frozen=True)
class Cell:
    """Counts of one model in one condition."""

    model: str
    condition: str
    harmful: int = 0
    scored: int = 0
    total: int = 0
    errors: int = 0


@dataclass(frozen=True)
class RunSummary:
    """What `turncoat run` prints."""

    paths: list[Path]
    cells: list[Cell]
    complete: bool

    @property
    def problem(self) -> str:
        """Why the run does not count as done, or ""."""
        total = sum(c.total for c in self.cells)
        missing = total - sum(c.scored for c in self.cells)
        errors = sum(c.errors for c in self.cells)
        if not self.complete or not total:
            return f"the run is not complete: {errors} samples ended in errors; the same command runs what is missing"
        if missing / total > FAILURE_BUDGET:
            return f"{missing} of {total} samples have no verdict (more than {FAILURE_BUDGET:.0%})"
        return ""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "complete": self.complete,
            "problem": self.problem or None,
            "logs": [str(p) for p in self.paths],
            "cells": [{**vars(c), "rate": c.harmful / c.scored if c.scored else None} for c in self.cells],
        }

    def show(self) -> None:
        """Print the table of rates."""
        console = Console(file=sys.stdout)
        if self.problem:
            console.print(f"Not done: {self.problem}")
        simulated = any(c.model.startswith("sim/") for c in self.cells)
        title = "Harmful, with 95 % Wilson interval"
        table = Table(title=title + (" (sim/… are simulated: evidence about the instrument)" if simulated else ""))
        for name in ("model", "condition", "harmful", "rate", "95 %", "scored"):
            table.add_column(name, justify="left" if name in ("model", "condition") else "right")
        for cell in self.cells:
            share = cell.harmful / cell.scored if cell.scored else None
            interval = wilson(cell.harmful, cell.scored) if cell.scored else None
            table.add_row(
                cell.model,
                cell.condition,
                f"{cell.harmful}",
                f"{share:.0%}" if share is not None else "–",
                f"{interval.low:.0%}–{interval.high:.0%}" if interval else "–",
                f"{cell.scored}/{cell.total}",
            )
        console.print(table)


def run_scenario(
    scenario: str,
    *,
    models: Sequence[str],
    conditions: list[str] | None,
    worlds: str,
    epochs: int,
    judge: str,
    log_dir: Path,
    max_connections: int | None,
    quiet: bool,
) -> RunSummary:
    """Run one scenario on models and sum it up. See the command line for the arguments."""
    task = scenario_task(scenario, conditions=conditions, worlds=worlds, judge="rules" if judge == "rules" else "model")
    result = run_tasks(
        [task],
        models,
        log_dir,
        judge=judge,
        epochs=epochs,
        max_connections=max_connections,
        display="none" if quiet else "rich",
    )
    return summarise(result)


def summarise(result: RunResult) -> RunSummary:
    """Count outcomes per model and condition from the logs' summaries."""
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for log in result.logs:
        for model, condition, outcome in _outcomes(log):
            counts = cells.setdefault((model, condition), {"harmful": 0, "scored": 0, "total": 0, "errors": 0})
            counts["total"] += 1
            counts["errors"] += outcome == "error"
            counts["scored"] += outcome in ("harmful", "harmless")
            counts["harmful"] += outcome == "harmful"
    return RunSummary(result.paths, [Cell(m, c, **n) for (m, c), n in cells.items()], result.complete)


def _outcomes(log: EvalLog) -> list[tuple[str, str, str]]:
    rows = []
    for sample in read_eval_log_sample_summaries(str(log.location)):
        condition = str((sample.metadata or {}).get("condition", ""))
        values = [s.value for n, s in (sample.scores or {}).items() if n.startswith("verdict")]
        value = float(str(values[0])) if values else math.nan
        outcome = "unscored" if math.isnan(value) else "harmful" if value else "harmless"
        rows.append((log.eval.model, condition, "error" if sample.error else outcome))
    return rows
