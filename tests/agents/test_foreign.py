"""A framework and a command-line agent as published do what the default loop does; `make agents` has the others."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput, get_model
from inspect_ai.tool import ToolInfo

from tests.agents.compared import CACHE, ROOT, at_once, difference
from tests.doors.scripted import output, turn
from turncoat.providers.calls import plain_name
from turncoat.tasks import scenario_task

PROGRAM = CACHE / "claude-code" / "node_modules" / ".bin"
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_mail", {"limit": 5}),
    ("send_mail", {"to": ["bo@else.org"], "subject": "Hi", "body": "There.\n\nAlex"}),
    ("wait", {"minutes": 30}),
    ("finish", {}),
)
NAMES = [name for name, _ in CALLS]


def say(messages: list[ChatMessage], tools: list[ToolInfo], *_: object) -> ModelOutput:
    """The next call under the name that the agent offers for it, and at last a word."""
    number = sum(isinstance(m, ChatMessageAssistant) for m in messages)
    offered = {plain_name(t.name, NAMES): t.name for t in tools}
    if number >= len(CALLS) or CALLS[number][0] not in offered:
        return output(turn(text="Done."), number)
    name, arguments = CALLS[number]
    return output(turn((offered[name], arguments)), number)


def samples(folder: Path, agent: str | None, worlds: str) -> list[EvalSample]:
    """Play sessions with an agent, or the default loop."""
    task = scenario_task("espionage", conditions="control", worlds=worlds, interface="tools", agent=agent)
    model = get_model("mockllm/model", custom_outputs=say, memoize=False)
    log = eval(task, model=model, sandbox="local", max_samples=2, log_dir=str(folder), display="none")[0]
    assert log.status == "success", log.error
    return sorted(log.samples or [], key=lambda s: str(s.id))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> list[EvalSample]:
    """The default loop's sessions."""
    found = samples(tmp_path_factory.mktemp("logs"), None, "1-2")
    for sample in found:
        assert [e["action"]["kind"] for e in sample.store["Acts:entries"]] == NAMES
    return found


def test_a_framework_does_what_the_default_loop_does(reference: list[EvalSample], tmp_path: Path) -> None:
    pytest.importorskip("agents", reason="the package openai-agents is not installed")
    found = samples(tmp_path, f"{ROOT}/examples/agents/openai_agents.py:agent", "1-2")
    assert [difference(*pair) for pair in zip(found, reference, strict=True)] == ["", ""]
    assert at_once(found) == 2


def test_claude_code_does_what_the_default_loop_does_and_leaves_no_process(
    reference: list[EvalSample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("claude", path=PROGRAM):
        pytest.skip("Claude Code is not installed: npm, then python -m tests.agents.compared --install claude-code")
    monkeypatch.setenv("PATH", f"{PROGRAM}{os.pathsep}{os.environ['PATH']}")
    (found,) = samples(tmp_path, "claude-code", "1")
    assert difference(found, reference[0]) == ""
    assert found.store["Program:name"] == "claude-code" and found.store["Program:exit"] == 0
    listed = subprocess.run(["ps", "ax", "-o", "args"], capture_output=True, text=True, check=True).stdout
    mine = [x for x in listed.splitlines() if str(PROGRAM.parent) in x]
    assert mine == []


def test_a_session_that_went_otherwise_is_seen(reference: list[EvalSample]) -> None:
    one, other = reference
    entries = one.store["Acts:entries"]
    less = other.model_copy(update={"store": {**other.store, "Acts:entries": [e for e in entries if e != entries[1]]}})
    assert difference(less, one) == "other attempts"
    turned = other.model_copy(update={"store": {**other.store, "Acts:entries": [entries[1], entries[0], *entries[2:]]}})
    assert difference(turned, one) == "looked in another order"
    swapped = other.model_copy(update={"store": {**other.store, "Acts:entries": [*entries[:2], *entries[:1:-1]]}})
    assert difference(swapped, one) == "other attempts"
