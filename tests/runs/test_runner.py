"""The runner: one resumable eval set that grows, stops at a cost, retries errors, and refuses to mix studies."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

from turncoat.analysis import failures, read_table
from turncoat.base.errors import UsageError
from turncoat.doors.door import door
from turncoat.runs.design import scenario_study
from turncoat.runs.progress import Progress
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.sim.provider import SimAPI

BOTH = "goal=explicit,threat=replacement"


def go(folder: Path, worlds: str = "1-4", models: tuple[str, ...] = ("sim/insider",), **changes: Any) -> RunResult:
    epochs = changes.pop("epochs", 1)
    cells = changes.pop("cells", (BOTH, "control"))
    study = scenario_study("blackmail", cells, worlds, epochs)
    return run_study(Request(study, "blackmail", models, folder, **changes))


def outcomes(result: RunResult) -> dict[tuple[str, str, int], float]:
    """(model, sample, epoch) → verdict, over all logs."""
    return {
        (log.eval.model, str(s.id), s.epoch): float(str((s.scores or {})["verdict"].value))
        for log in result.logs
        for s in read_eval_log_sample_summaries(str(log.location))
    }


def test_the_same_command_runs_only_what_is_missing(tmp_path: Path) -> None:
    two = ("sim/insider", "sim/loyal")
    asked: list[tuple[dict[str, Any], int, int]] = [  # what is asked for, samples that run, samples that are there
        ({"worlds": "1-2"}, 4, 4),
        ({"worlds": "1-2"}, 0, 4),
        ({"worlds": "1-4"}, 4, 8),
        ({"worlds": "1-4", "models": two}, 8, 16),
        ({"worlds": "1-4", "models": two, "epochs": 2}, 16, 32),
        ({"worlds": "1-4", "epochs": 2, "cells": (BOTH, "control", "goal=explicit")}, 8, 24),
    ]
    found = []
    for changes, new, there in asked:
        result = go(tmp_path / "grown", **changes)
        found.append(outcomes(result))
        assert (result.progress.finished, result.kept, len(found[-1])) == (new, there - new, there), changes
    assert found[0].items() <= found[4].items()
    assert found[4] == outcomes(go(tmp_path / "at-once", "1-4", two, epochs=2))


def test_cells_are_interleaved_world_by_world(tmp_path: Path) -> None:
    result = go(tmp_path, "1-6", max_connections=1)
    log = read_eval_log(str(result.logs[0].location))
    order = [s.metadata for s in sorted(log.samples or [], key=lambda s: str(s.started_at))]
    assert [m["position"] for m in order] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [m["condition"] for m in order] == [BOTH, "control"] * 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"worlds": "1-3"}, ["2 samples that are not asked for", "affair.1@4"]),
        ({"cells": ("control",)}, ["4 samples that are not asked for", BOTH]),
        ({"settings": {"temperature": 0.5}}, ["other model settings", "temperature None instead of 0.5"]),
    ],
)
def test_another_study_is_refused_in_the_same_folder(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any], words: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "refused"
    if not folder.exists():
        go(folder)
    before = {p: p.read_bytes() for p in folder.glob("*.eval")}
    with pytest.raises(UsageError) as raised:
        go(folder, **changes)
    assert all(word in str(raised.value) for word in words)
    assert {p: p.read_bytes() for p in folder.glob("*.eval")} == before


def test_a_changed_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go(tmp_path)
    reworded = replace(door("text"), prompt=_reworded)
    monkeypatch.setattr("turncoat.tasks.door", lambda name: reworded)
    with pytest.raises(UsageError, match=r"was shown another text than it would be now"):
        go(tmp_path, "1-5")


def _reworded(rendered: Any) -> Any:
    from turncoat.doors.door import Prompt
    from turncoat.doors.text.prompt import text_prompt

    prompt = text_prompt(rendered)
    return Prompt(prompt.system + " Thank you.", prompt.user)


def test_a_cost_limit_binds_samples_that_begin_together(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("as_of: 2026-01-01\nsource: a test\nmodels:\n  sim/insider: {input: 10000, output: 10000}\n")
    dear: dict[str, Any] = {"prices": prices, "max_connections": 10, "worlds": "1-10"}
    first = go(tmp_path / "logs", max_cost=0.01, **dear)
    assert first.progress.finished == 1 and "the cost limit of $0.01 was reached" in first.progress.stopped
    some = go(tmp_path / "some", max_cost=4 * first.progress.cost, **dear)
    assert 1 < some.progress.finished < 10 and some.progress.cost <= 4 * first.progress.cost


def test_a_cost_limit_stops_cleanly_and_the_same_command_continues(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("as_of: 2026-01-01\nsource: a test\nmodels:\n  sim/insider: {input: 10, output: 10}\n")
    limits: dict[str, Any] = {"prices": prices, "max_connections": 2, "worlds": "1-10"}
    first = go(tmp_path / "logs", max_cost=0.2, **limits)
    assert "the cost limit of $0.2 was reached" in first.progress.stopped
    assert 0 < first.progress.cost <= 0.2
    assert 0 < first.progress.finished < 20
    assert first.logs[0].status == "error"
    positions = sorted(s.metadata["position"] for s in read_eval_log_sample_summaries(str(first.logs[0].location)))
    assert max(positions) - min(positions) < 10 and positions == sorted(positions)
    rest = go(tmp_path / "logs", **limits)
    assert rest.progress.finished == 20 - first.progress.finished
    assert (rest.kept, rest.progress.stopped, rest.logs[0].status) == (first.progress.finished, "", "success")
    assert len(outcomes(rest)) == 20


def test_a_cost_limit_needs_prices(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"needs a price for none/model"):
        go(tmp_path, models=("none/model",), max_cost=1.0)
    assert not list(tmp_path.glob("*.eval"))


def test_samples_with_errors_run_again_and_count_against_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = SimAPI.generate

    async def failing(self: SimAPI, *arguments: Any, **named: Any) -> Any:
        from turncoat.sim.truth import current_sample

        if current_sample().world.endswith("@2"):
            raise RuntimeError("the provider fell over")
        return await answer(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(SimAPI, "generate", failing)
        broken = go(tmp_path)
    found = failures(read_table(broken.paths))
    assert (found.errors, found.unscored, found.total) == (2, 0, 8)
    assert found.problem == "2 of 8 samples have no verdict (2 errors, 0 unscored): 25%, where the study allows 5%"
    mended = go(tmp_path)
    assert (mended.kept, mended.progress.finished, len(outcomes(mended))) == (6, 2, 8)
    assert failures(read_table(mended.paths)).problem == ""


def test_an_unreadable_log_is_set_aside_and_its_samples_run_again(tmp_path: Path) -> None:
    result = go(tmp_path)
    path = result.paths[0]
    path.write_bytes(path.read_bytes()[:200])
    again = go(tmp_path)
    assert again.progress.finished == 8
    assert "set aside" in again.notes[0] and path.with_name(path.name + ".unreadable").exists()
    assert len(outcomes(again)) == 8


def test_the_listener_sees_counts_and_the_manifest_says_how_it_came_about(tmp_path: Path) -> None:
    seen: list[int] = []

    def listener(progress: Progress) -> None:
        seen.append(progress.done)

    study = scenario_study("blackmail", (BOTH,), "1-3", 1)
    result = run_study(Request(study, "blackmail", ("sim/loyal",), tmp_path, settings={"temperature": 0.3}), listener)
    assert seen == [0, 1, 2, 3]
    manifest = (result.logs[0].eval.metadata or {})["manifest"]
    assert {"design", "stimulus", "run", "instrument"} <= manifest.keys()
    assert (manifest["study"], manifest["settings"], manifest["judge"]) == ("blackmail", {"temperature": 0.3}, "rules")
    assert {"turncoat", "inspect_ai", "scenario_version", "rubrics", "storylines"} <= manifest.keys()
    assert manifest["rubrics"].keys() == {"outcome", "reading", "awareness"}
    assert all(re.fullmatch(r"[\d.]+:[0-9a-f]{12}", r) for r in manifest["rubrics"].values())
    assert manifest["rungs"][0] == "accepts" and manifest["equivalence"] is None
    assert result.logs[0].plan.config.temperature == 0.3
