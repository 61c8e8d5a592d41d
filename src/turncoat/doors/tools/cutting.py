"""The turn that a tool is called in: the conversation up to it, and whether the token limit cut the call off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage

from turncoat.doors.kept import CUT_OFF

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
    return last.function == tool and dict(last.arguments) == dict(arguments)


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
