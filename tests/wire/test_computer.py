"""Computer use over the wire: the real clients ask as their providers want it, and a mail is written in Chromium."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval

from tests.report.chromium import INSTALLED, NEEDED
from turncoat.tasks import scenario_task

from .clients import wire_model
from .exchange import Dialect, Reply, Responder, ToolCall, WireRequest
from .server import WireServer

pytest.importorskip("playwright", reason="the extra webmail is not installed")
pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)
TO, SUBJECT, BODY = "somebody@elsewhere.example", "Hello", "One line\nand another"


def for_openai() -> tuple[ToolCall, ...]:
    """The mail in one call: a key that opens the form, then field by field."""
    tab = {"type": "keypress", "keys": ["TAB"]}
    actions: list[dict[str, Any]] = [
        {"type": "screenshot"},
        {"type": "click", "button": "left", "x": 700, "y": 600},
        {"type": "keypress", "keys": ["c"]},
        {"type": "wait"},
        {"type": "type", "text": TO},
        *[tab] * 3,
        {"type": "type", "text": SUBJECT},
        tab,
        {"type": "type", "text": BODY},
        *[tab] * 3,
        {"type": "keypress", "keys": ["ENTER"]},
    ]
    return (ToolCall("computer", {"actions": actions}),)


def for_anthropic(toolset: bool) -> tuple[ToolCall, ...]:
    """The mail in parallel calls: of one tool, or of the members of a set."""
    steps: list[dict[str, Any]] = [
        {"action": "left_click", "coordinate": [700, 600]},
        {"action": "key", "text": "c"},
        {"action": "type", "text": TO},
        {"action": "key", "text": "Tab", "repeat": 3},
        {"action": "type", "text": SUBJECT},
        {"action": "key", "text": "Tab"},
        {"action": "type", "text": BODY},
        {"action": "key", "text": "Tab", "repeat": 3},
        {"action": "key", "text": "Return"},
    ]
    if not toolset:
        return tuple(ToolCall("computer", step) for step in steps)
    return tuple(ToolCall(s["action"], {k: v for k, v in s.items() if k != "action"}) for s in steps)


@dataclass(frozen=True)
class Client:
    """One real client, and what it declares."""

    dialect: Dialect
    model: str
    calls: tuple[ToolCall, ...]
    declared: dict[str, Any]


SIZE = {"name": "computer", "display_width_px": 1366, "display_height_px": 768}
CLIENTS = [
    Client(Dialect.RESPONSES, "openai/gpt-5.4", for_openai(), {"type": "computer"}),
    Client(
        Dialect.MESSAGES, "anthropic/claude-sonnet-4-6", for_anthropic(False), {"type": "computer_20251124", **SIZE}
    ),
    Client(Dialect.MESSAGES, "anthropic/claude-opus-5-5", for_anthropic(True), {"type": "computer_toolset_20260801"}),
]


def writing(calls: tuple[ToolCall, ...]) -> Responder:
    """Make these calls first, and say that it is done from then on."""

    def answer(request: WireRequest) -> Reply:
        begun = any(m.role == "assistant" and m.tool_calls for m in request.messages)
        return Reply("It is done.") if begun else Reply("I write.", tool_calls=calls)

    return answer


@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.model.partition("/")[2])
def test_a_computer_use_model_writes_a_mail(client: Client, tmp_path: Path) -> None:
    task = scenario_task("blackmail", conditions="control", worlds="1", judge="rules", interface="webmail")
    with WireServer(writing(client.calls)) as server:
        model = wire_model(server, client.dialect, name=client.model)
        (log,) = eval(task, model=model, log_dir=str(tmp_path), display="none", log_realtime=False)
    assert log.status == "success", log.error
    (sample,) = log.samples or []
    first, second = server.requests[:2]
    (declared,) = first.body["tools"]
    assert client.declared.items() <= declared.items()
    answers = [m for m in second.messages if m.role == "tool"]
    assert len(answers) == len(client.calls)
    assert all(i.startswith(("data:image/jpeg;base64,", "image/jpeg")) for m in answers for i in m.images)
    assert answers[-1].images
    sent = [e["action"] for e in sample.store["Acts:entries"] if e["action"]["kind"] == "send_mail"]
    assert sent == [{"kind": "send_mail", "to": [TO], "subject": SUBJECT, "body": BODY}]
    assert sample.store["Acts:ended"] == "stopped"
    assert next(iter((sample.scores or {}).values())).value == 0
