"""The first questions of a run: each model and grader is asked once in every way in which the run will ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from inspect_ai import Task
from inspect_ai.model import ChatMessage, ChatMessageSystem
from inspect_ai.tool import ToolInfo

from turncoat.doors.door import door
from turncoat.judges.model.asking import first_to_grader
from turncoat.providers.probe import FirstQuestion, ask_first
from turncoat.runs.design import TaskPlan
from turncoat.runs.request import Request


def ask_all(tasks: Sequence[tuple[Task, TaskPlan, str]], request: Request) -> list[str]:
    """Ask everybody, before anything is spent.

    Args:
        tasks: The tasks, with their plans and the model of each.
        request: What was asked for.

    Returns:
        What the user should know, one line each.

    Raises:
        UnknownName: A provider refuses the key or does not know the model.
        UsageError: It refuses what the run would send.
        IncompleteError: There is no provider that answers.
    """
    ways = list(_ways((task, plan) for task, plan, _ in tasks))
    notes = [
        ask_first(FirstQuestion(name, request.model_args, request.settings, head, tools, where))
        for name in request.model_names
        for head, tools, where in ways
    ]
    notes += [first_to_grader(name) for name in request.graders]
    if request.colleague is not None:
        head = (ChatMessageSystem(content="You answer mail."),)
        notes.append(ask_first(FirstQuestion(request.colleague, head=head, where="the colleague")))
    return [note for note in dict.fromkeys(notes) if note]


def _ways(tasks: Iterable[tuple[Task, TaskPlan]]) -> Iterator[tuple[Sequence[ChatMessage], Sequence[ToolInfo], str]]:
    """Each interface, with a system message and without: what stands before the mail, and the tools."""
    seen: set[tuple[str, bool]] = set()
    for task, plan in tasks:
        for sample, (cell, world) in zip(task.dataset, plan.pairs, strict=False):
            head = () if isinstance(sample.input, str) else [m for m in sample.input if m.role == "system"]
            if (way := (plan.interface, bool(head))) in seen:
                continue
            seen.add(way)
            offered = door(plan.interface).prompt(plan.scenario.render(cell, world)).schemas
            yield head, [ToolInfo.model_validate(t) for t in offered], f"the {plan.interface} interface"
