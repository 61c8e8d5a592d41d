"""Logs go into a local S3-compatible store and come back, byte for byte; a run is continued from what came back."""

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from turncoat.analysis.table.copying import copy_logs
from turncoat.base.errors import UsageError
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
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
    fsspec.filesystem("s3").mkdir("results")
    yield "s3://results/study"
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


def test_a_folder_without_logs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no Inspect logs"):
        copy_logs(str(tmp_path), str(tmp_path / "there"))
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
