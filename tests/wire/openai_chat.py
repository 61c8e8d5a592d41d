"""OpenAI Chat Completions: `POST /v1/chat/completions`.

Reference: https://platform.openai.com/docs/api-reference/chat. Reasoning travels in `reasoning_content`,
which is not OpenAI's own (its Chat API hides reasoning) but what servers compatible with it send.
"""

from __future__ import annotations

from typing import Any

from .exchange import (
    CREATED,
    Conversation,
    Dialect,
    Json,
    Message,
    Reply,
    Stop,
    Tool,
    ToolCall,
    WireRequest,
    pieces,
)
from .faults import Kind
from .http11 import HttpAnswer, event
from .openai_errors import error_answer, server_error


def read(body: Json) -> Conversation:
    """The conversation in a request body."""
    system: list[str] = []
    messages: list[Message] = []
    for item in body["messages"]:
        text = _text(item.get("content"))
        match item["role"]:
            case "system" | "developer":
                system.append(text)
            case "user":
                messages.append(Message("user", text))
            case "assistant":
                calls = tuple(
                    ToolCall(call["function"]["name"], call["function"]["arguments"], call["id"])
                    for call in item.get("tool_calls") or ()
                )
                messages.append(Message("assistant", text, item.get("reasoning_content") or "", calls))
            case "tool":
                messages.append(Message("tool", text, call_id=item["tool_call_id"]))
            case role:
                raise ValueError(f"messages: {role!r} is no role of Chat Completions")
    functions = [tool["function"] for tool in body.get("tools") or ()]
    tools = tuple(Tool(f["name"], f.get("description", ""), f.get("parameters", {})) for f in functions)
    return Conversation(
        "\n\n".join(system),
        tuple(messages),
        tools,
        body.get("max_completion_tokens") or body.get("max_tokens"),
    )


def render(request: WireRequest, reply: Reply) -> Json:
    """The body of a completion."""
    message: Json = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [_call(request, index, call) for index, call in enumerate(reply.tool_calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply.stop_reason)}
    return _envelope(request, "chat.completion") | {"choices": [choice], "usage": _usage(request, reply)}


def stream(request: WireRequest, reply: Reply) -> tuple[bytes, ...]:
    """The events of a streamed completion."""
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in pieces(reply.reasoning)]
    deltas += [{"content": piece} for piece in pieces(reply.text)]
    for index, call in enumerate(reply.tool_calls):
        opening = _call(request, index, ToolCall(call.name, "", call.id))
        deltas.append({"tool_calls": [{"index": index} | opening]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": p}}]} for p in pieces(call.raw)]
    chunks = [_chunk(request, delta) for delta in deltas]
    chunks.append(_chunk(request, {}, _finish(reply.stop_reason)))
    if (request.body.get("stream_options") or {}).get("include_usage"):
        usage = {"choices": [], "usage": _usage(request, reply)}
        chunks.append(_envelope(request, "chat.completion.chunk") | usage)
    return (*map(event, chunks), event("[DONE]"))


def failing_stream(request: WireRequest) -> tuple[bytes, ...]:
    """A stream that begins and then reports a failure of the server."""
    return event(_chunk(request, {"role": "assistant", "content": "I"})), event({"error": server_error()})


def error(kind: Kind, model: str, detail: str = "") -> HttpAnswer:
    """The HTTP answer for an error; see `openai_errors.error_answer`."""
    return error_answer(kind, Dialect.CHAT, model, detail)


def _envelope(request: WireRequest, kind: str) -> Json:
    return {
        "id": f"chatcmpl-{request.token('id')}",
        "object": kind,
        "created": CREATED,
        "model": request.model,
    }


def _chunk(request: WireRequest, delta: Json, finish: str | None = None) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _envelope(request, "chat.completion.chunk") | {"choices": [choice]}


def _call(request: WireRequest, index: int, call: ToolCall) -> Json:
    name = call.id or f"call_{request.token(f'call{index}')}"
    return {"id": name, "type": "function", "function": {"name": call.name, "arguments": call.raw}}


def _finish(stop: Stop) -> str:
    match stop:
        case Stop.END:
            return "stop"
        case Stop.TOOL_CALLS:
            return "tool_calls"
        case Stop.MAX_TOKENS:
            return "length"
        case Stop.CONTENT_FILTER:
            return "content_filter"


def _usage(request: WireRequest, reply: Reply) -> Json:
    usage = reply.usage_for(request)
    prompt = usage.input + usage.cache_read + usage.cache_write
    return {
        "prompt_tokens": prompt,
        "completion_tokens": usage.output,
        "total_tokens": prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def _text(content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part["text"] for part in content if part["type"] == "text")
