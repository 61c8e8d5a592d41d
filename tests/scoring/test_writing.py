"""Scores are added by one command at a time, to the log that was read, and what a stopped command paid for is kept."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as evaluate
from inspect_ai import score
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import ChatMessage, Model, get_model

from tests.judges.graders import answering, grader, task_of
from turncoat.base.errors import LogError, OutputError, UsageError
from turncoat.base.locks import holding
from turncoat.scoring import rescoring
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore
from turncoat.tasks import scenario_task

NAME = "sim/first"
ASK = ScoringOptions(judge=NAME, read="none")


class Grader:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def reply(self, messages: list[ChatMessage]) -> str:
        self.asked += task_of(messages) == "outcome"
        return answering()(messages)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grader]:
    made = Grader()
    model = grader(made.reply, [])
    monkeypatch.setattr(model.api, "model_name", "first")
    monkeypatch.setattr(type(model), "__str__", lambda self: f"sim/{self.name}")

    def named(name: str | None = None, **options: Any) -> Model:
        return model if name == NAME else get_model(name, **options)

    monkeypatch.setattr("inspect_ai.model.get_model", named)
    monkeypatch.setattr("turncoat.providers.models.get_model", named)
    yield made


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    task = scenario_task("blackmail", conditions="goal=explicit,threat=replacement", worlds="1-8", judge="rules")
    (log,) = evaluate(task, model="sim/insider", log_dir=str(tmp_path_factory.mktemp("run")), display="none")
    return Path(log.location.removeprefix("file://"))


@pytest.fixture
def log(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(run, tmp_path / "x.eval"))


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def scores(path: Path) -> set[str]:
    return {name for s in read_eval_log(str(path)).samples or [] for name in s.scores or {}}


def test_a_folder_at_work_is_left_alone_and_who_works_there_is_named(log: Path, judge: Grader) -> None:
    before = log.read_bytes()
    with holding(log.parent, "turncoat run"):
        with pytest.raises(UsageError, match=r"another command is at work here \(turncoat run, process \d+ on "):
            rescore(log, ASK)
    assert (log.read_bytes(), judge.asked) == (before, 0)
    assert names(log.parent) == ["x.eval"]


def test_a_stopped_command_keeps_what_it_paid_for_and_goes_on(
    log: Path, judge: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = read_eval_log(str(log)).samples or []
    needed = sum(bool(((s.scores or {})["verdict"].metadata or {})["necessary"]) for s in samples)
    assert needed > 2
    before = log.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("turncoat.scoring.rescoring.write_eval_log", _full)
        with pytest.raises(OutputError, match="No space left"):
            rescore(log, ASK)
    assert log.read_bytes() == before and judge.asked == needed
    assert names(log.parent) == [".x.eval.answers", "x.eval"]
    done = rescore(log, ASK)
    assert judge.asked == needed, "nothing is asked twice"
    assert any("were answered before" in line for line in done.lines)
    assert names(log.parent) == ["x.eval"]
    assert f"verdict:{NAME}@3" in scores(log)


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_answers_serve_the_same_judge_on_the_same_sample_only(log: Path, judge: Grader) -> None:
    journal = log.with_name(".x.eval.answers")
    half = {"key": "of another judge", "sample": "s", "name": "verdict:other", "score": {"value": 1.0}}
    journal.write_text(json.dumps(half) + '\n{"cut off\n')
    rescore(log, ASK)
    assert judge.asked > 2
    assert [json.loads(line) for line in journal.read_text().splitlines()] == [half], "another's answers stay"


def test_a_log_that_changed_meanwhile_is_not_replaced(
    log: Path, judge: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = log.read_bytes() + b"\0"

    def scoring(*given: Any, **named: Any) -> Any:
        done = score(*given, **named)
        log.write_bytes(other)
        return done

    monkeypatch.setattr("turncoat.scoring.rescoring.score", scoring)
    with pytest.raises(OutputError, match="was changed by another command meanwhile"):
        rescore(log, ASK)
    assert log.read_bytes() == other


def test_a_copy_takes_no_other_logs_place(log: Path, judge: Grader, run: Path) -> None:
    copy = log.with_name("copy.eval")
    copy.write_bytes(b"another log")
    with pytest.raises(UsageError, match="is there already"):
        rescore(log, ASK, copy)
    assert copy.read_bytes() == b"another log"
    with pytest.raises(LogError, match=r"gone\.eval: cannot be read"):
        rescore(log.with_name("gone.eval"), ASK, copy)
    copy.unlink()
    rescore(log, ASK, copy)
    with pytest.raises(UsageError, match="is there already"):
        rescore(log, ASK, copy)
    rescore(log, ASK, copy, replace=True)
    rescore(copy, ScoringOptions(judge="sim/judge-1-1", read="none"))
    with pytest.raises(UsageError, match="holds the scores"):
        rescore(log, ASK, copy, replace=True)


def test_links_are_followed_and_the_folder_behind_them_is_held(log: Path, judge: Grader, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "link.eval"
    link.symlink_to(log)
    with holding(log.parent, "turncoat run"), pytest.raises(UsageError, match="another command"):
        rescore(link, ASK)
    rescore(link, ASK)
    assert link.is_symlink() and f"verdict:{NAME}@3" in scores(log)


def test_what_a_killed_command_was_writing_is_cleared(log: Path, judge: Grader) -> None:
    (log.parent / ".x.eval.0123abcd.part").write_bytes(b"half")
    (folder := log.parent / ".x.eval.a_0123bc.part").mkdir()
    (folder / ".inspect_tmp_x.writing").write_bytes(b"half")
    rescore(log, ASK)
    assert names(log.parent) == ["x.eval"]


def test_what_a_kill_leaves_says_whose_it_is(log: Path, judge: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[Path] = []

    def broken(_: EvalLog, location: str, *_rest: object) -> None:
        places.append(Path(location).parent)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(rescoring, "write_eval_log", broken)
    with pytest.raises(OutputError, match="No space left"):
        rescore(log, ASK)
    (place,) = places
    assert place.parent == log.parent and place.match(".x.eval.????????.part") and not place.exists()


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%20b", "a b", "ä", "a\nb", "[a]*", "a::b"])
def test_names_are_names(log: Path, judge: Grader, name: str) -> None:
    folder = log.parent / name
    folder.mkdir()
    path = Path(shutil.copy(log, folder / f"{name}.eval"))
    rescore(path, ASK)
    assert f"verdict:{NAME}@3" in {n for s in _bytes(path) for n in s.scores or {}}
    assert names(folder) == [path.name]


def _bytes(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return read_eval_log(file).samples or []
