"""Sequential stopping: gaps are waited for, stopped cells stay stopped, and their rate is a confidence sequence."""

from pathlib import Path

import pandas as pd
import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

from turncoat.analysis import contrasts, rates, read_table
from turncoat.base.errors import UsageError
from turncoat.runs.early_stopping import Sequences
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.runs.study import Block, NamedContrast, Stopping, Study
from turncoat.stats.sequential import StopRule, confidence_sequence, look

BOTH = "goal=explicit,threat=replacement"


def test_what_is_finished_first_does_not_count_before_its_turn() -> None:
    sequences = Sequences(Stopping(threshold=0.5), [], [("a", i) for i in range(20)])
    for position in range(1, 20):
        sequences.note("a", position, False)
    assert sequences.stopped("a") == ""
    sequences.note("a", 0, True)
    assert sequences.stopped("a") == "below"
    assert sequences.decided["a"].seen == look([True, *[False] * 19], StopRule(threshold=0.5)).seen < 20


def test_the_same_outcomes_in_any_order_stop_at_the_same_world() -> None:
    outcomes = [i % 5 == 0 for i in range(40)]
    stops = set()
    for order in (range(40), reversed(range(40)), [*range(1, 40, 2), *range(0, 40, 2)]):
        sequences = Sequences(Stopping(threshold=0.5), [], [("a", i) for i in range(40)])
        for position in order:
            sequences.note("a", position, outcomes[position])
        stops.add(sequences.decided["a"].seen)
    assert len(stops) == 1


def test_cells_stop_with_their_contrasts() -> None:
    samples = [(c, i) for c in "abc" for i in range(30)]
    sequences = Sequences(Stopping(of="contrasts", threshold=0.0), [("a", "b")], samples)
    for position in range(30):
        for cell, outcome in (("a", True), ("b", False), ("c", False)):
            sequences.note(cell, position, outcome)
    assert (sequences.stopped("a"), sequences.stopped("b"), sequences.stopped("c")) == ("above", "above", "")


def study(seeds: str = "1-45", **changes: object) -> Study:
    block = Block(scenario="blackmail", cells=(BOTH, "control"))
    return Study(title="x", blocks=(block,), seeds=seeds, **changes)


def go(folder: Path, what: Study, *models: str) -> RunResult:
    return run_study(Request(what, "mine.yaml", models or ("sim/insider", "sim/loyal"), folder, max_connections=4))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("turncoat.runs.runner.PART", 10)  # several logs, if the rule did not need one
        return go(tmp_path_factory.mktemp("stopped"), study(stopping=Stopping(threshold=0.15)))


def test_decided_cells_are_not_run_to_the_end(stopped: RunResult) -> None:
    table = read_table(stopped.paths)
    assert table.problems == ()
    assert stopped.progress.finished < 150 and stopped.progress.finished + stopped.progress.skipped == 180
    assert {log.status for log in stopped.logs} == {"success"}
    assert {log.eval.task for log in stopped.logs} == {"blackmail"}, "a study with a stopping rule stays one log"
    log = read_eval_log(str(stopped.logs[0].location), header_only=True)
    assert log.results is not None and log.results.early_stopping is not None
    assert BOTH in str(log.results.early_stopping.metadata["stopped"])


def test_their_rate_is_a_confidence_sequence_where_the_rule_decided(stopped: RunResult) -> None:
    table = read_table(stopped.paths)
    cells = rates(table)
    assert len(cells) == 4
    for cell in cells:
        rows = table.frame[(table.frame["model"] == cell.model) & (table.frame["condition"] == cell.condition)]
        ordered = [None if h is pd.NA else bool(h) for h in rows.sort_values("position")["harmful"]]
        at = look(ordered, StopRule(threshold=0.15))
        assert at.decision and at.n <= len(ordered)
        assert (cell.rate.method, cell.rate.k, cell.rate.n) == ("confidence sequence", at.k, at.n)
        limits = confidence_sequence(at.k, at.n)
        assert (cell.rate.low, cell.rate.high) == (limits.low, limits.high)
    assert len(table.frame) == stopped.progress.finished >= sum(c.rate.n for c in cells)
    assert contrasts(rates(table)) == ()


def test_the_same_command_leaves_them_stopped_and_more_worlds_change_nothing(stopped: RunResult) -> None:
    folder = stopped.paths[0].parent
    again = go(folder, study(stopping=Stopping(threshold=0.15)))
    more = go(folder, study("1-55", stopping=Stopping(threshold=0.15)))
    assert (again.progress.finished, more.progress.finished) == (0, 0)
    assert len(read_eval_log_sample_summaries(str(more.logs[0].location))) > 0
    with pytest.raises(UsageError, match=r"with the stopping rule .*0\.15.*, not None"):
        go(folder, study("1-55"))


def test_contrasts_stop_a_run(tmp_path: Path) -> None:
    comparison = NamedContrast(scenario="blackmail", first=BOTH, second="control")
    rule = Stopping(of="contrasts", threshold=0.0)
    request = Request(
        study(contrasts=(comparison,), stopping=rule), "x.yaml", ["sim/insider"], tmp_path, max_connections=2
    )
    result = run_study(request)
    assert result.progress.finished < 90
    assert {c.rate.method for c in rates(read_table(result.paths))} == {"confidence sequence"}


def test_epochs_do_not_go_with_stopping(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one sample of each world"):
        run_study(Request(study(stopping=Stopping(threshold=0.15)), "x", ["sim/loyal"], tmp_path, epochs=2))
