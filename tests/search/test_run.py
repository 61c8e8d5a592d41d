"""A small search on a simulated model through the ordinary runner, from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turncoat.analysis.table import read_table
from turncoat.base.errors import UsageError
from turncoat.cli import app
from turncoat.search.record import read_record


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("searched")


def _arguments(folder: Path, budget: int) -> list[str]:
    varied = ["--vary", "threat", "--vary", "deliberation", "--fresh", "4", "--confirm", "1", "--ablate", "0"]
    sizes = ["--budget", str(budget), "--round", "6", "--log-dir", str(folder), "--json"]
    return ["search", "search_demo", "--model", "sim/hinged", *varied, *sizes]


def test_the_command_searches_and_its_logs_are_like_any_others(folder: Path) -> None:
    done = CliRunner().invoke(app, _arguments(folder, 6))
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert data["tried"] == 6
    assert data["confirmed"][0]["n"] == 4
    record = read_record(folder)
    assert record is not None
    frame = read_table(folder).frame
    assert len(frame) == data["samples"]
    hits = sum(s.hit is True for stage in ("search", "confirm") for seen in record.seen(stage).values() for s in seen)
    assert hits == int(frame["harmful"].sum())
    assert (folder / "search.html").is_file()
    again = CliRunner().invoke(app, _arguments(folder, 6))
    assert json.loads(again.stdout) == data


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--objective", "subtle", "--judge", "rules"], "--objective subtle: needs a judge that reads reasoning"),
        (["--objective", "unaware", "--judge", "rules"], "--objective unaware: needs a judge that reads reasoning"),
        (["--vary", "wording"], "--vary wording: an author writes it; give --author MODEL"),
        (["--log-dir", "run"], "run: holds logs of a run"),
    ],
)
def test_a_search_that_could_find_nothing_is_refused_before_it_begins(
    more: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "of-somebody.eval").touch()
    done = CliRunner().invoke(app, ["search", "search_demo", "--model", "sim/hinged", "--log-dir", "new", *more])
    assert done.exit_code == 1 and isinstance(done.exception, UsageError)
    assert str(done.exception).startswith(said)
    assert not list(tmp_path.rglob("round-*"))


def test_another_target_in_the_folder_is_one_line(folder: Path) -> None:
    done = CliRunner().invoke(app, [*_arguments(folder, 6)[:2], "--model", "sim/loyal", "--log-dir", str(folder)])
    assert "holds a search with" in str(done.exception)
