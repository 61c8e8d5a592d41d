"""Files that commands keep for themselves: what stands in their place is named, never waited for, and never hurt."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from turncoat.base.errors import DataError, OutputError
from turncoat.base.files import add_lines
from turncoat.base.locks import LOCK, holding, looked_at
from turncoat.base.stores import Shelf
from turncoat.scoring.journal import journal
from turncoat.scoring.options import ScoringOptions
from turncoat.search.record import FILE, read_record

VICTIM = "precious\n"


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    path.symlink_to(path.with_name("victim"))


def nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def answers(at: Path) -> None:
    with journal(at / "x.eval", ScoringOptions(), ["verdict"], []):
        pass


def lock(at: Path) -> None:
    with holding(at, "a test"):
        pass


@pytest.mark.parametrize("there", [pipe, folder, link, nowhere, device])
@pytest.mark.parametrize(
    ("name", "use"),
    [
        (".x.eval.answers", answers),
        (LOCK, lock),
        ("lines.jsonl", lambda at: add_lines(at / "lines.jsonl")),
    ],
    ids=["answers", "lock", "lines"],
)
def test_what_is_written_to_is_a_file_of_its_own(
    name: str, use: Callable[[Path], None], there: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "victim").write_text(VICTIM)
    there(tmp_path / name)
    with pytest.raises(OutputError, match=r"is a link|a device, a pipe or a folder|Is a directory"):
        use(tmp_path)
    assert (tmp_path / "victim").read_text() == VICTIM and not (tmp_path / "nowhere").exists()
    assert os.path.lexists(tmp_path / name)


@pytest.mark.parametrize("there", [pipe, folder, device])
@pytest.mark.parametrize(
    ("name", "read"),
    [(FILE, read_record), ("shards.json", lambda at: Shelf(at).read("shards.json"))],
    ids=["search", "shards"],
)
def test_what_is_read_is_a_file_with_an_end(
    name: str, read: Callable[[Path], object], there: Callable[[Path], None], tmp_path: Path
) -> None:
    there(tmp_path / name)
    with pytest.raises(DataError, match="is a device, a pipe or a folder"):
        read(tmp_path)


@pytest.mark.parametrize("there", [pipe, folder, link, device])
def test_a_lock_that_is_none_is_nobodys(there: Callable[[Path], None], tmp_path: Path) -> None:
    there(tmp_path / LOCK)
    assert looked_at(tmp_path) == (False, "")


def test_a_line_that_was_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    add_lines(path, '{"a": 1}')
    path.write_bytes(path.read_bytes() + b'{"a": ')
    add_lines(path, '{"a": 2}')
    add_lines(path, "\udc80")
    assert path.read_text().splitlines() == ['{"a": 1}', '{"a": ', '{"a": 2}', "\\udc80"]
