"""A provider's whole answer, a batch's line or a chat, as the turns of the agent that stand in it.

Known are the forms of OpenAI (chat, completions, responses, batches), Anthropic (messages, batches), Google, vLLM,
LiteLLM and Ollama, the samples that Inspect exports, and chats under `messages` or `conversations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from turncoat.doors.tools.turns import own_turns

_CHATS = ("messages", "conversation", "conversations")
_ANSWERS = ("choices", "outputs", "candidates")
"""Lists of the answers to one prompt."""
_AROUND = ("response", "result", "body", "output", "message", "completion")
"""What an answer stands in."""
_ITEMS = ("message", "reasoning", "function_call")
"""Types of the items of which an answer of OpenAI's responses is a list."""
_PART = ("text", "thinking", "redacted_thinking", "reasoning", "tool_use", "output_text", "refusal")
_DEPTH = 5


def turns_in(data: Any, depth: int = 0) -> Sequence[Any] | None:
    """The turns of the agent in a value, as a provider writes them; None where it is none of the known forms.

    Args:
        data: A JSON value.
        depth: How deep in the record it stands.

    Raises:
        ValueError: Several answers to one prompt, which make several responses.
    """
    if isinstance(data, list):
        return _listed(data)
    if not isinstance(data, Mapping) or depth > _DEPTH:
        return None
    if "role" in data and any(n in data for n in ("content", "parts", "tool_calls")):
        return _listed([data])
    for name in _ANSWERS:
        if isinstance(answers := data.get(name), list) and answers:
            if len(answers) > 1:
                raise ValueError(f"key {name!r}: holds {len(answers)} answers; make each an object of its own")
            return _chosen(answers[0])
    for name in _CHATS:
        if isinstance(chat := data.get(name), list) and (found := _listed(chat)):
            return found
    inner = (turns_in(data[name], depth + 1) for name in _AROUND if isinstance(data.get(name), Mapping | list))
    return next((found for found in inner if found is not None), None)


def _listed(items: Sequence[Any]) -> Sequence[Any] | None:
    """A chat's own turns, an answer's items, or the parts of one text."""
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    if any("role" in item or "from" in item for item in items) or any(i.get("type") in _ITEMS for i in items):
        turns = [_turn(item) for item in items if not str(item.get("type", "")).endswith("_output")]
        return [t for t in own_turns(turns) if t.get("source") != "input"] or None
    return [{"content": list(items)}] if all(item.get("type") in _PART for item in items) else None


def _turn(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message, with what it says where assistants' messages have it."""
    if "from" in message:
        return {"role": message["from"], "content": message.get("value")}
    if message.get("type") == "function_call":
        return {"calls": [message]}
    return {("content" if key == "parts" else key): value for key, value in message.items()}


def _chosen(answer: Any) -> Sequence[Any] | None:
    """The turn in one of the answers to a prompt."""
    if not isinstance(answer, Mapping):
        return None
    if isinstance(message := answer.get("message"), Mapping):
        return [_turn(message)]
    content = answer.get("content", answer.get("text"))
    if isinstance(content, Mapping):
        content = content.get("parts")
    return None if content is None else [{"content": content}]
