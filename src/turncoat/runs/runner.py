"""The runner: a study on models as one Inspect eval set that the same command continues."""

from __future__ import annotations

import copy
import gc
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rich
from inspect_ai import Task, eval_set, task_with
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.log import EvalLog
from inspect_ai.model import Model

from turncoat.base.errors import UsageError
from turncoat.doors.tools.colleagues import ROLE
from turncoat.providers.models import SIMULATED, probe_model, resolve_model
from turncoat.runs.board import Board, Outcome
from turncoat.runs.design import TaskPlan, task_plans
from turncoat.runs.folder import (
    Earlier,
    earlier_logs,
    errors_of,
    refuse_another_study,
    see_written,
    take_in,
    writable,
)
from turncoat.runs.gate import Gate
from turncoat.runs.ledger import Key, Ledger
from turncoat.runs.manifest import study_manifest
from turncoat.runs.prices import PriceTable, load_prices, make_known
from turncoat.runs.schema import Study
from turncoat.runs.sequence import Sequences
from turncoat.runs.watch import Listener, watching
from turncoat.scenarios.setting import REFERENCE
from turncoat.scoring.bench import KINDS, grader_roles, judge_names, one_grader, task_judge
from turncoat.sim.truth import PROVIDER as SIM
from turncoat.sim.wording import worded
from turncoat.tasks import cells_task

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


@dataclass(frozen=True)
class Request:
    """What is asked of the runner.

    Attributes:
        study: What to run.
        name: What it was loaded by; kept in the logs.
        models: Inspect model names, such as `openai/gpt-4.1` or `sim/insider`.
        log_dir: Folder of the logs.
        judge: `rules`, or the Inspect name of the grader model; several, separated by commas, are a panel.
        read: What the judge reads beyond the outcome, see `scenario_task`.
        blind: Whether names are hidden from model judges, see `scenario_task`.
        rubrics: A shipped version of the rubrics or a folder; the current ones if "".
        legacy: On published prompts, also ask the grader the published classifier's question.
        seeds: Replaces the study's worlds.
        epochs: Replaces the study's epochs.
        interfaces: Replace the study's interfaces.
        agent: `module:function` of the agent in sessions with tools; the default loop if None.
        colleague: Inspect name of the model that plays the colleagues in sessions with tools; rules if None.
        settings: Inspect's generation settings, such as `temperature`; they are the run hash.
        max_cost: US dollars that this command may spend.
        prices: A price table that comes before the shipped one.
        max_connections: Concurrent requests to each model; about twice as many of its samples are in flight.
        model_args: Arguments of the models' clients, such as `base_url`; part of the run's settings.
        share: (number from 0, of how many): only these worlds, dealt out in turn; see `turncoat.runs.workers`.
        extra: Further arguments of Inspect's `eval_set` that change no result, logging included.
    """

    study: Study
    name: str
    models: Sequence[str]
    log_dir: Path
    judge: str = "rules"
    read: str = "all"
    blind: bool = False
    rubrics: str = ""
    legacy: bool = False
    seeds: str | None = None
    epochs: int | None = None
    interfaces: Sequence[str] = ()
    agent: str | None = None
    colleague: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    max_cost: float | None = None
    prices: Path | None = None
    max_connections: int | None = None
    model_args: Mapping[str, Any] = field(default_factory=dict)
    share: tuple[int, int] = (0, 1)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Attributes:
        logs: One log for each task and model.
        board: Counts and cost at the end.
        kept: Samples that earlier commands had finished.
        notes: What the user should know, one line each.
    """

    logs: list[EvalLog]
    board: Board
    kept: int = 0
    notes: tuple[str, ...] = ()

    @property
    def paths(self) -> list[Path]:
        """Where the logs are."""
        return [Path(str(log.location).removeprefix("file://")) for log in self.logs]

    @property
    def stopped(self) -> str:
        """Why the run stopped before its end, or ""."""
        return self.board.stopped


def run_study(request: Request, listener: Listener | None = None) -> RunResult:
    """Run a study on models; finished samples of earlier commands in the same folder are kept.

    Everything that can be wrong is found before anything is spent: names, prompts, the folder, keys, prices.

    Args:
        request: What to run.
        listener: Called with the board after every finished sample.

    Raises:
        UnknownName: A model that no provider knows, or a provider's key or package is missing.
        OutputError: The folder cannot be written, or its disk is full.
        UsageError: Another command is at work in the folder, it holds another study, two cells show the same text, a
            price is missing for the cost limit, `legacy` without a single grader or without published prompts, a
            simulated model where it has no words, or Inspect refused the combination.
        ScenarioError: The study or a scenario is wrong.
    """
    with quiet_inspect():
        # Inspect leaves a run's settings in the context; in a copy they end with the run.
        return copy_context().run(_run, request, listener)


def _run(request: Request, listener: Listener | None) -> RunResult:
    models = list(dict.fromkeys(request.models or request.study.models))
    if not models:
        raise UsageError("no model to run; give --model, such as --model openai/gpt-4.1")
    if request.study.stopping is not None and _epochs(request) != 1:
        raise UsageError(f"epochs is {_epochs(request)}; sequential stopping takes one sample of each world")
    targets = {name: resolve_model(name, request.model_args) for name in models}
    roles = grader_roles(request.judge)
    if request.colleague is not None:
        roles[ROLE] = resolve_model(request.colleague)
    graders = [n for n in judge_names(request.judge) if n not in KINDS]
    prices = _priced(request, models)
    plans = plans_of(request)
    refuse_simulated(models, plans)
    writable(request.log_dir)
    with Ledger(request.log_dir) as ledger:
        plans = tuple(p for plan in plans if (p := plan.share(*request.share)).pairs)
        board = Board({m: sum(len(p.pairs) for p in plans) * _epochs(request) for m in models}, prices)
        streams = len(plans) * len(models)
        if request.study.stopping is None:
            plans = tuple(part for plan in plans for part in plan.parts(PART))
        tasks = [(task, plan, name) for plan in plans for task in [_task(plan, request)] for name in models]
        logs, aside = earlier_logs(request.log_dir)
        refuse_another_study(logs, [(task, name) for task, _, name in tasks], _epochs(request))
        for name in models:
            probe_model(name, request.model_args)
        for name in (*graders, *([request.colleague] if request.colleague else ())):
            probe_model(name)
        standing = list(_standing(logs))
        keys = {(t.name, m) for t, _, m in tasks}
        kept, finished = take_in(standing, keys, board)
        lost = {k for k in ledger.begun - kept - errors_of(standing) if k[:2] in keys}
        if listener is not None:
            listener(board)
        with watching(board, listener, ledger):
            results = _eval_set(
                [
                    _for_model(task, plan, targets[name], board, request, finished.get((task.name, name), {}))
                    for task, plan, name in tasks
                ],
                request,
                roles,
                streams,
            )
        see_written(results, request.log_dir)
    return RunResult(results, board, len(kept), tuple(_notes(board, aside, lost)))


def plans_of(request: Request) -> tuple[TaskPlan, ...]:
    """The tasks that a request comes to.

    Raises:
        UsageError: `legacy` without a single grader or without published prompts.
        ScenarioError: The study or a scenario is wrong.
    """
    if request.legacy and not one_grader(request.judge):
        raise UsageError(
            f"legacy: the published question goes to one grader model, but --judge is {request.judge!r}; "
            "name one, such as --judge openai/gpt-4.1"
        )
    plans = task_plans(request.study, request.name, seeds=request.seeds, interfaces=request.interfaces)
    if request.legacy and not any(p.name.startswith(REFERENCE) for p in plans):
        raise UsageError(
            f"legacy: {request.name} has no published prompts; they are in {REFERENCE}blackmail, for example"
        )
    return plans


def refuse_simulated(models: Sequence[str], plans: Sequence[TaskPlan]) -> None:
    """See that no simulated model is to answer what it has no words for.

    Raises:
        UsageError: There is one: on published prompts, or in a scenario of the user's own.
    """
    pretending = next((name for name in models if name.startswith(SIM)), None)
    for plan in plans if pretending else ():
        if plan.name.startswith(REFERENCE):
            raise UsageError(f"{pretending} is simulated and does not answer published prompts; name a real model")
        if plan.scenario.name not in worded():
            raise UsageError(
                f"{plan.name}: {pretending} is simulated and has words for {', '.join(worded())} only; name a real "
                f"model. Without a key: `turncoat check {plan.name}` plays the scenario's oracles through the whole "
                f"instrument, and `turncoat show {plan.name}` prints what a model sees"
            )


def _notes(board: Board, aside: Sequence[Path], lost: set[Key]) -> Iterator[str]:
    for path in aside:
        yield f"{path} could not be read and was set aside; its samples ran again"
    if lost:
        yield f"the last command was cut off; {len(lost)} samples that were in flight or not yet written ran again"
    for model in sorted(board.unpriced):
        yield f"no price is known for {model}; its calls are not in the cost"


def _epochs(request: Request) -> int:
    return request.epochs or request.study.epochs


def _priced(request: Request, models: Sequence[str]) -> PriceTable:
    prices = load_prices(request.prices)
    for model in {*models, *(n for n in judge_names(request.judge) if n not in KINDS)}:
        price = prices.price(model)
        if price is not None:
            make_known(model, price)
        elif request.max_cost is not None:
            raise UsageError(f"--max-cost needs a price for {model}; give one in a file with --prices")
    return prices


def _task(plan: TaskPlan, request: Request) -> Task:
    kind = task_judge(request.judge)
    agent = request.agent if plan.interface == "tools" else None
    task = cells_task(
        plan.scenario,
        plan.name,
        plan.pairs,
        judge=kind,
        read=request.read,
        blind=request.blind,
        rubrics=request.rubrics,
        interface=plan.interface,
        agent=agent,
        order=plan.order,
        legacy=request.legacy and plan.name.startswith(REFERENCE),
    )
    metadata = dict(task.metadata or {})
    played = request.colleague if plan.interface == "tools" else None
    settings = {**request.settings, **request.model_args, **{n: v for n, v in (("agent", agent), (ROLE, played)) if v}}
    metadata["manifest"] = metadata["manifest"] | study_manifest(
        request.study, request.name, plan, settings, request.judge, request.rubrics
    )
    return task_with(task, name=plan.label, metadata=metadata)


def _for_model(
    task: Task, plan: TaskPlan, model: Model, board: Board, request: Request, earlier: Mapping[str, Outcome]
) -> Task:
    """The task bound to a model: Inspect tells a gate nothing of the model, so that each needs its own."""
    sequences = None
    if request.study.stopping is not None:
        ids = plan.scenario.space.parse
        contrasts = [(ids(c.first).id, ids(c.second).id) for c in plan.contrasts_of(request.study)]
        places = {w: i for i, w in enumerate(plan.worlds)}
        sequences = Sequences(request.study.stopping, contrasts, [(c.id, places[w]) for c, w in plan.pairs])
    gated = sequences is not None or request.max_cost is not None
    gate = Gate(board, request.max_cost, sequences, earlier) if gated else None
    return task_with(copy.copy(task), model=model, early_stopping=gate)


def _standing(logs: Sequence[Earlier]) -> Iterator[Earlier]:
    """The newest log of each task and model."""
    seen = set()
    for log in sorted(logs, key=lambda log: log.header.eval.created, reverse=True):
        if log.key not in seen:
            seen.add(log.key)
            yield log


def _eval_set(tasks: list[Task], request: Request, roles: dict[str, Model], streams: int) -> list[EvalLog]:
    connections = request.max_connections or 0
    at_once = min(streams * parts_at_once(connections), len(tasks))
    models = {str(t.model) for t in tasks}
    most = connections or (AS_MANY_SIMULATED if all(m.startswith(SIMULATED) for m in models) else AS_MANY)
    bounds = {**BOUNDS, "max_samples": samples_at_once(most, at_once // len(models))}
    settings = {**bounds, **logging_of(at_once, connections), **request.settings, **request.extra}
    spare_collector()
    try:
        # A log with failed samples ends as an error, so that the same command runs them again.
        _, logs = eval_set(
            tasks,
            log_dir=str(request.log_dir),
            model=None,
            model_roles=dict(roles) or None,
            epochs=_epochs(request),
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


def spare_collector() -> None:
    """Take what is loaded already out of the garbage collector's rounds.

    Inspect and its libraries hold half a million objects that live as long as the process; walking them again and again
    is a seventh of the time of a run.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def quiet_inspect() -> Iterator[None]:
    """Keep Inspect's own lines off the terminal: the command says what came of the run."""
    console = rich.get_console()
    before, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = before
