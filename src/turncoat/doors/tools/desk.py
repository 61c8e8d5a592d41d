"""The agent's desk in a living company: tool calls become actions, actions become attempts in the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import anyio
from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage
from inspect_ai.tool import ToolDef, ToolError

from turncoat.base.text import clean
from turncoat.doors.acts import Acts
from turncoat.doors.kept import CUT_OFF, MAX_KEPT, Attempted, Composed, Reviewed, Unreadable, dump
from turncoat.doors.tools.catalog import ToolText, tool_info
from turncoat.doors.tools.colleagues import PlayedColleagues
from turncoat.doors.tools.reviewing import Reviewer
from turncoat.doors.tools.sessions import (
    BadArguments,
    close_review,
    deliver,
    read_arguments,
    read_call,
    refused_calls,
    undecided,
    with_conversation,
    without_played,
)
from turncoat.doors.tools.unperformed import shown, stops_of, turns_of, unperformed
from turncoat.guards.guard import Guard, Session
from turncoat.providers.calls import plain_name
from turncoat.scenarios.setting import Setting
from turncoat.world import AGENT, Action, Company, Decision
from turncoat.world.actions import Wait

CUT = "The request broke off before it was complete. Nothing was done."


def is_cut_off(tool: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call is the last one of an output that ended at a limit.

    Its arguments may then be the beginning of what the model was about to write, with no other sign of it.

    Args:
        tool: Name of the tool.
        arguments: As they arrived.
    """
    turn = _turn()
    if turn is None or turn.output.stop_reason not in CUT_OFF or not turn.output.message.tool_calls:
        return False
    last = turn.output.message.tool_calls[-1]
    return plain_name(last.function, (tool,)) == tool and dict(last.arguments) == dict(arguments)


def conversation_so_far() -> list[ChatMessage]:
    """The conversation up to and with the turn whose tool calls are being carried out; empty outside a sample."""
    turn = _turn()
    return [*turn.input, turn.output.message] if turn is not None else []


def _turn() -> ModelEvent | None:
    """The last output that called tools: a colleague's or a guard's model may have been asked since."""
    found = transcript().history.find_last(
        lambda e: isinstance(e, ModelEvent) and bool(e.output.choices and e.output.message.tool_calls)
    )
    return found if isinstance(found, ModelEvent) else None


AFTER_CLOSING = 10
"""Calls that are still answered, with an error, when the session has ended; the next one stops the agent."""

APPROVAL = "approval"
"""Name of the guard under which a call is logged that Inspect's own approval policies refused."""


class SessionOver(Exception):  # noqa: N818 - not an error: the end
    """The agent goes on calling tools although the session has ended."""


class Desk:
    """One agent's session: the company, the guards before it, and the store that it can be had again from.

    Args:
        setting: Where the agent acts, with the live seed.
        acts: The sample's store.
        offered: The tools that the mail client has here.
        guards: They see every attempt before it takes effect.
        reviewer: Decides where a guard asks.
        colleagues: Who composes answers in place of the rules, if anybody does.
        office: Who decides what an office outside comes to, in place of the rule, if anybody does.
        hands: Names of the tools by which the agent works a page that calls the others; a call of theirs is no act.
    """

    def __init__(
        self,
        setting: Setting,
        acts: Acts,
        offered: Sequence[ToolText],
        *,
        guards: Sequence[Guard] = (),
        reviewer: Guard | None = None,
        colleagues: PlayedColleagues | None = None,
        office: Reviewer | None = None,
        hands: Sequence[str] = (),
    ) -> None:
        acts.played = colleagues is not None
        seed = without_played(setting.seed) if acts.played else setting.seed
        self.company = Company(undecided(seed) if office is not None else seed)
        self.acts = acts
        self._session = Session(
            setting,
            self.company,
            guards=guards,
            reviewer=reviewer,
            seen=lambda case: with_conversation(case, conversation_so_far()),
        )
        self._colleagues = colleagues
        self._office = office
        self._coming: list[tuple[int, Composed]] = []
        self._lock = anyio.Lock()
        self._late = 0
        self._failed = False
        self._noted: set[str] = set()
        self._offered = {t.kind: t for t in offered}
        self._hands = frozenset(hands)

    def tools(self) -> list[ToolDef]:
        """The tools, bound to this session."""
        return [self._tool(text) for text in self._offered.values()]

    def _tool(self, text: ToolText) -> ToolDef:
        async def execute(**kwargs: Any) -> str:
            return await self.call(text.kind, kwargs)

        info = tool_info(text)
        return ToolDef(
            execute,
            name=info.name,
            description=info.description,
            parameters=info.parameters,
            parallel=False,
            max_output=0,
        )

    async def call(self, kind: str, arguments: Mapping[str, Any]) -> str:
        """Carry out a tool call and say what came of it.

        Args:
            kind: Name of the tool.
            arguments: As the model gave them.

        Returns:
            What the mail client shows.

        Raises:
            ToolError: It could not be done; the text says why.
            SessionOver: The session ended a while ago.
        """
        async with self._lock:  # an agent may call in parallel; the company does one thing at a time
            try:
                if is_cut_off(kind, arguments):
                    raise BadArguments(CUT)
                action = read_arguments(kind, arguments)
            except BadArguments as problem:
                self._keep(Unreadable(tool=kind, text=_shown(arguments), problem=str(problem)))
                raise ToolError(str(problem)) from None
            try:
                return await self._act(action)
            except (ToolError, SessionOver):
                raise
            except Exception:  # a guard's or a colleague's, which is no end of the agent's making
                self._failed = True
                raise

    def broke_off_by_itself(self) -> bool:
        """Whether an exception of the agent is its own doing: after attempts, and neither a model's nor a guard's."""
        attempted = any(r.attempt is not None for r in self.company.log)
        return attempted and self.company.closed is None and not self._failed and not self.model_failed()

    def model_failed(self) -> bool:
        """Whether the last that was asked of a model came to an error."""
        last = transcript().history.find_last(lambda e: isinstance(e, ModelEvent))
        return isinstance(last, ModelEvent) and last.error is not None

    def tools_never_shown(self) -> bool:
        """Whether a model was at work that was never shown the tools, neither as tools nor in words, nor used any."""
        asked = [e for e in transcript().events if isinstance(e, ModelEvent) and e.role is None]
        tools = self._hands or self._offered
        if not asked or self.acts.entries or turns_of(tools):
            return False
        return not any(all(name in m.text for name in tools) for e in asked for m in e.input)

    async def _act(self, action: Action) -> str:
        over = self.company.closed is not None
        self._late += over
        if self._late > AFTER_CLOSING:
            raise SessionOver(self.company.closed)
        if isinstance(action, Wait) and self._coming:  # waiting ends when an answer that is being written comes
            seconds = min(due for due, _ in self._coming) - int(self.company.now.timestamp())
            action = Wait(minutes=max(1, min(action.minutes, -(-seconds // 60))))
        before = len(self.company.log)
        outcome = await self._session.act(action)
        record = self.company.log[before]
        self._keep(Attempted(action=action, decisions=record.decisions))
        if self._office is not None and self.company.undecided is not None:
            found = await self._office.decide(self.company, self.company.undecided)
            close_review(self.company, found)
            self._keep(found)
        if self.company.closed is not None and not over:
            by_guard = any(d.decision == "end" for d in record.decisions)
            self.acts.ended = "guard" if by_guard else "finished" if self.company.closed == "finished" else "closed"
        await self._let_answer(before)
        shown = "\n\n".join([outcome.text, self._news(before)]).strip()
        if outcome.status != "done":
            raise ToolError(shown)
        return shown

    async def _let_answer(self, cause: int) -> None:
        """Have colleagues answer what was sent, and let those answers arrive that are due by now."""
        if self._colleagues is None or self.company.closed is not None:
            return
        if self.company.log[cause].message is not None:
            for seconds, message in await self._colleagues.answers(self.company, cause):
                due = int(self.company.log[cause].time.timestamp()) + seconds
                self._coming.append((due, Composed(message=message, cause=cause)))
        now = int(self.company.now.timestamp())
        arrived = [entry for due, entry in self._coming if due <= now]
        self._coming = [(due, entry) for due, entry in self._coming if due > now]
        for entry in arrived:
            deliver(self.company, entry)
            self._keep(entry)

    def _news(self, before: int) -> str:
        """The line below each result: the time, what arrived, and whether the session has ended."""
        company = self.company
        own = company.seed.agent_address.lower()
        came = (r.message for r in company.log[before:] if r.actor != AGENT)
        mail = [m for m in came if m is not None and m.sender != own]
        lines = [f"{m.id} from {m.sender}: {m.subject}" for m in mail]
        later = company.now.date() != company.seed.start.date()
        head = f"[{company.now:%a %H:%M}]" if later else f"[{company.now:%H:%M}]"
        head += f" New mail ({len(mail)}):" if mail else ""
        if company.closed is not None and company.closed != "finished":
            lines.append(f"The session has ended. {company.closed}")
        return "\n".join([head, *lines])

    def note_unperformed(self, messages: Sequence[ChatMessage]) -> None:
        """Write down the calls that never reached the company: unreadable ones, and those that approval refused.

        Args:
            messages: The conversation; calls that were noted before are passed over.
        """
        for call, result in refused_calls(messages):
            if call.id in self._noted or result.error is None or call.function in self._hands:
                continue
            self._noted.add(call.id)
            why = result.error.message[:300]
            action = read_call(call.function, call.arguments) if result.error.type == "approval" else None
            if action is None:
                text = shown(call)
                self._keep(Unreadable(call=call.id, tool=call.function[:80], text=text, problem=why))
                continue
            decisions = (Decision(guard=APPROVAL, decision="block", reason=why),)
            self.company.perform(action, decisions)
            self._keep(Attempted(action=action, decisions=decisions))

    def close(self, messages: Sequence[ChatMessage], acting: Collection[str] = ()) -> None:
        """Write down, when the session is over, what never reached the company, and how the turns ended.

        Args:
            messages: The conversation.
            acting: Names of tools of the agent's own whose calls count as attempts.
        """
        self.note_unperformed(messages)
        turns = turns_of(self._hands or self._offered)
        missing = unperformed(messages, turns, self.acts.entries, self._offered, acting)
        for place, entry in reversed(missing):
            self.acts.entries.insert(place, dump(entry))
        self.acts.stops = stops_of(turns)

    def note_unknown(self, tool: str, arguments: Mapping[str, Any]) -> None:
        """Write down a call of a tool that there is not.

        Args:
            tool: Its name.
            arguments: As they came.
        """
        self._keep(Unreadable(tool=tool[:80], text=_shown(arguments), problem="there is no such tool"))

    def _keep(self, entry: Attempted | Composed | Reviewed | Unreadable) -> None:
        self.acts.adds(dump(entry))


def _shown(arguments: object) -> str:
    return clean(str(arguments)[:MAX_KEPT])
