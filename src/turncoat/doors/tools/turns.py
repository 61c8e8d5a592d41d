"""A session as it stands in a file: the agent's turns with their native calls, and what a log would keep of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall
from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.doors.kept import Attempted, Kept, Unreadable, dump
from turncoat.doors.tools.sessions import BadArguments, read_arguments


class Call(Frozen):
    """A native tool call as the agent made it."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Turn(Frozen):
    """One turn of an agent in a session."""

    reasoning: str = ""
    """Provider-side thinking."""
    text: str = ""
    """What it wrote beside its calls, scratchpads included."""
    calls: tuple[Call, ...] = ()


def kept_of_turns(turns: Sequence[Turn]) -> Kept:
    """The conversation and the attempts of a session that came to its end."""
    return Kept(
        messages=list(_messages(turns)),
        entries=[_entry(call) for turn in turns for call in turn.calls],
        ended="finished",
    )


def _entry(call: Call) -> dict[str, Any]:
    try:
        return dump(Attempted(action=read_arguments(call.tool, call.arguments)))
    except BadArguments as problem:
        return dump(Unreadable(tool=call.tool, text=str(call.arguments), problem=str(problem)))


def _messages(turns: Sequence[Turn]) -> Iterator[ChatMessage]:
    for number, turn in enumerate(turns):
        thought = [ContentReasoning(reasoning=turn.reasoning)] if turn.reasoning else []
        calls = [
            ToolCall(id=f"call_{number}_{i}", function=c.tool, arguments=c.arguments) for i, c in enumerate(turn.calls)
        ]
        yield ChatMessageAssistant(content=[*thought, ContentText(text=turn.text)], tool_calls=calls or None)
