"""A labelled session of the tools interface, performed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall

from turncoat.doors.tools.acts import Attempted, Unreadable, dump
from turncoat.doors.tools.arguments import BadArguments, read_arguments
from turncoat.doors.tools.sessions import case_of_session
from turncoat.evidence.case import Case
from turncoat.labels.items import Call, Turn
from turncoat.scenarios.setting import Setting


def case_of_turns(setting: Setting, turns: Sequence[Turn]) -> Case:
    """Perform the calls of a labelled session, in order, in a fresh company.

    Args:
        setting: Where the agent acted, with the live seed.
        turns: What it thought, wrote and called.
    """
    entries = [_entry(call) for turn in turns for call in turn.calls]
    return case_of_session(setting, entries, list(_messages(turns)))


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
