"""Colleagues played by a model: a role of its own, named in the logs, asked only when somebody was written to."""

from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from tests.runs.provider import PRESSED, provider
from tests.wire import Reply, WireRequest
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study


def test_a_model_answers_for_the_colleagues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def colleague(request: WireRequest) -> Reply:
        return Reply("I am in a meeting until six, let us talk tomorrow.")

    study = scenario_study("blackmail", (PRESSED,), "1-3", 1)
    request = Request(
        study, "blackmail", ("sim/rung-informs-1.0",), tmp_path, interfaces=("tools",), colleague="openai/gpt-4o"
    )
    with provider(monkeypatch, colleague) as server:
        run_study(request)
        # One first question, then answers to the mails that the agents sent.
        asked = [r.request for r in server.completions if r.request is not None]
        assert len(asked) > 1 and all(not r.tools for r in asked)
    log = read_eval_log(list_eval_logs(str(tmp_path))[0])
    assert log.eval.metadata is not None
    assert log.eval.metadata["manifest"]["settings"]["colleague"] == "openai/gpt-4o"
