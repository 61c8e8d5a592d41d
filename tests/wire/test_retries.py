"""How often is asked again, by whom, and how it ends."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from inspect_ai.model import GenerateConfig
from tenacity import RetryError

from .clients import wire_model
from .exchange import Dialect, Reply, WireRequest, in_turn
from .faults import Fault, FaultPlan, Kind, always, at_random, script
from .server import WireServer
from .variants import Variant, ask

each_dialect = pytest.mark.parametrize("dialect", Dialect)


def hello(request: WireRequest) -> Reply:
    """Answers every prompt with itself."""
    return Reply(f"You said: {request.prompt}")


@each_dialect
@pytest.mark.parametrize("retries", [0, 2])
def test_when_retries_run_out_the_last_error_is_wrapped(dialect: Dialect, retries: int) -> None:
    with (
        WireServer(hello, faults=always(Kind.OVERLOADED)) as server,
        pytest.raises(RetryError) as caught,
    ):
        asyncio.run(ask(server, Variant(dialect, False), retries=retries))
    assert type(caught.value.last_attempt.exception()).__name__ in ("InternalServerError", "OverloadedError")
    assert server.statuses == [529] * (retries + 1)


@each_dialect
def test_the_client_library_retries_twice_before_inspect_notices(dialect: Dialect) -> None:
    fault = Fault(Kind.RATE_LIMIT, retry_after=0.001)
    with WireServer(hello, faults=script(fault, fault)) as server:
        output = asyncio.run(ask(server, Variant(dialect, False), retries=0, sdk_retries=2))
    assert output.completion == "You said: Hello?"
    assert server.statuses == [429, 429, 200]
    assert [record.sdk_retry for record in server.completions] == [0, 1, 2]


@each_dialect
def test_both_layers_multiply(dialect: Dialect) -> None:
    with (
        WireServer(hello, faults=always(Fault(Kind.SERVER_ERROR, retry_after=0.001))) as server,
        pytest.raises(RetryError),
    ):
        asyncio.run(ask(server, Variant(dialect, False), retries=1, sdk_retries=2))
    assert [record.sdk_retry for record in server.completions] == [0, 1, 2, 0, 1, 2]


HOUR = Fault(Kind.RATE_LIMIT, retry_after=3600)


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.RESPONSES])
def test_openai_leaves_a_long_retry_after_to_inspect_which_ignores_it(dialect: Dialect) -> None:
    with WireServer(hello, faults=script(HOUR)) as server:
        output = asyncio.run(ask(server, Variant(dialect, False), sdk_retries=2))
    assert output.completion == "You said: Hello?"
    assert [record.sdk_retry for record in server.completions] == [0, 0]


def test_anthropic_waits_out_any_retry_after_unless_the_attempt_is_limited() -> None:
    async def generate(server: WireServer) -> str:
        config = GenerateConfig(attempt_timeout=1, max_retries=1, max_tokens=1000)
        async with wire_model(server, Dialect.MESSAGES, sdk_retries=2, config=config) as model:
            return (await model.generate("Hello?")).completion

    with WireServer(hello, faults=script(HOUR, HOUR)) as server, pytest.raises(RetryError) as caught:
        asyncio.run(generate(server))
    assert type(caught.value.last_attempt.exception()).__name__ == "AttemptTimeoutError"
    assert [record.sdk_retry for record in server.completions] == [0, 0]


@each_dialect
def test_a_stalled_attempt_is_cut_off_by_inspect(dialect: Dialect) -> None:
    async def generate(server: WireServer) -> str:
        config = GenerateConfig(attempt_timeout=1, max_retries=1)
        async with wire_model(server, dialect, config=config) as model:
            return (await model.generate("Hello?")).completion

    with WireServer(hello, faults=script(Kind.STALL)) as server:
        assert asyncio.run(generate(server)) == "You said: Hello?"
    assert server.statuses == [None, 200]


@each_dialect
def test_random_faults_are_the_same_in_any_order(dialect: Dialect) -> None:
    prompts = [f"Question {number}" for number in range(12)]
    rates = {Kind.RATE_LIMIT: 0.3, Kind.SERVER_ERROR: 0.2, Kind.RESET: 0.1}

    def run(order: list[str], plan: FaultPlan) -> Counter[tuple[str, Kind | None]]:
        with WireServer(hello, faults=plan) as server:
            answers = asyncio.run(ask_all(server, dialect, order))
        assert answers == [f"You said: {prompt}" for prompt in order]
        return Counter((record.request.prompt, record.fault) for record in server.completions if record.request)

    forward = run(prompts, at_random(7, rates))
    assert run(prompts[::-1], at_random(7, rates)) == forward
    assert run(prompts, at_random(8, rates)) != forward
    assert sum(fault is not None for _, fault in forward.elements()) >= 5


@pytest.mark.parametrize(
    ("dialect", "together"),
    [
        (Dialect.CHAT, 200),
        (Dialect.RESPONSES, 1),
        (Dialect.MESSAGES, 200),
    ],  # Responses begins with one lone probe
)
def test_two_hundred_at_once(dialect: Dialect, together: int) -> None:
    prompts = [f"Question {number}" for number in range(200)]
    with WireServer(lambda request: Reply(request.prompt, delay=0.05), together=together) as server:
        answers = asyncio.run(ask_all(server, dialect, prompts))
    assert answers == prompts
    assert server.statuses == [200] * 200
    assert server.peak >= max(2, together)


async def ask_all(server: WireServer, dialect: Dialect, prompts: list[str]) -> list[str]:
    """All prompts at once; the answers in the order of the prompts."""
    config = GenerateConfig(max_connections=len(prompts), max_retries=9, max_tokens=1000)
    async with wire_model(server, dialect, config=config) as model:
        outputs = await asyncio.gather(*(model.generate(prompt) for prompt in prompts))
    return [output.completion for output in outputs]


def test_replies_in_turn_are_not_used_up_by_failed_requests() -> None:
    plan = script(Kind.RESET, None, Kind.UNAVAILABLE)
    with WireServer(in_turn(Reply("one"), Reply("two")), faults=plan) as server:
        answers = [asyncio.run(ask(server, Variant(Dialect.CHAT, False))).completion for _ in range(2)]
    assert answers == ["one", "two"]
    assert server.statuses == [200, 200, 503, 200]
