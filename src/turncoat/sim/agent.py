"""A simulated agent: its script, said at once in the text interface or over several turns with tools.

With tools it lists its mail, reads some of it, waits where more is to come, looks somebody up, acts, and finishes.
Where it stands is read from the conversation, so that nothing is kept between turns. Tool names are kinds of actions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from math import ceil
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall, ToolInfo

from turncoat.base.keyed import draw
from turncoat.doors.tools.catalog import ALL_TOOLS
from turncoat.doors.tools.door import tools_of
from turncoat.providers.calls import plain_name
from turncoat.scenarios.factors import PAPER
from turncoat.scenarios.rendering import Rendered
from turncoat.sim.job import mailed, shown_time, worked
from turncoat.sim.script import Script, habit_of, part_of, source_of_secret, text_answer
from turncoat.sim.truth import PROVIDER, Identity, Key, load_profile
from turncoat.world import Forward
from turncoat.world.actions import Action, Finish, ListMail, LookUp, ReadMail, SendMail, Wait

PAGE = 100
"""How many messages it lists at a time."""
MOST_READ = 8
"""How many messages it opens at most from one list; those that matter are among them."""
MOST_WAITS = 6
"""How often it waits at most for an office's decision: other mail comes between."""
_LINE = re.compile(r"^(m\d{3,})\s+(\d\d \w{3} \d\d:\d\d)\s+\S+\s+(.*?)(?: \[(?:attachment|unread)\])*$", re.M)


@dataclass(frozen=True)
class Turn:
    """What the agent does in one turn: nothing more to do where there are no calls."""

    thought: str
    prose: str
    calls: tuple[Action, ...]


@dataclass(frozen=True)
class Listed:
    """A line of a list of messages."""

    id: str
    subject: str
    time: str = ""
    """As lists show it."""


Step = Callable[[Sequence[Listed]], Sequence[Action]]


def listed_in(results: Sequence[str]) -> list[Listed]:
    """The messages that tool results list, in order and each once.

    Our tools answer in plain text. Some programs show their model JSON in its place, with our text somewhere within.
    """
    texts = (text for result in results for text in _texts_in(result))
    found = {m[1]: Listed(m[1], m[3], m[2]) for text in texts for m in _LINE.finditer(text)}
    return list(found.values())


def _texts_in(result: str) -> list[str]:
    """A tool's result, or the texts within it where it is JSON."""
    if not result.lstrip().startswith(("{", "[", '"')):
        return [result]
    found: list[str] = []
    try:
        waiting = [json.loads(result)]
    except (ValueError, RecursionError):
        return [result]
    while waiting:
        match waiting.pop(0):
            case str(text):
                found.append(text)
            case list(values):
                waiting[:0] = values
            case dict(fields):
                waiting[:0] = fields.values()
    return found


def next_turn(
    script: Script, rendered: Rendered, key: Key, *, turns: int, results: Sequence[str], offered: Collection[str]
) -> Turn:
    """What the agent does next.

    Args:
        script: Its part.
        rendered: Condition and world.
        key: Decides between ways to work.
        turns: How many turns it has taken.
        results: What tools have answered so far, in order.
        offered: Names of the tools that there are; steps without their tool are left out.
    """
    steps, begins = _steps(script, rendered, key, offered)
    if turns >= len(steps):
        return Turn("", script.closing or script.prose, ())
    calls = tuple(steps[turns](listed_in(results)))
    return Turn(script.thought, script.prose, calls) if turns == begins else Turn("", "", calls)


def _steps(script: Script, rendered: Rendered, key: Key, offered: Collection[str]) -> tuple[list[Step], int]:
    """What it does turn by turn, and the index of the turn in which it begins to act."""
    seed = rendered.live_seed
    newer = ListMail(offset=sum(m.sender != seed.agent_address.lower() for m in seed.messages), limit=PAGE)
    steps = _looking(rendered, key, newer, offered) if "list_mail" in offered else []
    person = _somebody(script, rendered)
    if person and "look_up" in offered and draw(*key, "look up") < 0.4:
        steps.append(lambda _: [LookUp(query=person)])
    begins = len(steps)
    steps += [partial(_placed, group, rendered) for group in _acting(script, key, offered)]
    if script.job:
        steps.append(lambda listed: _work(script, rendered, listed, offered))
    done: list[Action] = [Finish(note=script.closing)]
    needed = {"wait", "list_mail", "finish", *(action.kind for action in script.actions[-1:])}
    if script.reports and seed.review is not None and needed <= set(offered):
        again: list[Action] = [_waiting(seed.review.decision_seconds), newer]
        steps += [lambda listed: done if _decided(script, listed) else again] * MOST_WAITS
    if "finish" in offered:
        steps.append(lambda _: done)
    return steps, begins


def _looking(rendered: Rendered, key: Key, newer: ListMail, offered: Collection[str]) -> list[Step]:
    """List what is there and read of it, then what is still to come, which `newer` lists."""
    seed = rendered.live_seed
    there, known = [Listed(m.id, m.subject) for m in seed.messages], {m.id for m in seed.messages}
    steps: list[Step] = [
        lambda _: [ListMail(limit=PAGE)],
        lambda listed: _reads(listed or there, rendered, key, "early"),
    ]
    later = {item.at for item in seed.timeline if item.message is not None}
    if later and "wait" in offered:
        pause = _waiting((max(later) - seed.start).total_seconds())
        waits = 1 if rendered.storyline.spec.staging == PAPER else len(later)
        steps += [lambda _: [pause]] * waits
        steps += [
            lambda _: [newer],
            lambda listed: _reads([e for e in listed if e.id not in known], rendered, key, "late"),
        ]
    return steps


def _waiting(seconds: float) -> Wait:
    return Wait(minutes=max(ceil(seconds / 60), 1))


def _decided(script: Script, listed: Sequence[Listed]) -> bool:
    """Whether the office has decided: it confirms a report, then it answers once more."""
    report = getattr(script.actions[-1], "subject", "")
    return sum(entry.subject == f"Re: {report}" for entry in listed) > 1


def _work(script: Script, rendered: Rendered, listed: Sequence[Listed], offered: Collection[str]) -> list[Action]:
    """The pieces of its work in one turn, which never is without a call."""
    arrived = {(entry.time, entry.subject): entry.id for entry in listed}
    return worked(rendered, script.job, arrived, offered) or [ListMail(limit=PAGE)]


def _acting(script: Script, key: Key, offered: Collection[str]) -> list[list[Action]]:
    """The actions by turns: all at once, or one after the other."""
    actions: list[Action] = [a for a in script.actions if a.kind in offered]
    return [actions] if actions and draw(*key, "parallel") < 0.4 else [[a] for a in actions]


def _reads(listed: Sequence[Listed], rendered: Rendered, key: Key, slot: str) -> list[Action]:
    """Open the messages that matter and some others; with little in the list, all of it."""
    telling = _telling(rendered)
    matters = [entry for entry in listed if entry.subject in telling]
    others = sorted((e for e in listed if e not in matters), key=lambda e: draw(*key, slot, e.id))
    chosen = {e.id for e in [*matters, *others][:MOST_READ]}
    reads: list[Action] = [ReadMail(message_id=e.id) for e in listed if e.id in chosen]
    # A turn without a call would end the session: there is always something to do.
    return reads or [ListMail(limit=PAGE)]


def _telling(rendered: Rendered) -> set[str]:
    """Subjects of the mails that the scenario turns on: by or to those concerned, with the secret, or of the alarm."""
    seed, spec = rendered.seed, rendered.spec
    fact = seed.fact(spec.secret)
    roles = set(fact.concerns) | set(fact.holders) if fact else set()
    people = {p.address for role in roles if (p := seed.directory.person(role)) is not None}
    people |= {a.sender for a in seed.alerts}
    own, source = seed.agent_address, source_of_secret(seed, spec.secret)
    found = {m.subject for m in seed.messages if m.sender in people or (own in m.to and m.sender != own)}
    return found | {source.subject} if source else found


def _somebody(script: Script, rendered: Rendered) -> str:
    addresses = [a for action in script.actions if isinstance(action, SendMail) for a in action.to]
    return next((p.last for a in addresses if (p := rendered.seed.directory.at(a)) is not None and p.inside), "")


def _placed(group: Sequence[Action], rendered: Rendered, listed: Sequence[Listed]) -> list[Action]:
    """Actions with the message ids of this mailbox: by the subject that was seen, else by the company's seed."""
    return [_forwarded(a, rendered, listed) if isinstance(a, Forward) else a for a in group]


def _forwarded(action: Forward, rendered: Rendered, listed: Sequence[Listed]) -> Forward:
    secret = rendered.spec.secret
    source = source_of_secret(rendered.seed, secret)
    seen = [entry.id for entry in listed if source and entry.subject == source.subject]
    live = source_of_secret(rendered.live_seed, secret)
    found = seen[0] if seen else live.id if live else action.message_id
    return action.model_copy(update={"message_id": found})


PAGE_TOOLS = frozenset({"computer", "read_page"})
"""Tools by which the webmail is told from other interfaces."""
_KINDS = frozenset(t.kind for t in ALL_TOOLS)
WRITING = frozenset({"send_mail", "forward", "cancel_alert"})
"""Tools by which the tools interface is told from the text interface."""


def _arguments(action: Action) -> dict[str, Any]:
    return action.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)


class SimAgent:
    """A simulated model with known propensities. Says nothing about any real model.

    Args:
        name: Name of its profile.

    Raises:
        UnknownName: There is no such profile.
    """

    def __init__(self, name: str) -> None:
        self._name, self._profile = name, load_profile(name)

    def answer(self, sample: Identity, input: list[ChatMessage], tools: list[ToolInfo]) -> ChatMessageAssistant:
        """What it says and does next."""
        own = replace(sample, model=PROVIDER + self._name)
        script, rendered = part_of(own)[1], own.render()
        names = {plain_name(t.name, _KINDS): t.name for t in tools}
        offered, pad = frozenset(names), own.condition.levels.get("scratchpad", "on") == "on"
        if not offered & WRITING:
            job = mailed(rendered, script.job)
            text = text_answer(script, rendered.seed.directory, habit_of(*own.key), scratchpad=pad, job=job)
            return ChatMessageAssistant(content=self._content("" if pad else script.thought, text))
        turns = sum(isinstance(m, ChatMessageAssistant) for m in input)
        results = [m.text for m in input if isinstance(m, ChatMessageTool)]
        turn = next_turn(script, rendered, own.key, turns=turns, results=results, offered=offered)
        return self._in_turn(turn, pad, turns, names)

    async def at_page(self, sample: Identity, input: list[ChatMessage], tools: list[ToolInfo]) -> ChatMessageAssistant:
        """What it says and does next where it works the webmail in a browser; see `PAGE_TOOLS`."""
        from turncoat.sim.paging import paged  # browser and driver are an extra

        own = replace(sample, model=PROVIDER + self._name)
        script, rendered = part_of(own)[1], own.render()
        offered = {t.kind for t in tools_of(rendered)}
        (steps, acting), seed = _steps(script, rendered, own.key, offered), rendered.live_seed
        inbox = (m for m in seed.messages if m.sender != seed.agent_address.lower())
        known = [Listed(m.id, m.subject, shown_time(m.time)) for m in inbox]

        def seen(rows: Sequence[tuple[str, str, datetime]]) -> list[Listed]:
            ids = {entry.id for entry in known}
            came = [Listed(id, subject, shown_time(time)) for id, subject, time in rows if id not in ids]
            return [*known, *reversed(came)]

        paged_steps = [lambda rows, step=step: step(seen(rows)) for step in steps]
        found = await paged(input, tools, paged_steps, acting)
        number = sum(isinstance(m, ChatMessageAssistant) for m in input)
        pad = own.condition.levels.get("scratchpad", "on") == "on"
        said = Turn(script.thought, script.prose, ()) if found.first else Turn("", "", ())
        if not found.calls:
            said = Turn("", script.closing or script.prose, ())
        return self._said(said, pad, [(f"call-{number}-{i}", *call) for i, call in enumerate(found.calls)])

    def _in_turn(self, turn: Turn, pad: bool, number: int, names: Mapping[str, str]) -> ChatMessageAssistant:
        called = [
            (
                f"call-{number}-{place}",
                names[a.kind],
                a.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True),
            )
            for place, a in enumerate(turn.calls)
        ]
        return self._said(turn, pad, called)

    def _said(self, turn: Turn, pad: bool, called: Sequence[tuple[str, str, dict[str, Any]]]) -> ChatMessageAssistant:
        """A turn as a message: what it thinks and says, and its calls, each with id, tool and arguments."""
        shown = f"<scratchpad>\n{turn.thought}\n</scratchpad>" if pad and turn.thought else ""
        text = "\n\n".join(filter(None, (shown, turn.prose)))
        calls = [ToolCall(id=id, function=tool, arguments=arguments) for id, tool, arguments in called]
        return ChatMessageAssistant(content=self._content("" if pad else turn.thought, text), tool_calls=calls or None)

    def _content(self, thought: str, text: str) -> str | list[Content]:
        if thought and self._profile.reasoning == "blocks":
            return [ContentReasoning(reasoning=thought), ContentText(text=text)]
        return text
