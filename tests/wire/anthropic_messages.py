"""Anthropic Messages: `POST /v1/messages`.

Reference: https://docs.claude.com/en/api/messages and https://docs.claude.com/en/api/errors.
The stream is in `anthropic_stream`. With streaming, tool arguments travel as text and may be cut or broken.
Without it they are an object: there, cut arguments are rendered as an empty object, and broken ones as a
string where the object belongs.
"""

from __future__ import annotations

import json
from typing import Any, assert_never

from .exchange import Conversation, Json, Message, Reply, Stop, Tool, ToolCall, Usage, WireRequest
from .faults import Kind
from .http11 import HttpAnswer, json_answer
from .openai_errors import GATEWAY_PAGE


def read(body: Json) -> Conversation:
    """The conversation in a request body; the tool results in a user turn are messages of their own."""
    if "max_tokens" not in body:
        raise ValueError("max_tokens: Field required")
    messages: list[Message] = []
    for turn in body["messages"]:
        content = turn["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        match turn["role"]:
            case "assistant":
                thinking = "\n".join(b["thinking"] for b in blocks if b["type"] == "thinking")
                calls = tuple(ToolCall(b["name"], b["input"], b["id"]) for b in blocks if b["type"] == "tool_use")
                messages.append(Message("assistant", _text(blocks), thinking, calls))
            case "user":
                results = [b for b in blocks if b["type"] == "tool_result"]
                messages += [_result(b) for b in results]
                if len(results) < len(blocks):
                    messages.append(Message("user", _text(blocks)))
            case role:
                raise ValueError(f"messages: {role!r} is no role of the Messages API")
    tools = tuple(
        Tool(tool["name"], tool.get("description", ""), tool["input_schema"])
        for tool in body.get("tools") or ()
        if "input_schema" in tool
    )
    return Conversation(_text(body.get("system") or ""), tuple(messages), tools, body["max_tokens"])


def _result(block: Json) -> Message:
    content = block.get("content") or ""
    pictures = [b["source"]["media_type"] for b in content if b["type"] == "image"] if isinstance(content, list) else []
    return Message("tool", _text(content), call_id=block["tool_use_id"], images=tuple(pictures))


def render(request: WireRequest, reply: Reply) -> Json:
    """The body of a message."""
    content = blocks(request, reply)
    for block in content:
        if block["type"] == "tool_use":
            block["input"] = _input(block["input"])
    return envelope(request) | {
        "content": content,
        "stop_reason": stop_reason(reply.stop_reason),
        "usage": usage_json(reply.usage_for(request)),
    }


def envelope(request: WireRequest) -> Json:
    """A message without content."""
    return {
        "id": f"msg_{request.token('id')}",
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def blocks(request: WireRequest, reply: Reply) -> list[Json]:
    """Thinking, text and tool use, each if there is one; the `input` of a tool use is still text."""
    found: list[Json] = []
    if reply.reasoning:
        found.append({"type": "thinking", "thinking": reply.reasoning, "signature": request.token("signature")})
    if reply.text:
        found.append({"type": "text", "text": reply.text})
    kinds = [str(tool.get("type")) for tool in request.body.get("tools") or ()]
    member = {"toolset_name": "computer"} if any(k.startswith("computer_toolset") for k in kinds) else {}
    for index, call in enumerate(reply.tool_calls):
        name = call.id or f"toolu_{request.token(f'call{index}')}"
        found.append({"type": "tool_use", "id": name, "name": call.name, "input": call.raw, **member})
    return found


def stop_reason(stop: Stop) -> str:
    """Anthropic's word for a stop reason; a filter that cuts in is a `refusal`."""
    match stop:
        case Stop.END:
            return "end_turn"
        case Stop.TOOL_CALLS:
            return "tool_use"
        case Stop.MAX_TOKENS:
            return "max_tokens"
        case Stop.CONTENT_FILTER:
            return "refusal"


def usage_json(usage: Usage) -> Json:
    """The usage object; Anthropic's `input_tokens` leaves out cached tokens, as `Usage.input` does."""
    return {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
        "service_tier": "standard",
    }


def error(kind: Kind, model: str, detail: str = "") -> HttpAnswer:
    """The HTTP answer for one kind of error.

    Args:
        kind: A kind that is an HTTP error; `STREAM_ERROR` is a 500 when nothing streams.
        model: The model that was asked for.
        detail: The message of a `BAD_REQUEST`.

    Raises:
        ValueError: If the kind is no HTTP error.
    """
    match kind:
        case Kind.RATE_LIMIT:
            message = "This request would exceed your organization's rate limit of 50,000 input tokens per minute."
            return _error(429, "rate_limit_error", message)
        case Kind.QUOTA:
            message = "Your credit balance is too low to access the Anthropic API."
            return _error(400, "invalid_request_error", message)
        case Kind.SERVER_ERROR | Kind.STREAM_ERROR:
            return _error(500, "api_error", "Internal server error")
        case Kind.BAD_GATEWAY:
            return HttpAnswer(502, GATEWAY_PAGE, "text/html")
        case Kind.UNAVAILABLE:
            return _error(503, "api_error", "Service unavailable")
        case Kind.OVERLOADED:
            return _error(529, "overloaded_error", "Overloaded")
        case Kind.INVALID_KEY:
            return _error(401, "authentication_error", "invalid x-api-key")
        case Kind.UNKNOWN_MODEL:
            return _error(404, "not_found_error", f"model: {model}")
        case Kind.BAD_REQUEST:
            return _error(400, "invalid_request_error", detail or "Invalid request.")
        case Kind.CONTEXT_LENGTH:
            return _error(400, "invalid_request_error", "prompt is too long: 208000 tokens > 200000 maximum")
        case Kind.CONTENT_BLOCKED:
            return _error(400, "invalid_request_error", "Output blocked by content filtering policy")
        case Kind.STALL | Kind.RESET | Kind.INVALID_JSON:
            raise ValueError(f"{kind} is a failure of the connection, not an HTTP error")
        case Kind.EMPTY | Kind.CONTENT_FILTER | Kind.MAX_TOKENS | Kind.BROKEN_CALL | Kind.CUT_CALL:
            raise ValueError(f"{kind} is a reply, not an HTTP error")
        case _:
            assert_never(kind)


def _error(status: int, kind: str, message: str) -> HttpAnswer:
    return json_answer(status, error_json(kind, message))


def error_json(kind: str, message: str) -> Json:
    """The body of an error, which is also the data of an error event."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_test"}


def _input(raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw if raw.endswith("}") else {}


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block["text"] for block in content if block["type"] == "text")
