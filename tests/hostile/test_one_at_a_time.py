"""One command at a time: each that writes into a folder or a file holds it, and the second names who is at work."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from turncoat.base.locks import holding
from turncoat.cli import guarded
from turncoat.cli.app import app
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study

SIM = ("--model", "sim/hinged")
AUTHOR = ("--author", "sim/author-0", "--rewrite", "credential", "--distance", "names")

COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("run", "blackmail", *SIM, "--worlds", "1", "--log-dir", "{folder}"),
    "run in workers": ("run", "blackmail", *SIM, "--worlds", "1-2", "--workers", "2", "--log-dir", "{folder}"),
    "search": ("search", "search_demo", *SIM, "--budget", "4", "--round", "2", "--log-dir", "{folder}"),
    "explain": ("explain", "blackmail/threat=replacement", *SIM, "--worlds", "1-2", "--log-dir", "{folder}"),
    "realism": ("realism", "blackmail", "--judge", "sim/reader-60-45-90-97-20", "--worlds", "1", "--out", "{folder}"),
    "author": ("new", "blackmail", *AUTHOR, "--out", "{folder}"),
    "score into": ("score", "{folder}/x.eval", "--judge", "sim/judge-1-1", "--append"),
    "score to": ("score", "{other}/x.eval", "--judge", "sim/judge-1-1", "--write", "{folder}/copy.eval"),
    "copy from": ("copy-logs", "{folder}", "{other}/third"),
    "copy to": ("copy-logs", "{other}", "{folder}"),
    "label": ("label", "{other}/x.eval", "--judge", "rules", "--out", "{folder}/labels.jsonl"),
}


def test_a_second_command_says_who_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    request = Request(scenario_study("blackmail", ("control",), "1", 1), "blackmail", ("sim/loyal",), tmp_path / "made")
    log = run_study(request).paths[0].read_bytes()
    ticks = count(0.0, 10.0)
    monkeypatch.setattr(
        "turncoat.base.locks.time", SimpleNamespace(monotonic=lambda: next(ticks), sleep=lambda _: None)
    )
    for name, words in COMMANDS.items():
        folder, other = tmp_path / name / "folder", tmp_path / name / "other"
        for place in (folder, other):
            place.mkdir(parents=True)
            if name not in ("run in workers", "search", "realism", "author"):
                (place / "x.eval").write_bytes(log)
        given = [word.format(folder=folder, other=other) for word in words]
        before = {p.name: p.read_bytes() for p in folder.iterdir()}
        with holding(folder / "labels.jsonl" if name == "label" else folder, "turncoat somewhat"):
            code = guarded(lambda standalone_mode, given=given: app(given, standalone_mode=standalone_mode))
            left = {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}
        said = capsys.readouterr().err.strip()
        assert code == 2 and "\n" not in said, (name, code, said)
        assert "another command is at work here (turncoat somewhat, process" in said, (name, said)
        assert left == before, name
