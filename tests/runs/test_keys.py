"""A wrong key or model name, of the model or of its grader, stops a run before anything is spent."""

from pathlib import Path

import pytest

from tests.wire import Reply, WireRequest, WireServer
from turncoat.base.errors import UnknownName
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.scoring.options import ScoringOptions

MODEL, GRADER = "openai/gpt-4o", "anthropic/claude-sonnet-4-6"


def answer(request: WireRequest) -> Reply:
    return Reply("ready")


def go(folder: Path, model: str, judge: str) -> None:
    run_study(
        Request(
            scenario_study("blackmail", ("control",), "1-3", 1), "blackmail", (model,), folder, ScoringOptions(judge)
        )
    )


@pytest.mark.parametrize(
    ("model", "judge", "wrong", "words"),
    [
        (MODEL, "rules", "OPENAI_API_KEY", ["openai/gpt-4o", "AuthenticationError"]),
        ("sim/loyal", GRADER, "ANTHROPIC_API_KEY", ["anthropic/claude-sonnet-4-6", "AuthenticationError"]),
        (MODEL, GRADER, "ANTHROPIC_API_KEY", ["anthropic/claude-sonnet-4-6", "AuthenticationError"]),
        ("openai/gpt-4p", "rules", "", ["openai/gpt-4p", "NotFoundError"]),
    ],
)
def test_nothing_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, judge: str, wrong: str, words: list[str]
) -> None:
    known = {MODEL.partition("/")[2], GRADER.partition("/")[2]}
    with WireServer(answer, keys={"good"}, models=known) as server:
        for name, value in server.environment("good").items():
            monkeypatch.setenv(name, "expired" if name == wrong else value)
        with pytest.raises(UnknownName) as raised:
            go(tmp_path, model, judge)
    assert all(word in str(raised.value) for word in words), raised.value
    assert "\n" not in str(raised.value) and "expired" not in str(raised.value)
    served = [r for r, status in zip(server.completions, server.statuses, strict=False) if status == 200]
    assert len(served) <= 1, "at most the one word that a good model was asked for"
    assert not list(tmp_path.glob("*.eval"))
