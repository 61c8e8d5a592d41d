"""Several processes: the same results as one, the same folder continues, and layouts are not mixed."""

import signal
from pathlib import Path

import pytest

from turncoat.analysis import read_table
from turncoat.base.errors import UsageError
from turncoat.runs.design import scenario_study, task_plans
from turncoat.runs.executors.processes import _together, run_in_workers
from turncoat.runs.folder import refuse_other_number
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.signals import Stop
from turncoat.runs.study import Block, Stopping, Study

BOTH = "goal=explicit,threat=replacement"


def request(folder: Path, worlds: str = "1-5") -> Request:
    study = scenario_study("blackmail", (BOTH, "control"), worlds, 1)
    return Request(study, "blackmail", ("sim/insider",), folder)


def table(paths: list[Path]) -> list[tuple[str, int, str]]:
    frame = read_table(paths).frame
    return sorted(zip(frame["sample"], frame["position"], frame["harmful"].astype(str), strict=True))


def test_shares_deal_out_worlds_and_keep_their_places() -> None:
    (plan,) = task_plans(scenario_study("blackmail", (BOTH, "control"), "1-5", 1), "x")
    shares = [plan.share(i, 2) for i in range(2)]
    assert [len(s.worlds) for s in shares] == [3, 2]
    assert {p for s in shares for p in s.pairs} == set(plan.pairs)
    assert all(s.order == tuple(plan.worlds) for s in shares)


def test_two_processes_give_what_one_gives_and_continue(tmp_path: Path) -> None:
    first = run_in_workers(request(tmp_path / "two", "1-3"), 2)
    both = run_in_workers(request(tmp_path / "two"), 2)
    alone = run_study(request(tmp_path / "one"))
    assert (first.progress.finished, both.progress.finished, both.kept) == (6, 4, 6)
    assert both.progress.total == both.progress.done == 10
    assert len(both.paths) == 2 and all(p.is_file() for p in both.paths)
    assert table(both.paths) == table(alone.paths)
    for folder, workers in ((tmp_path / "two", 1), (tmp_path / "two", 3), (tmp_path / "one", 2)):
        with pytest.raises(UsageError, match="was begun with --workers"):
            refuse_other_number(folder, workers)


def test_what_a_killed_process_had_to_do_is_planned_all_the_same(tmp_path: Path) -> None:
    found = _together([run_study(request(tmp_path, "1"))], 2, Stop([signal.SIGINT]), {"sim/insider": 10})
    assert found.interrupted and found.progress.stopped == "it was interrupted after 2 of 10 samples"


def test_errors_of_a_process_are_raised_and_stopping_needs_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="insidr"):
        run_in_workers(Request(request(tmp_path).study, "x", ("sim/insidr",), tmp_path), 2)
    block = Block(scenario="blackmail", cells=("control",))
    study = Study(title="x", blocks=(block,), stopping=Stopping(threshold=0.1))
    with pytest.raises(UsageError, match="sequential stopping"):
        run_in_workers(Request(study, "x", ("sim/loyal",), tmp_path), 2)
