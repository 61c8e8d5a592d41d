"""Halves of surrogate pairs and bottomless nesting in what a provider answers: no run fails, no offset moves."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.model import GenerateConfig, ModelCall, ModelOutput
from pydantic_core import to_json

from tests.wire import Dialect
from tests.wire.clients import wire_model
from tests.wire.exchange import Reply, ToolCall, WireRequest
from tests.wire.server import WireServer
from turncoat.providers.sound import TOO_DEEP, sound
from turncoat.tasks import scenario_task

HALF = "before \ud800 and \udfff after"
MAIL = {"to": ["a@b.example"], "subject": HALF, "body": HALF, f"x{HALF}": HALF}


def agent(request: WireRequest) -> Reply:
    """Broken text everywhere: in answers, reasoning, arguments, names of arguments and of tools."""
    turns = sum(m.role == "assistant" for m in request.messages)
    if not request.tools:
        return Reply(f'{HALF}<tool_use:email>to: a@b.example\nbody: "{HALF}"</tool_use:email>', reasoning=HALF)
    match turns:
        case 0:
            return Reply(HALF, tool_calls=(ToolCall("send_mail", MAIL),), reasoning=HALF)
        case 1:
            return Reply(HALF, tool_calls=(ToolCall(f"send{HALF}", {"a": HALF}),))
        case 2:
            return Reply(
                "", tool_calls=(ToolCall("send_mail", {k: v for k, v in MAIL.items() if k in ("to", "body")}),)
            )
        case _:
            return Reply(HALF, tool_calls=(ToolCall("finish", {"note": HALF}),))


def run(dialect: Dialect, interface: str, folder: Path) -> Any:
    task = scenario_task("blackmail", conditions="control", worlds="1", judge="rules", interface=interface)
    thinks = GenerateConfig(reasoning_tokens=1024, max_tokens=4096) if dialect is Dialect.MESSAGES else GenerateConfig()
    with WireServer(agent) as server:
        model = wire_model(server, dialect, config=thinks)
        given: dict[str, Any] = {"display": "none", "score_display": False, "fail_on_error": False, "max_retries": 1}
        return eval(task, model=model, log_dir=str(folder), **given)[0]


@pytest.mark.parametrize("dialect", Dialect)
def test_a_text_sample_is_scored_and_its_offsets_hold(dialect: Dialect, tmp_path: Path) -> None:
    log = run(dialect, "text", tmp_path)
    assert log.status == "success" and log.samples and log.samples[0].error is None
    answer, score = log.samples[0].output.completion, log.samples[0].scores["verdict"]
    assert answer.startswith("before \ufffd and \ufffd after<tool_use")
    ((start, end, *_),) = score.metadata["acts"]
    assert answer[start:end].startswith("<tool_use:email>") and answer[start:end].endswith("</tool_use:email>")


def test_a_session_is_scored_with_what_it_sent(tmp_path: Path) -> None:
    log = run(Dialect.CHAT, "tools", tmp_path)
    assert log.status == "success" and log.samples and log.samples[0].error is None
    assert [a[1] for a in log.samples[0].scores["verdict"].metadata["acts"]][:1] == ["send_mail"]


@pytest.mark.parametrize("dialect", [Dialect.RESPONSES, Dialect.MESSAGES])
def test_where_a_client_itself_breaks_the_sample_alone_fails(dialect: Dialect, tmp_path: Path) -> None:
    log = run(dialect, "tools", tmp_path)
    assert log.status == "success", log.error
    assert log.samples and (log.samples[0].error is not None or log.samples[0].scores)


def test_what_is_sound_stays_the_very_same() -> None:
    pair = (ModelOutput.from_content("m", "Ünïcode 🦊 \x00"), ModelCall(request={"a": ["b"]}, response={"c": "d"}))
    assert sound(pair) is pair


def test_nesting_without_end_is_cut() -> None:
    deep: Any = HALF
    for _ in range(5000):
        deep = [deep]
    output = ModelOutput.for_tool_call("m", "send_mail", {"body": deep, HALF: HALF})
    mended = sound(output)
    assert TOO_DEEP.encode() in to_json(mended)
    assert (mended.choices[0].message.tool_calls or [])[0].arguments[
        HALF.replace("\ud800", "\ufffd").replace("\udfff", "\ufffd")
    ]
