"""What can be known of a run before its folder is looked at and anybody is asked: whether it can be, and its prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspect_ai.model import Model

from turncoat.agents.ready import see_ready
from turncoat.base.errors import UsageError
from turncoat.doors.door import door
from turncoat.doors.tools.colleagues import ROLE
from turncoat.guards.named import asked_by_guards, refuse_unready
from turncoat.judges.choice import grader_roles
from turncoat.providers.models import resolve_model
from turncoat.runs.design import TaskPlan, named_in
from turncoat.runs.prices import PriceTable, load_prices, make_known
from turncoat.runs.request import Request, plans_of, refuse_judge_as_guard, refuse_simulated, see_approval


@dataclass(frozen=True)
class Asked:
    """Whom a run asks what, and what it costs.

    Attributes:
        plans: Its tasks.
        targets: The models that are measured, by name.
        roles: The models that others ask, by role.
        prices: What they cost.
    """

    plans: tuple[TaskPlan, ...]
    targets: Mapping[str, Model]
    roles: dict[str, Model]
    prices: PriceTable


def see_runnable(request: Request) -> Asked:
    """Find what is wrong with a run that can be known without its folder and without asking anybody.

    Raises:
        UnknownName: As `turncoat.runs.runner.run_study`.
        UsageError: As `turncoat.runs.runner.run_study`.
        ScenarioError: As `turncoat.runs.runner.run_study`.
    """
    models = request.model_names
    if not models:
        raise UsageError("no model to run; give --model, such as --model openai/gpt-4.1")
    if request.study.stopping is not None and request.repeats != 1:
        raise UsageError(f"epochs is {request.repeats}; sequential stopping takes one sample of each world")
    see_approval(request.approval)
    with named_in("" if request.models else f"{request.name}: key 'models'"):
        targets = {name: resolve_model(name, request.model_args, request.settings) for name in models}
    with named_in(f"{request.name}: key 'judge'" if request.judge == request.study.judge else ""):
        roles = grader_roles(request.judge)
    if request.colleague is not None:
        roles[ROLE] = resolve_model(request.colleague)
    roles |= asked_by_guards(request.model_roles)
    plans = plans_of(request)
    prices = _priced(request, plans)
    refuse_unready(sorted({g for p in plans for g in p.guards}), request.model_roles)
    refuse_judge_as_guard(request, plans)
    refuse_simulated(models, plans)
    _refuse_idle(request, plans)
    see_ready(request.agent, request.sandbox, {name: model.api for name, model in targets.items()})
    return Asked(plans, targets, roles, prices)


def _refuse_idle(request: Request, plans: Sequence[TaskPlan]) -> None:
    """See that whatever is named has something to do.

    Raises:
        UsageError: Something would change nothing, and whoever named it would think that it did.
    """
    interfaces = sorted({plan.interface for plan in plans})
    if request.colleague is not None and not any(door(name).live for name in interfaces):
        where = " and ".join(interfaces)
        raise UsageError(
            f"--colleague {request.colleague}: nobody answers in the {where} interface; give --interface tools"
        )
    if request.sandbox is not None and request.agent is None:
        raise UsageError(
            f"--sandbox {request.sandbox}: the default loop works in none; give --agent, such as claude-code"
        )
    if request.model_roles and not any(plan.guards for plan in plans):
        raise UsageError(f"--model-role {next(iter(request.model_roles))}: there is no guard here that could ask it")


def _priced(request: Request, plans: Sequence[TaskPlan]) -> PriceTable:
    prices = load_prices(request.prices)
    for model in request.asked_models(plans):
        price = prices.price(model)
        if price is not None:
            make_known(model, price)
        elif request.max_cost is not None:
            raise UsageError(f"--max-cost needs a price for {model}; give one in a file with --prices")
    return prices
