"""The runner: a study on models as one Inspect evaluation that the same command continues.

Inspect allows one evaluation at a time in a process. A run that is asked for in another thread waits here until the
one before it has ended; runs that shall go on at the same time need processes of their own (`turncoat.runs.executors`).
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from inspect_ai import Task, eval
from inspect_ai.log import EvalLog
from inspect_ai.model import Model

from turncoat.base.counting import counted
from turncoat.base.errors import UsageError
from turncoat.base.files import plainly
from turncoat.base.interpreter import RARELY, with_room
from turncoat.base.simulated import is_simulated, shown
from turncoat.doors.door import ships
from turncoat.providers.gate import GATE
from turncoat.providers.inspect_private import (
    PrerequisiteError,
    continued,
    registered,
    reset_run_registries,
    unextended,
    unprepared,
    unseen,
    unserved,
    unthreaded,
)
from turncoat.providers.models import said
from turncoat.providers.patience import ATTEMPT, REQUEST, RETRIES
from turncoat.providers.secrets import SENT_ONLY, hide
from turncoat.providers.usage import BYTES
from turncoat.providers.watch import WATCH
from turncoat.runs.design import TaskPlan
from turncoat.runs.earlier import (
    Earlier,
    Finished,
    Planned,
    TaskKey,
    chosen,
    clear_unfinished,
    count_finished,
    earlier_logs,
    errors_of,
    remove_continued,
)
from turncoat.runs.first import ask_all
from turncoat.runs.folder import ledger, refuse_another_study, refuse_other_number, refuse_unwritten, writable
from turncoat.runs.progress import Followed, Follower, Listener, Progress
from turncoat.runs.request import (
    Request,
    RunResult,
    samples_of,
)
from turncoat.runs.runnable import see_runnable
from turncoat.runs.signals import Stop, interrupted, stoppable
from turncoat.runs.stored import at_hand
from turncoat.runs.study_tasks import study_task, task_for_model
from turncoat.runs.whole import Whole

FROZEN_AT_START = 10_000
"""More than any Python freezes by itself when it starts (3.12: hundreds): someone else's freezing is not undone."""

_TURN = Lock()
"""Of the process, as the limit is."""

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


def run_study(
    request: Request,
    listener: Listener | None = None,
    stop: Stop | None = None,
    begin: Callable[[], None] | None = None,
) -> RunResult:
    """Run a study on models; finished samples of earlier commands in the same folder are kept.

    Everything that can be wrong is found before anything is spent: names, prompts, the folder, keys, prices. Of several
    runs in one process, each waits for the one before it.

    Args:
        request: What to run.
        listener: Called with the progress after every finished sample.
        stop: What the caller hears signals with; this function listens itself if None.
        begin: Called when nothing has been found wrong, before anything is spent.

    Raises:
        UnknownName: A model that no provider knows, or a provider's key or package is missing.
        OutputError: The folder cannot be written, or its disk is full.
        UsageError: Another command is at work in the folder, it holds another study, two cells show the same text, a
            price is missing for the cost limit, guards ask the judge's own model, `legacy` without a single grader or a
            scenario that this reader knows, a simulated model where it has no words, or Inspect refused the
            combination.
        ScenarioError: The study or a scenario is wrong.
    """
    if request.store:
        with stoppable(stop) as stop, at_hand(request.store) as scratch:
            here = replace(request, log_dir=scratch.folder, store="")
            done = run_study(here, listener, stop, begin)
            note = f"{request.store}: a store has no locks; a second command there would count in cost"
            return replace(done, holds=scratch, notes=(*done.notes, note))
    with turn(), stoppable(stop) as stop:
        # Inspect leaves a run's settings in the context; in a copy they end with the run.
        return with_room(lambda: copy_context().run(_run, request, listener, stop, begin))


def _run(request: Request, listener: Listener | None, stop: Stop, begin: Callable[[], None] | None) -> RunResult:
    asked = see_runnable(request)
    models, repeats, plans = request.model_names, request.repeats, asked.plans
    writable(request.log_dir)
    with ledger(request.log_dir) as held, ExitStack() as names:
        refuse_other_number(request.log_dir, 1)
        plans = tuple(p for plan in plans if (p := plan.share(*(request.share or (0, 1)))).pairs)
        progress = Progress(dict.fromkeys(models, samples_of(request, plans)), asked.prices)
        if request.max_cost is not None:
            from turncoat.runs.plan import cost_of_one  # it brings numpy and scipy

            progress.expected = cost_of_one(request)
        streams = len(plans) * len(models)
        if request.study.stopping is None:
            plans = tuple(part for plan in plans for part in plan.parts(PART))
        tasks = [(task, plan, name) for plan in plans for task in [study_task(plan, request)] for name in models]
        planned = {(t.name, m): {(str(s.id), e + 1) for s in t.dataset for e in range(repeats)} for t, _, m in tasks}
        # Otherwise another command may be writing what looks unfinished.
        brought = clear_unfinished(request.log_dir) if held.alone else []
        there = earlier_logs(request.log_dir, names)
        refuse_another_study(there.logs, [(task, name) for task, _, name in tasks], repeats)
        first = ask_all(tasks, request)
        if begin is not None:
            begin()
        standing = chosen(there.logs, planned)
        kept, finished = count_finished(standing.values(), progress)
        lost = [k for k in held.begun - kept - errors_of(standing.values()) if k[:2] in planned]
        if listener is not None:
            listener(progress)
        run = Followed(progress, listener, held.begin)
        WATCH.set(run.watch)
        if request.whole is not None:
            GATE.set(request.whole.gate)
            _tell_whole(request.whole, [(task, name) for task, _, name in tasks], finished)
        left = [t for t in tasks if not _complete(standing.get((t[0].name, t[2])), planned, repeats)]
        bound = [
            (
                task_for_model(task, plan, asked.targets[name], request, run, finished.get((task.name, name), {})),
                standing.get((task.name, name)),
            )
            for task, plan, name in left
        ]
        if bound:
            if _only_simulated(request, plans):
                names.enter_context(unprepared())
            new = _evaluated(bound, request, run, asked.roles, streams, names)
            refuse_unwritten(new.values(), request.log_dir)
            if stop or len(new) < len(bound):  # Inspect gives no logs of a run that was stopped; the folder has them
                new = _written(request.log_dir, planned, names, progress)
        else:
            new = {}
        results = _settled(planned, standing, new, held.alone)
        held.cut_off = bool(stop)
    progress.stopped = progress.stopped or _unfinished(planned, results, progress, stop)
    notes = (*first, *brought, *there.notes, *_notes(progress, len(lost), held.doubt))
    return RunResult(results, progress, len(kept), notes, interrupted=bool(stop and progress.stopped))


def _only_simulated(request: Request, plans: Sequence[TaskPlan]) -> bool:
    """Whether no model and no code of others takes part, so that no client of a provider will be loaded."""
    others = request.agent is not None or request.approval is not None
    others = others or any(plan.guards or not ships(plan.interface) for plan in plans)
    return not others and all(map(is_simulated, request.asked_models(plans)))


def _tell_whole(whole: Whole, tasks: Sequence[tuple[Task, str]], finished: Finished) -> None:
    """What earlier commands finished counts for a stopping rule, in logs that are complete as well."""
    for task, model in tasks:
        ended = finished.get((task.name, model), {})
        for sample in task.dataset:
            if (ending := ended.get(str(sample.id))) is not None:
                metadata = sample.metadata or {}
                whole.note(task.name, model, str(metadata.get("condition")), int(metadata.get("position", 0)), ending)


def _complete(log: Earlier | None, planned: Planned, epochs: int) -> bool:
    return log is not None and log.complete(planned[log.key], epochs)


def _evaluated(
    tasks: Sequence[tuple[Task, Earlier | None]],
    request: Request,
    run: Followed,
    roles: Mapping[str, Model],
    streams: int,
    names: ExitStack,
) -> dict[TaskKey, EvalLog]:
    """Run what is left; the new logs, each at its place in the folder. A stop leaves those that were written."""
    eval_set = next((log.header.eval.eval_set_id for _, log in tasks if log and log.header.eval.eval_set_id), None)
    eval_set = eval_set or uuid4().hex
    plain = names.enter_context(plainly(request.log_dir))
    logs: list[EvalLog] = []
    with registered(Follower).following(eval_set, run), suppress(KeyboardInterrupt):
        logs = evaluate(tasks, request, roles, streams, plain, eval_set)
    for log in logs:
        log.location = os.fspath(request.log_dir / Path(log.location).name)
    return {(log.eval.task, log.eval.model): log for log in logs}


def _written(folder: Path, planned: Planned, names: ExitStack, progress: Progress) -> dict[TaskKey, EvalLog]:
    """What stands in the folder now. It is counted anew, since a stop can come between a sample's end and its count."""
    found = chosen(earlier_logs(folder, names).logs, planned)
    progress.cells.clear()
    count_finished(found.values(), progress, errors=True)
    return {key: log.placed for key, log in found.items()}


def _settled(
    planned: Planned, standing: Mapping[TaskKey, Earlier], new: Mapping[TaskKey, EvalLog], alone: bool
) -> list[EvalLog]:
    """The log of each task and model, where there is one; logs that were continued go, if nobody else reads them."""
    found = []
    for key in planned:
        old, log = standing.get(key), new.get(key)
        if log is not None:
            found.append(log)
            if old is not None and alone:
                remove_continued(old, Path(log.location))
        elif old is not None:
            found.append(old.placed)
    return found


def _unfinished(planned: Planned, logs: Sequence[EvalLog], progress: Progress, stop: Stop) -> str:
    """Why a run is not done that has no other reason, or ""."""
    ended = sum(log.status in ("success", "error") for log in logs)
    if ended == len(planned) and not (stop and progress.done + progress.skipped < progress.total):
        return ""
    if stop:
        return interrupted(progress)
    return f"{len(planned) - ended} of {counted(len(planned), 'log was', 'logs were')} cut short"


def _notes(progress: Progress, lost: int, doubt: str) -> Iterator[str]:
    if doubt:
        yield doubt
    if lost:
        yield f"the last command was cut off; {counted(lost, 'sample')} in flight or not yet written ran again"
    for model in sorted(progress.unpriced):
        yield f"no price is known for {shown(model)}; its calls are not in the cost"
    for model, calls in sorted(progress.estimated.items()):
        yield (
            f"{shown(model)} answered {calls} times without a count of tokens that can be; for the cost they are "
            f"estimated upwards, one token for every {BYTES} bytes of text"
        )


@contextmanager
def turn() -> Iterator[None]:
    """Wait until no other run of this process is at work; Inspect is `unseen`, `unthreaded` and the like inside.

    Raises:
        UsageError: An event loop runs in this thread: a run has one of its own, and waiting would hold this one up.
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise UsageError("an event loop runs in this thread; start runs there by `turncoat.run`, or in another thread")
    with _TURN, unseen(), unthreaded(), unserved(), unextended():
        yield


@contextmanager
def collector_spared() -> Iterator[None]:
    """Take what is loaded already out of the garbage collector's rounds, inside the block.

    Inspect and its libraries hold half a million objects that live as long as the process; walking them again and again
    is a seventh of the time of a run. Where the caller froze it already, nothing is done. What comes later is looked
    at rarely.
    """
    if gc.get_freeze_count() > FROZEN_AT_START:
        yield
        return
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(RARELY if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def evaluate(
    tasks: Sequence[tuple[Task, Earlier | None]],
    request: Request,
    roles: Mapping[str, Model],
    streams: int,
    folder: Path,
    eval_set: str,
) -> list[EvalLog]:
    """Run tasks, each bound to its model, as one eval set; those with an earlier log go on from it.

    Args:
        tasks: The tasks, with the log from which each goes on.
        request: What was asked for.
        roles: Model roles.
        streams: Tasks that make progress at the same time, their parts apart.
        folder: Where the logs go, under a name that Inspect reads as a path.
        eval_set: Inspect's id of the whole.

    Raises:
        UsageError: Inspect refused the combination, or another evaluation is at work in this process.
    """
    connections = request.max_connections or 0
    at_once = min(streams * parts_at_once(connections), len(tasks))
    models = {str(t.model) for t, _ in tasks}
    # What Inspect goes up to by itself, and what is enough for simulated models, which do not wait for anything.
    most = connections or (10 if all(map(is_simulated, models)) else 100)
    settings = {
        "max_samples": samples_at_once(most, at_once // len(models)),
        "ctl_server": False,  # it takes Ctrl-C for itself first, and gives it back where it ends nothing
        # Of faults that may pass, before the sample counts as an error.
        **{"max_retries": RETRIES, "timeout": REQUEST, "attempt_timeout": ATTEMPT},
        **logging_of(at_once, connections),
        # What Inspect logs; the client has the rest.
        **{name: hide(value) if name in SENT_ONLY else value for name, value in request.settings.items()},
        **request.extra,
    }
    try:
        # A log with failed samples ends as an error, so that the same command runs them again.
        with collector_spared():
            logs = eval(
                continued([t for t, _ in tasks], roles, [(log.header, log.place) if log else None for _, log in tasks]),
                log_dir=str(folder),
                model=None,
                model_roles=dict(roles) or None,
                epochs=request.repeats,
                max_connections=request.max_connections,
                max_tasks=max(at_once, 1),
                display="none",
                fail_on_error=True,
                continue_on_fail=True,
                retry_on_error=1,  # at once, of a sample that ended in an error; the same command tries it once more
                log_header_only=True,
                eval_set_id=eval_set,
                **settings,
            )
    except PrerequisiteError as error:
        raise UsageError(said(error)) from None
    except RuntimeError as error:
        if "concurrent calls" in str(error):
            raise UsageError("another evaluation is at work in this process; Inspect allows one at a time") from None
        raise
    finally:
        reset_run_registries()
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
