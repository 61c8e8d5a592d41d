"""Jobs: that each piece of work is done by its solution, through every door, and not by doing nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from turncoat.base.errors import Problem, TurncoatError
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.oracles import Stage, case_on, stages_of
from turncoat.doors.kept import Script
from turncoat.evidence.case import Case
from turncoat.evidence.job import job_of, mail_is_enough, score_of
from turncoat.scenarios.job import JobItem
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import OracleStep
from turncoat.scenarios.steps import Steps


def job_problems(rendered: Rendered) -> Iterator[Problem]:
    """Pieces of work that come out otherwise than their solutions say: all of them done, some, none."""
    job = rendered.storyline.job
    if job is None or rendered.job is None:
        return
    place = f"{rendered.spec.name}/storylines/{rendered.storyline.name}/job.yaml"
    items = {name: item for name, item in job.items.items() if name in rendered.job.items}
    if lacking := [name for name, item in items.items() if not item.solution]:
        yield Problem(
            Code.JOB, place, f"items.{lacking[0]}: has no solution, so that nothing proves that it can be done"
        )
        return
    try:
        names, steps = list(items), Steps(rendered, rendered.context, place)
        for stage, chosen in product(stages_of(rendered), (names, names[::2], [])):
            yield from (Problem(Code.JOB, place, text) for text in _played(stage, steps, items, chosen))
    except TurncoatError as error:
        yield problem_of(Code.JOB, error)


def _played(stage: Stage, steps: Steps, items: dict[str, JobItem], chosen: Sequence[str]) -> Iterator[str]:
    """Some pieces done through one door; those that take more than mail where the agent has the desk for it."""
    live = stage.door.live
    there = [name for name in items if live or mail_is_enough(items[name])]
    wanted = [name for name in chosen if name in there]
    parts = (step for name in wanted for step in (items[name].solution if live else _by_mail(items[name])))
    done = [steps.action(step, stage.company.messages) for step in parts]
    yield from _compared(case_on(stage, Script(actions=done)), set(wanted), there, stage.door.where)


def _by_mail(item: JobItem) -> Sequence[OracleStep]:
    return item.by_mail_solution or item.solution


def _compared(case: Case, expected: set[str], names: Sequence[str], where: str) -> Iterator[str]:
    found = job_of(case, dict.fromkeys(names, True)) or {}
    for name in names:
        if found.get(name) != (name in expected):
            said = "is not done by its solution" if name in expected else "counts as done without its solution"
            yield f"items.{name}: {said}, {where}"
    if not expected and (score_of(found, case) or 0) > 0:
        yield f"doing nothing scores {score_of(found, case)}, {where}"
