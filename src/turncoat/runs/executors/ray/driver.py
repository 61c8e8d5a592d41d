"""The driver: it deals the study out, starts the shards as tasks, shows how far they are, and sums up."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog

from turncoat.base.errors import IncompleteError, OutputError, TurncoatError, UsageError
from turncoat.base.stopping import handlers_kept
from turncoat.base.stores import Shelf
from turncoat.runs.design import TaskPlan
from turncoat.runs.earlier import earlier_logs
from turncoat.runs.early_stopping import sequences_of
from turncoat.runs.executors.executor import Means
from turncoat.runs.executors.ray.hub import Hub
from turncoat.runs.executors.ray.share import run_share, share_name
from turncoat.runs.folder import writable
from turncoat.runs.prices import load_prices
from turncoat.runs.progress import Listener, Progress
from turncoat.runs.request import Request, RunResult, samples_of
from turncoat.runs.runnable import see_runnable
from turncoat.runs.runner import turn
from turncoat.runs.shards.number import Shard
from turncoat.runs.shards.pin import pin, pinned
from turncoat.runs.signals import Stop, interrupted, stoppable
from turncoat.runs.stored import Carrier, Scratch

TRIES = 10
"""How often a shard is started again whose process or machine was lost."""
PAUSE = 1.0
"""Seconds between two looks at the shards."""
LAST_WORDS = 60.0
"""Seconds that stopped shards have to finish the samples that are in flight."""

_HEAD = "node:__internal_head__"
"""What only the head node has, without which there is no cluster: there the hub is as safe as the rest."""

ON_GPU = ("hf/", "vllm/", "sglang/", "transformer_lens/", "nnterp/")
"""Providers whose models run in the shard's process or beside it: a shard of them takes a GPU."""


def execute(request: Request, means: Means) -> RunResult:
    """Run a study's shards as tasks of a Ray cluster, which is started here if no address is given.

    As many shards as `means.workers` says, or as the folder was begun with, or as the cluster has processors. The
    number belongs to the folder. `max_connections` and `max_cost` are of the whole study, and so is a stopping rule.

    Raises:
        UsageError: Ray is not installed or no cluster is at the address, the folder was begun otherwise, or as
            `turncoat.runs.runner.run_study`.
        IncompleteError: A shard was lost again and again, or the actor that counts for all of them, or the cluster.
    """
    try:
        import ray
    except ImportError:
        raise UsageError("--executor ray needs the extra `ray`: pip install 'turncoat[ray]'") from None
    with turn():
        plans = see_runnable(request).plans
    if not request.store:
        writable(request.log_dir)
        request = replace(request, log_dir=request.log_dir.absolute())
    with stoppable(means.stop) as stop, ExitStack() as after:
        if not ray.is_initialized():
            with handlers_kept():  # its C++ part would abort the process at SIGTERM
                _connect(ray, means.address)
            after.callback(ray.shutdown)
        number = _number(ray, request, means, plans)
        pin(Shelf(request.place), Shard(1, number), request, plans)
        try:
            return _Driver(ray, request, number, plans, means, stop).run()
        except ray.exceptions.RayError as error:  # of the hub, or of the cluster as a whole
            raise _lost("what counts for all shards", error) from None


def _connect(ray: Any, address: str) -> None:
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        ray.init(address=address or None, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        if not address:
            raise
        why = " ".join(str(error).split())[:200]
        raise UsageError(f"--address {address}: no Ray cluster answers there ({why})") from None


def _number(ray: Any, request: Request, means: Means, plans: tuple[TaskPlan, ...]) -> int:
    there = pinned(Shelf(request.place))
    processors = int(ray.cluster_resources().get("CPU", 1))
    return means.workers or (there.shards if there else min(processors, max(len(p.worlds) for p in plans)))


class _Driver:
    """One run."""

    def __init__(
        self, ray: Any, request: Request, number: int, plans: tuple[TaskPlan, ...], means: Means, stop: Stop
    ) -> None:
        self._ray, self._request, self._number, self._stop = ray, request, number, stop
        self._listener: Listener | None = means.listening() if means.listening else None
        self._prices = load_prices(request.prices)
        self._planned = dict.fromkeys(request.model_names, samples_of(request, plans))
        rule = request.study.stopping is not None
        sequences = {(p.label, m): sequences_of(request.study, p) for p in plans for m in request.model_names if rule}
        actor = ray.remote(Hub).options(num_cpus=0, max_concurrency=10_000, resources={_HEAD: 0.001})
        self._hub = actor.remote(request.max_connections, sequences)
        gpus = 1 if any(m.startswith(ON_GPU) for m in request.model_names) else 0
        # Ray starts nothing again by itself: what a lost shard held is freed first, else the others may wait for it
        # while it waits for their processor.
        self._task = ray.remote(run_share).options(num_cpus=1, num_gpus=gpus, max_retries=0)
        self._lost: Counter[int] = Counter()

    def run(self) -> RunResult:
        """Start all shards and wait for them."""
        ray, found, problem = self._ray, {}, None
        tasks = {self._start(n): n for n in range(1, self._number + 1)}
        left, told, patience = list(tasks), False, LAST_WORDS
        while left and patience > 0:
            ready: list[Any] = []
            with suppress(KeyboardInterrupt):  # it stands in `stop`
                ready, left = ray.wait(left, num_returns=1, timeout=PAUSE)
            for task in ready:
                number = tasks[task]
                try:
                    found[number] = ray.get(task)
                except Exception as error:  # whatever a task or the cluster raises
                    if not (told or self._stop or problem) and self._may_start_again(error, number):
                        tasks[again := self._start(number)] = number
                        left.append(again)
                    else:
                        problem = problem or _problem(error, number, self._number)
            if (self._stop or problem) and not told:
                self._hub.halt.remote("it was told to stop")
                told = True
            patience -= PAUSE if told and not ready else 0
            if self._listener is not None:
                self._listener(self._progress())
        for task in left:
            ray.cancel(task, force=True)
        if problem is not None:
            raise problem
        return self._result(found)

    def _start(self, number: int) -> Any:
        return self._task.remote(self._request, number, self._number, self._hub)

    def _may_start_again(self, error: Exception, number: int) -> bool:
        """Whether a shard was lost with its process or machine, not too often; then nothing is held for it."""
        known = self._ray.exceptions
        lost = (known.WorkerCrashedError, known.NodeDiedError, known.LocalRayletDiedError, known.OutOfMemoryError)
        self._lost[number] += 1
        if not isinstance(error, (*lost, known.ObjectLostError)) or self._lost[number] > TRIES:
            return False
        self._ray.get(self._hub.begin.remote(share_name(number, self._number), ""))
        return True

    def _progress(self) -> Progress:
        """How far all shards are together."""
        whole = Progress({}, self._prices)
        for progress, spent in self._ray.get(self._hub.shares.remote()).values():
            if progress is not None:
                whole.add(progress)
                whole.running += progress.running
                whole.skipped += progress.skipped
            whole.cost += spent
        whole.planned = dict(self._planned)
        return whole

    def _result(self, found: dict[int, dict[str, Any]]) -> RunResult:
        progress, scratch = self._progress(), Scratch()
        if len(found) < self._number or (self._stop and progress.done + progress.skipped < progress.total):
            progress.stopped = interrupted(progress)
        logs = [log for n in range(1, self._number + 1) for log in self._logs(n, scratch)]
        if (gone := sum(share["logs"] for share in found.values()) - len(logs)) > 0:
            raise OutputError(
                f"{self._request.place}: {gone} logs were written there and are gone, which something else removed; "
                "the same command runs them again"
            )
        notes = dict.fromkeys(note for share in found.values() for note in share["notes"])
        kept = sum(share["kept"] for share in found.values())
        return RunResult(logs, progress, kept, tuple(notes), bool(self._stop and progress.stopped), scratch)

    def _logs(self, number: int, scratch: Scratch) -> list[EvalLog]:
        """The logs of a shard, those in a store as copies here."""
        mine = self._request.shared(number, self._number)
        folder = Path(mine.log_dir)
        if mine.store:
            folder = scratch.folder / str(number)
            folder.mkdir()
            Carrier(folder, mine.store).bring()
        if not folder.is_dir():
            return []
        with ExitStack() as names:
            return [log.placed for log in earlier_logs(folder, names).logs]


def _problem(error: Exception, number: int, of: int) -> TurncoatError:
    cause = getattr(error, "cause", None)
    if isinstance(cause, TurncoatError):
        return cause
    if isinstance(error, TurncoatError):
        return error
    return _lost(f"shard {number}/{of}", cause or error)


def _lost(what: str, error: Exception) -> IncompleteError:
    why = " ".join(str(error).split())[:300]
    return IncompleteError(f"{what} was lost ({type(error).__name__}: {why}); the same command continues")
