"""What the server itself promises: conditions, records, failures of the test, and an end."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import anthropic
import openai
import pytest
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import ChatMessageUser, get_model

from .clients import model_name, wire_model
from .exchange import Dialect, Reply, ToolCall, in_turn
from .faults import Fault, FaultPlan, Kind, always
from .server import WireServer
from .variants import VARIANTS, Variant, ask

PATHS = {
    Dialect.CHAT: "/v1/chat/completions",
    Dialect.RESPONSES: "/v1/responses",
    Dialect.MESSAGES: "/v1/messages",
}
each_dialect = pytest.mark.parametrize("dialect", Dialect)


def post(server: WireServer, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
    """The status and decoded body of a plain request without any client library."""
    opener = build_opener(ProxyHandler({}))
    request = Request(server.url + path, body, {"x-api-key": "k"} | headers, method="POST")
    try:
        with opener.open(request) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


@each_dialect
def test_only_valid_keys_are_let_in(dialect: Dialect) -> None:
    variant = Variant(dialect, False)
    with WireServer(in_turn(Reply("Hi.")), keys={"good"}) as server:
        with pytest.raises((openai.AuthenticationError, anthropic.AuthenticationError)):
            asyncio.run(ask(server, variant, key="expired"))
        assert asyncio.run(ask(server, variant, key="good")).completion == "Hi."
    assert server.statuses == [401, 200]
    assert all(record.key for record in server.records)


@each_dialect
def test_only_existing_models_answer(dialect: Dialect) -> None:
    variant = Variant(dialect, False)
    provider, _, existing = model_name(dialect).partition("/")
    with WireServer(in_turn(Reply("Hi.")), models={existing}) as server:
        with pytest.raises((openai.NotFoundError, anthropic.NotFoundError), match="no-such-model"):
            asyncio.run(ask(server, variant, name=f"{provider}/no-such-model"))
        assert asyncio.run(ask(server, variant)).completion == "Hi."
    assert [(record.model, record.status) for record in server.completions] == [
        ("no-such-model", 404),
        (existing, 200),
    ]


@each_dialect
def test_without_a_key_nothing_is_sent(dialect: Dialect) -> None:
    with WireServer(in_turn()) as server, pytest.raises(PrerequisiteError, match="API_KEY"):
        get_model(model_name(dialect), base_url=server.base_url(dialect), memoize=False)
    assert server.records == []


def test_a_request_without_a_key_is_refused_and_recorded() -> None:
    with WireServer(in_turn()) as server:
        status, _ = post(server, "/v1/messages", b"{}", **{"x-api-key": ""})
    assert (status, server.records[0].key) == (401, False)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_key_itself_is_not_kept(variant: Variant) -> None:
    with WireServer(in_turn(Reply("Hi."))) as server:
        asyncio.run(ask(server, variant, key="a-secret"))
    assert "a-secret" not in repr(server.records)


@pytest.mark.parametrize(
    ("dialect", "body", "complaint"),
    [
        (Dialect.CHAT, b"[1, 2", "JSON object"),
        (Dialect.CHAT, b'{"messages": []}', "model"),
        (Dialect.CHAT, b'{"model": "m"}', "messages"),
        (Dialect.CHAT, b'{"model": "m", "messages": []}', "at least one message"),
        (Dialect.CHAT, b'{"model": "m", "messages": [{"role": "judge", "content": "x"}]}', "judge"),
        (Dialect.RESPONSES, b'{"model": "m", "input": [{"type": "riddle"}]}', "riddle"),
        (Dialect.RESPONSES, b'{"model": "m"}', "input"),
        (Dialect.MESSAGES, b'{"model": "m", "messages": [{"role": "user", "content": "x"}]}', "max_tokens"),
        (Dialect.MESSAGES, b'{"model": "m", "max_tokens": 9, "messages": "x"}', "cannot be read"),
    ],
)
def test_senseless_bodies_are_refused(dialect: Dialect, body: bytes, complaint: str) -> None:
    with WireServer(in_turn()) as server:
        status, answer = post(server, PATHS[dialect], body)
    assert status == 400
    assert complaint in answer["error"]["message"]
    assert server.records[0].fault is Kind.BAD_REQUEST


def test_tool_calls_must_be_answered() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "content": "done", "tool_call_id": "c1"}
    user = {"role": "user", "content": "Go on."}
    cases: list[tuple[list[Any], int]] = [
        ([user, asked, result], 200),
        ([user, asked, result, user], 200),
        ([user, asked], 400),
        ([user, asked, user], 400),
        ([user, result], 400),
        ([user, asked, result, result], 400),
    ]
    with WireServer(lambda request: Reply("Hi.")) as server:
        for messages, expected in cases:
            body = json.dumps({"model": "m", "messages": messages}).encode()
            assert post(server, PATHS[Dialect.CHAT], body)[0] == expected, messages


def test_models_are_listed_in_each_provider_s_form() -> None:
    async def names(server: WireServer) -> tuple[list[str], list[str]]:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.base_url(Dialect.CHAT)) as client:
            first = [model.id async for model in client.models.list()]
        async with anthropic.AsyncAnthropic(api_key="k", base_url=server.base_url(Dialect.MESSAGES)) as other:
            return first, [model.id async for model in other.models.list()]

    with WireServer(in_turn(), models={"b", "a"}) as server:
        assert asyncio.run(names(server)) == (["a", "b"], ["a", "b"])
    assert [record.kind for record in server.records] == ["models", "models"]


@pytest.mark.parametrize("dialect", [Dialect.RESPONSES, Dialect.MESSAGES])
def test_tokens_are_counted(dialect: Dialect) -> None:
    async def count(server: WireServer) -> int:
        async with wire_model(server, dialect) as model:
            return await model.count_tokens([ChatMessageUser(content="four words of text")])

    with WireServer(in_turn()) as server:
        assert asyncio.run(count(server)) > 0
    assert [record.kind for record in server.records] == ["count-tokens"]


def test_unknown_paths_are_not_found() -> None:
    with WireServer(in_turn()) as server:
        assert post(server, "/v1/embeddings", b"{}")[0] == 404
    assert (server.records[0].kind, server.records[0].path) == ("unknown", "/v1/embeddings")


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_failing_responder_fails_the_test(variant: Variant) -> None:
    with pytest.raises(AssertionError, match="only 0 replies were prepared"), WireServer(in_turn()) as server:
        with pytest.raises(RuntimeError, match="only 0 replies were prepared"):
            asyncio.run(ask(server, variant))
        assert server.statuses == [400]


def test_a_failing_responder_is_noted_on_the_test_s_own_failure() -> None:
    with pytest.raises(RuntimeError) as caught, WireServer(in_turn()) as server:
        asyncio.run(ask(server, VARIANTS[0]))
    assert any("only 0 replies" in note for note in caught.value.__notes__)


def test_a_call_cannot_be_broken_without_tools() -> None:
    with (
        pytest.raises(AssertionError, match="offers no tools"),
        WireServer(lambda request: Reply("Hi."), faults=always(Kind.CUT_CALL)) as server,
        pytest.raises(RuntimeError),
    ):
        asyncio.run(ask(server, VARIANTS[0], with_tool=False))


@pytest.mark.parametrize("faults", [None, always(Fault(Kind.STALL, seconds=600))], ids=["slow", "stalled"])
def test_the_end_does_not_wait_for_answers(faults: FaultPlan | None) -> None:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode()

    def client(server: WireServer) -> None:
        with pytest.raises(OSError):
            post(server, PATHS[Dialect.CHAT], body)

    with WireServer(lambda request: Reply("late", delay=600), faults=faults) as server:
        thread = threading.Thread(target=client, args=(server,))
        thread.start()
        while not server.records:
            thread.join(0.01)
    thread.join(60)
    assert not thread.is_alive()
    assert "wire-server" not in {each.name for each in threading.enumerate()}


def test_long_prompts_arrive_whole() -> None:
    prompt = "An inbox of a thousand mails. " * 70_000
    with WireServer(lambda request: Reply(request.prompt[-30:])) as server:
        for variant in VARIANTS:
            assert asyncio.run(ask(server, variant, prompt)).completion == "An inbox of a thousand mails. "


def test_ids_depend_on_the_request_alone() -> None:
    def ids() -> list[str]:
        reply = Reply("Hi.", tool_calls=(ToolCall("post", {"to": "ann", "body": ""}),))
        with WireServer(lambda request: reply) as server:
            outputs = [asyncio.run(ask(server, variant)) for variant in VARIANTS for _ in range(2)]
        return [call.id for output in outputs for call in output.message.tool_calls or ()]

    first = ids()
    assert len(set(first)) == len(first) == 2 * len(VARIANTS)
    assert ids() == first


def test_a_command_in_a_process_of_its_own_finds_the_server() -> None:
    code = """
import anthropic, openai
messages = [{"role": "user", "content": "x"}]
print(openai.OpenAI().chat.completions.create(model="m", messages=messages).choices[0].message.content)
print(anthropic.Anthropic().messages.create(model="m", messages=messages, max_tokens=9).content[0].text)
"""
    with WireServer(in_turn(Reply("Hi."), Reply("Ho."))) as server:
        surroundings = os.environ | server.environment()
        done = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("Hi.\nHo.\n", 0), done.stderr
