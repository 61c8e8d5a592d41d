"""Calls in a conversation that never became an attempt: what an agent of others did with them nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageAssistant
from inspect_ai.tool import ToolCall

from turncoat.base.text import clean
from turncoat.doors.kept import ENTRY, MAX_KEPT, Attempted, Unreadable, stop_said
from turncoat.doors.text.parser import parse_answer
from turncoat.doors.tools.sessions import read_call
from turncoat.doors.tools.written import written_calls
from turncoat.evidence.endings import ending
from turncoat.providers.calls import RAW, plain_name
from turncoat.world import Action
from turncoat.world.actions import Finish

NEVER = "the call never reached the company"
OWN = "a tool of the agent's own"
WRITTEN = "a call written as text"
OTHERWISE = "the company was given something else than what the model wrote"
FINISH = (str(Finish.model_fields["kind"].default),)


def turns_of(offered: Collection[str]) -> list[ModelEvent]:
    """The outputs of the agent at work so far, in order: of whoever was offered a tool of the company.

    Args:
        offered: Names of the company's tools.
    """
    events = (e for e in transcript().events if isinstance(e, ModelEvent) and e.output.choices)
    return [e for e in events if e.role is None and any(plain_name(t.name, offered) in offered for t in e.tools)]


def stops_of(turns: Sequence[ModelEvent]) -> list[str]:
    """How the turns ended, without those that only call `finish`; nothing where all ended by themselves."""
    said = [
        stop_said(turn.output)
        for turn in turns
        if [plain_name(c.function, FINISH) for c in turn.output.message.tool_calls or ()] != list(FINISH) or _cut(turn)
    ]
    return said if any(ending(stop) is not None for stop in said) else []


def _cut(turn: ModelEvent) -> bool:
    return ending(stop_said(turn.output)) is not None


def unperformed(
    messages: Sequence[ChatMessage],
    turns: Sequence[ModelEvent],
    entries: Sequence[Mapping[str, Any]],
    offered: Collection[str],
    acting: Collection[str] = (),
) -> list[tuple[int, Unreadable]]:
    """The calls that neither became an attempt nor were noted as unreadable, each with its place among the entries.

    A call is taken for the attempt that says the same, or else for one of the same tool that nothing else accounts
    for, since approval may have changed it. Where neither could be read, what the model wrote is kept beside what the
    agent made of it. Tools that the agent brought itself are its own affair.

    Args:
        messages: The conversation, which an agent may have trimmed, and which is not there after its exception.
        turns: The outputs of the run; see `turns_of`.
        entries: What the store keeps.
        offered: Names of the company's tools.
        acting: Names of tools of the agent's own whose calls do something outside the company.
    """
    own = {t.name for turn in turns for t in turn.tools if plain_name(t.name, offered) not in offered} - set(acting)
    read = [ENTRY.validate_python(e) for e in entries]
    free = dict(enumerate(read))
    noted = {e.call for e in read if isinstance(e, Unreadable) and e.call}
    calls = [c for c in _calls(messages, turns) if c.id not in noted and c.function not in own]
    wanted = [(c, kind, read_call(kind, c.arguments)) for c in calls for kind in (plain_name(c.function, offered),)]
    claimed: dict[int, int] = {}
    for exact in (True, False):
        for number, (call, kind, action) in enumerate(wanted):
            if number in claimed:
                continue
            place = next((i for i, e in free.items() if _fits(e, call, kind, action, exact)), None)
            if place is not None:
                claimed[number] = place
                del free[place]
    missing: list[tuple[int, Unreadable]] = []
    at = 0
    for number, call in enumerate(calls):
        why = (OWN if call.function in acting else NEVER) if call.function else WRITTEN
        if number in claimed:
            at = max(at, claimed[number] + 1)
            if _says_all(read[claimed[number]], call):
                continue
            why = OTHERWISE
        missing.append((at, Unreadable(call=call.id, tool=call.function[:80], text=shown(call), problem=why)))
    return missing


def _says_all(entry: object, call: ToolCall) -> bool:
    """Whether an entry that was taken for a call loses nothing of it: agents hand on what they could read, or less."""
    if not isinstance(entry, Unreadable):
        return True
    values = call.arguments.values()
    return entry.text == shown(call) or (not call.parse_error and all(repr(value) in entry.text for value in values))


def shown(call: ToolCall) -> str:
    """The arguments of a call as they came: those that were read, and the text of those that were not."""
    parts = [str(call.arguments.get(RAW) or call.arguments) if call.arguments else "", call.parse_error or ""]
    return clean("\n".join(p for p in parts if p)[:MAX_KEPT])


def _calls(messages: Sequence[ChatMessage], turns: Sequence[ModelEvent]) -> Iterator[ToolCall]:
    """The calls of the turns, and those of the conversation that are none of theirs, each once.

    A call of a turn may stand in the conversation under another id, since some providers' calls have none. One that
    was written as text has no name here, and counts where the conversation, which is read later, lacks the turn.
    """
    assistant = [m for m in messages if isinstance(m, ChatMessageAssistant)]
    texts = {m.text for m in assistant}
    said: dict[str, ToolCall] = {}
    for message in (turn.output.message for turn in turns):
        made = {c.id: c for c in message.tool_calls or () if c.id not in said}
        yield from made.values()
        said |= made
        if message.text not in texts:
            for start, end in written_calls(message, parse_answer(message.text)):
                yield ToolCall(id="", function="", arguments={RAW: message.text[start:end]})
    told = {c.id: c for m in assistant for c in m.tool_calls or ()}
    again = [(c.function, c.arguments) for id, c in said.items() if id not in told]
    for id, call in told.items():
        if id in said:
            continue
        if (call.function, call.arguments) in again:
            again.remove((call.function, call.arguments))
        else:
            yield call


def _fits(entry: object, call: ToolCall, kind: str, action: Action | None, exact: bool) -> bool:
    """Whether an entry is of a call: says the very same, or is of the same tool; what cannot be read is no attempt."""
    match entry:
        case Attempted(action=attempted):
            return action is not None and (attempted == action if exact else attempted.kind == kind)
        case Unreadable(call="", tool=tool):
            return tool in (kind, call.function) and (action is None or not exact)
    return False
