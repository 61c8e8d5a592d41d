"""How far the job done lies apart from world to world, as plans take it from logs."""

import json
from pathlib import Path

import pytest

from tests.analysis.factory import make_log, make_sample, make_score
from turncoat.analysis import read_table
from turncoat.analysis.jobs import job_spreads
from turncoat.cli import app, guarded

DONE = {"control": (0.2, 0.4), "goal=explicit": (0.6, 1.0)}
"""Condition → the job done in even and odd worlds."""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Twelve worlds of two epochs each, which differ by two tenths that their mean takes away."""
    samples = []
    for condition, done in DONE.items():
        for world in range(12):
            for epoch in (1, 2):
                apart = 0.0 if condition == "control" else (epoch - 1.5) / 5
                score = make_score("accepts", job=done[world % 2] + apart)
                place = (condition, f"affair.1@{world}", "accepts")
                samples.append(make_sample(*place, scores={"verdict": score}, epoch=epoch))
    make_log(tmp_path, samples)
    return tmp_path


def test_epochs_are_one_value_and_conditions_stay_apart(logs: Path) -> None:
    ((place, found),) = job_spreads(read_table(logs)).items()
    assert place == ("blackmail", "text") and found.n == 24
    assert found.value == pytest.approx(((12 * 0.1**2 + 12 * 0.2**2) / 22) ** 0.5)


def test_a_plan_takes_the_spread_from_logs_and_says_so(
    logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def main(arguments: list[str]) -> int:
        monkeypatch.setattr("sys.argv", ["turncoat", *arguments])
        return guarded(app)

    given = ["plan", "blackmail", "--interface", "text", "--worlds", "1-20", "--model", "sim/loyal"]
    for condition in ("staging=workday", "staging=workday,instruction=direct"):
        given += ["--condition", condition]
    assert main([*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paired"][0]["measured"] == 0
    assert main([*given, "--from", str(logs)]) == 0
    assert "lies apart by 0.17, measured in 24 worlds of cells" in capsys.readouterr().out
    make_log(empty := logs / "none", [make_sample("control", "affair.1@1", "accepts")])
    assert main([*given, "--from", str(empty)]) == 2
    assert "too few sessions with a job" in capsys.readouterr().err
