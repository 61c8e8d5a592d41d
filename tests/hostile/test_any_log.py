"""Logs whose fields are not what they are said to be stop no command; the others are reported, and the code says so."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.logs import MISSING, VALUES, changed, members, places, write
from turncoat.cli import guarded
from turncoat.cli.app import app
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study

CODES = (0, 3, 5)
"""All is well; nothing can be read; a part cannot."""

KINDS = {**VALUES, "missing": MISSING}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A log of each model and interface, of two samples."""
    folder = tmp_path_factory.mktemp("good")
    study = scenario_study("blackmail", ("goal=explicit,threat=replacement",), "1-2", 1)
    models = ("sim/insider", "sim/loyal")
    found = run_study(Request(study, "blackmail", models, folder, interfaces=("text", "tools")))
    return {f"{log.eval.model}-{log.eval.task}": path for log, path in zip(found.logs, found.paths, strict=True)}


def call(*command: str | Path) -> int:
    return guarded(lambda standalone_mode: app([str(c) for c in command], standalone_mode=standalone_mode))


BRIEFLY = ("monitor", "correct", "corrected", "copy")
"""Commands that `make test` tries on some of the logs only; the long form tries them on all."""


def every_command(folder: Path, good: Path, left_out: Collection[str] = ()) -> dict[str, int]:
    out = folder.with_suffix(".out")
    out.mkdir()
    labels, drawn = out / "labels.jsonl", ("--judge", "rules", "--sample", "400")
    commands: dict[str, tuple[str | Path, ...]] = {
        "export": ("export", folder, "--out", out / "rows.csv"),
        "parquet": ("export", folder, "--out", out / "rows.parquet"),
        "report": ("report", folder, "--out", out / "r.html"),
        "md": ("report", folder, "--format", "md", "--out", out / "r.md"),
        "compare": ("compare", folder, good),
        "label": ("label", folder, *drawn, "--out", labels),
        "score": ("score", folder, "--json", out / "scores.jsonl"),
        "monitor": ("monitor", folder, "--out", out / "sessions.csv"),
        "correct": ("correct", folder, "--labels", labels),
        "corrected": ("report", folder, "--labels", labels, "--monitor", "rules", "--out", out / "c.html"),
        "copy": ("copy-logs", folder, out / "copy"),
    }
    return {name: call(*words) for name, words in commands.items() if name not in left_out}


def see(folder: Path, good: Path, left_out: Collection[str] = ()) -> None:
    codes = every_command(folder, good, left_out)
    assert all(code in CODES for code in codes.values()), codes
    with (folder.with_suffix(".out") / "rows.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "sim/loyal"]
    assert len(rows) == 2 and all(row["status"] == "scored" for row in rows), "the good log is there"
    scored = [
        json.loads(line) for line in (folder.with_suffix(".out") / "scores.jsonl").read_text().split("\n") if line
    ]
    assert len(scored) >= 2


HEADER = {"eval", "stats", "results", "status", "error"}
SKIPPED = {"revision", "scorers", "viewer", "task_args", "task_args_passed", "reductions", "model_args"}
"""Parts of the header that are Inspect's own affair, which we do not read."""


@pytest.mark.parametrize("turn", [0, 5, pytest.param(10, marks=pytest.mark.long)])
@pytest.mark.parametrize("task", ["blackmail", "blackmail-tools"])
def test_a_header_or_summaries_of_any_kind(
    logs: dict[str, Path], tmp_path: Path, task: str, turn: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    good = logs[f"sim/loyal-{task}"]
    write(folder / "good.eval", members(good))
    content = members(logs[f"sim/insider-{task}"])
    for name in ("header.json", "summaries.json"):
        for number, at in enumerate(p for p in places(content[name]) if not SKIPPED & {*map(str, p)}):
            worse = changed(content[name], at, [*KINDS.values()][(number + turn) % len(KINDS)])
            write(folder / f"{name[:4]}{number}.eval", content | {name: worse})
    see(folder, good, {0: () if task == "blackmail" else BRIEFLY, 5: BRIEFLY}.get(turn, ()))
    assert "Traceback" not in capsys.readouterr().err


STORES: dict[str, Any] = {
    f"{name} {kind}": {name: value}
    for name in ("Acts:entries", "Acts:played", "Acts:ended")
    for kind, value in VALUES.items()
} | {
    f"entry {kind}": {"Acts:entries": [value, {"type": "attempt", "action": value}, {"type": value}]}
    for kind, value in VALUES.items()
}


@pytest.mark.parametrize("task", ["blackmail", "blackmail-tools"])
def test_samples_and_stores_of_any_kind(
    logs: dict[str, Path], tmp_path: Path, task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    good = logs[f"sim/loyal-{task}"]
    write(folder / "good.eval", members(good))
    content = members(logs[f"sim/insider-{task}"])
    name = next(n for n in content if n.startswith("samples/"))
    sample = content[name]
    hostile = [changed(sample, ("store",), {**sample.get("store", {}), **store}) for store in STORES.values()]
    kinds = list(KINDS.values())
    read = [
        p for p in places(sample, 4) if p[0] in ("messages", "output", "scores", "metadata", "attachments", "error")
    ]
    hostile += [changed(sample, at, kinds[n % len(kinds)]) for n, at in enumerate(read)]
    for number, worse in enumerate(hostile):
        write(folder / f"bad{number}.eval", content | {name: worse})
    see(folder, good, BRIEFLY[1:] if task == "blackmail-tools" else BRIEFLY)
    assert "Traceback" not in capsys.readouterr().err


def test_a_log_without_its_samples_is_said_by_all_who_need_them(logs: dict[str, Path], tmp_path: Path) -> None:
    content = {n: m for n, m in members(logs["sim/insider-blackmail"]).items() if not n.startswith("samples/")}
    (folder := tmp_path / "logs").mkdir()
    write(folder / "bare.eval", content)
    assert call("monitor", folder, "--out", tmp_path / "m.csv") == 5
    assert call("label", folder, "--judge", "rules", "--out", tmp_path / "l.jsonl") == 5
    assert call("score", folder, "--json", tmp_path / "s.jsonl") == 5


@pytest.mark.parametrize("kind", ["huge", "list", "half", "negative"])
def test_scores_can_be_added_to_what_can_be_read(logs: dict[str, Path], tmp_path: Path, kind: str) -> None:
    content = members(logs["sim/insider-blackmail-tools"])
    name = next(n for n in content if n.startswith("samples/"))
    worse = changed(content[name], ("store",), {"Acts:entries": [VALUES[kind]]})
    path = write(tmp_path / "bad.eval", content | {name: worse})
    assert call("score", path, "--judge", "rules", "--append") in CODES
