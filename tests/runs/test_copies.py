"""Nothing that a command did not write is removed or overwritten: copies, backups, strangers' logs, clocks that err."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalLog, read_eval_log, write_eval_log

from turncoat.analysis import read_table
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore

CELLS = ("goal=explicit,threat=replacement", "control")


def go(folder: Path, worlds: str = "1-4", **changes: Any) -> RunResult:
    study = scenario_study("blackmail", CELLS, worlds, 1)
    return run_study(Request(study, "blackmail", ("sim/insider",), folder, **changes))


def everything(folder: Path) -> dict[str, bytes]:
    """Path → bytes of all logs in a folder and its subfolders."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.eval")) if p.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete log of four worlds, and the log that a killed command left of its first two."""
    folder = tmp_path_factory.mktemp("made")
    (whole,) = go(folder / "whole").paths
    (small,) = go(folder / "small", "1-2").paths
    log = read_eval_log(str(small))
    dataset = read_eval_log(str(whole), header_only=True).eval.dataset
    started = log.model_copy(update={"status": "started", "results": None})
    started.eval.dataset = dataset
    started.eval.metadata = read_eval_log(str(whole), header_only=True).eval.metadata
    shutil.copy2(whole, folder / whole.name)
    write_eval_log(started, str(folder / small.name))
    shutil.rmtree(folder / "whole")
    shutil.rmtree(folder / "small")
    return folder


@pytest.fixture
def logs(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "logs"))


def whole_of(folder: Path) -> Path:
    return next(p for p in folder.glob("*.eval") if read_eval_log(str(p), header_only=True).status == "success")


def part_of(folder: Path) -> Path:
    return next(p for p in folder.glob("*.eval") if read_eval_log(str(p), header_only=True).status == "started")


def stamp(path: Path, when: float) -> None:
    os.utime(path, (when, when))


def changed_header(path: Path, change: Callable[[EvalLog], None]) -> None:
    log = read_eval_log(str(path))
    change(log)
    write_eval_log(log, str(path))


def touched_part(folder: Path) -> None:
    stamp(part_of(folder), 4e9)


def future_part(folder: Path) -> None:
    """The clock went backwards after the cut-off run: its log says that it began later."""

    def later(log: EvalLog) -> None:
        log.eval.created = "2099-01-01T00:00:00+00:00"

    changed_header(part_of(folder), later)


def both_the_same_age(folder: Path) -> None:
    for path in folder.glob("*.eval"):
        stamp(path, 1e9)


def scored_beside(folder: Path) -> None:
    rescore(whole_of(folder), ScoringOptions(judge="sim/judge-1-1", read="none"), folder / "x.eval")
    stamp(folder / "x.eval", 4e9)


def older_scored_beside(folder: Path) -> None:
    scored_beside(folder)
    stamp(folder / "x.eval", 1e9)


def backed_up(folder: Path) -> None:
    shutil.copytree(folder, folder / "backup")
    for path in (folder / "backup").glob("*.eval"):
        stamp(path, 4e9)


def copied_under_another_name(folder: Path) -> None:
    shutil.copy2(whole_of(folder), folder / "kept for later.eval")


def linked_hard(folder: Path) -> None:
    os.link(whole_of(folder), folder / "linked.eval")


def linked_from_elsewhere(folder: Path) -> None:
    path = whole_of(folder)
    moved = folder.parent / "elsewhere"
    moved.mkdir()
    shutil.move(path, moved / path.name)
    path.symlink_to(moved / path.name)


def a_strangers_log(folder: Path) -> None:
    """The same task and model, more samples, and no run of ours."""
    shutil.copy2(whole_of(folder), folder / "stranger.eval")

    def foreign(log: EvalLog) -> None:
        log.eval.metadata = {}
        log.samples = [s.model_copy(update={"epoch": e}) for e in (1, 2) for s in log.samples or []]

    changed_header(folder / "stranger.eval", foreign)
    stamp(folder / "stranger.eval", 4e9)


CASES = [
    touched_part,
    future_part,
    both_the_same_age,
    scored_beside,
    older_scored_beside,
    backed_up,
    copied_under_another_name,
    linked_hard,
    linked_from_elsewhere,
    a_strangers_log,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_lies_in_the_folder_stays_and_nothing_runs_again(case: Callable[[Path], None], logs: Path) -> None:
    case(logs)
    before = everything(logs)
    result = go(logs)
    assert (result.kept, result.progress.finished, result.progress.stopped) == (8, 0, "")
    assert everything(logs) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_study_that_grows_goes_on_from_what_holds_most_and_loses_no_score(
    case: Callable[[Path], None], logs: Path
) -> None:
    case(logs)
    before = everything(logs)
    scores = {n for p in logs.glob("*.eval") for n in _scores(p)}
    result = go(logs, "1-5")
    assert (result.kept, result.progress.finished) == (8, 2)
    after = everything(logs)
    gone = before.keys() - after.keys()
    assert gone <= {whole_name for whole_name in before if "/" not in whole_name and whole_name.startswith("20")}
    assert {n: after[n] for n in before.keys() & after.keys()} == {n: before[n] for n in before.keys() & after.keys()}
    assert scores <= {n for p in logs.glob("*.eval") for n in _scores(p)}
    frame = read_table([result.paths[0]]).frame
    assert frame["sample"].nunique() == 10


def _scores(path: Path) -> set[tuple[str, int, str]]:
    samples = [s for s in read_eval_log(str(path)).samples or [] if not s.error]
    return {(str(s.id), s.epoch, name) for s in samples for name in s.scores or {}}


def test_a_run_of_another_folder_is_none_of_its_parents(tmp_path: Path) -> None:
    go(tmp_path / "a", "1-2")
    before = everything(tmp_path)
    again = go(tmp_path, "1-2")
    assert (again.kept, again.progress.finished) == (0, 4)
    after = everything(tmp_path)
    assert {n: after[n] for n in before} == before and len(after) == 2


def test_a_continued_log_goes_only_if_it_is_held_byte_for_byte(logs: Path) -> None:
    part_of(logs).unlink()
    first = whole_of(logs)
    second = go(logs, "1-5").paths
    assert not first.exists() and list(logs.glob("*.eval")) == second


def test_an_edited_log_stays_when_it_was_continued(logs: Path) -> None:
    from inspect_ai.log import ProvenanceData, TagsEdit, edit_eval_log

    part_of(logs).unlink()
    path = whole_of(logs)
    log = edit_eval_log(read_eval_log(str(path)), [TagsEdit(tags_add=["mine"])], ProvenanceData(author="me"))
    write_eval_log(log, str(path))
    assert go(logs, "1-5").progress.finished == 2
    assert path.exists()


def test_unfinished_writes_are_no_logs_and_are_recovered(logs: Path) -> None:
    path = whole_of(logs)
    half = path.read_bytes()[:3000]
    (logs / f".{path.name}.0123abcd.part").write_bytes(half)
    (logs / ".inspect_tmp_x.writing").write_bytes(half)
    lost = logs / f".{path.name}.89abcdef.part"
    report = logs / ".report.html.0123abcd.part"
    report.write_text("another command writes this")
    foreign = logs / ".film.part"
    foreign.write_text("a name that nothing of ours gives")
    path.rename(lost)
    result = go(logs)
    assert (result.kept, result.progress.finished) == (8, 0)
    assert any(f"{path} was brought back from {lost.name}" in n for n in result.notes)
    assert sorted(p.name for p in logs.glob(".*")) == sorted([".turncoat-begun", report.name, foreign.name])


def test_what_an_earlier_version_left_unfinished_is_recovered(logs: Path) -> None:
    path = whole_of(logs)
    path.rename(logs / f".{path.stem}.part.eval")
    assert go(logs).progress.finished == 0
    assert path.exists()


def test_a_moved_and_a_linked_folder_go_on(logs: Path, tmp_path: Path) -> None:
    logs.rename(tmp_path / "moved")
    (tmp_path / "link").symlink_to(tmp_path / "moved", target_is_directory=True)
    result = go(tmp_path / "link", "1-5")
    assert (result.kept, result.progress.finished) == (8, 2)
    assert all(p.parent == tmp_path / "link" and p.exists() for p in result.paths)
