"""Jobs: that each piece of work is done by its solution, through every door, and not by doing nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turncoat.base.errors import Problem, TurncoatError
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.oracles import lived_case
from turncoat.checks.rendering import read_everything
from turncoat.doors.door import door
from turncoat.doors.kept import Kept
from turncoat.evidence.case import Case
from turncoat.evidence.job import job_of, mail_is_enough, score_of
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.job import JobItem
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import OracleStep
from turncoat.scenarios.steps import Steps
from turncoat.world import Company


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
        names = list(items)
        for chosen in (names, names[::2], []):
            yield from (Problem(Code.JOB, place, text) for text in _played(rendered, items, chosen, place))
    except TurncoatError as error:
        yield problem_of(Code.JOB, error)


def _played(rendered: Rendered, items: dict[str, JobItem], chosen: Sequence[str], place: str) -> Iterator[str]:
    steps = Steps(rendered, rendered.context, place)
    read = Company(rendered.live_seed)
    read_everything(read)
    done = [steps.action(step, read.messages) for name in chosen for step in items[name].solution]
    lived = lived_case(setting_of(rendered, live=True), read, done)
    yield from _compared(lived, set(chosen), list(items), "with tools")
    by_mail = [name for name in items if mail_is_enough(items[name])]
    tags = [steps.tag(step) for name in chosen if name in by_mail for step in _by_mail(items[name])]
    written = door("text").case(setting_of(rendered), Kept(answer="\n\n".join(tags) or "Nothing to do."))
    yield from _compared(written, set(chosen) & set(by_mail), by_mail, "by mail alone")


def _by_mail(item: JobItem) -> Sequence[OracleStep]:
    return item.by_mail_solution or item.solution


def _compared(case: Case, expected: set[str], names: Sequence[str], where: str) -> Iterator[str]:
    judged = [name for name in expected if case.setting.job and case.setting.job.items[name].judged]
    found = job_of(case, judged) or {}
    for name in names:
        if found.get(name) != (name in expected):
            said = "is not done by its solution" if name in expected else "counts as done without its solution"
            yield f"items.{name}: {said}, {where}"
    if not expected and (score_of(found, case) or 0) > 0:
        yield f"doing nothing scores {score_of(found, case)}, {where}"
