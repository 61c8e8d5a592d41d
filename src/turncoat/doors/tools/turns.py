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
from turncoat.doors.tools.sessions import BadArguments, plain_tool, read_arguments
from turncoat.evidence.endings import ending, says_ending, stop_of
from turncoat.providers.calls import RAW, object_in
from turncoat.world.actions import Finish

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessageAssistant

_TOOL = ("tool", "name", "tool_name")
_ARGUMENTS = ("arguments", "input", "args", "parameters")
_LABELS = frozenset("id type call_id tool_call_id index cache_control status thought_signature view internal".split())
"""Keys of a call or a part that say nothing of what was done."""
_THOUGHTS = ("reasoning", "reasoning_content", "thinking", "thought", "summary")
_WORDS = ("text", "content", "output_text", "refusal")
_CALLS = ("calls", "tool_calls", "function_call")
_ABOUT = frozenset(
    "id type role name index model status usage annotations audio created object timestamp source metadata logprobs "
    "provider_specific_fields reasoning_details thinking_blocks".split()
)
"""Keys of a turn that say nothing of what the agent did."""
_AGENT = frozenset(("assistant", "model", "ai", "agent", "gpt", "chatgpt", "bot", ""))


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
        found = {k: v for k, v in data.items() if k not in _LABELS and v is not None}
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
        said = {k: v for k, v in data.items() if says_ending(str(k))}
        rest = {k: v for k, v in data.items() if k not in said and k not in _ABOUT and v is not None}
        thoughts, texts, calls = ([rest.pop(n) for n in names if n in rest] for names in (_THOUGHTS, _WORDS, _CALLS))
        parts = list(_parts((*(("thought", t) for t in thoughts), *(("text", t) for t in texts))))
        listed = [c for given in calls for c in (given if isinstance(given, list | tuple) else [given])]
        found: dict[str, Any] = {"stop": stop_of(said)} if said else {}
        for name, kind in (("reasoning", "thought"), ("text", "text")):
            if pieces := [piece for k, piece in parts if k == kind]:
                found[name] = "\n\n".join(pieces)
        return {**found, "calls": (*listed, *(piece for k, piece in parts if k == "call")), **rest}


def own_turns(turns: Any) -> Any:
    """The agent's own turns of a chat, by their `role`: what users, systems and tools said is no turn of its."""
    if not isinstance(turns, list | tuple):
        return turns
    return tuple(t for t in turns if not isinstance(t, Mapping) or str(t.get("role") or "").lower() in _AGENT)


Turns = Annotated[tuple[Turn, ...], BeforeValidator(own_turns)]
"""The turns of a session, without what others said in it."""


def kept_of_turns(turns: Sequence[Turn], stop: str = "") -> Kept:
    """The conversation and the attempts of a session.

    Args:
        turns: The agent's turns.
        stop: How the session's last output ended, where its turn does not say so; see `Kept.stop`.
    """
    stops = [t.stop or "stop" for t in turns if [c.tool for c in t.calls] != [_FINISH] or ending(t.stop) is not None]
    if ending(stop) is not None:
        stops = [*stops[:-1], stop]
    return Kept(
        messages=list(_messages(turns)),
        entries=[_entry(call) for turn in turns for call in turn.calls],
        ended="finished",
        stops=stops if any(ending(s) is not None for s in stops) else (),
    )


def kept_of_chat(turns: Sequence[Turn], stop: str = "") -> Kept:
    """What is kept of an agent's turns that were no session of ours: they are read as the text interface reads.

    Args:
        turns: The agent's turns, at least one.
        stop: How the last output ended, where its turn does not say so; see `Kept.stop`.
    """
    last = turns[-1]
    alone = len(turns) == 1 and not last.calls
    return Kept(
        answer=last.text,
        reasoning=last.reasoning,
        stop=stop if ending(stop) is not None else last.stop or stop,
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


def _parts(given: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Thoughts, texts and calls of a turn, in order, also where they stand in lists of parts.

    Raises:
        ValueError: A part of another kind.
    """
    for kind, value in given:
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, Mapping):
                yield from _part(kind, part)
            elif isinstance(part, str):
                yield kind, part
            else:
                raise ValueError(f"expected text, found {type(part).__name__}")


def _part(kind: str, part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    said = str(part.get("type") or kind)
    if said in ("tool_use", "tool_call", "function_call") or "functionCall" in part:
        yield "call", part.get("functionCall", part)
    elif said.startswith("redacted"):
        return
    elif (text := next((part[n] for n in (*_WORDS, *_THOUGHTS) if isinstance(part.get(n), str)), None)) is not None:
        yield ("thought" if set(part) & set(_THOUGHTS) or "reason" in said or "think" in said else kind), text
    else:
        raise ValueError(f"a part of type {said[:40]!r} cannot be read")


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
