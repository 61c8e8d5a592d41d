"""Command of the calibration."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.errors import IncompleteError
from turncoat.base.files import write_whole
from turncoat.cli.app import app
from turncoat.cli.output import check_writable, print_json, say


@app.command()
def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="A small one, for a first look and for CI.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.md", help="Write the page here, not to the terminal.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results for a program.")] = False,
) -> None:
    """Learn the instrument's own errors from simulated agents of known truth: no key, no network."""
    check_writable(out)
    from rich.progress import Progress

    from turncoat.sim.calibration import FULL, QUICK, page, summarise
    from turncoat.sim.calibration import calibrate as run
    from turncoat.sim.calibration.run import through_inspect

    grid, start = QUICK if quick else FULL, time.monotonic()
    with Progress(transient=True, disable=as_json) as progress:
        task = progress.add_task("cells", total=None)
        workers = 1 if quick else os.cpu_count() or 1
        observations = run(grid, lambda n, total: progress.update(task, completed=n, total=total), workers=workers)
    results = summarise(grid, observations, through_inspect(grid), time.monotonic() - start)
    if out is not None:
        write_whole(out, page(results))
    if as_json:
        print_json(results.as_data())
    elif out is None:
        say(page(results))
    if results.problems:
        raise IncompleteError(f"not as it must be: {results.problems[0]} ({len(results.problems)} in all)")
