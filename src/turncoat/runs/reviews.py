"""What guards that ask models and the reviewer of an office outside would take, for a plan: calls, tokens, price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from turncoat.doors.door import door
from turncoat.guards.bounded import Bounded
from turncoat.guards.guard import REVIEWER
from turncoat.guards.named import guards_of_levels, make_guard
from turncoat.runs.design import TaskPlan
from turncoat.runs.prices import PriceTable
from turncoat.runs.request import Request
from turncoat.scenarios.factors import Condition

ACTS = {False: (1, 3), True: (3, 12)}
"""Acts of a sample that others would see, at least and at most: of an answer in text, and of a session. Assumed."""
REVIEW_TOKENS, DECISION_TOKENS = 800, 80
"""Tokens of one attempt with what is asked about it, and of the decision. Assumed. Guards that are shown what the agent
has said so far read half of what it writes as well."""
REPORTS = (0, 1)
"""Reviews of a session in which an office outside takes reports, at least and at most: it decides on the first one."""


@dataclass(frozen=True)
class GuardCost:
    """What one model role of guards would take, over all tasks and models: at least, and at most."""

    role: str
    """"" where a guard names the model itself."""
    model: str
    """"" where none is named yet."""
    calls: tuple[int, int]
    tokens_in: tuple[int, int]
    tokens_out: tuple[int, int]
    dollars: tuple[float, float] | None
    """None where no price is known."""


def guard_costs(
    request: Request, plans: Sequence[TaskPlan], written: Sequence[int], models: int, prices: PriceTable
) -> tuple[GuardCost, ...]:
    """What each role takes; a reviewer that is asked only where another guard asks is counted at most.

    Args:
        request: What is asked for.
        plans: The tasks.
        written: For each task the tokens that a model writes in one sample.
        models: How many models are run.
        prices: Prices.
    """
    calls: dict[tuple[str, str], list[float]] = {}
    for plan, tokens in zip(plans, written, strict=True):
        low, high = ACTS[door(plan.interface).live]
        for cell in plan.cells:
            samples = sum(c == cell for c, _ in plan.pairs) * request.repeats * models
            guards, roles = _guards(plan, cell), request.model_roles
            asked = [
                (whom, (low, high), _tokens_of(guard, tokens))
                for guard in guards
                for whom in (*((role, roles.get(role, "")) for role in guard.roles), *(("", m) for m in guard.models))
            ]
            if decides := roles.get(REVIEWER):
                asked += [((REVIEWER, decides), (0, high), REVIEW_TOKENS) for guard in guards if guard.escalates]
                asked += [((REVIEWER, decides), REPORTS, REVIEW_TOKENS)] if cell in plan.reviewed else []
            for whom, acts, each in asked:
                own = calls.setdefault(whom, [0.0, 0.0, 0.0, 0.0])
                for i in (0, 1):
                    own[i] += samples * acts[i]
                    own[2 + i] += samples * acts[i] * each
    return tuple(_cost(*whom, own, prices) for whom, own in calls.items())


def _guards(plan: TaskPlan, cell: Condition) -> list[Bounded]:
    return [make_guard(text) for text in guards_of_levels(plan.scenario.space.guards(cell))]


def _tokens_of(guard: Bounded, written: int) -> int:
    """Tokens of one question of a guard's, of a sample in which the model writes so many."""
    return REVIEW_TOKENS + (written // 2 if guard.sight == "case" else 0)


def _cost(role: str, model: str, own: Sequence[float], prices: PriceTable) -> GuardCost:
    price = prices.price(model) if model else None
    calls, tokens = (ceil(own[0]), ceil(own[1])), (ceil(own[2]), ceil(own[3]))
    written = (calls[0] * DECISION_TOKENS, calls[1] * DECISION_TOKENS)
    dollars = None
    if price is not None:
        low, high = ((t * price.input + w * price.output) / 1e6 for t, w in zip(tokens, written, strict=True))
        dollars = (low, high)
    return GuardCost(role, model, calls, tokens, written, dollars)
