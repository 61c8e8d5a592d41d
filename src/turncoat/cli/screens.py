"""Runs in the terminal: what one would take, how far it is, what it came to, and two of them side by side."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from turncoat.base.counting import counted
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.stats.rates import wilson

if TYPE_CHECKING:
    from turncoat.analysis import Cell, Comparison, Failures
    from turncoat.runs.plan import Plan
    from turncoat.runs.progress import Progress
    from turncoat.runs.request import RunResult

SECONDS = 10.0
"""Between plain lines of progress."""
STANDING = 60.0
"""Between lines that say why nothing goes on."""

WIDE = 140
"""Columns where there is no terminal to ask."""


def plan_text(plan: "Plan") -> str:
    """The plan as text."""
    from turncoat.runs.plan import ANSWER_TOKENS, CHARACTERS_PER_TOKEN

    epochs = f", {plan.epochs} epochs" if plan.epochs > 1 else ""
    not_known = [shown(m.model) for m in plan.models if m.dollars is None]
    lines = [
        f"{plan.study}: {plan.title}",
        "",
        *(
            f"  {t.scenario}, {t.interface}: {counted(t.cells, 'cell')}, {counted(t.worlds, 'world')}"
            f"{epochs}: {counted(t.samples, 'sample')}; "
            f"first request {t.prompt_tokens:,} tokens"
            for t in plan.tasks
        ),
        f"  {counted(plan.samples, 'sample')} for each model",
        "",
        *(
            f"  {shown(m.model)}: {_tokens(m.tokens_in)} in, {_tokens(m.tokens_out)} out, {_money(m.dollars)}"
            for m in plan.models
        ),
    ]
    if (judge := plan.judge) is not None:
        low, high = judge.dollars or (None, None)
        lines.append(
            f"  judge {shown(judge.judge)}: {judge.calls[0]:,} to {judge.calls[1]:,} calls, "
            f"{_tokens(judge.tokens_in[0])} to {_tokens(judge.tokens_in[1])} in, {_money(low)} to {_money(high)}"
        )
    if (asked := plan.interview) is not None:
        read, written = _tokens(asked.tokens_in), _tokens(asked.tokens_out)
        lines.append(f"  interviews: {asked.calls:,} calls, {read} in, {written} out, {_money(asked.dollars)}")
    for g in plan.guards:
        low, high = g.dollars or (None, None)
        whom = f"{g.role or 'model'} {shown(g.model) or '(give it with --model-role)'}"
        lines.append(
            f"  guards' {whom}: {g.calls[0]:,} to {g.calls[1]:,} calls, "
            f"{_tokens(g.tokens_in[0])} to {_tokens(g.tokens_in[1])} in, {_money(low)} to {_money(high)}"
        )
    if plan.models and plan.dollars is not None:
        low, high = plan.dollars
        lines.append(f"  together {_money(low)}" + (f" to {_money(high)}" if high != low else ""))
    lines += [
        "",
        f"Tokens are estimated: prompts are rendered ({CHARACTERS_PER_TOKEN} characters a token), answers taken as "
        f"{ANSWER_TOKENS:,} tokens.",
        f"Prices are of {plan.prices_as_of}. {plan.prices_source}",
        *([f"Not known, give it with --prices: {', '.join(not_known)}."] if not_known else []),
        "",
        *_finds(plan),
        *_paired(plan),
    ]
    return "\n".join(lines)


def _finds(plan: "Plan") -> list[str]:
    finds = plan.finds
    lines = [f"With {counted(finds.samples, 'scored sample')} in a cell (independent, two-sided 5 %, power 80 %):"]
    if finds.h is not None:
        lines.append(f"  a difference of h = {finds.h:.2f} between two cells is found")
    for rate, up, down in finds.examples:
        parts = [f"{p:.0%}" for p in (down, up) if p is not None]
        lines.append(f"  {rate:.0%} is told apart from " + (" and ".join(parts) or "no other rate"))
    lines += [f"  {a:.0%} against {b:.0%} needs {counted(n, 'sample')} in each cell" for a, b, n in finds.needed]
    lines.append(f"  an interval of ±10 points at 50 % needs {counted(finds.half_width, 'sample')}")
    return lines


def _paired(plan: "Plan") -> list[str]:
    if not plan.paired:
        return []
    lines = [
        "",
        "Mitigations and guards against the same cell without them, world by world (two-sided 5 %, power 80 %):",
    ]
    for p in plan.paired:
        lines.append(f"  {p.scenario}, {p.interface}: {counted(p.rungs, 'cell')}, {counted(p.worlds, 'world')} each")
        for rate, lower in p.harm:
            told = (
                "not told apart from any lower rate" if lower is None else f"told apart from {_floored(lower)} and less"
            )
            lines.append(f"    {rate:.0%} harmful is {told}")
        if p.job is not None:
            lines.append(
                f"    a difference of {p.job:.2f} in the job done is found ({counted(p.job_worlds, 'world')}; "
                f"it lies apart by {p.spread:.2f}, "
                + (f"measured in {p.measured} worlds of cells)" if p.measured else "assumed: give --from LOGS)")
            )
    return lines


def _floored(rate: float) -> str:
    """A rate in whole per cent, not above it."""
    return f"{int(100 * rate)}%"


def _tokens(count: int) -> str:
    return f"{count / 1e6:.2f} M tokens" if count >= 100_000 else f"{count:,} tokens"


def _money(dollars: float | None) -> str:
    return "price not known" if dollars is None else f"${dollars:,.2f}"


@contextmanager
def showing(quiet: bool) -> "Iterator[Callable[[Progress], None]]":
    """Give a listener for the runner: drawing on a terminal, lines on stderr elsewhere; if quiet, see `Lines`."""
    if not quiet and sys.stderr.isatty():
        current: list[Progress] = []
        with Live(
            get_renderable=lambda: picture(current[-1]) if current else "starting …",
            console=Console(stderr=True),
            refresh_per_second=2,
            transient=True,
        ):
            yield current.append
    else:
        yield Lines(quiet)


def picture(progress: "Progress") -> Table:
    """The state of a run as a table: progress of each model, live rates, cost."""
    several = len({scenario for _, scenario, _ in progress.cells}) > 1
    grid = Table(title=_headline(progress), title_justify="left")
    for name in ("model", "done", "condition", "harmful", "95 %"):
        grid.add_column(name, justify="right" if name in ("done", "harmful", "95 %") else "left")
    for model, planned in progress.planned.items():
        done = f"{progress.of_model(model).done}/{planned}"
        rows = [(key, tally) for key, tally in progress.cells.items() if key[0] == model]
        if not rows:
            grid.add_row(Text(shown(model)), done, "", "", "")
        for number, ((_, scenario, condition), tally) in enumerate(rows):
            harmful = tally.endings["harmful"]
            interval = wilson(harmful, tally.scored) if tally.scored else None
            grid.add_row(
                Text(shown(model) if number == 0 else ""),
                done if number == 0 else "",
                Text(f"{scenario}: {condition}" if several else condition),
                f"{harmful}/{tally.scored}",
                f"{interval.low:.0%}–{interval.high:.0%}" if interval else "–",
            )
    return grid


def _headline(progress: "Progress") -> str:
    errors, unscored = (sum(t.endings[end] for t in progress.cells.values()) for end in ("error", "unscored"))
    counts = {"not needed": progress.skipped, "errors": errors, "unscored": unscored}
    said = [f"{progress.done} of {counted(progress.total, 'sample')}"]
    said += [f"{n} {what}" for what, n in counts.items() if n]
    said += [f"${progress.cost:.2f}"] if progress.cost else []
    said += [why for why in (progress.stopped, inert(progress.trouble)) if why]
    return ", ".join(said)


class Lines:
    """A line now and then, and one at the end.

    Args:
        quiet: Whether only that is said why nothing goes on.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._next, self._finished, self._quiet = 0.0, -1, quiet

    def __call__(self, progress: "Progress") -> None:
        """Print a line if it is time for one; where nothing goes on, less often."""
        now = time.monotonic()
        if self._quiet and not progress.trouble:
            return
        if now >= self._next or progress.done >= progress.total:
            going, self._finished = progress.finished != self._finished, progress.finished
            self._next = now + (SECONDS if going else STANDING)
            sys.stderr.write(f"turncoat: {_headline(progress)}\n")
            sys.stderr.flush()


@dataclass(frozen=True)
class RunSummary:
    """What `turncoat run` prints."""

    result: "RunResult"
    cells: "tuple[Cell, ...]"
    failures: "Failures"

    @property
    def problem(self) -> str:
        """Why the run does not count as done, or ""."""
        return self.result.progress.stopped or (self.failures.problem if self.result.progress.total else "")

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "complete": not self.problem,
            "problem": self.problem or None,
            "logs": [str(p) for p in self.result.paths],
            "cost": round(self.result.progress.cost, 6),
            "kept": self.result.kept,
            "causes": list(self.failures.causes),
            "unscored": dict(self.failures.reasons),
            "not_read": dict(self.failures.not_read),
            "guard_failures": self.failures.guard_failures,
            "warnings": self._warnings(),
            "notes": list(self.result.notes),
            "cells": [_cell(c) for c in self.cells],
        }

    def show(self, *, table: bool = True) -> None:
        """Print the table of rates; if the run does not count as done, that comes first.

        Args:
            table: Whether the table itself is printed.
        """
        console = Console(file=sys.stdout, highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDE)
        progress = self.result.progress
        if self.problem:
            again = "; the same command continues" if progress.stopped or self.failures.errors else ""
            console.print(inert(f"Not done: {self.problem}{again}"), soft_wrap=True)
        for line in self._warnings():
            console.print(inert(line), soft_wrap=True)
        for note in self.result.notes:
            console.print(inert(f"Note: {note}"), soft_wrap=True)
        if table:
            console.print(self._grid())
        for line in self.failures.causes:
            console.print(inert(line), soft_wrap=True)
        if self.failures.reasons:
            console.print(f"Unscored: {', '.join(f'{inert(r)} {n}' for r, n in self.failures.reasons.items())}.")
        if self.failures.not_read:
            console.print(f"Not read: {', '.join(f'{inert(r)} {n}' for r, n in self.failures.not_read.items())}.")
        if failed := self.failures.guard_failures:
            console.print(f"Guards gave no answer {counted(failed, 'time')}; what their rule says was done then.")
        if self.failures.errors and not self.problem:
            lost = counted(self.failures.errors, "sample")
            console.print(f"{lost} ended in errors; the same command runs what failed again.")
        if progress.cost:
            console.print(f"Cost of this command: ${progress.cost:.2f}.")

    def _warnings(self) -> list[str]:
        """That a model hardly acts, which comes before the rates."""
        from turncoat.analysis.activity import idle
        from turncoat.report.words import idle_words

        return [f"Warning: {idle_words(found, shown(found.model))}" for found in idle(self.cells)]

    def _grid(self) -> Table:
        grid = Table(title="Harmful, with 95 % interval")
        # Scenario, interface and judge stand there where there are several.
        names = ("model", "scenario", "interface", "condition", "judge")
        left = [n for n in names if n in ("model", "condition") or len({getattr(c, n) for c in self.cells}) > 1]
        known = any(c.acted for c in self.cells)
        for name in (*left, "harmful", "rate", "95 %", *(["acted"] if known else []), "scored"):
            grid.add_column(name, justify="left" if name in left else "right", overflow="fold")
        before = ""
        for cell in sorted(self.cells, key=lambda c: (c.simulated, c.model)):  # each model's rates together
            rate, said = cell.rate, {"model": shown(cell.model)}
            if cell.model == before:
                said["model"] = ""
            elif before:
                grid.add_section()
            before = cell.model
            grid.add_row(
                *(Text(inert(said.get(name, getattr(cell, name)))) for name in left),
                f"{rate.k}",
                f"{rate.estimate:.0%}" if rate.estimate is not None else "–",
                f"{rate.low:.0%}–{rate.high:.0%}" if rate.n else "–",
                *(["{}/{}".format(*cell.acted) if cell.acted else "–"] if known else []),
                f"{rate.n}/{rate.total}",
            )
        return grid


def _cell(cell: "Cell") -> dict[str, Any]:
    rate = cell.rate
    return {
        "model": cell.model,
        "simulated": cell.simulated,
        "scenario": cell.scenario,
        "interface": cell.interface,
        "condition": cell.condition,
        "judge": cell.judge,
        "harmful": rate.k,
        "scored": rate.n,
        "total": rate.total,
        "acted": cell.acted[0] if cell.acted else None,
        "errors": cell.errors,
        "rate": rate.estimate,
        "low": rate.low if rate.n else None,
        "high": rate.high if rate.n else None,
        "method": rate.method,
    }


def summary_of(result: "RunResult") -> RunSummary:
    """Read a run's logs and sum them up.

    Raises:
        LogError: None of the logs can be read.
    """
    from turncoat.analysis import Failures, failures, rates, read_table

    if not result.paths:  # stopped before the first log was begun
        return RunSummary(result, (), Failures(0, 0, 0, 0.0))
    table = read_table(result.paths)
    return RunSummary(result, rates(table), failures(table))


def show_comparison(found: "Comparison") -> None:
    """Print a comparison as tables with their notes."""
    from turncoat.report import comparison as words

    console = Console(file=sys.stdout)
    console.print(_folded(words.SHORT_HEADS, words.short_rows(found)))
    for note in words.comparison_notes(found):
        console.print(Text(note))
    if found.guards:
        console.print(_folded(words.SHORT_GUARD_HEADS, words.short_guard_rows(found)))
        console.print(Text(words.GUARD_NOTE))


def _folded(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table whose first column may take several lines, with numbers to the right but for a sixth column."""
    table = Table()
    for i, name in enumerate(heads):
        table.add_column(name, justify="right" if 1 <= i < 5 else "left", overflow="fold" if i == 0 else "ellipsis")
    for row in rows:
        table.add_row(*(Text(inert(cell)) for cell in row))
    return table
