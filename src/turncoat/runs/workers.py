"""Several processes for one study: each runs its share of the worlds into its own folder beside the others'."""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

from turncoat.base.errors import IncompleteError, UsageError
from turncoat.providers.models import resolve_model
from turncoat.runs.folder import writable
from turncoat.runs.progress import Listener, Progress
from turncoat.runs.request import Request, RunResult, plans_of, refuse_simulated
from turncoat.runs.runner import run_study, turn


def run_in_workers(request: Request, workers: int, listening: Callable[[], Listener] | None = None) -> RunResult:
    """Run a study in several processes.

    Worlds are dealt out in turn, so that each process has every cell and the shares are alike. The number of processes
    belongs to the folder: the same command, with the same number, continues.

    Args:
        request: What to run; a cost limit is shared evenly.
        workers: Number of processes, more than one.
        listening: Makes the listener of each process.

    Raises:
        UnknownName: A model that is not there.
        UsageError: The folder was begun with another number, the study stops cells early, or what `plans_of` and
            `refuse_simulated` refuse.
        IncompleteError: A process died.
    """
    refuse_other_number(request.log_dir, workers)
    with turn():
        for name in request.model_names:
            resolve_model(name, request.model_args)
    if request.study.stopping is not None:
        raise UsageError("--workers does not go with sequential stopping, which needs all worlds in one order")
    refuse_simulated(request.model_names, plans_of(request))
    writable(request.log_dir)
    shares = [
        replace(
            request,
            log_dir=request.log_dir / f"shard-{number}-of-{workers}",
            share=(number - 1, workers),
            max_cost=None if request.max_cost is None else request.max_cost / workers,
        )
        for number in range(1, workers + 1)
    ]
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            results = list(pool.map(_run_share, shares, [listening] * workers))
    except BrokenProcessPool:
        raise IncompleteError("a worker process died; the same command continues") from None
    return _together(results)


def refuse_other_number(folder: Path, workers: int) -> None:
    """See that a folder was not begun with another number of processes.

    Raises:
        UsageError: It was.
    """
    begun = {int(m[1]) for p in folder.glob("shard-*") if (m := re.fullmatch(r"shard-\d+-of-(\d+)", p.name))}
    if not begun and workers > 1 and any(folder.glob("*.eval")):
        begun = {1}
    if begun and begun != {workers}:
        raise UsageError(
            f"{folder}: was begun with --workers {min(begun)}; give the same number, or choose another folder"
        )


def _run_share(request: Request, listening: Callable[[], Listener] | None) -> RunResult:
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    return run_study(request, listening() if listening else None)


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it is gone: a killed command must not go on spending."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _together(results: Sequence[RunResult]) -> RunResult:
    progress = Progress({}, results[0].progress.prices)
    for result in results:
        progress.add(result.progress)
    return RunResult(
        [log for r in results for log in r.logs],
        progress,
        sum(r.kept for r in results),
        tuple(dict.fromkeys(note for r in results for note in r.notes)),
    )
