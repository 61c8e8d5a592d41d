"""Copies of logs: whole or not at all, under the folder's lock, and in no place of a log that holds more."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from turncoat.analysis.table.copying import copy_logs, holds
from turncoat.base.errors import OutputError, UsageError
from turncoat.base.locks import holding
from turncoat.base.stores import Shelf
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    study = scenario_study("blackmail", ("control",), "1-3", 1)
    run_study(Request(study, "blackmail", ("sim/loyal",), folder))
    return folder


@pytest.fixture
def logs(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "here"))


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_a_copy_that_fails_leaves_the_earlier_one_whole(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    copy_logs(str(logs), str(there))
    (log,) = there.glob("*.eval")
    before, left = log.read_bytes(), names(there)
    rescore(next(logs.glob("*.eval")), ScoringOptions(judge="sim/judge-1-1", read="none"))

    def full(self: Shelf, name: str, to: Path) -> None:
        to.write_bytes(bytes(1000))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Shelf, "fetch", full)
        with pytest.raises(OutputError, match="No space left on device"):
            copy_logs(str(logs), str(there))
    assert log.read_bytes() == before and names(there) == left
    copy_logs(str(logs), str(there))
    assert log.read_bytes() == next(logs.glob("*.eval")).read_bytes() != before


def test_a_log_that_holds_more_is_not_replaced(logs: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    copy_logs(str(logs), str(there))
    (log,) = there.glob("*.eval")
    rescore(log, ScoringOptions(judge="sim/judge-1-1", read="none"))
    before = log.read_bytes()
    assert holds(log, next(logs.glob("*.eval"))) and not holds(next(logs.glob("*.eval")), log)
    with pytest.raises(UsageError, match="is there already and holds what its copy would lack"):
        copy_logs(str(logs), str(there))
    log.write_bytes(b"something else")
    with pytest.raises(UsageError, match="is there already"):
        copy_logs(str(logs), str(there))
    assert log.read_bytes() == b"something else" != before


@pytest.mark.parametrize("end", ["here", "there"])
def test_a_folder_at_work_is_not_copied_from_or_to(end: str, logs: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with holding(tmp_path / end, "turncoat run"), pytest.raises(UsageError, match=r"another command .*turncoat run"):
        copy_logs(str(logs), str(tmp_path / "there"))
    assert not list((tmp_path / "there").glob("*.eval"))


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%20b", "a b", "[a]*", "a::b", "ä\n"])
def test_names_are_names(name: str, logs: Path, tmp_path: Path) -> None:
    logs = logs.rename(tmp_path / name)
    copied = copy_logs(str(logs), str(tmp_path / f"to {name}"))
    for file in copied:
        assert (tmp_path / f"to {name}" / file).read_bytes() == (logs / file).read_bytes()


def test_what_is_unfinished_is_not_copied(logs: Path, tmp_path: Path) -> None:
    (logs / ".x.part.eval").write_bytes(b"half")
    (logs / ".x.eval.0123abcd.part").write_bytes(b"half")
    assert all(not name.startswith(".x") for name in copy_logs(str(logs), str(tmp_path / "there")))
