"""The server-sent events of the Responses API: each item is announced, delivered in pieces, and closed."""

from __future__ import annotations

from .exchange import Json, Reply, WireRequest, pieces
from .http11 import event
from .openai_errors import server_error
from .openai_responses import render, unfinished


def stream(request: WireRequest, reply: Reply) -> tuple[bytes, ...]:
    """The events of a streamed response; the last one carries the whole of it."""
    body = render(request, reply)
    events = _opening(request)
    for index, item in enumerate(body["output"]):
        events += [{"output_index": index, "item_id": item["id"]} | each for each in _item(item)]
    events.append({"type": f"response.{body['status']}", "response": body})
    return _numbered(events)


def failing_stream(request: WireRequest) -> tuple[bytes, ...]:
    """A stream that begins and then reports a failure of the server."""
    failure = {"type": "error", "code": "server_error", "message": server_error()["message"], "param": None}
    return _numbered([*_opening(request), failure])


def _opening(request: WireRequest) -> list[Json]:
    body = unfinished(request)
    return [
        {"type": "response.created", "response": body},
        {"type": "response.in_progress", "response": body},
    ]


def _item(item: Json) -> list[Json]:
    empty: Json
    match item["type"]:
        case "reasoning":
            empty = {"summary": []}
            middle = _part("reasoning_summary_part", "reasoning_summary_text", item["summary"][0], "summary_index")
        case "message":
            empty = {"content": []}
            middle = _part("content_part", "output_text", item["content"][0], "content_index")
        case "computer_call":
            empty, middle = {}, []
        case _:
            empty = {"arguments": ""}
            middle = _arguments(item)
    return [
        {"type": "response.output_item.added", "item": item | empty | {"status": "in_progress"}},
        *middle,
        {"type": "response.output_item.done", "item": item},
    ]


def _part(part_name: str, text_name: str, part: Json, index_name: str) -> list[Json]:
    at: Json = {index_name: 0}
    text = part["text"]
    return [
        {"type": f"response.{part_name}.added", "part": part | {"text": ""}} | at,
        *({"type": f"response.{text_name}.delta", "delta": piece, "logprobs": []} | at for piece in pieces(text)),
        {"type": f"response.{text_name}.done", "text": text, "logprobs": []} | at,
        {"type": f"response.{part_name}.done", "part": part} | at,
    ]


def _arguments(item: Json) -> list[Json]:
    name, text = "response.function_call_arguments", item["arguments"]
    return [
        *({"type": f"{name}.delta", "delta": piece} for piece in pieces(text)),
        {"type": f"{name}.done", "arguments": text, "name": item["name"]},
    ]


def _numbered(events: list[Json]) -> tuple[bytes, ...]:
    return tuple(event(each | {"sequence_number": n}, each["type"]) for n, each in enumerate(events))
