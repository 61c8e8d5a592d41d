"""A study's tasks as one Inspect eval set: whose turn it is, how much goes on at once, and how it is logged.

Inspect allows one evaluation at a time in a process. A run that is asked for in another thread waits here until the
one before it has ended; runs that shall go on at the same time need processes of their own (`turncoat.runs.workers`).
"""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.log import EvalLog
from inspect_ai.model import Model

from turncoat.base.errors import UsageError
from turncoat.providers.inspect_private import PrerequisiteError, unseen
from turncoat.providers.models import SIMULATED
from turncoat.runs.request import Request

FROZEN_AT_START = 10_000
"""More than any Python freezes by itself when it starts (3.12: hundreds): someone else's freezing is not undone."""

_TURN = Lock()
"""Of the process, as the limit is."""


@contextmanager
def turn() -> Iterator[None]:
    """Wait until no other run of this process is at work; inside the block Inspect's own lines stay unseen.

    Raises:
        UsageError: An event loop runs in this thread: a run has one of its own, and waiting would hold this one up.
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise UsageError("an event loop runs in this thread; start runs there by `turncoat.run`, or in another thread")
    with _TURN, unseen():
        yield


@contextmanager
def collector_spared() -> Iterator[None]:
    """Take what is loaded already out of the garbage collector's rounds, inside the block.

    Inspect and its libraries hold half a million objects that live as long as the process; walking them again and again
    is a seventh of the time of a run. Where the caller froze it already, nothing is done.
    """
    if gc.get_freeze_count() > FROZEN_AT_START:
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


LOGGING: dict[str, Any] = {
    "log_realtime": False,
    "log_model_api": False,
    "score_display": False,
}
"""How runs are logged and shown. Realtime viewing, raw provider calls and running means cost much of the speed."""

UNWRITTEN = 4
"""Finished samples that may wait for being written, over all logs that grow at the same time: a kill takes them. With
many connections it is a fifth of them."""

PART = 250
"""Worlds in one log at most: a log is written anew whenever it grows, so that a huge one would cost its square."""

AT_ONCE = 2
"""Parts of a task on one model that run at the same time, so that connections are busy while one part runs out. With
many connections it is more, see `parts_at_once`."""

AS_MANY = 100
"""Connections to a model that Inspect goes up to by itself."""

AS_MANY_SIMULATED = 10
"""The same for simulated models, which do not wait for anything."""

BOUNDS: dict[str, Any] = {"max_retries": 10}
"""How often a provider's transient faults are retried before the sample counts as an error."""

RETRIES_OF_SAMPLES = 1
"""How often a sample that ended in an error is run again at once. The same command tries it once more later."""


def run_eval_set(tasks: list[Task], request: Request, roles: Mapping[str, Model], streams: int) -> list[EvalLog]:
    """Run tasks, each bound to its model; finished samples of the folder are kept.

    Args:
        tasks: The tasks.
        request: What was asked for.
        roles: Model roles.
        streams: Tasks that make progress at the same time, their parts apart.

    Raises:
        UsageError: Inspect refused the combination, or another evaluation is at work in this process.
    """
    connections = request.max_connections or 0
    at_once = min(streams * parts_at_once(connections), len(tasks))
    models = {str(t.model) for t in tasks}
    most = connections or (AS_MANY_SIMULATED if all(m.startswith(SIMULATED) for m in models) else AS_MANY)
    bounds = {**BOUNDS, "max_samples": samples_at_once(most, at_once // len(models))}
    settings = {**bounds, **logging_of(at_once, connections), **request.settings, **request.extra}
    try:
        # A log with failed samples ends as an error, so that the same command runs them again.
        with collector_spared():
            _, logs = eval_set(
                tasks,
                log_dir=str(request.log_dir),
                model=None,
                model_roles=dict(roles) or None,
                epochs=request.repeats,
                max_connections=request.max_connections,
                max_tasks=max(at_once, 1),
                display="none",
                fail_on_error=True,
                continue_on_fail=True,
                retry_on_error=RETRIES_OF_SAMPLES,
                retry_attempts=1,
                retry_immediate=False,
                log_dir_allow_dirty=True,
                **settings,
            )
    except PrerequisiteError as error:
        raise UsageError(" ".join(str(error.message).split())) from None
    except RuntimeError as error:
        if "concurrent calls" in str(error):
            raise UsageError("another evaluation is at work in this process; Inspect allows one at a time") from None
        raise
    return list(logs)


def parts_at_once(connections: int) -> int:
    """Parts of a task that run at the same time: twice as many samples as connections, and two parts that run out."""
    return AT_ONCE + round(2 * connections / PART)


def samples_at_once(connections: int, tasks: int) -> int:
    """Samples of one task in flight, where so many tasks share a model's connections: twice as many as these in all."""
    return min(connections, math.ceil(2 * connections / max(tasks, 1)))


def logging_of(at_once: int, connections: int = 0) -> dict[str, Any]:
    """How a run logs when so many logs grow at the same time; the benchmarks measure this and nothing else."""
    unwritten = max(UNWRITTEN, connections // 5)
    return {**LOGGING, "log_buffer": max(1, unwritten // max(at_once, 1))}
