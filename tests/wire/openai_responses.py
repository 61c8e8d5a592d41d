"""OpenAI Responses: `POST /v1/responses`.

Reference: https://platform.openai.com/docs/api-reference/responses. Reasoning is an item of its own with a
readable summary and, if the client asks for it, an opaque encrypted text. The stream is in
`openai_responses_stream`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .exchange import CREATED, Conversation, Dialect, Json, Message, Reply, Stop, Tool, ToolCall, WireRequest
from .faults import Kind
from .http11 import HttpAnswer
from .openai_errors import error_answer


def read(body: Json) -> Conversation:
    """The conversation in a request body; an assistant's items in a row are one message."""
    system: list[str] = [body["instructions"]] if body.get("instructions") else []
    messages: list[Message] = []
    given = body["input"]
    items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
    for item in items:
        match item.get("type", "message"), item.get("role"):
            case "message", "system" | "developer":
                system.append(_text(item["content"]))
            case "message", "user":
                messages.append(Message("user", _text(item["content"])))
            case "message", "assistant":
                _extend(messages, Message("assistant", _text(item["content"])))
            case "reasoning", _:
                summary = "\n\n".join(part["text"] for part in item["summary"])
                opaque = item.get("encrypted_content") or ""
                _extend(messages, Message("assistant", reasoning=summary or opaque))
            case "function_call", _:
                call = ToolCall(item["name"], item["arguments"], item["call_id"])
                _extend(messages, Message("assistant", tool_calls=(call,)))
            case "function_call_output", _:
                messages.append(Message("tool", _text(item["output"]), call_id=item["call_id"]))
            case "computer_call", _:
                call = ToolCall("computer", {"actions": item["actions"]}, item["call_id"])
                _extend(messages, Message("assistant", tool_calls=(call,)))
            case "computer_call_output", _:
                if item["output"]["type"] != "computer_screenshot":
                    raise ValueError("input: the output of a computer call is a screenshot")
                messages.append(Message("tool", call_id=item["call_id"], images=(item["output"]["image_url"],)))
            case kind, role:
                raise ValueError(f"input: this server knows no item of type {kind!r} and role {role!r}")
    functions = [tool for tool in body.get("tools") or () if tool["type"] == "function"]
    tools = tuple(Tool(f["name"], f.get("description") or "", f.get("parameters") or {}) for f in functions)
    return Conversation("\n\n".join(system), tuple(messages), tools, body.get("max_output_tokens"))


def render(request: WireRequest, reply: Reply) -> Json:
    """The body of a finished response."""
    incomplete = _incomplete(reply.stop_reason)
    status = "incomplete" if incomplete else "completed"
    return unfinished(request) | {
        "status": status,
        "incomplete_details": incomplete,
        "output": output_items(request, reply, status),
        "usage": _usage(request, reply),
    }


def unfinished(request: WireRequest) -> Json:
    """The body of a response that has only begun."""
    return {
        "id": f"resp_{request.token('id')}",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": request.body.get("instructions"),
        "metadata": {},
        "model": request.model,
        "output": [],
        "parallel_tool_calls": request.body.get("parallel_tool_calls", True),
        "temperature": request.body.get("temperature", 1.0),
        "tool_choice": request.body.get("tool_choice", "auto"),
        "tools": request.body.get("tools", []),
        "top_p": request.body.get("top_p", 1.0),
        "usage": None,
    }


def output_items(request: WireRequest, reply: Reply, status: str) -> list[Json]:
    """The items of the output: reasoning, message, function calls, each if there is one."""
    items: list[Json] = []
    if reply.reasoning:
        summary = [{"type": "summary_text", "text": reply.reasoning}]
        reasoning: Json = {"type": "reasoning", "id": f"rs_{request.token('reasoning')}", "summary": summary}
        if "reasoning.encrypted_content" in (request.body.get("include") or ()):
            reasoning["encrypted_content"] = f"gAAAA{request.token('encrypted')}"
        items.append(reasoning)
    if reply.text:
        content = [{"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}]
        message = {"type": "message", "id": f"msg_{request.token('message')}", "role": "assistant"}
        items.append(message | {"status": status, "content": content})
    native = any(tool["type"] == "computer" for tool in request.body.get("tools") or ())
    for index, call in enumerate(reply.tool_calls):
        known = {"call_id": call.id or f"call_{request.token(f'call{index}')}", "status": status}
        if native and call.name == "computer":
            assert not isinstance(call.arguments, str)
            own: Json = {"actions": call.arguments["actions"], "pending_safety_checks": []}
            items.append({"type": "computer_call", "id": f"cu_{request.token(f'item{index}')}", **own, **known})
            continue
        told = {"name": call.name, "arguments": call.raw}
        items.append({"type": "function_call", "id": f"fc_{request.token(f'item{index}')}", **told, **known})
    return items


def error(kind: Kind, model: str, detail: str = "") -> HttpAnswer:
    """The HTTP answer for an error; see `openai_errors.error_answer`."""
    return error_answer(kind, Dialect.RESPONSES, model, detail)


def _incomplete(stop: Stop) -> Json | None:
    match stop:
        case Stop.MAX_TOKENS:
            return {"reason": "max_output_tokens"}
        case Stop.CONTENT_FILTER:
            return {"reason": "content_filter"}
        case Stop.END | Stop.TOOL_CALLS:
            return None


def _usage(request: WireRequest, reply: Reply) -> Json:
    usage = reply.usage_for(request)
    total_input = usage.input + usage.cache_read + usage.cache_write
    return {
        "input_tokens": total_input,
        "input_tokens_details": {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": total_input + usage.output,
    }


def _extend(messages: list[Message], more: Message) -> None:
    """Append to the assistant's message at the end, or begin one."""
    if not messages or messages[-1].role != "assistant":
        messages.append(more)
        return
    last = messages[-1]
    messages[-1] = replace(
        last,
        text=_join(last.text, more.text),
        reasoning=_join(last.reasoning, more.reasoning),
        tool_calls=last.tool_calls + more.tool_calls,
    )


def _join(first: str, second: str) -> str:
    return f"{first}\n{second}" if first and second else first or second


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = ("input_text", "output_text")
    return "\n".join(part["text"] for part in content if part["type"] in texts)
