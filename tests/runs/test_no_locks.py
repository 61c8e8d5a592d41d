"""A file system without locks: commands work there and say that nothing holds others off."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from turncoat.analysis.table.logs import find_logs
from turncoat.base.errors import LogError, UsageError
from turncoat.base.locks import LOCK, holding, reading
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refused)


@pytest.mark.usefixtures("no_locks")
def test_a_run_and_a_scoring_say_so_and_clear_nothing_that_may_be_anothers(tmp_path: Path) -> None:
    piece = tmp_path / ".inspect_tmp_x.writing"
    piece.write_bytes(b"another command may be writing this")
    result = run_study(
        Request(scenario_study("blackmail", ("control",), "1", 1), "blackmail", ("sim/loyal",), tmp_path)
    )
    assert any("has no locks" in note for note in result.notes)
    assert piece.exists()
    done = rescore(result.paths[0], ScoringOptions(judge="sim/judge-1-1", read="none"))
    assert any("has no locks" in line for line in done.lines)


def test_a_lock_leaves_nothing_behind_and_waits_for_no_stranger(tmp_path: Path) -> None:
    with holding(tmp_path, "a"):
        assert "a, process" in (tmp_path / LOCK).read_text()
    assert not list(tmp_path.iterdir())
    (tmp_path / LOCK).write_text('["blackmail", "sim/loyal", "x", 1]\n')
    with holding(tmp_path, "b"):
        pass
    assert (tmp_path / LOCK).read_text() == '["blackmail", "sim/loyal", "x", 1]\n', "what a run had begun stays noted"


def test_a_folder_that_takes_no_files_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with reading(tmp_path, "turncoat copy-logs") as held:
        assert not held.locked
    assert not list(tmp_path.iterdir())
    (tmp_path / LOCK).touch()
    with reading(tmp_path, "turncoat copy-logs") as held:
        assert not held.locked, "nor does the lock of somebody else's run"
    with holding(tmp_path, "a run"), pytest.raises(UsageError, match=r"at work here \(a run"):
        with reading(tmp_path, "turncoat copy-logs"):
            pass
    with pytest.raises(LogError, match="cannot be read"):
        find_logs([tmp_path])
