"""The server-sent events of the Messages API: each block is opened, delivered in pieces, and closed."""

from __future__ import annotations

from .anthropic_messages import blocks, envelope, error_json, stop_reason, usage_json
from .exchange import Json, Reply, WireRequest, pieces
from .http11 import event


def stream(request: WireRequest, reply: Reply) -> tuple[bytes, ...]:
    """The events of a streamed message."""
    usage = usage_json(reply.usage_for(request))
    events = [_start(request, usage), {"type": "ping"}]
    for index, block in enumerate(blocks(request, reply)):
        events += [each | {"index": index} for each in _block(block)]
    delta = {"stop_reason": stop_reason(reply.stop_reason), "stop_sequence": None}
    events += [{"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}]
    return _named(events)


def failing_stream(request: WireRequest) -> tuple[bytes, ...]:
    """A stream that begins and then says that the API is overloaded."""
    usage = usage_json(Reply().usage_for(request))
    return _named([_start(request, usage), error_json("overloaded_error", "Overloaded")])


def _start(request: WireRequest, usage: Json) -> Json:
    return {"type": "message_start", "message": envelope(request) | {"usage": usage | {"output_tokens": 1}}}


def _block(block: Json) -> list[Json]:
    match block["type"]:
        case "thinking":
            empty = block | {"thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case "text":
            empty = block | {"text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        case _:
            empty = block | {"input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(block["input"])]
    return [
        {"type": "content_block_start", "content_block": empty},
        *({"type": "content_block_delta", "delta": delta} for delta in deltas),
        {"type": "content_block_stop"},
    ]


def _named(events: list[Json]) -> tuple[bytes, ...]:
    return tuple(event(each, each["type"]) for each in events)
