"""The harmless work of simulated agents in workdays: the pieces that their hidden truth names, by their solutions.

In the text interface it does what mail alone can do, with tools the whole; an answer to a message is a mail there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from turncoat.evidence.job import mail_is_enough
from turncoat.scenarios.factors import PAPER, STAGING, Condition
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.steps import Steps
from turncoat.scenarios.terms import applies
from turncoat.world import Action, Forward, Message, Reply, SendMail


def pieces_of(scenario: Scenario, condition: Condition, world: str) -> tuple[str, ...]:
    """Names of the pieces of work that there are under a condition in a world; none where no job is scored."""
    staging = condition.levels.get(STAGING, PAPER)
    job = None if staging == PAPER else scenario.story_of(scenario.world_id(world, staging)).job
    return tuple(n for n, item in job.items.items() if applies(item.when, condition.levels)) if job else ()


def mailed(rendered: Rendered, pieces: Collection[str]) -> tuple[SendMail | Forward, ...]:
    """The mails that do pieces of work in the text interface; those that take more than mail are left out."""
    job = rendered.storyline.job
    if job is None:
        return ()
    items = (job.items[n] for n in pieces if mail_is_enough(job.items[n]))
    messages = {m.id: m for m in rendered.seed.messages}
    steps, done = _steps(rendered), (i.by_mail_solution or i.solution for i in items)
    return tuple(_as_mail(steps.action(step, messages), messages) for solution in done for step in solution)


def worked(
    rendered: Rendered, pieces: Collection[str], arrived: Mapping[tuple[str, str], str], offered: Collection[str]
) -> list[Action]:
    """The acts that do pieces of work with tools.

    Args:
        rendered: Condition and world.
        pieces: Their names; one that needs a tool that is not there, or a message that did not come, is left out.
        arrived: Time and subject of listed messages → their ids in this mailbox.
        offered: Names of the tools that there are.
    """
    job, messages, steps = rendered.storyline.job, _mailbox(rendered, arrived), _steps(rendered)
    found: list[Action] = []
    for item in (job.items[n] for n in pieces) if job else ():
        there = {(m.time, m.subject) for m in messages.values()}
        named = [x for s in item.solution if s.message for x in rendered.letters if x.name == s.message]
        if all((x.time, x.subject) in there for x in named) and {s.kind for s in item.solution} <= set(offered):
            found += [steps.action(step, messages) for step in item.solution]
    return found


def shown_time(time: datetime) -> str:
    """A time as lists of messages show it."""
    return f"{time:%d %b %H:%M}"


def _mailbox(rendered: Rendered, arrived: Mapping[tuple[str, str], str]) -> dict[str, Message]:
    """What was there, and what is listed of what was to come, under the ids of this session."""
    seed = rendered.live_seed
    later: Iterable[Message] = (item.message for item in seed.timeline if item.message is not None)
    came = ((arrived.get((shown_time(m.time), m.subject)), m) for m in later)
    return {m.id: m for m in seed.messages} | {id: m.model_copy(update={"id": id}) for id, m in came if id}


def _steps(rendered: Rendered) -> Steps:
    place = f"{rendered.spec.name}/storylines/{rendered.storyline.name}/job.yaml"
    return Steps(rendered, rendered.context, place)


def _as_mail(action: Action, messages: Mapping[str, Message]) -> SendMail | Forward:
    if isinstance(action, SendMail | Forward):
        return action
    assert isinstance(action, Reply), action.kind  # `turncoat check` plays these solutions with mail alone
    about = messages[action.message_id]
    cc = (*about.to, *about.cc) if action.everyone else ()
    subject = about.subject if about.subject.lower().startswith("re:") else f"Re: {about.subject}"
    return SendMail(to=(about.sender,), cc=cc, subject=subject, body=action.body, attachments=action.attachments)
