"""What Inspect makes of good answers, over each API."""

from __future__ import annotations

import asyncio

import pytest
from inspect_ai.model import (
    ChatMessage,
    ChatMessageSystem,
    ChatMessageUser,
    ContentReasoning,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)

from .clients import wire_model
from .exchange import Dialect, Reply, Stop, ToolCall, Usage, in_turn
from .server import WireServer
from .variants import VARIANTS, Variant, ask, post

each_variant = pytest.mark.parametrize("variant", VARIANTS, ids=str)
FIRST = ToolCall("post", {"to": "ann", "body": 'One: "two" \N{EM DASH} three\n'})
SECOND = ToolCall("post", {"to": "bob", "body": ""})


def answer(variant: Variant, reply: Reply) -> ModelOutput:
    """Inspect's output for this reply."""
    with WireServer(in_turn(reply)) as server:
        return asyncio.run(ask(server, variant))


@each_variant
def test_text(variant: Variant) -> None:
    output = answer(variant, Reply("Grüße, \N{SNOWMAN}, and a text longer than one piece of a stream."))
    assert output.completion == "Grüße, \N{SNOWMAN}, and a text longer than one piece of a stream."
    assert (output.stop_reason, output.message.tool_calls) == ("stop", None)


@each_variant
@pytest.mark.parametrize("calls", [(FIRST,), (FIRST, SECOND), (SECOND, SECOND)], ids=["one", "two", "same twice"])
def test_tool_calls(variant: Variant, calls: tuple[ToolCall, ...]) -> None:
    output = answer(variant, Reply("I write.", tool_calls=calls))
    found = output.message.tool_calls or []
    assert [(call.function, call.arguments, call.parse_error) for call in found] == [
        (call.name, call.arguments, None) for call in calls
    ]
    assert len({call.id for call in found}) == len(calls)
    assert (output.stop_reason, output.completion) == ("tool_calls", "I write.")


@each_variant
def test_usage(variant: Variant) -> None:
    usage = Usage(input=100, output=20, reasoning=5, cache_read=7, cache_write=3)
    output = answer(variant, Reply("Hi.", usage=usage))
    assert output.usage == ModelUsage(
        input_tokens=100,
        output_tokens=20,
        total_tokens=130,
        input_tokens_cache_read=7,
        input_tokens_cache_write=3,
        reasoning_tokens=5,
    )


@each_variant
def test_usage_is_estimated_when_none_is_given(variant: Variant) -> None:
    usage = answer(variant, Reply("twelve chars", reasoning="eight ch")).usage
    assert usage is not None
    assert (usage.output_tokens, usage.reasoning_tokens) == (6, 2)
    assert usage.input_tokens > 0


@each_variant
@pytest.mark.parametrize(
    ("stop", "expected"),
    [(Stop.END, "stop"), (Stop.MAX_TOKENS, "max_tokens"), (Stop.CONTENT_FILTER, "content_filter")],
)
def test_stop_reasons(variant: Variant, stop: Stop, expected: str) -> None:
    assert answer(variant, Reply("So far so", stop=stop)).stop_reason == expected


@each_variant
def test_where_the_readable_reasoning_is(variant: Variant) -> None:
    output = answer(variant, Reply("Yes.", reasoning="They may read this."))
    reasoning = [part for part in output.message.content if isinstance(part, ContentReasoning)]
    assert len(reasoning) == 1
    if variant.dialect is Dialect.CHAT:
        assert (reasoning[0].reasoning, reasoning[0].redacted) == ("They may read this.", False)
    else:  # `reasoning` is the opaque text that is sent back, the words are in `summary`
        assert (reasoning[0].summary, reasoning[0].redacted) == ("They may read this.", True)
        assert "They" not in reasoning[0].reasoning
    assert output.completion == "Yes."


@each_variant
def test_a_conversation_with_tools_comes_back_whole(variant: Variant) -> None:
    replies = in_turn(
        Reply("I write.", reasoning="Two letters.", tool_calls=(FIRST, SECOND)),
        Reply("Done.", reasoning="Fine."),
    )

    async def converse(server: WireServer) -> ModelOutput:
        config = GenerateConfig(max_tokens=1000)
        async with wire_model(server, variant.dialect, streaming=variant.streaming, config=config) as model:
            prompt: list[ChatMessage] = [
                ChatMessageSystem(content="You post letters."),
                ChatMessageUser(content="Write to both."),
            ]
            return (await model.generate_loop(prompt, tools=[post()]))[1]

    with WireServer(replies) as server:
        assert asyncio.run(converse(server)).completion == "Done."
    first, second = server.requests
    assert (first.system, first.prompt, first.max_tokens) == ("You post letters.", "Write to both.", 1000)
    assert [tool.name for tool in first.tools] == ["post"]
    assert first.tools[0].parameters["required"] == ["to", "body"]
    assert [message.role for message in second.messages] == ["user", "assistant", "tool", "tool"]
    said, *results = second.messages[1:]
    assert "I write." in said.text
    assert [call.name for call in said.tool_calls] == ["post", "post"]
    assert [call.id for call in said.tool_calls] == [result.call_id for result in results]
    assert [result.text for result in results] == ["posted to ann", "posted to bob"]
    if variant.dialect is Dialect.RESPONSES:  # only the opaque text goes back
        assert said.reasoning.startswith("gAAAA")
    else:
        assert said.reasoning == "Two letters."


@pytest.mark.parametrize(("max_tokens", "streams"), [(None, True), (8192, True), (8191, False)])
def test_anthropic_streams_by_itself_for_long_answers(max_tokens: int | None, streams: bool) -> None:
    async def generate(server: WireServer) -> None:
        async with wire_model(server, Dialect.MESSAGES, config=GenerateConfig(max_tokens=max_tokens)) as model:
            await model.generate("Hello?")

    with WireServer(in_turn(Reply("Hi."))) as server:
        asyncio.run(generate(server))
    assert server.requests[0].stream is streams


def test_reasoning_models_of_openai_are_probed_first() -> None:
    with WireServer(in_turn(Reply("Hi."))) as server:
        asyncio.run(ask(server, Variant(Dialect.RESPONSES, False)))
    assert [record.kind for record in server.records] == ["probe", "completion"]
    assert server.statuses == [200]
    assert server.requests[0].body["reasoning"] == {"summary": "auto"}
