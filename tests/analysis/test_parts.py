"""Parquet parts beside the logs: a second reading opens no log, and no part speaks for bytes it was not made of."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from turncoat.analysis import Table, read_table
from turncoat.analysis.table import parts
from turncoat.analysis.table.rows import LogRows, read_rows
from turncoat.base.remote import PARTS

from .factory import make_log, make_sample

HARMFUL = "explicit_blackmail"


@pytest.fixture(autouse=True)
def always_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "WORTH", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, outcome in enumerate(("accepts", HARMFUL)):
        log(tmp_path / "logs", outcome, number)
    return tmp_path / "logs"


def log(folder: Path, outcome: str, number: int, status: str = "success") -> None:
    samples = [make_sample("control", f"affair.1@{10 * number + i}", outcome) for i in range(3)]
    make_log(folder, samples, name=f"log{number}", task_id=f"task{number}", status=status)


def kept(folder: Path) -> list[Path]:
    return sorted((folder / PARTS).glob("*"))


def opened_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> LogRows:
        raise AssertionError(f"{path} was opened")

    monkeypatch.setattr(parts, "read_rows", fails)


def same(first: Table, second: Table) -> None:
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert (first.logs, first.problems, first.own) == (second.logs, second.problems, second.own)


def test_a_second_reading_opens_no_log_and_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_table(folder)
    assert len(kept(folder)) == 2
    opened_none(monkeypatch)
    same(first, read_table(folder))


def test_parts_are_found_from_a_copy_of_the_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_table(folder)
    shutil.copytree(folder, tmp_path / "copy")
    opened_none(monkeypatch)
    assert list(read_table(tmp_path / "copy").frame["harmful"]) == list(first.frame["harmful"])


def test_a_changed_log_is_read_anew_and_its_old_part_goes(folder: Path) -> None:
    assert read_table(folder).frame["harmful"].sum() == 3
    before = set(kept(folder))
    (changed,) = folder.glob("log0*")
    changed.unlink()
    log(folder, HARMFUL, 0)
    assert read_table(folder).frame["harmful"].sum() == 6
    assert len(kept(folder)) == 2 and len(before & set(kept(folder))) == 1


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_a_damaged_part_is_passed_over(folder: Path, damage: bytes | None) -> None:
    first = read_table(folder)
    for part in kept(folder):
        data = bytearray(part.read_bytes())
        for at in range(40, 400):
            data[at] ^= 0xFF
        part.write_bytes(bytes(data) if damage is None else damage)
    same(first, read_table(folder))


def test_a_part_of_another_version_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_table(folder)
    monkeypatch.setattr(parts, "_code", lambda: "0123456789abcdef")
    opened: list[Path] = []
    read = read_rows

    def noted(path: Path) -> LogRows:
        opened.append(path)
        return read(path)

    monkeypatch.setattr(parts, "read_rows", noted)
    read_table(folder)
    assert len(opened) == 2


def test_where_nothing_can_be_written_the_table_is_the_same(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "other")
    (tmp_path / "other" / PARTS).write_text("a file where the folder would be")
    found, other = read_table(folder), read_table(tmp_path / "other")
    assert list(found.frame["harmful"]) == list(other.frame["harmful"])
    assert (tmp_path / "other" / PARTS).is_file()


def test_an_unfinished_log_has_no_part(tmp_path: Path) -> None:
    log(tmp_path, "accepts", 0, status="started")
    assert len(read_table(tmp_path).frame) == 3
    assert not kept(tmp_path)


def test_readers_at_once_find_the_same(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_table(folder), range(8)))
    for table in found:
        same(found[0], table)
    assert {path.suffix for path in kept(folder)} == {".parquet"} and len(kept(folder)) == 2
