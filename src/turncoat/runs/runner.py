"""The runner: a study on models as one Inspect eval set that the same command continues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import copy_context
from pathlib import Path

from turncoat.base.errors import UsageError
from turncoat.doors.tools.colleagues import ROLE
from turncoat.judges.choice import grader_roles
from turncoat.providers.inspect_private import registered
from turncoat.providers.models import probe_model, resolve_model
from turncoat.runs.evalset import PART, run_eval_set, turn
from turncoat.runs.folder import (
    count_finished,
    earlier_logs,
    errors_of,
    newest,
    refuse_another_study,
    refuse_unwritten,
    writable,
)
from turncoat.runs.ledger import Ledger
from turncoat.runs.prices import PriceTable, load_prices, make_known
from turncoat.runs.progress import Followed, Follower, Listener, Progress
from turncoat.runs.request import Request, RunResult, plans_of, refuse_simulated
from turncoat.runs.study_tasks import study_task, task_for_model


def run_study(request: Request, listener: Listener | None = None) -> RunResult:
    """Run a study on models; finished samples of earlier commands in the same folder are kept.

    Everything that can be wrong is found before anything is spent: names, prompts, the folder, keys, prices. Of several
    runs in one process, each waits for the one before it.

    Args:
        request: What to run.
        listener: Called with the progress after every finished sample.

    Raises:
        UnknownName: A model that no provider knows, or a provider's key or package is missing.
        OutputError: The folder cannot be written, or its disk is full.
        UsageError: Another command is at work in the folder, it holds another study, two cells show the same text, a
            price is missing for the cost limit, `legacy` without a single grader or a scenario that this reader
            knows, a simulated model where it has no words, or Inspect refused the combination.
        ScenarioError: The study or a scenario is wrong.
    """
    with turn():
        # Inspect leaves a run's settings in the context; in a copy they end with the run.
        return copy_context().run(_run, request, listener)


def _run(request: Request, listener: Listener | None) -> RunResult:
    models = request.model_names
    if not models:
        raise UsageError("no model to run; give --model, such as --model openai/gpt-4.1")
    if request.study.stopping is not None and request.repeats != 1:
        raise UsageError(f"epochs is {request.repeats}; sequential stopping takes one sample of each world")
    targets = {name: resolve_model(name, request.model_args) for name in models}
    roles = grader_roles(request.judge)
    if request.colleague is not None:
        roles[ROLE] = resolve_model(request.colleague)
    prices = _priced(request)
    plans = plans_of(request)
    refuse_simulated(models, plans)
    writable(request.log_dir)
    with Ledger(request.log_dir) as ledger:
        plans = tuple(p for plan in plans if (p := plan.share(*request.share)).pairs)
        progress = Progress({m: sum(len(p.pairs) for p in plans) * request.repeats for m in models}, prices)
        streams = len(plans) * len(models)
        if request.study.stopping is None:
            plans = tuple(part for plan in plans for part in plan.parts(PART))
        tasks = [(task, plan, name) for plan in plans for task in [study_task(plan, request)] for name in models]
        logs, aside = earlier_logs(request.log_dir)
        refuse_another_study(logs, [(task, name) for task, _, name in tasks], request.repeats)
        for name in models:
            probe_model(name, request.model_args)
        for name in (*request.graders, *([request.colleague] if request.colleague else ())):
            probe_model(name)
        standing = newest(logs)
        keys = {(t.name, m) for t, _, m in tasks}
        kept, finished = count_finished(standing, keys, progress)
        lost = {k for k in ledger.begun - kept - errors_of(standing) if k[:2] in keys}
        if listener is not None:
            listener(progress)
        run = Followed(progress, listener, ledger)
        bound = [
            task_for_model(task, plan, targets[name], request, run, finished.get((task.name, name), {}))
            for task, plan, name in tasks
        ]
        with registered(Follower).following(request.log_dir, run):
            results = run_eval_set(bound, request, roles, streams)
        refuse_unwritten(results, request.log_dir)
    unlocked = "" if ledger.locked else str(request.log_dir)
    return RunResult(results, progress, len(kept), tuple(_notes(progress, aside, len(lost), unlocked)))


def _notes(progress: Progress, aside: Sequence[Path], lost: int, unlocked: str) -> Iterator[str]:
    if unlocked:
        yield f"{unlocked}: this file system has no locks; see that no other command works in the folder meanwhile"
    for path in aside:
        yield f"{path} could not be read and was set aside; its samples ran again"
    if lost:
        yield f"the last command was cut off; {lost} samples that were in flight or not yet written ran again"
    for model in sorted(progress.unpriced):
        yield f"no price is known for {model}; its calls are not in the cost"


def _priced(request: Request) -> PriceTable:
    prices = load_prices(request.prices)
    for model in {*request.model_names, *request.graders}:
        price = prices.price(model)
        if price is not None:
            make_known(model, price)
        elif request.max_cost is not None:
            raise UsageError(f"--max-cost needs a price for {model}; give one in a file with --prices")
    return prices
