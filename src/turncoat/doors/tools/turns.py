"""A session as it stands in a file: the agent's turns with their native calls, and what a log would keep of them.

Turns are read as `turncoat label` writes them and as providers do: an assistant's message of a chat with `tool_calls`,
one whose content is a list of parts, arguments as an object or as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from turncoat.base.model import Frozen
from turncoat.base.text import clean
from turncoat.doors.kept import MAX_KEPT, Attempted, Kept, Unreadable, dump
from turncoat.doors.tools.messages import (
    ABOUT,
    AROUND,
    CALLS,
    THOUGHTS,
    WORDS,
    calls_in,
    extra_calls,
    own_messages,
    parts_of,
    snake,
)
from turncoat.doors.tools.sessions import BadArguments, plain_tool, read_arguments
from turncoat.evidence.endings import ending, says_ending, stop_of
from turncoat.providers.calls import RAW, object_in
from turncoat.world.actions import Finish

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessageAssistant

_TOOL = ("tool", "name", "tool_name")
_ARGUMENTS = ("arguments", "input", "args", "parameters")
_LABELS = frozenset(
    "id type call_id tool_call_id tool_use_id index cache_control status thought_signature view internal server_name "
    "server_label approval_request_id output error is_error provider_executed dynamic caller".split()
)
"""Keys of a call or a part that say nothing of what was done."""


class Call(Frozen):
    """A native tool call as the agent made it."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    """What cannot be read of them stands as text under `turncoat.providers.calls.RAW`."""

    @model_validator(mode="before")
    @classmethod
    def _of_a_provider(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = {snake(str(k)): v for k, v in data.items() if v is not None}
        found = {k: v for k, v in known.items() if k not in _LABELS}
        if isinstance(function := found.get("function"), Mapping):
            del found["function"]
            found = {**function, **found}
        elif isinstance(function, str):
            found["tool"] = found.pop("function")
        found = _renamed(_renamed(found, "tool", _TOOL), "arguments", _ARGUMENTS)
        if isinstance(found.get("tool"), str):
            found["tool"] = plain_tool(found["tool"])
        if "arguments" in found:
            found["arguments"] = _arguments(found["arguments"])
        if (problem := found.pop("parse_error", None)) is not None:  # Inspect's, with the text that it could not read
            found["arguments"] = {RAW: f"{json.dumps(found.get('arguments', {}), ensure_ascii=False)} {problem}"}
        return found


class Turn(Frozen):
    """One turn of an agent in a session."""

    reasoning: str = ""
    """Provider-side thinking."""
    text: str = ""
    """What it wrote beside its calls, scratchpads included."""
    calls: tuple[Call, ...] = ()
    stop: str = ""
    """How its output ended, as `Kept.stop`; "" where it ended by itself or nobody knows."""

    @model_validator(mode="before")
    @classmethod
    def _of_a_provider(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        data = {snake(str(k)): v for k, v in data.items() if v is not None}
        said = {k: v for k, v in data.items() if says_ending(k) or k in AROUND}
        read = (*THOUGHTS, *WORDS, *CALLS)
        rest = {k: v for k, v in data.items() if k not in said and k not in ABOUT and k not in read}
        parts = list(parts_of(data))
        calls = [c for n in CALLS if data.get(n) for c in calls_in(data[n])] or extra_calls(data)
        found: dict[str, Any] = {"stop": stop_of(said)} if said else {}
        for name, kind in (("reasoning", "thought"), ("text", "text")):
            if pieces := [piece for k, piece in parts if k == kind]:
                found[name] = "\n\n".join(pieces)
        return {**found, "calls": (*calls, *(piece for k, piece in parts if k == "call")), **rest}


Turns = Annotated[tuple[Turn, ...], BeforeValidator(own_messages)]
"""The turns of a session, without what others said in it."""


def kept_of_turns(turns: Sequence[Turn], stop: str = "", ended: str = "") -> Kept:
    """The conversation and the attempts of a session.

    Args:
        turns: The agent's turns.
        stop: How the session's last output ended, where its turn does not say so; see `Kept.stop`.
        ended: `limit:<kind>`, where a limit ended the session; see `Kept.ended`.
    """
    stops = [t.stop or "stop" for t in turns if [c.tool for c in t.calls] != [_FINISH] or ending(t.stop) is not None]
    if ending(stop) is not None:
        stops = [*stops[:-1], stop]
    return Kept(
        messages=list(_messages(turns)),
        entries=[_entry(call) for turn in turns for call in turn.calls],
        ended=ended or "finished",
        stops=stops if any(ending(s) is not None for s in stops) else (),
    )


def kept_of_chat(turns: Sequence[Turn], stop: str = "", ended: str = "") -> Kept:
    """What is kept of an agent's turns that were no session of ours: they are read as the text interface reads.

    Args:
        turns: The agent's turns, at least one.
        stop: How the last output ended, where its turn does not say so; see `Kept.stop`.
        ended: `limit:<kind>`, where a limit ended the conversation; see `Kept.ended`.
    """
    last = turns[-1]
    alone = len(turns) == 1 and not last.calls and not ended
    return Kept(
        answer=last.text,
        reasoning=last.reasoning,
        stop=stop if ending(stop) is not None else last.stop or stop,
        ended=ended,
        turns=() if alone else list(_messages(turns)),
    )


_FINISH = str(Finish.model_fields["kind"].default)


def _renamed(found: dict[str, Any], name: str, others: Sequence[str]) -> dict[str, Any]:
    """A mapping in which the first of some keys has its proper name."""
    key = next((k for k in others if k in found), name)
    return {name if k == key else k: v for k, v in found.items()}


def _arguments(value: Any) -> Any:
    """Arguments as an object; what is none is kept as text."""
    if isinstance(value, Mapping):
        return value
    if (inner := object_in(value)) is not None:
        return inner
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return {RAW: text} if text.strip("\"'{} ") else {}


def _entry(call: Call) -> dict[str, Any]:
    try:
        return dump(Attempted(action=read_arguments(call.tool, call.arguments)))
    except BadArguments as problem:
        text = clean(str(call.arguments.get(RAW) or call.arguments)[:MAX_KEPT])
        return dump(Unreadable(tool=call.tool, text=text, problem=str(problem)))


def _messages(turns: Sequence[Turn]) -> Iterator[ChatMessageAssistant]:
    from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ContentText
    from inspect_ai.tool import ToolCall

    for number, turn in enumerate(turns):
        thought = [ContentReasoning(reasoning=turn.reasoning)] if turn.reasoning else []
        calls = [
            ToolCall(id=f"call_{number}_{i}", function=c.tool, arguments=c.arguments) for i, c in enumerate(turn.calls)
        ]
        yield ChatMessageAssistant(content=[*thought, ContentText(text=turn.text)], tool_calls=calls or None)
