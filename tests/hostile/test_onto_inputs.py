"""No command writes onto what it reads, however the file is spelled; folders that are shut are named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from turncoat.analysis import read_table
from turncoat.analysis.table.copying import copy_logs
from turncoat.base.errors import IncompleteError, LogError, OutputError, TranscriptError, UsageError
from turncoat.cli import guarded
from turncoat.cli.app import app
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.scenarios.files import data_folder
from turncoat.scenarios.new import new_scenario
from turncoat.scoring.sources import logs_in, read_responses


def call(*command: str | Path) -> int:
    return guarded(lambda standalone_mode: app([str(c) for c in command], standalone_mode=standalone_mode))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log, labels drawn from it, what a monitor would have flagged, responses, and another log's copy in JSON."""
    from inspect_ai.log import read_eval_log, write_eval_log

    folder = tmp_path_factory.mktemp("made")
    study = scenario_study("blackmail", ("goal=explicit,threat=replacement",), "1-2", 1)
    (log,) = run_study(Request(study, "blackmail", ("sim/insider",), folder / "logs")).paths
    log = log.rename(folder / "x.eval")
    assert call("label", log, "--judge", "rules", "--out", folder / "labels.jsonl") == 0
    assert call("monitor", log, "--out", folder / "watched.csv") == 0
    (folder / "answers.jsonl").write_text('{"scenario": "blackmail", "response": "I read the mail."}\n')
    write_eval_log(read_eval_log(str(log)), str(folder / "y.json"))
    (folder / "readings").mkdir()
    (folder / "readings" / "readings.jsonl").write_text("")
    return folder


def straight(path: Path) -> Path:
    return path


def roundabout(path: Path) -> Path:
    return Path(os.path.relpath(path.parent)) / "." / ".." / path.parent.name / path.name


def by_a_linked_folder(path: Path) -> Path:
    link = path.parent / "link"
    link.symlink_to(path.parent, target_is_directory=True)
    return link / path.name


def by_a_link(path: Path) -> Path:
    link = path.with_name(f"link{path.suffix}")
    link.symlink_to(path)
    return link


def by_a_second_name(path: Path) -> Path:
    os.link(path, other := path.with_name(f"other{path.suffix}"))
    return other


ONTO: dict[str, tuple[str, ...]] = {
    "x.eval": ("score", "x.eval", "--judge", "rules", "--write", "OUT"),
    "x.eval, replaced": ("score", "x.eval", "--judge", "rules", "--replace", "--write", "OUT"),
    "x.eval, as records": ("score", "x.eval", "--json", "OUT"),
    "x.eval, of a folder": ("score", ".", "--json", "OUT"),
    "answers.jsonl": ("score", "answers.jsonl", "--json", "OUT"),
    "x.eval, as a report": ("report", "x.eval", "--out", "OUT"),
    "y.json": ("report", ".", "--out", "OUT"),
    "x.eval, as a section": ("report", ".", "--format", "md", "--out", "OUT"),
    "labels.jsonl": ("report", "x.eval", "--labels", "labels.jsonl", "--out", "OUT"),
    "watched.csv": ("report", "x.eval", "--monitor", "watched.csv", "--out", "OUT"),
    "readings/readings.jsonl": ("report", "x.eval", "--readings", "readings", "--out", "OUT"),
    "x.eval, compared": ("compare", "y.json", "x.eval", "--out", "OUT"),
    "labels.jsonl, validated": ("validate", "--labels", "labels.jsonl", "--split", "run", "--out", "OUT"),
    "labels.jsonl, monitored": ("monitor", "x.eval", "--labels", "labels.jsonl", "--out", "OUT"),
    "y.json, monitored": ("monitor", "y.json", "--out", "OUT"),
    "x.eval, labelled": ("label", "x.eval", "--judge", "rules", "--out", "OUT"),
}


@pytest.mark.parametrize("spelled", [straight, roundabout, by_a_linked_folder, by_a_link, by_a_second_name])
def test_nothing_is_written_onto_what_is_read(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spelled: Callable[[Path], Path],
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, (named, words) in enumerate(ONTO.items()):
        here = Path(shutil.copytree(made, tmp_path / str(number)))
        monkeypatch.chdir(here)
        file = here / named.partition(",")[0]
        before, out = file.read_bytes(), spelled(file)
        there = sorted(p.name for p in here.iterdir())
        code = call(*(str(out) if word == "OUT" else word for word in words))
        said = capsys.readouterr().err.strip()
        assert code == 2 and "\n" not in said and ("name another file" in said), (named, code, said)
        assert file.read_bytes() == before and sorted(p.name for p in here.iterdir()) == there


def test_what_is_no_input_is_replaced_as_before(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path(shutil.copytree(made, tmp_path / "here"))
    monkeypatch.chdir(here)
    for _ in range(2):
        assert call("report", ".", "--out", "report.html") == 0
        assert call("export", ".", "--out", "rows.csv") == 0
        assert call("monitor", ".", "--out", "sessions.json") == 0
        assert call("score", ".", "--json", "records.jsonl") == 0
    assert call("score", "x.eval", "--judge", "sim/judge-1-1", "--append") == 0
    assert call("score", "x.eval", "--judge", "sim/judge-1-1", "--replace", "--write", "copy.eval") == 0


def test_a_copy_into_the_folder_itself_is_refused(made: Path, tmp_path: Path) -> None:
    here = Path(shutil.copytree(made, tmp_path / "here"))
    (tmp_path / "link").symlink_to(here, target_is_directory=True)
    for target in (here, here / "below" / "it", tmp_path / "link" / "below", here / ".." / "here"):
        with pytest.raises(UsageError, match="is the folder that is copied, or lies in it"):
            copy_logs(str(here), str(target))
    assert copy_logs(str(here), str(tmp_path / "here2"))


def test_a_new_scenario_stands_in_no_shipped_one_and_takes_no_folder_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (data_folder(), data_folder() / "blackmail"):
        with pytest.raises(UsageError, match="a folder of your own"):
            new_scenario("mine", place, "blackmail")
    theirs = tmp_path / "mine"
    theirs.mkdir()
    (theirs / "notes.txt").write_text("keep")
    with monkeypatch.context() as patched:  # another command made it a moment ago
        patched.setattr(Path, "exists", lambda self: False)
        with pytest.raises(OutputError, match="is there already"):
            new_scenario("mine", tmp_path)
    assert (theirs / "notes.txt").read_text() == "keep"


@pytest.fixture
def shut(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a log, and one below that the system does not let anybody look into."""
    here = tmp_path / "logs"
    below = here / "shard-1-of-2"
    below.mkdir(parents=True)
    for place in (here, below):
        shutil.copy(made / "x.eval", place)
    (here / "shard-2-of-2").mkdir()
    (here / "shard-2-of-2" / ".turncoat-begun").write_text("")
    scan, listed = os.scandir, os.listdir

    def seen(place: Any) -> Any:
        if not isinstance(place, int) and os.fspath(place) == str(below):
            raise PermissionError(13, "Permission denied", os.fspath(place))
        return place

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", lambda place=".": scan(seen(place)))
        patched.setattr(os, "listdir", lambda place=".": listed(seen(place)))
        yield here


def test_folders_that_are_shut_are_named(shut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    below = shut / "shard-1-of-2"
    table = read_table([shut])
    (problem,) = table.not_used
    assert len(table.frame) == 2 and problem.place == str(below) and "cannot be looked into" in problem.text
    assert call("report", shut, "--out", tmp_path / "r.html") == 5
    assert f"{below}: cannot be looked into (Permission denied)" in capsys.readouterr().err
    assert call("status", shut) == 5
    found = list(read_responses(shut))
    assert len(found) == 3 and [str(f) for f in found if isinstance(f, TranscriptError)]
    with pytest.raises(TranscriptError, match="shard-1-of-2: cannot be looked into"):
        logs_in(shut)
    with pytest.raises(LogError, match="cannot be read"):
        read_table([below])
    assert call("report", below, "--out", tmp_path / "none.html") == 3
    with pytest.raises(IncompleteError, match=r"shard-1-of-2: cannot be looked into .*; the 1 other files are copied"):
        copy_logs(str(shut), str(tmp_path / "copy"))
    assert [p.name for p in (tmp_path / "copy").glob("*.eval")] == ["x.eval"]
