"""A message as providers, frameworks and data sets write it: whose it is, and the texts, thoughts and calls in it.

Known are the messages of OpenAI (chat, items of responses), Anthropic, Google, Bedrock, Cohere, Mistral, Ollama,
LangChain, Vercel's AI SDK, Inspect, Harmony, and of data sets (`from` and `value`, a role of its own for calls).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turncoat.base.patterns import later

THOUGHTS = ("reasoning", "reasoning_content", "thinking", "thought", "summary", "tool_plan")
"""Keys of a message or a part that hold what the model thought."""
WORDS = ("text", "content", "output_text", "refusal")
"""Keys that hold what it wrote."""
CALLS = ("calls", "tool_calls", "function_call", "invalid_tool_calls")
"""Keys that hold what it called."""
ABOUT = frozenset(
    "id type role name index model status usage annotations audio created object timestamp source metadata logprobs "
    "provider_specific_fields reasoning_details thinking_blocks citations prefix partial weight train example loss "
    "markdown stop_sequence stop_details encrypted_content response_metadata usage_metadata additional_kwargs phase "
    "channel recipient tool_call_chunks container context_management".split()
)
"""Keys of a message that say nothing of what the agent did."""
AROUND = ("response_metadata", "generation_info", "additional_kwargs", "metadata", "status")
"""Of these the keys that may say how the output ended."""

_AGENT = frozenset("assistant model ai agent gpt chatgpt chatbot bot aimessage aimessagechunk ai_message".split()) | {
    ""
}
_CALLERS = frozenset("function_call function_calls tool_call tool_calls tool_use".split())
"""Roles under which data sets write what the agent called."""
_OTHERS = later(
    r"user|human|system|developer|tool|function|observ|environ|ipython|result|response|feedback|context|prompt|"
    r"instruct|question|customer|client|critic|grader|judge|review|monitor|narrat|memory|note|document|data|input"
)
"""What stands in the roles of everybody else."""
_FRAMEWORKS = frozenset(
    "human ai system tool function humanmessage aimessage aimessagechunk systemmessage toolmessage functionmessage "
    "chatmessage".split()
)
"""Types of messages of frameworks that have no role."""
_ITEMS = frozenset(("message", "reasoning", "mcp_approval_request"))
"""Types of the items of which an answer of OpenAI's responses is a list, beside those that end in `_call`."""
_WHOLE = ("function_call", "tool_use", "tool_call", "executable_code")
"""Keys of a part under which a whole call stands."""
_ANSWERS = later(r"_(?:results?|response|output)$")
"""How the names of parts end that a tool and not the agent wrote."""


def snake(name: str) -> str:
    """A name of any spelling in small letters with underscores: `toolCalls`, `tool-call`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).replace("-", "_").lower()


def is_message(item: Mapping[str, Any]) -> bool:
    """Whether an object is one of a conversation's messages, or of an answer's items."""
    return "role" in item or "from" in item or _framework(item) != "" or _is_item(item)


def own_messages(messages: Any) -> Any:
    """The agent's own messages of a chat, each with `role` and `content`; what others said is none of them.

    Raises:
        ValueError: A role of which nobody knows whose it is.
    """
    if not isinstance(messages, list | tuple):
        return messages
    plain = [_plain(m) if isinstance(m, Mapping) else m for m in messages]
    roles = [_role(m) if isinstance(m, Mapping) else "" for m in plain]
    if unknown := next((r for r in roles if r not in _AGENT and not _OTHERS.search(r)), ""):
        raise ValueError(
            f"a message has the role {unknown[:40]!r}; say assistant where it is the agent, else user or tool"
        )
    return tuple(m for m, role in zip(plain, roles, strict=True) if role in _AGENT)


def calls_in(given: Any) -> list[Any]:
    """The calls under a key of a message: one, several, or the text of either; what cannot be read stays as it came."""
    if isinstance(given, str):
        try:
            found = json.loads(given, strict=False)
        except (ValueError, RecursionError):
            found = None
        given = found if _are_calls(found) else [{"name": "", "arguments": given}]
    return list(given) if isinstance(given, list | tuple) else [] if given is None else [given]


def parts_of(message: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Thoughts, texts and calls (`thought`, `text`, `call`) of a message, in order, also where they are lists of parts.

    Raises:
        ValueError: A part of another kind.
    """
    for names, kind in ((THOUGHTS, "thought"), (WORDS, "text")):
        for name in names:
            if message.get(name) is not None:
                yield from _pieces(kind, message[name])


def _plain(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message with `role` and `content` where other forms have other names, or with `calls` where it is a call."""
    inner = message.get("kwargs", message.get("data"))
    if "role" not in message and isinstance(inner, Mapping) and "content" in inner:
        made = message["id"][-1] if isinstance(message.get("id"), list) and message["id"] else message.get("type")
        message = {"type": made, **inner}
    if "from" in message and "role" not in message:
        message = {{"from": "role", "value": "content"}.get(k, k): v for k, v in message.items()}
    if "role" not in message and (kind := _framework(message)):
        message = {**message, "role": kind}
    if "parts" in message and "content" not in message:
        message = {("content" if k == "parts" else k): v for k, v in message.items()}
    if _is_item(message) and message["type"] not in ("message", "reasoning"):
        return {"status": message.get("status"), "calls": [_item_call(message)]}
    said = message.get("content")
    if _role(message) in _CALLERS:
        rest = {k: v for k, v in message.items() if k not in ("role", "content")}
        return {**rest, "role": "assistant", "calls": calls_in(said)}
    if _role(message) in _AGENT and isinstance(said, str):
        return _channelled(message, said)
    return message


def _channelled(message: Mapping[str, Any], said: str) -> Mapping[str, Any]:
    """A message of Harmony's form: a thought where its channel says so, a call where a tool is its recipient."""
    rest = {k: v for k, v in message.items() if k != "content"}
    to = message.get("recipient")
    if isinstance(to, str) and ("." in to or (message.get("channel") and to not in ("", "all", "user", "assistant"))):
        return {**rest, "calls": [{"name": to, "arguments": said}]}
    return {**rest, "thinking": said} if message.get("channel") == "analysis" else message


def _role(message: Mapping[str, Any]) -> str:
    return str(message.get("role") or "").strip().lower().replace("-", "_")


def _framework(message: Mapping[str, Any]) -> str:
    """The role in the type of a framework's message, or ""."""
    inner = message.get("kwargs", message.get("data"))
    holder = inner if isinstance(inner, Mapping) and "content" in inner else message
    made = message["id"][-1] if isinstance(message.get("id"), list) and message["id"] else message.get("type")
    found = str(made).lower() if "content" in holder else ""
    return found if found in _FRAMEWORKS else ""


def _is_item(message: Mapping[str, Any]) -> bool:
    kind = message.get("type")
    return isinstance(kind, str) and (kind in _ITEMS or (kind.endswith("_call") and "role" not in message))


def _item_call(item: Mapping[str, Any]) -> dict[str, Any]:
    """The call in an item: that of a tool by name, or of a provider's own tool with all that the item says."""
    named = next((item[n] for n in ("name", "tool", "tool_name") if item.get(n)), None)
    given = next((item[n] for n in ("arguments", "input", "parameters") if item.get(n) is not None), None)
    if named is None and isinstance(item.get("function"), Mapping):
        return {"function": item["function"]}
    rest = {
        k: v for k, v in item.items() if k not in ("type", "id", "call_id", "status", "output", "outputs", "results")
    }
    return {"name": named or item["type"], "arguments": rest if named is None else given}


def _are_calls(found: Any) -> bool:
    calls = found if isinstance(found, list) else [found]
    return bool(calls) and all(
        isinstance(c, Mapping) and {"name", "function", "tool", "tool_name"} & set(c) for c in calls
    )


def _pieces(kind: str, value: Any) -> Iterator[tuple[str, Any]]:
    for part in value if isinstance(value, list | tuple) else [value]:
        if isinstance(part, Mapping):
            yield from _part(kind, {snake(str(k)): v for k, v in part.items()})
        elif isinstance(part, str):
            yield kind, part
        else:
            raise ValueError(f"expected text, found {type(part).__name__}")


def _part(kind: str, part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    said = snake(str(part.get("type") or kind))
    whole = next((n for n in _WHOLE if isinstance(part.get(n), Mapping)), None)
    if whole is not None:
        inner = part[whole]
        yield "call", inner if whole != "executable_code" else {"name": whole, "arguments": dict(inner)}
    elif said.endswith(("tool_use", "_call")):
        yield "call", part
    elif _ANSWERS.search(said) or said.startswith("redacted"):
        return
    elif isinstance(inner := part.get("reasoning_content"), Mapping):
        text = inner.get("reasoningText")  # beside it there may be what was redacted
        yield from _pieces("thought", text if isinstance(text, Mapping | str) else "")
    elif (text := next((part[n] for n in (*WORDS, *THOUGHTS) if isinstance(part.get(n), str)), None)) is not None:
        thought = any(part.get(n) for n in THOUGHTS) or "reason" in said or "think" in said
        yield ("thought" if thought else kind), text
    elif isinstance(inner := next((part[n] for n in THOUGHTS if isinstance(part.get(n), list)), None), list):
        yield from _pieces("thought", inner)
    elif not any(_ANSWERS.search(n) for n, v in part.items() if isinstance(v, Mapping)):
        raise ValueError(f"a part of type {_told(said, kind, part)!r} cannot be read")


def _told(said: str, kind: str, part: Mapping[str, Any]) -> str:
    """What to call a part that cannot be read: its type, or its first key where it has none."""
    return said[:40] if part.get("type") or not part else f"{kind} with the key {next(iter(part))[:40]}"


def extra_calls(message: Mapping[str, Any]) -> Sequence[Any]:
    """Calls that a framework keeps beside the message, where it has none of its own."""
    beside = message.get("additional_kwargs")
    if not isinstance(beside, Mapping):
        beside = {"tool_calls": message.get("tool_call_chunks")}
    return [call for name in ("tool_calls", "function_call") if beside.get(name) for call in calls_in(beside[name])]
