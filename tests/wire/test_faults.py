"""What Inspect makes of each fault, over each API: the table in `README.md` is what is tested here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.solver import generate

from .clients import wire_model
from .exchange import Dialect, Reply, ToolCall, Usage, WireRequest
from .faults import Fault, Kind, script
from .server import WireServer
from .variants import VARIANTS, Variant, ask

CALL = ToolCall("post", {"to": "ann", "body": "One."})
REPLY = Reply("I write to ann.", tool_calls=(CALL,), usage=Usage(10, 10))
SHORT_TIMEOUT: dict[Dialect, dict[str, Any]] = {
    Dialect.CHAT: {"client_timeout": 0.3},
    Dialect.RESPONSES: {"client_timeout": 0.3},
    Dialect.MESSAGES: {"timeout": 0.3},
}


def table() -> dict[tuple[Kind, str], str]:
    """The README's table: what happens, by kind of fault and variant."""
    text = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    start = next(number for number, line in enumerate(lines) if line.startswith("| Fault |"))
    (_, *names), *rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[start:]]
    return {
        (Kind(row[0]), name): cell
        for row in rows
        if row[0] in set(Kind)
        for name, cell in zip(names, row[1:], strict=True)
    }


async def observe(server: WireServer, variant: Variant) -> str:
    """What comes of one `generate` with one retry, in the words of the table."""
    try:
        output = await ask(server, variant, **SHORT_TIMEOUT[variant.dialect])
    except Exception as error:
        cause = f" from {type(error.__cause__).__name__}" if isinstance(error, RuntimeError) else ""
        return f"raises {type(error).__name__}{cause}"
    return "retried" if len(server.completions) == 2 else describe(output)


def describe(output: ModelOutput) -> str:
    """The stop reason, and what is odd about the tool call, if there is one."""
    for call in output.message.tool_calls or ():
        if call.parse_error:
            return f"{output.stop_reason}, parse error"
        if call.arguments != CALL.arguments:
            return f"{output.stop_reason}, call with {call.arguments}"
    return str(output.stop_reason)


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("kind", Kind)
def test_fault(kind: Kind, variant: Variant) -> None:
    with WireServer(lambda request: REPLY, faults=script(kind)) as server:
        found = asyncio.run(observe(server, variant))
    assert found == table()[kind, str(variant)]
    assert server.completions[0].fault is kind
    assert len(server.completions) == (2 if found == "retried" else 1)


def test_the_table_is_complete() -> None:
    assert set(table()) == {(kind, str(variant)) for kind in Kind for variant in VARIANTS}


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("kind", [Kind.CONTEXT_LENGTH, Kind.CONTENT_BLOCKED])
def test_a_refused_request_becomes_an_answer_that_no_model_gave(kind: Kind, variant: Variant) -> None:
    with WireServer(lambda request: REPLY, faults=script(kind)) as server:
        output = asyncio.run(ask(server, variant))
    assert output.completion not in ("", REPLY.text)  # the provider's message, or Inspect's own words
    assert output.usage is None


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_call_can_be_broken_even_if_the_reply_has_none(variant: Variant) -> None:
    with WireServer(lambda request: Reply("Hi."), faults=script(Fault(Kind.CUT_CALL))) as server:
        output = asyncio.run(ask(server, variant))
    assert [call.function for call in output.message.tool_calls or ()] == ["post"]


def test_in_an_eval_failed_samples_leave_the_status_at_success(tmp_path: Path) -> None:
    def plan(request: WireRequest) -> Fault | None:
        return Fault(Kind(request.prompt)) if request.prompt in set(Kind) else None

    prompts = ["fine", Kind.OVERLOADED, Kind.INVALID_KEY, Kind.CONTEXT_LENGTH]
    task = Task(dataset=[Sample(input=str(prompt)) for prompt in prompts], solver=generate())
    with WireServer(lambda request: Reply("Hi."), faults=plan) as server:
        model = wire_model(server, Dialect.CHAT, config=GenerateConfig(max_retries=1))
        (log,) = evaluate(task, model=model, log_dir=str(tmp_path), fail_on_error=False, display="none")
    found = {sample.input: sample for sample in log.samples or []}
    errors = {name: sample.error.message for name, sample in found.items() if sample.error is not None}
    assert log.status == "success"
    assert set(errors) == {Kind.OVERLOADED, Kind.INVALID_KEY}
    assert "RetryError" in errors[Kind.OVERLOADED]
    assert "Overloaded" not in errors[Kind.OVERLOADED]  # the provider's own words are in the model event only
    assert [name for name, sample in found.items() if not sample.output.choices] == [*errors]
    assert "maximum context length" in found[Kind.CONTEXT_LENGTH].output.completion
