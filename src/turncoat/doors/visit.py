"""A visit: one session of an agent, or a person, from outside an evaluation, with all that a log needs of it.

The visitor works at the same desk as an agent with tools. What happens is written to a journal as it happens, so that
nothing is lost with the process: the company follows from the seed and the calls, so that a journal is read again by
making its calls again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import anyio
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
)
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolCall, ToolCallError, ToolError
from inspect_ai.util import Store

from turncoat.base.errors import DataError, OutputError, UsageError
from turncoat.base.files import reason
from turncoat.base.reading import refuse_irregular
from turncoat.base.text import plain
from turncoat.doors.acts import Acts
from turncoat.doors.door import Prompt
from turncoat.doors.tools.colleagues import PlayedColleagues, colleagues_of
from turncoat.doors.tools.desk import Desk, SessionOver
from turncoat.doors.tools.door import tools_of, tools_prompt
from turncoat.doors.tools.reviewing import Reviewer, office_at_hand
from turncoat.guards.approval import reviewer_at_hand
from turncoat.guards.guard import Guard
from turncoat.guards.named import make_guards
from turncoat.providers.calls import decoded, plain_name
from turncoat.scenarios.finding import rendering_from, setting_of
from turncoat.scenarios.rendering import Rendered
from turncoat.world import Company

MAX_CALLS = 20_000
"""Calls after which a visitor is told nothing but that the session is over."""
MAX_NAME = 200
"""Longest name of a client that is kept."""
MAX_NOTE = 600
"""Longest text of a person's that is kept beside the acts: metadata of more than 1 kB is not in a log's summaries."""
_JOURNAL = 1
"""Version of the journal."""


@dataclass
class Seen:
    """What is known of a visitor.

    Attributes:
        clients: What clients called themselves, each `name version`, in order of appearance.
        delivered: How the prompt was handed over: `prompt`, `instructions`, `result`, `page`.
        listed: Whether the tools were ever listed.
        refused: Attempts to enter that were turned away, with the reason.
        noted: What a person who visits has said: consent, and how real it looked.
    """

    clients: list[str] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    listed: bool = False
    refused: list[str] = field(default_factory=list)
    noted: dict[str, str | int] = field(default_factory=dict)


class Visit:
    """One session of a visitor.

    Args:
        rendered: Condition and world.
        acts: The store of a sample in which attempts are kept, whose conversation is kept elsewhere; its own if None.
        guards: They see every attempt before it takes effect.
        reviewer: Decides where a guard asks.
        colleagues: Who composes answers in place of the rules, if anybody does.
        office: Who decides what an office outside comes to, in place of the rule, if anybody does.
        hands: See `Desk`.
        journal: A new file to which everything is written at once; none if None.
    """

    def __init__(
        self,
        rendered: Rendered,
        acts: Acts | None = None,
        *,
        guards: Sequence[Guard] = (),
        reviewer: Guard | None = None,
        colleagues: PlayedColleagues | None = None,
        office: Reviewer | None = None,
        hands: Sequence[str] = (),
        journal: Path | None = None,
    ) -> None:
        self.rendered = rendered
        self.prompt: Prompt = tools_prompt(rendered)
        self.tools = tools_of(rendered)
        self._fields = {t.kind: tuple(t.fields) for t in self.tools}
        self.acts = Acts(store=Store()) if acts is None else acts
        self._keeps = acts is None
        self.seen = Seen()
        self.told: tuple[ChatMessage, ...] = (
            *([ChatMessageSystem(content=self.prompt.system)] if self.prompt.system else []),
            ChatMessageUser(content=self.prompt.user),
        )
        """The prompt as messages."""
        self.messages: list[ChatMessage] = list(self.told)
        self.desk = Desk(
            setting_of(rendered, live=True),
            self.acts,
            self.tools,
            guards=guards,
            reviewer=reviewer,
            colleagues=colleagues,
            office=office,
            hands=hands,
        )
        self.failure: Exception | None = None
        """What a guard, a colleague's model or a limit raised, which is no answer of the company's."""
        self._journal = _opened(journal) if journal is not None else None
        self._calls = 0
        self.over = anyio.Event()
        """Set when the session has ended, or the visitor is gone."""
        self.heard: float | None = None
        """When something was last asked, by the event loop's clock; None before."""
        self._write(_head(rendered))

    @property
    def company(self) -> Company:
        """The company as it stands."""
        return self.desk.company

    def meets(self, client: str) -> None:
        """Note what a client calls itself."""
        name = plain(client)[:MAX_NAME]
        if name and name not in self.seen.clients and len(self.seen.clients) < 20:
            self.seen.clients.append(name)
            self._write({"client": name})

    def hands_over(self, how: str) -> None:
        """Note that the prompt was handed over in some way."""
        if how not in self.seen.delivered:
            self.seen.delivered.append(how)
            self._write({"delivered": how})

    def lists(self) -> None:
        """Note that the tools were listed."""
        if not self.seen.listed:
            self.seen.listed = True
            self._write({"listed": True})

    def refuses(self, why: str) -> None:
        """Note that somebody was turned away."""
        if len(self.seen.refused) < 20:
            self.seen.refused.append(plain(why)[:MAX_NAME])
            self._write({"refused": self.seen.refused[-1]})

    def notes(self, what: str, said: str | int) -> None:
        """Note what a person has said, beside the acts; texts are cut at `MAX_NOTE` characters."""
        self.seen.noted[what] = plain(said, MAX_NOTE) if isinstance(said, str) else said
        self._write({"noted": what, "said": self.seen.noted[what]})

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        """Carry out one call.

        Args:
            tool: Name of the tool; a server's name before it (`mcp__company__send_mail`) is passed over.
            arguments: As they came; a second encoding is undone.

        Returns:
            What the visitor is shown, and whether it is an error.
        """
        self._calls += 1
        self.heard = anyio.current_time()
        if self._calls > MAX_CALLS:
            return "The session is over.", True
        self._write({"call": tool, "arguments": arguments})
        name = plain_name(tool, self._fields)
        text, wrong = await self._carried_out(name, arguments)
        if "result" not in self.seen.delivered and not {"prompt", "page"} & {*self.seen.delivered}:
            self.hands_over("result")
            text = "\n\n".join([self.prompt.system, self.prompt.user, "Result of this call:", text]).strip()
        if self._keeps:
            self._keep(name, arguments, text, wrong)
        if self.company.closed is not None:
            self.over.set()
        return text, wrong

    async def _carried_out(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        if name not in self._fields:
            self.desk.note_unknown(name, arguments)
            return f"There is no tool {name[:80]!r}; there are: {', '.join(self._fields)}.", True
        try:
            return await self.desk.call(name, decoded(arguments, self._fields[name])), False
        except ToolError as error:
            return error.message, True
        except SessionOver as error:
            return f"The session has ended: {error}", True
        except Exception as error:  # a server would answer it as a fault of its own, and the agent would go on
            self.failure = error
            raise

    def _keep(self, name: str, arguments: Mapping[str, Any], text: str, wrong: bool) -> None:
        call = ToolCall(id=f"call_{self._calls}", function=name, arguments=dict(arguments))
        error = ToolCallError("unknown", text[:2000]) if wrong else None
        self.messages += [
            ChatMessageAssistant(content="", tool_calls=[call]),
            ChatMessageTool(content=text, tool_call_id=call.id, function=name, error=error),
        ]

    def leave(self) -> None:
        """The visitor is gone; the session stays as it is."""
        self.over.set()

    def conclude(self) -> None:
        """Say in the store how the session ended, where the company did not say it; see `Acts.ended`."""
        if self.acts.ended:
            return
        fetched = bool({"prompt", "page"} & {*self.seen.delivered})
        self.acts.ended = (
            "disconnected" if self._calls or (fetched and self.seen.listed) else "no_tools" if fetched else "no_prompt"
        )

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps(entry, ensure_ascii=True, default=str) + "\n")
            self._journal.flush()
            os.fsync(self._journal.fileno())


def visit_of(state: TaskState, guards: Sequence[Guard], reviewer: Guard | None, hands: Sequence[str] = ()) -> Visit:
    """The visit of a sample's agent, whose first message is the prompt.

    Args:
        state: The sample.
        guards: They stand before those that its levels name.
        reviewer: Decides where a guard asks; the model role `reviewer`, if there is one, where it is None.
        hands: See `Desk`.
    """
    rendered = rendering_from(state.metadata)
    visit = Visit(
        rendered,
        state.store_as(Acts),
        guards=(*guards, *make_guards(state.metadata)),
        reviewer=reviewer or reviewer_at_hand(),
        colleagues=colleagues_of(rendered.live_seed),
        office=office_at_hand(rendered.live_seed),
        hands=hands,
    )
    visit.hands_over("prompt")
    return visit


def _head(rendered: Rendered) -> dict[str, Any]:
    about = {"scenario": rendered.spec.name, "condition": rendered.condition.id, "world": str(rendered.world.id)}
    return {"journal": _JOURNAL, **about}


def _opened(path: Path) -> TextIOWrapper:
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise OutputError(f"{path}: is there already: the journal of a visit that runs, or that was cut off") from None
    except OSError as error:
        raise OutputError(f"{path}: {reason(error)}") from None
    with suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def is_held(path: Path) -> bool:
    """Whether a journal's process still runs, as far as the file system has locks.

    Raises:
        DataError: It is no file.
    """
    refuse_irregular(path)
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


async def recovered(path: Path, rendered: Rendered, guards: Sequence[Guard] = ()) -> Visit:
    """The visit of a journal whose process was ended: its calls are made again, up to the last whole line.

    Args:
        path: The journal.
        rendered: Condition and world of the session.
        guards: As they stood before it; by rules, so that they decide alike again.

    Raises:
        DataError: It is no journal, or of another version.
        UsageError: It is of a visit to somewhere else.
    """
    visit = Visit(rendered, guards=guards)
    entries = _entries(path)
    if not entries or entries[0].get("journal") != _JOURNAL:
        raise DataError(f"{path}: is no journal of a visit, or one of another version")
    if entries[0] != (wanted := _head(rendered)):
        found = next(f"{k} {entries[0].get(k)!r}, not {v!r}" for k, v in wanted.items() if entries[0].get(k) != v)
        raise UsageError(f"{path}: is the journal of a visit to {found}; give the command that began it")
    for entry in entries[1:]:
        match entry:
            case {"call": str(tool), "arguments": dict(arguments)}:
                await visit.call(tool, arguments)
            case {"client": str(name)}:
                visit.meets(name)
            case {"delivered": str(how)}:
                visit.hands_over(how)
            case {"listed": _}:
                visit.lists()
            case {"refused": str(why)}:
                visit.refuses(why)
            case {"noted": str(what), "said": str(said) | int(said)}:
                visit.notes(what, said)
    visit.leave()
    return visit


def _entries(path: Path) -> list[dict[str, Any]]:
    found = []
    refuse_irregular(path)
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                break  # the last line may be cut off
            if isinstance(entry, dict):
                found.append(entry)
    return found
