"""What every provider refuses in a conversation, whatever its dialect."""

from __future__ import annotations

from collections.abc import Sequence

from .exchange import Message


def complaint(messages: Sequence[Message]) -> str:
    """Why a provider would refuse this conversation with status 400, or `""` if it would not.

    All of them want at least one message, an answer to each tool call directly after the message that made
    it, and no answer to a call that was not made.
    """
    if not messages:
        return "messages: at least one message is required"
    open_calls: set[str] = set()
    for number, message in enumerate(messages):
        if message.role == "tool":
            if message.call_id not in open_calls:
                return f"messages.{number}: no preceding tool call has the id {message.call_id!r}"
            open_calls.remove(message.call_id)
        elif open_calls:
            return f"messages.{number}: tool calls without a result before this message: {sorted(open_calls)}"
        else:
            open_calls = {call.id for call in message.tool_calls}
    return f"messages: tool calls without a result: {sorted(open_calls)}" if open_calls else ""
