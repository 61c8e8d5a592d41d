"""A streamed answer, put together again, is the answer: whatever the texts are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .dialects import codec
from .exchange import Dialect, Reply, ToolCall, WireRequest

REQUEST = WireRequest(
    dialect=Dialect.CHAT,
    model="m",
    system="",
    messages=(),
    tools=(),
    max_tokens=None,
    stream=True,
    sdk_retry=0,
    occurrence=0,
    headers={},
    body={},
    digest="",
)
TEXTS = st.text(max_size=60)


def deltas(dialect: Dialect, events: tuple[bytes, ...]) -> Iterator[tuple[str, str]]:
    """The pieces in a stream, each with the name of its field."""
    for raw in events:
        data = raw.decode().partition("data: ")[2].strip()
        if data == "[DONE]":
            continue
        found: dict[str, Any] = json.loads(data)
        match dialect:
            case Dialect.CHAT:
                delta = (found["choices"] or [{"delta": {}}])[0]["delta"]
                yield "text", delta.get("content", "")
                yield "reasoning", delta.get("reasoning_content", "")
                yield from (("call", call["function"]["arguments"]) for call in delta.get("tool_calls", ()))
            case Dialect.RESPONSES if found["type"].endswith(".delta"):
                names = {"output_text": "text", "reasoning_summary_text": "reasoning"}
                yield names.get(found["type"].split(".")[1], "call"), found["delta"]
            case Dialect.MESSAGES if found["type"] == "content_block_delta":
                names = {"text": "text", "thinking": "reasoning", "partial_json": "call"}
                yield from ((names[key], text) for key, text in found["delta"].items() if key in names)


@pytest.mark.parametrize("dialect", Dialect)
@given(text=TEXTS, reasoning=TEXTS, argument=TEXTS)
def test_pieces_make_the_whole(dialect: Dialect, text: str, reasoning: str, argument: str) -> None:
    call = ToolCall("post", {"to": argument})
    events = codec(dialect).stream(REQUEST, Reply(text, reasoning, (call,)))
    whole = {"text": "", "reasoning": "", "call": ""}
    for name, piece in deltas(dialect, events):
        whole[name] += piece
    assert whole == {"text": text, "reasoning": reasoning, "call": call.raw}
    assert all(event.endswith(b"\n\n") and event.count(b"\n\n") == 1 for event in events)
