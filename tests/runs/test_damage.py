"""Damaged logs, full disks, unwritable folders, two commands at once: a clear error, and the rest is safe."""

import errno
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from inspect_ai.log import EvalLog
from inspect_ai.log._recorders import eval as recorder

from turncoat.analysis import Table, read_table
from turncoat.base.errors import OutputError, UsageError
from turncoat.runs.design import scenario_study, task_plans
from turncoat.runs.earlier import clear_unfinished, earlier_logs
from turncoat.runs.folder import LEDGER, ledger, refuse_unwritten
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import PART, run_study

BOTH = "goal=explicit,threat=replacement"


def go(
    folder: Path, worlds: str = "1-3", models: tuple[str, ...] = ("sim/insider", "sim/loyal"), **changes: Any
) -> RunResult:
    study = scenario_study("blackmail", (BOTH, "control"), worlds, 1)
    return run_study(Request(study, "blackmail", models, folder, **changes))


def rows(table: Table) -> list[tuple[object, ...]]:
    frame = table.frame
    return sorted(zip(frame["model"], frame["sample"], frame["status"], frame["harmful"].astype(str), strict=True))


def damage_member(data: bytes) -> bytes:
    """The journal of summaries is garbage; the archive's list of members is whole."""
    at = data.index(b"summaries.json") + len(b"summaries.json")
    return data[:at] + bytes(60) + data[at + 60 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) * 2 // 3],
    "garbage": lambda data: bytes(reversed(data)),
    "empty": lambda data: b"",
    "member": damage_member,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_log_is_set_aside_and_its_samples_run_again(kind: str, tmp_path: Path) -> None:
    first = go(tmp_path)
    before = rows(read_table([tmp_path]))
    (hurt,) = [log for log in first.logs if log.eval.model == "sim/insider"]
    path = Path(str(hurt.location).removeprefix("file://"))
    path.write_bytes(DAMAGE[kind](path.read_bytes()))
    again = go(tmp_path)
    assert (again.kept, again.progress.finished) == (6, 6)
    assert any(f"{path.name}.unreadable could not be read and was set aside" in note for note in again.notes)
    assert path.with_name(path.name + ".unreadable").is_file()
    assert rows(read_table([tmp_path])) == before


def test_a_full_disk_is_an_error_and_what_was_written_is_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, room = recorder._copy_temp_to_local, iter(range(4))

    def filling(temp: Any, path: str, fsync: bool) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(temp, path, fsync)

    slowly = {"max_connections": 4, "model_args": {"latency": 0.01}}
    with monkeypatch.context() as patched:
        patched.setattr(recorder, "_copy_temp_to_local", filling)
        with pytest.raises(OutputError, match=r"No space left on device.*same command continues"):
            go(tmp_path, "1-20", ("sim/insider",), **slowly)
    safe = len(read_table([tmp_path]).frame)
    assert 0 < safe < 40
    result = go(tmp_path, "1-20", ("sim/insider",), **slowly)
    assert (result.kept, result.progress.finished) == (safe, 40 - safe)
    assert len(read_table([tmp_path]).frame) == 40


def test_a_disk_that_is_full_from_the_start_is_said_to_be_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(temp: Any, path: str, fsync: bool) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(recorder, "_copy_temp_to_local", full)
    with pytest.raises(OutputError, match="No space left on device"):
        go(tmp_path, "1", ("sim/insider",))


@pytest.mark.parametrize(
    ("message", "there", "said"),
    [
        ("OSError(28, 'No space left on device')", False, "could not be written (No space left on device)"),
        ("OSError(28, 'No space left on device')", True, "could not be written (No space left on device)"),
        (None, False, "x.eval was written there and is gone"),
        ("ValueError('x')", False, "x.eval was written there and is gone"),
        ("ValueError('x')", True, ""),
        (None, True, ""),
    ],
)
def test_a_log_that_is_gone_and_one_that_could_not_be_written_are_told_apart(
    tmp_path: Path, message: str | None, there: bool, said: str
) -> None:
    place = tmp_path / "x.eval"
    if there:
        place.write_bytes(b"")
    error = message and SimpleNamespace(message=message)
    log = cast(EvalLog, SimpleNamespace(location=str(place), error=error, status="error" if error else "success"))
    if not said:
        refuse_unwritten([log], tmp_path)
        return
    with pytest.raises(OutputError, match=re.escape(said)):
        refuse_unwritten([log], tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: run the tests as another user")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        go(tmp_path / "logs")


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        go(tmp_path / "logs")


def test_two_commands_never_share_a_folder(tmp_path: Path) -> None:
    with ledger(tmp_path) as held:
        held.begin(("blackmail", "sim/loyal", "x", 1))
        with pytest.raises(UsageError, match="another command is at work"), ledger(tmp_path, patience=0.2):
            pass
    assert (tmp_path / LEDGER).read_text() == "", "a run that ended well has nothing open"


def test_the_ledger_knows_what_a_cut_off_command_had_begun(tmp_path: Path) -> None:
    whole = '["blackmail", "sim/loyal", "control+affair.1@1", 1]\n'
    (tmp_path / LEDGER).write_text(whole + whole.replace("@1", "@2") + whole[:30])
    with ledger(tmp_path) as held:
        assert {sample for _, _, sample, _ in held.begun} == {"control+affair.1@1", "control+affair.1@2"}


def test_long_studies_are_several_logs_and_more_worlds_only_add() -> None:
    def plan(worlds: int) -> list[tuple[str, tuple[str, ...]]]:
        (whole,) = task_plans(scenario_study("blackmail", (BOTH, "control"), f"1-{worlds}", 1), "x")
        parts = list(whole.parts(PART))
        assert [p for part in parts for p in part.pairs] == list(whole.pairs)
        assert all(part.order == tuple(whole.worlds) for part in parts)
        return [(part.label, tuple(map(str, part.worlds))) for part in parts]

    few, many = plan(PART + 10), plan(3 * PART)
    assert [label for label, _ in many] == ["blackmail", "blackmail-part2", "blackmail-part3"]
    assert few[0] == many[0] and set(few[1][1]) < set(many[1][1])


def test_an_archive_that_fills_memory_is_neither_read_nor_moved(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    name = "2026-01-01T00-00-00+00-00_blackmail_abcdefghijklmnopqrstuv.eval"
    for path in (folder / name, folder / f".{name}.part"):
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            archive.writestr("summaries.json", b" " * (70 << 20))
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    clear_unfinished(folder)
    with ExitStack() as names:
        found = earlier_logs(folder, names)
    assert found.logs == [] and len(found.notes) == 1
    assert "is not read, since its member 'summaries.json' unpacks from" in found.notes[0]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
