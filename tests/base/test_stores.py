"""Folders in stores: what a store may say that a folder here cannot, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

from turncoat.analysis.status import status_of
from turncoat.analysis.table.copying import copy_logs
from turncoat.base.errors import LogError, OutputError, UsageError
from turncoat.base.locks import LOCK
from turncoat.base.remote import brought
from turncoat.base.stores import Shelf


@pytest.fixture
def store() -> Iterator[MemoryFileSystem]:
    files: MemoryFileSystem = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def test_names_that_lead_out_of_a_folder_are_left_out(store: MemoryFileSystem, tmp_path: Path) -> None:
    for name in ("/run/a.eval", "/run/../out.eval", "/run/sub/../../out.eval", "/run/b..c.eval"):
        store.store[name] = MemoryFile(store, name, b"x")
    assert Shelf("memory://run").names(deep=True) == ["a.eval", "b..c.eval"]
    with brought(["memory://run"]) as (folder,):
        assert sorted(p.name for p in folder.parent.rglob("*.eval")) == ["a.eval", "b..c.eval"]
    copy_logs("memory://run", str(tmp_path / "run"))
    assert sorted(p.name for p in tmp_path.rglob("*.eval")) == ["a.eval", "b..c.eval"]


@pytest.mark.parametrize("place", ["memory://none/x.eval", "memory://none"])
def test_an_address_without_logs_is_named(store: MemoryFileSystem, place: str) -> None:
    with pytest.raises(LogError) as raised, brought([place]):
        pass
    assert str(raised.value).startswith(f"{place}: ")


def test_shards_of_which_nothing_is_there_are_missing(store: MemoryFileSystem, tmp_path: Path) -> None:
    (tmp_path / "shard-2-of-3").mkdir()
    (tmp_path / "shard-2-of-3" / LOCK).touch()
    assert [s.state for s in status_of(str(tmp_path)).shards] == ["missing", "done", "missing"], "of --workers 3"
    Shelf("memory://run").create("shards.json", b'{"shards": 2}')
    assert [s.state for s in status_of("memory://run").shards] == ["missing", "missing"]
    with pytest.raises(UsageError, match="holds no shards"):
        status_of("memory://none")


@pytest.mark.parametrize("error", [NotImplementedError, TypeError, OSError(38, "not implemented"), FileExistsError])
def test_a_file_is_left_once_however_a_store_refuses_the_condition(
    store: MemoryFileSystem, error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly = MemoryFileSystem.pipe_file

    def unconditional(self: MemoryFileSystem, path: str, value: bytes, mode: str = "overwrite", **more: Any) -> None:
        if mode == "create":
            raise error
        plainly(self, path, value, **more)

    shelf = Shelf("memory://run")
    if error is FileExistsError:
        shelf.create("x.json", b"first")
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", unconditional)
    assert [shelf.create("x.json", data) for data in (b"first", b"second")] == [b"first", b"first"]


@pytest.mark.parametrize(
    ("place", "refused"),
    [
        ("memory://user:hunter2@host/logs", True),
        ("memory://:hunter2@host/logs", True),
        ("memory://user:a@b:c@host", True),
        ("simplecache::memory://user:hunter2@host/logs", True),
        ("zip://x.eval::memory://user:hunter2@host/a.zip", True),
        ("memory://user@host/logs", False),
        ("memory://host/logs@2:3@4", False),
        ("memory://bucket/a:b", False),
    ],
)
def test_no_password_stands_in_an_address(place: str, refused: bool) -> None:
    if not refused:
        assert Shelf(place).place == place
        return
    with pytest.raises(UsageError, match="has a password in it") as caught:
        Shelf(place)
    assert "hunter2" not in str(caught.value) and "a@b" not in str(caught.value)


def test_a_store_that_is_asked_at_once_and_does_not_answer_is_one_line() -> None:
    with pytest.raises(OutputError, match=r"^ftp://127\.0\.0\.1:1/logs: cannot be reached \(Connection refused\)$"):
        Shelf("ftp://127.0.0.1:1/logs")
