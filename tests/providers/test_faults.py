"""Faults are known by what they are, through the real clients: what may pass is repeated, what is decided is not."""

from __future__ import annotations

import asyncio
import json
import sys
import threading

import pytest
from inspect_ai.model import ModelOutput, get_model
from tenacity import RetryError

from tests.providers.raw import KINDS, Answer, RawServer, chat, client, message
from turncoat.providers.faults import Answered, as_known, cause_in, cause_of, may_pass, root_of
from turncoat.providers.sound import keep_sound
from turncoat.providers.watch import WATCH, Watch, telling

HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>please</body></html>"
PASSING = {
    "an error in the body": Answer(body=b'{"error": {"message": "upstream failed", "code": 502}}'),
    "an error as text": Answer(body=b'{"error": "upstream failed"}'),
    "an error of another API": Answer(body=b'{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}'),
    "no choices": Answer(body=b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[]}'),
    "a choice without a message": Answer(body=b'{"id":"x","model":"m","choices":[{"index":0,"message":null}]}'),
    "an empty body": Answer(),
    "an empty text": Answer(kind="text/plain"),
    "an HTML page": Answer(body=HTML, kind="text/html"),
    "an HTML page that says it is JSON": Answer(body=HTML),
    "half of a JSON": Answer(body=b'{"id":"x","choi'),
    "an empty object": Answer(body=b"{}"),
    "null": Answer(body=b"null"),
    "a list": Answer(body=b"[]"),
    "broken UTF-8": Answer(body=b'{"id":"\xff\xfe"}'),
    "425": Answer(425, b"{}"),
    "499": Answer(499, b"{}"),
    "408": Answer(408, b"{}"),
    "409": Answer(409, b"{}"),
    "429": Answer(429, b'{"error": {"message": "slow down"}}'),
    "500": Answer(500, b"oops", "text/plain"),
    "502": Answer(502, HTML, "text/html"),
    "520": Answer(520, b""),
    "529": Answer(529, b"{}"),
    "a torn connection": Answer(manner="reset"),
    "half a body": Answer(body=b'{"id":"x","choices":[]}' * 9, manner="cut"),
}
LASTING = {
    "400": Answer(400, b'{"error": {"message": "no such setting"}}'),
    "401": Answer(401, b'{"error": {"message": "wrong key"}}'),
    "402": Answer(402, b'{"error": {"message": "pay first"}}'),
    "403": Answer(403, b'{"error": {"message": "not for you"}}'),
    "404": Answer(404, b'{"error": {"message": "no such model"}}'),
    "422": Answer(422, b'{"detail": "no such setting"}'),
    "a wrong key, with 200": Answer(body=b'{"error": {"message": "wrong key", "code": 401}}'),
    "no money, as too many requests": Answer(429, b'{"error": {"message": "quota", "code": "insufficient_quota"}}'),
}


def good(kind: str) -> Answer:
    if kind == "responses":
        content = [{"type": "output_text", "text": "ready", "annotations": []}]
        output = [{"type": "message", "id": "1", "role": "assistant", "status": "completed", "content": content}]
        usage = {
            **{"input_tokens": 9, "output_tokens": 2, "total_tokens": 11},
            **{"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}},
        }
        body = {"id": "r", "object": "response", "created_at": 1, "model": "m", "output": output, "usage": usage}
        more = {"status": "completed", "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None}
        return Answer(body=json.dumps({**body, **more}).encode())
    return message() if kind == "anthropic" else chat()


async def asked(server: RawServer, kind: str, **settings: object) -> ModelOutput:
    async with client(server, kind, **settings) as model:
        keep_sound([model])
        return await model.generate("Say: ready")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_repeated(kind: str, fault: str) -> None:
    answers = iter([PASSING[fault]])
    with RawServer(lambda _: next(answers, good(kind))) as server:
        assert asyncio.run(asked(server, kind)).completion == "ready"
    assert next(answers, None) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", LASTING)
def test_what_is_decided_is_not_repeated(kind: str, fault: str) -> None:
    with RawServer(lambda body: good(kind) if "hello, world" in str(body) else LASTING[fault]) as server:
        with pytest.raises(Exception) as raised:
            asyncio.run(asked(server, kind))
    assert len([b for b in server.seen if "Say: ready" in str(b)]) == 1
    assert not may_pass(root_of(raised.value))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("manner", ["hang", "drip"])
def test_an_attempt_ends_in_time_and_is_repeated(kind: str, manner: str) -> None:
    answers = iter([Answer(body=b" " * 10_000, manner=manner)])
    with RawServer(lambda body: next(answers, good(kind)) if "Say: ready" in str(body) else good(kind)) as server:
        assert asyncio.run(asked(server, kind, attempt_timeout=1)).completion == "ready"


def test_without_a_time_in_the_settings_there_is_one_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.providers.patience.ATTEMPT", 1)
    answers = iter([Answer(manner="hang")])
    with RawServer(lambda _: next(answers, chat())) as server:
        assert asyncio.run(asked(server, "openai-api")).completion == "ready"


CAUSES = {
    "an error in the body": ["upstream failed", "502"],
    "no choices": ["200"],
    "an HTML page": ["HTML", "Sign in"],
    "500": ["500", "oops"],
    "half of a JSON": ["JSON"],
}


@pytest.mark.parametrize("kind", ["openai-api", "openai", "anthropic"])
@pytest.mark.parametrize("fault", CAUSES)
def test_a_cause_is_one_line_that_names_it(kind: str, fault: str) -> None:
    with RawServer(lambda _: PASSING[fault]) as server, pytest.raises(Exception) as raised:
        asyncio.run(asked(server, kind, max_retries=0))
    cause = cause_of(raised.value)
    assert all(word in cause for word in CAUSES[fault]), cause
    assert "\n" not in cause and "Say: ready" not in cause and "Future" not in cause


def test_a_dead_port_is_named_with_what_the_system_says() -> None:
    with RawServer(lambda _: chat()) as server:
        pass
    with pytest.raises(Exception) as raised:
        asyncio.run(asked(server, "openai-api", max_retries=0))
    assert "onnect" in cause_of(raised.value) and may_pass(root_of(raised.value))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"error": {"message": "This model\'s maximum context length is 2048 tokens."}}', 400),
        (
            b'{"error": {"code": 400, "message": "exceeds the available context size", "type": "exceed_context_size"}}',
            400,
        ),
        (b'{"detail": "prompt is too long: 9000 tokens > 8192 maximum"}', 422),
        (b'{"error": "input length exceeds context window"}', 500),
        (b'{"error": "Input validation error: `inputs` must have less than 4096 tokens. Given: 9000"}', 422),
        (b'{"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."}', 422),
        (b'{"error": {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}}', 400),
        (b'{"error": {"message": "Your request exceeded model token limit: 8192"}}', 400),
        (b'{"error": {"message": "Prompt exceeds max length"}}', 400),
        (b'{"error": {"message": "maximum prompt length is 131072 but the request contains 537812 tokens"}}', 400),
    ],
)
def test_a_prompt_that_does_not_fit_says_so(body: bytes, status: int) -> None:
    with RawServer(lambda _: Answer(status, body)) as server:
        assert asyncio.run(asked(server, "openai-api")).stop_reason == "model_length"
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("RetryError(<Future at 0x7f1b state=finished raised APIConnectionError>)", "APIConnectionError"),
        (
            '\nRequest:\n{\n  "messages": "private"\n}\n\nBadRequestError("Error code: 400 - {\'error\': \'no\'}")',
            "BadRequestError: Error code: 400",
        ),
        ("KeyError('x')", "KeyError('x')"),
        ("a plain\nline", "a plain line"),
    ],
)
def test_the_cause_in_a_log_is_without_the_request(message: str, cause: str) -> None:
    found = cause_in(message)
    assert found.startswith(cause) and "private" not in found and "0x" not in found


def test_who_does_not_answer_is_named_with_the_cause() -> None:
    now = [0.0]
    watch = Watch(clock=lambda: now[0])
    watch.begins("a/b")
    assert watch.trouble() == ""
    now[0] = 130
    assert "no answer for 2 minutes, 1 requests wait" in watch.trouble()
    watch.ends("a/b", "status 500: oops")
    assert "1 requests failed and are repeated (status 500: oops)" in watch.trouble()
    watch.begins("a/b")
    watch.ends("a/b")
    assert watch.trouble() == ""
    now[0] = 1000
    assert watch.trouble() == "", "nobody waits"
    watch.begins("a/b")
    watch.ends("a/b", "reset")
    watch.begins("a/b")
    now[0] = 1014
    assert watch.trouble() == ""
    now[0] = 1016
    assert "reset" in watch.trouble()


def test_a_command_without_a_screen_is_told_who_does_not_answer() -> None:
    now, said, heard = [0.0], list[str](), threading.Event()

    def say(line: str) -> None:
        said.append(line)
        heard.set()

    with telling(say, Watch(clock=lambda: now[0]), looks=0.001):
        watch = WATCH.get()
        assert watch is not None
        watch.begins("a/b")
        watch.ends("a/b", "status 500: oops")
        assert not said
        now[0] = 16
        assert heard.wait(60)
    assert WATCH.get() is None
    assert said == ["a/b: no answer for 16 s, 1 requests failed and are repeated (status 500: oops)"]


def test_the_run_s_watch_sees_attempts() -> None:
    async def watched(server: RawServer) -> Watch:
        watch = Watch()
        WATCH.set(watch)
        with pytest.raises(RetryError):
            await asked(server, "openai-api", max_retries=1)
        return watch

    with RawServer(lambda _: Answer(500, b"oops", "text/plain")) as server:
        (requests,) = asyncio.run(watched(server)).models.values()
    assert requests.failed.total() == 2 and requests.flying == 0


def test_a_request_that_cannot_be_encoded_is_no_answer_that_cannot_be_read() -> None:
    with pytest.raises(UnicodeEncodeError) as raised:
        "\ud800".encode()
    known = as_known(raised.value, Answered())
    assert known is raised.value and not may_pass(known)


def test_a_mock_without_usage_is_counted_without_a_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)  # as where it would have to be downloaded

    async def ask() -> ModelOutput:
        model = get_model("mockllm/model", memoize=False)
        keep_sound([model])
        return await model.generate("12345678")

    usage = asyncio.run(ask()).usage
    assert usage is not None and usage.input_tokens == 2
