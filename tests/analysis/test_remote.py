"""Logs go into a local S3-compatible store and come back, byte for byte; a run is continued from what came back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from turncoat.analysis import read_table
from turncoat.analysis.status import status_of
from turncoat.analysis.table.copying import copy_logs
from turncoat.base.errors import OutputError, UsageError
from turncoat.base.remote import brought
from turncoat.base.stores import Shelf
from turncoat.runs.design import scenario_study
from turncoat.runs.executors.shard import run_shard
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.shards.number import Shard
from turncoat.runs.stored import MARK, at_hand, mark_in


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("NO_PROXY", "*"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("fsspec.config.conf", {"s3": {"endpoint_url": f"http://{host}:{port}"}})
    fsspec.filesystem("s3").clear_instance_cache()
    fsspec.filesystem("s3").makedirs("results", exist_ok=True)
    yield f"s3://results/{request.node.name}"  # moto keeps its buckets as long as the process
    fsspec.filesystem("s3").clear_instance_cache()
    server.stop()


def test_a_run_goes_into_a_store_and_is_continued_from_there(bucket: str, tmp_path: Path) -> None:
    def go(folder: Path, worlds: str) -> tuple[int, int]:
        study = scenario_study("blackmail", ("control",), worlds, 1)
        result = run_study(Request(study, "blackmail", ("sim/loyal",), folder))
        return result.kept, result.progress.finished

    assert go(tmp_path / "here", "1-2") == (0, 2)
    names = copy_logs(str(tmp_path / "here"), bucket)
    assert copy_logs(bucket, str(tmp_path / "back")) == names
    assert any(n.endswith(".eval") for n in names)
    for name in names:
        assert (tmp_path / "back" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert go(tmp_path / "back", "1-3") == (2, 1)


def test_a_file_that_cannot_be_read_to_its_end_replaces_nothing(bucket: str) -> None:
    shelf = Shelf(bucket)
    shelf.create("x.eval", b"whole")
    with pytest.raises(OSError, match="Input/output error"):
        shelf.put("x.eval", Path("/proc/self/mem"))  # opens, and cannot be read
    assert shelf.read("x.eval") == b"whole"


def test_shards_run_into_a_store_and_are_read_from_it(bucket: str, tmp_path: Path) -> None:
    def go(number: int, worlds: str = "1-3") -> tuple[int, int]:
        study = scenario_study("blackmail", ("control",), worlds, 1)
        done = run_shard(Request(study, "blackmail", ("sim/loyal",), tmp_path, store=bucket), Shard(number, 2))
        assert any("no locks" in note for note in done.notes)
        assert all(path.is_file() for path in done.paths), "as long as the result is held"
        return done.kept, done.progress.finished

    assert (go(2), go(2)) == ((0, 1), (1, 0))
    assert [s.state for s in status_of(bucket).shards] == ["missing", "done"]
    assert (go(1), go(1, "1-5")) == ((0, 2), (2, 1))
    files = Shelf(bucket)
    names = files.names(deep=True)
    assert sum(n.endswith(".eval") for n in names) == 2, "a log that was gone on from is taken away"
    assert not any(MARK in n for n in names)
    files.create("shard-2-of-2/running-x.json", b'{"holder": "turncoat run, process 7 on elsewhere"}')
    found = status_of(bucket)
    assert [(s.state, s.finished, s.planned) for s in found.shards] == [("done", 3, 3), ("begun", 1, 2)]
    assert files.create("shards.json", b"another") == files.read("shards.json") != b"another"
    with pytest.raises(UsageError, match="2 shards, not 3"):
        run_shard(
            Request(scenario_study("blackmail", ("control",), "1-3", 1), "x", ("sim/loyal",), tmp_path, store=bucket),
            Shard(1, 3),
        )
    with brought([bucket]) as here:
        assert len(read_table(here).frame) == 4


CUT_OFF = """
import os, sys
from turncoat.runs.stored import at_hand
with at_hand(sys.argv[1]):
    os._exit(9)
"""


def test_what_a_killed_command_said_of_itself_goes_where_it_is_known_to_be_gone(bucket: str) -> None:
    shelf = Shelf(bucket)
    assert subprocess.run([sys.executable, "-c", CUT_OFF, bucket], check=False).returncode == 9
    (killed,) = shelf.names()
    mark = mark_in(shelf.read(killed) or b"")
    assert mark.gone and f"process {mark.process} on " in mark.holder
    others = {
        "running-here.json": mark.model_copy(update={"process": os.getpid()}),
        "running-elsewhere.json": mark.model_copy(update={"machine": "another"}),
        "running-unsaid.json": mark.model_copy(update={"machine": ""}),
        "running-all.json": mark.model_copy(update={"process": -1}),
    }
    for name, other in others.items():
        shelf.create(name, other.model_dump_json().encode())
    with at_hand(bucket):
        assert killed not in shelf.names() and {*others} < {*shelf.names()}
    assert [*others] and {*others} == {*shelf.names()}
    shelf.create("shard-1-of-1/running-killed.json", mark.model_dump_json().encode())
    assert [s.holder for s in status_of(bucket).shards] == [""]


def test_a_store_that_takes_nothing_is_one_line(bucket: str, tmp_path: Path) -> None:
    study = scenario_study("blackmail", ("control",), "1-3", 1)
    for store in ("s3://no-such-bucket/x", "nosuch://x"):
        with pytest.raises((OutputError, UsageError), match=r"no-such-bucket|nosuch"):
            run_shard(Request(study, "blackmail", ("sim/loyal",), tmp_path, store=store), Shard(1, 2))


def test_a_folder_without_logs_is_an_error(tmp_path: Path) -> None:
    (empty := tmp_path / "logs").mkdir()
    with pytest.raises(UsageError, match="no Inspect logs"):
        copy_logs(str(empty), str(tmp_path / "there"))
    with pytest.raises(UsageError, match="nosuch"):
        copy_logs("nosuch://x", str(tmp_path))


def test_a_folder_is_not_copied_onto_itself(tmp_path: Path) -> None:
    """The files would be emptied before they are read; a link to the folder is the folder."""
    log = tmp_path / "logs" / "x.eval"
    log.parent.mkdir()
    log.write_bytes(b"a log")
    (tmp_path / "link").symlink_to(log.parent)
    for target in (log.parent, tmp_path / "link", tmp_path / "logs" / ".." / "logs"):
        with pytest.raises(UsageError, match="the folder that is copied"):
            copy_logs(str(log.parent), str(target))
    assert log.read_bytes() == b"a log"
