"""Several processes for one study: each runs its share of the worlds into its own folder beside the others'.

The parent holds the study's folder and does nothing but wait. It hands each signal on to its workers, which are in
process groups of their own, so that a terminal's Ctrl-C reaches each of them once.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from turncoat.base.errors import IncompleteError, TurncoatError, UsageError
from turncoat.base.locks import holding
from turncoat.runs.executors.executor import NO_ADDRESS, Means
from turncoat.runs.folder import refuse_other_number, writable
from turncoat.runs.progress import Listener, Progress
from turncoat.runs.request import Request, RunResult, samples_of
from turncoat.runs.runnable import see_runnable
from turncoat.runs.runner import run_study, turn
from turncoat.runs.signals import Stop, interrupted, stoppable

MOST = 256
"""Processes at most: each takes some 300 MB before it does anything."""

LAST_WORDS = 20.0
"""Seconds that stopped workers have to write what they finished."""


def execute(request: Request, means: Means) -> RunResult:
    """Run a study in several processes, two if nothing else is said; see `run_in_workers`."""
    if means.address:
        raise UsageError(NO_ADDRESS)
    workers = means.workers or 2
    if workers == 1:
        raise UsageError("--executor processes takes several; give --workers 2 or more")
    return run_in_workers(request, workers, means.listening, means.stop)


def run_in_workers(
    request: Request, workers: int, listening: Callable[[], Listener] | None = None, stop: Stop | None = None
) -> RunResult:
    """Run a study in several processes.

    Worlds are dealt out in turn, so that each process has every cell and the shares are alike. The number of processes
    belongs to the folder: the same command, with the same number, continues.

    Args:
        request: What to run; a cost limit is shared evenly.
        workers: Number of processes, more than one.
        listening: Makes the listener of each process.
        stop: What the caller hears signals with; this function listens itself if None.

    Raises:
        UnknownName: A model that is not there.
        UsageError: Too many processes, another command is at work in the folder, it was begun with another number, the
            study stops cells early, or what `see_runnable` refuses.
        IncompleteError: A process died.
        OutputError: The folder cannot be written.
    """
    if workers > MOST:
        raise UsageError(f"--workers {workers}: one machine runs at most {MOST}; deal it out with --shard K/N")
    if request.store:
        raise UsageError(
            f"--workers: {request.store} is in a store, which holds no other command off; give --shard K/N"
        )
    with turn():
        plans = see_runnable(request).plans
    if request.study.stopping is not None:
        raise UsageError("--workers does not go with sequential stopping, which needs all worlds in one order")
    refuse_other_number(request.log_dir, workers)
    writable(request.log_dir)
    with holding(request.log_dir, f"turncoat run --workers {workers}", keep=True):
        refuse_other_number(request.log_dir, workers)  # which may have been begun while this command waited
        pool = _Pool()
        with stoppable(stop) as stop:
            stop.heard.append(lambda: pool.send(signal.SIGTERM))
            stop.at_once.append(pool.kill)
            pool.start([_share(request, number, workers) for number in range(1, workers + 1)], listening)
            planned = dict.fromkeys(request.model_names, samples_of(request, plans))
            return _together(pool.results(stop), workers, stop, planned)


def _share(request: Request, number: int, workers: int) -> Request:
    return replace(
        request.shared(number, workers), max_cost=None if request.max_cost is None else request.max_cost / workers
    )


class _Pool:
    """The processes, and what they hand back."""

    def __init__(self) -> None:
        self._processes: dict[Connection, SpawnProcess] = {}

    def start(self, shares: Sequence[Request], listening: Callable[[], Listener] | None) -> None:
        """Start a process for each share; `listening` makes its listener."""
        context = multiprocessing.get_context("spawn")
        for share in shares:
            reading, writing = context.Pipe(duplex=False)
            process = context.Process(target=_run_share, args=(share, listening, writing), daemon=True)
            with _deaf_to_ctrl_c():
                process.start()
            writing.close()
            self._processes[reading] = process

    def send(self, number: int) -> None:
        """Send a signal to those that are at work; SIGTERM is to them what Ctrl-C is to the parent."""
        for process in list(self._processes.values()):
            if process.pid is not None and process.exitcode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)

    def kill(self) -> None:
        """End them at once."""
        self.send(signal.SIGKILL)

    def results(self, stop: Stop) -> list[RunResult]:
        """Wait for all; once stopped, not for long.

        Raises:
            TurncoatError: What one of them raised, or `IncompleteError` where one died; the others are stopped.
        """
        found: dict[Connection, RunResult] = {}
        left, until = set(self._processes), math.inf
        problem: Exception | None = None
        while left and time.monotonic() < until:
            ready: Sequence[object] = ()
            with suppress(KeyboardInterrupt):  # it stands in `stop`, and was handed on
                ready = wait(list(left), 0.2)
            if stop or problem:
                until = min(until, time.monotonic() + LAST_WORDS)
            for reading in left.intersection(ready):
                left.discard(reading)
                answer = _received(reading)
                if isinstance(answer, RunResult):
                    found[reading] = answer
                elif not (stop or problem):
                    problem = answer
                    self.send(signal.SIGTERM)
        self.kill()
        for process in self._processes.values():
            process.join()
        if problem:
            raise problem
        return [found[reading] for reading in self._processes if reading in found]


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started inside the block does not hear the terminal's Ctrl-C before it has its own process group."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _received(reading: Connection) -> Any:
    """What a worker handed back: its result or its error."""
    try:
        return reading.recv()
    except (EOFError, OSError):
        return IncompleteError("a worker process died; the same command continues")


def _run_share(request: Request, listening: Callable[[], Listener] | None, answer: Connection) -> None:
    os.setpgid(0, 0)  # the terminal's signals go to the parent alone, which hands them on
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    try:
        answer.send(run_study(request, listening() if listening else None))
    except TurncoatError as error:
        answer.send(error)
    except KeyboardInterrupt:
        pass  # stopped before there was anything to hand back


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it is gone: a killed command must not go on spending."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _together(results: Sequence[RunResult], workers: int, stop: Stop, planned: dict[str, int]) -> RunResult:
    if not results:
        raise KeyboardInterrupt
    progress = Progress({}, results[0].progress.prices)
    for result in results:
        progress.add(result.progress)
    progress.planned = planned  # of workers that were killed before they could say anything as well
    if len(results) < workers or (stop and progress.stopped):
        progress.stopped = interrupted(progress)
    return RunResult(
        [log for r in results for log in r.logs],
        progress,
        sum(r.kept for r in results),
        tuple(dict.fromkeys(note for r in results for note in r.notes)),
        interrupted=bool(stop and progress.stopped),
    )
