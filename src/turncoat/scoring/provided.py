"""A provider's whole answer, a batch's line or a chat, as the turns of the agent that stand in it.

Known are the forms of OpenAI (chat, completions, responses, batches), Anthropic (messages, completions, batches),
Google, Bedrock (Converse, Titan, Llama), Cohere, Mistral, vLLM, SGLang, TGI, llama.cpp, LiteLLM and Ollama, the samples
that Inspect exports, and chats under `messages`, `contents` or `conversations`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from turncoat.doors.tools.messages import CALLS, is_message, own_messages, snake
from turncoat.evidence.endings import says_ending

_CHATS = ("messages", "conversation", "conversations", "contents")
_ANSWERS = ("choices", "candidates")
"""Lists of the answers to one prompt."""
_LISTS = ("outputs", "generations", "results")
"""Lists of these where an answer in them says how it ended; other files have other things under these names."""
_AROUND = ("response", "result", "body", "output", "message", "completion", "generated_text")
"""What an answer stands in."""
_TEXTS = ("generated_text", "generation", "completion", "outputText", "output_text")
"""Keys that hold an answer's text and nothing else."""
_PERHAPS = ("text", "content")
"""Keys that hold it where something beside them says how an output ended."""
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
    if is_message(data) and any(n in data for n in ("content", "parts", "tool_calls")):
        return _listed([data])
    for name in (*_ANSWERS, *(n for n in _LISTS if _say_ending(data.get(n)))):
        if isinstance(answers := data.get(name), list) and answers:
            if len(answers) > 1:
                raise ValueError(f"key {name!r}: holds {len(answers)} answers; make each an object of its own")
            return _chosen(answers[0])
    for name in _CHATS:
        if isinstance(chat := data.get(name), list) and (found := _listed(chat)):
            return found
    inner = (turns_in(data[name], depth + 1) for name in _AROUND if isinstance(data.get(name), Mapping | list))
    return next((found for found in inner if found is not None), None) or _bare(data)


def whole_answer(text: str) -> Any:
    """The provider's whole answer of which a text is the JSON, or None; what a model writes as JSON is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    known = isinstance(data, dict) and (any(isinstance(data.get(n), list) for n in _ANSWERS) or _say_ending([data]))
    return data if known and turns_in(data) is not None else None


def calls_beside(data: Mapping[str, Any]) -> dict[str, Any]:
    """The calls that stand in an object beside its text, under the names that a message has for them."""
    found = ((snake(str(name)), value) for name, value in data.items())
    return {name: value for name, value in found if name in CALLS and value and isinstance(value, Mapping | list | str)}


def _say_ending(answers: Any) -> bool:
    """Whether the first of some answers says how it ended."""
    first = answers[0] if isinstance(answers, list) and answers else None
    return isinstance(first, Mapping) and any(says_ending(str(name)) or name == "meta_info" for name in first)


def _listed(items: Sequence[Any]) -> Sequence[Any] | None:
    """A chat's own turns, an answer's items, or the parts of one text."""
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    if any(map(is_message, items)):
        turns = own_messages([item for item in items if not str(item.get("type", "")).endswith("_output")])
        return [t for t in turns if t.get("source") != "input"] or None
    return [{"content": list(items)}] if _are_parts(items) else None


def _are_parts(items: Any) -> bool:
    return isinstance(items, list) and all(isinstance(i, Mapping) and i.get("type") in _PART for i in items)


def _chosen(answer: Any) -> Sequence[Any] | None:
    """The turn in one of the answers to a prompt."""
    if not isinstance(answer, Mapping):
        return None
    if isinstance(message := answer.get("message"), Mapping):
        return own_messages([{**message, "role": "assistant"}]) or None
    content = answer.get("content", answer.get("text"))
    if isinstance(content, Mapping):
        content = content.get("parts")
    return _bare(answer) if content is None else [{"content": content}]


def _bare(data: Mapping[str, Any]) -> Sequence[Any] | None:
    """The turn in an object that holds an answer's text, or calls alone, without a message around it."""
    calls = calls_beside(data)
    names = (*_TEXTS, *_PERHAPS) if calls or _say_ending([data]) else _TEXTS
    text = next((data[name] for name in names if isinstance(data.get(name), str) or _are_parts(data.get(name))), None)
    return [{"content": text, **calls}] if text is not None or calls else None
