"""Showing a run while it runs: a table that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from turncoat.runs.progress import Progress

SECONDS = 10.0
"""Between plain lines."""


@contextmanager
def showing(quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Give a listener for the runner: drawing on a terminal, printing lines to stderr elsewhere, none if quiet."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _drawn() as listener:
            yield listener
    else:
        yield Lines()


@contextmanager
def _drawn() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.live import Live

    current: list[Progress] = []
    with Live(
        get_renderable=lambda: picture(current[-1]) if current else "starting …",
        console=Console(stderr=True),
        refresh_per_second=2,
        transient=True,
    ):
        yield current.append


def picture(progress: Progress) -> RenderableType:
    """The state of a run as a table: progress of each model, live rates, cost."""
    from rich.table import Table
    from rich.text import Text

    from turncoat.stats.rates import wilson

    several = len({scenario for _, scenario, _ in progress.cells}) > 1
    grid = Table(title=_headline(progress), title_justify="left")
    for name in ("model", "done", "condition", "harmful", "95 %"):
        grid.add_column(name, justify="right" if name in ("done", "harmful", "95 %") else "left")
    for model, planned in progress.planned.items():
        done = f"{progress.of_model(model).done}/{planned}"
        rows = [(key, tally) for key, tally in progress.cells.items() if key[0] == model]
        if not rows:
            grid.add_row(Text(model), done, "", "", "")
        for number, ((_, scenario, condition), tally) in enumerate(rows):
            harmful = tally.endings["harmful"]
            interval = wilson(harmful, tally.scored) if tally.scored else None
            grid.add_row(
                Text(model if number == 0 else ""),
                done if number == 0 else "",
                Text(f"{scenario}: {condition}" if several else condition),
                f"{harmful}/{tally.scored}",
                f"{interval.low:.0%}–{interval.high:.0%}" if interval else "–",
            )
    return grid


def _headline(progress: Progress) -> str:
    parts = [f"{progress.done} of {progress.total} samples"]
    if progress.skipped:
        parts.append(f"{progress.skipped} not needed")
    errors = sum(t.endings["error"] for t in progress.cells.values())
    unscored = sum(t.endings["unscored"] for t in progress.cells.values())
    parts += [f"{errors} errors"] if errors else []
    parts += [f"{unscored} unscored"] if unscored else []
    parts += [f"${progress.cost:.2f}"] if progress.cost else []
    parts += [progress.stopped] if progress.stopped else []
    return ", ".join(parts)


class Lines:
    """A line now and then, and one at the end."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        """Print a line if it is time for one."""
        now = time.monotonic()
        if now >= self._next or progress.done >= progress.total:
            self._next = now + SECONDS
            sys.stderr.write(f"turncoat: {_headline(progress)}\n")
            sys.stderr.flush()
