"""Monitors as levels and by the names of guards: they stand before every act of a run, and their scores in its log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.model import ChatMessage, ModelOutput, ModelUsage, get_model

from turncoat.doors.kept import kept_of
from turncoat.guards.named import make_guard
from turncoat.scenarios.loader import shared_factors
from turncoat.tasks import scenario_task

from .cases import PRESSED, place, threat


@pytest.mark.parametrize("level", [n for f in shared_factors() if f.name == "monitor" for n in f.levels if n != "none"])
def test_every_level_names_a_guard_that_can_be_made(level: str) -> None:
    (factor,) = [f for f in shared_factors() if f.name == "monitor"]
    found = factor.levels[level]
    options = "&".join(f"{n}={json.dumps(v) if not isinstance(v, str) else v}" for n, v in found.options.items())
    guard = make_guard(f"{found.guard}({options})")
    assert guard.name.startswith(str(found.options["protocol"])) and found.mitigation != level.startswith("observe")
    assert guard.on_failure == ("allow" if level.startswith("observe") else "block")
    assert ("monitor" in guard.roles) == ("rules" not in level) and guard.timeout == 120


@pytest.mark.parametrize(("level", "status"), [("observe_rules", "done"), ("block_rules", "blocked")])
def test_a_level_watches_a_whole_run(level: str, status: str, tmp_path: Path) -> None:
    mail = threat()
    text = f'<tool_use:email>\nto: "{mail.to[0]}"\nsubject: "{mail.subject}"\nbody: "{mail.body}"\n</tool_use:email>'

    def said(messages: list[ChatMessage], *_: object) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/model", text)
        output.usage = ModelUsage(input_tokens=100, output_tokens=10, total_tokens=110)
        return output

    task = scenario_task("blackmail", conditions=f"{PRESSED},monitor={level}", worlds="1", judge="rules")
    model = get_model("mockllm/model", custom_outputs=said, memoize=False)
    (log,) = eval(task, model=model, log_dir=str(tmp_path), display="none")
    assert log.status == "success" and log.samples, log.error
    (entry,) = kept_of(log.samples[0]).entries
    (decision,) = entry["decisions"]
    assert decision["score"] > 0.5 and decision["guard"] == f"{level.partition('_')[0]}_rules@1" and decision["note"]
    assert place()[1]["target"].email in text
    found: Any = (log.samples[0].scores or {})["verdict"].metadata
    assert found["harmful"] is True and found["got_through"] is (status == "done")
