"""Tool calls that the token limit cut off: some providers hand them over as if they were whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript

CUT = "The request broke off before it was complete. Nothing was done."


def is_cut_off(tool: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call is the last one of an output that ended at a limit.

    Its arguments may then be the beginning of what the model was about to write, with no other sign of it.

    Args:
        tool: Name of the tool.
        arguments: As they arrived.
    """
    event = transcript().history.find_last(lambda e: isinstance(e, ModelEvent))
    if not isinstance(event, ModelEvent) or not event.output.choices:
        return False
    output = event.output
    if output.stop_reason not in ("max_tokens", "model_length") or not output.message.tool_calls:
        return False
    last = output.message.tool_calls[-1]
    return last.function == tool and dict(last.arguments) == dict(arguments)
