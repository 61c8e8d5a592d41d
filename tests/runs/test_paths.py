"""Paths are paths: whatever signs a folder's name has, and what cannot be read is not called damaged."""

from __future__ import annotations

import csv
import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import turncoat
from turncoat.analysis import read_table
from turncoat.base.errors import LogError, OutputError
from turncoat.base.files import path_of, plainly
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.runs.study import default_folder

NAMES = ["a#b", "a?b", "a%20b", "a b", "ä é", "a\nb", "[a]*", "a::b", "file:", "~", "a\\b", "-x", "{a}"]


def go(folder: Path, worlds: str = "1-2", **changes: Any) -> RunResult:
    study = scenario_study("blackmail", ("control",), worlds, 1)
    return run_study(Request(study, "blackmail", ("sim/loyal",), folder, **changes))


@pytest.mark.parametrize("name", NAMES)
def test_a_run_continues_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name / "logs"
    first = go(folder)
    assert first.progress.finished == 2 and all(p.is_file() and p.parent == folder for p in first.paths)
    again = go(folder, "1-3")
    assert (again.kept, again.progress.finished, again.notes) == (2, 1, ())
    assert len(read_table([folder]).frame) == 3
    assert not list(tmp_path.rglob("*.unreadable"))


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take UTF-8 names only")
def test_a_folder_whose_name_is_no_utf8_is_run_reported_and_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe"))
    assert go(folder).progress.finished == 2
    assert go(folder).kept == 2
    label = ("label", "--judge", "rules", "--sample", "2", "--out", "l.jsonl")
    for command, *options, out in (
        *(("report", "--out", "r.html"), ("export", "--out", "t.csv"), ("report", "--out", "r.md")),
        *(label, ("monitor", "--out", "m.csv"), ("correct", "--labels", "l.jsonl")),
    ):
        code, _, said = turncoat(capsys, command, str(folder), *options, str(tmp_path / out))
        assert code == 0 and (tmp_path / out).is_file(), said
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        logs = [path_of(row["log"]) for row in csv.DictReader(file)]
    assert len(logs) == 2 and all(log.parent == folder and log.is_file() for log in logs)


def test_a_name_that_is_plain_is_left_alone(tmp_path: Path) -> None:
    with plainly(tmp_path) as place:
        assert place == tmp_path
    with plainly(tmp_path / "a#b.eval") as place:
        assert place.suffix == ".eval" and place.is_symlink()
    assert not place.exists() and not place.parent.exists()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_what_cannot_be_read_is_not_damaged(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = go(tmp_path).paths

    def refusing(self: Path) -> bytes:
        raise OSError(code, os.strerror(code))

    def failing(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("turncoat.runs.earlier.read_eval_log", failing)
    monkeypatch.setattr(Path, "read_bytes", refusing)
    with pytest.raises(LogError, match="nothing was run, since it may be whole"):
        go(tmp_path)
    assert path.is_file() and not list(tmp_path.glob("*.unreadable"))


def test_a_log_that_goes_while_it_is_read_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go(tmp_path)

    def gone(*_: object, **__: object) -> None:
        raise FileNotFoundError

    with monkeypatch.context() as patched:
        patched.setattr("turncoat.runs.earlier.read_eval_log", gone)
        assert go(tmp_path).kept == 0
    assert not list(tmp_path.glob("*.unreadable"))


def test_a_whole_log_that_is_not_understood_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = go(tmp_path).paths

    def newer(*_: object, **__: object) -> None:
        raise ValueError("a field that is not known")

    with monkeypatch.context() as patched:
        patched.setattr("turncoat.runs.earlier.read_eval_log", newer)
        result = go(tmp_path)
    assert any("is whole, but not a log that can be continued" in note for note in result.notes)
    assert path.is_file()


def test_what_is_set_aside_takes_no_other_files_place(tmp_path: Path) -> None:
    (path,) = go(tmp_path).paths
    aside = path.with_name(f"{path.name}.unreadable")
    aside.write_bytes(b"set aside before")
    path.write_bytes(b"damaged")
    go(tmp_path)
    assert aside.read_bytes() == b"set aside before"
    assert path.with_name(f"{path.name}.unreadable-2").read_bytes() == b"damaged"


def test_a_link_in_place_of_the_control_file_is_refused(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / ".turncoat-begun").symlink_to(precious)
    with pytest.raises(OutputError, match="is a link"):
        go(logs)
    assert precious.read_text() == "mine"


def test_each_study_and_scenario_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_folder("smoke") == Path("logs/smoke")
    assert default_folder("blackmail") == Path("logs/blackmail")
    assert default_folder("paper/fig7-reference") == Path("logs/paper/fig7-reference")
    assert default_folder("mine/x.yaml") == Path("logs/mine/x")
    assert default_folder(str(tmp_path / "mine" / "x.yaml")) == Path("logs/mine/x")
    assert default_folder("../x.yaml") == Path("logs/x")
    assert default_folder("/elsewhere/scenarios/own") == Path("logs/own")
    assert default_folder("./own/") == Path("logs/own")
