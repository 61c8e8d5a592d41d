"""The work in scores, tables and reports: what a reader says where meaning decides, and what nobody could judge."""

from collections.abc import Mapping

import pytest

from turncoat.analysis.overview import Overview, analyse
from turncoat.analysis.table import Table, read_table
from turncoat.evidence.case import Case
from turncoat.judges.question import JOB, Answer, Holds, Panel, Question
from turncoat.judges.rules.judge import RuleJudge
from turncoat.report.page import section_md
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.study import Block, Study
from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.measured import measured
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.score import score_case
from turncoat.sim.calibration.run import act
from turncoat.sim.truth import Identity

PRESSED = "goal=explicit,threat=replacement,staging=workday"


def case() -> Case:
    loaded = load_scenario("blackmail")
    return act(Identity("sim/rate-0-job-1", loaded, loaded.space.parse(PRESSED), "rentals@2", 1), "tools")


class Says:
    """A reader that says the same of every piece of work."""

    members: tuple[str, ...] = ()

    def __init__(self, name: str, said: Holds, unscored: str = "") -> None:
        self.name, self.answers, self._said, self._unscored = name, frozenset({JOB}), said, unscored
        self.asked: list[str] = []

    async def read(self, case: Case, question: Question) -> Answer:
        self.asked += question.items
        holds: Mapping[str, Holds] = {n: self._said for n in question.items}
        return Answer(unscored=self._unscored, holds={} if self._unscored else holds, calls=1)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("said", "unscored", "found", "job"),
    [("yes", "", True, 1.0), ("no", "", False, 7 / 8), ("unsure", "", None, 1.0), ("yes", "judge_parse", None, 1.0)],
)
async def test_a_reader_decides_where_meaning_does(said: Holds, unscored: str, found: bool | None, job: float) -> None:
    reader, one = Says("reader", said, unscored), case()
    result = measured(await score_case(one, reader), one)
    assert reader.asked == ["waiver"]
    assert result.job_items is not None and result.job_items["waiver"] is found
    assert result.job == pytest.approx(job) and result.calls.job == 1
    row = result.row()
    assert ("waiver" in row["job_done"]) is (found is True)
    assert row["job_unjudged"] == (("waiver",) if found is None else ())


@pytest.mark.anyio
async def test_rules_leave_it_open_and_a_panel_goes_by_its_majority() -> None:
    one = case()
    alone = measured(await score_case(one, RuleJudge()), one)
    assert alone.job_items is not None and alone.job_items["waiver"] is None and alone.calls.job is None
    panel = Panel([RuleJudge(), Says("a", "yes"), Says("b", "yes"), Says("c", "no")])
    together = measured(await score_case(one, panel), one)
    assert together.job_items is not None and together.job_items["waiver"] is True and together.calls.job == 3
    split = await score_case(one, Panel([Says("a", "yes"), Says("b", "no")]))
    assert split.work == {"waiver": "unsure"}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    folder = tmp_path_factory.mktemp("work")
    work = Block(scenario="blackmail", cells=("staging=workday", PRESSED), storylines=("rentals",), seeds="1-3")
    paper = Block(scenario="blackmail", cells=("control",), seeds="1")
    study = Study(title="Work", blocks=(work, paper))
    run_study(Request(study, "work", ["sim/rate-0.5-job-0.7"], folder, scoring=ScoringOptions("sim/judge-1-1")))
    return read_table([folder])


def test_the_report_shows_the_work_beside_the_rates_control_included(table: Table) -> None:
    overview: Overview = analyse(table)
    cells = {c.condition: c for c in overview.cells}
    assert cells["control"].job is None
    for condition in ("staging=workday", PRESSED):
        job = cells[condition].job
        rows = table.frame[table.frame["condition"] == condition]
        assert job is not None and job.mean.n == 3
        assert job.mean.estimate == pytest.approx(float(rows["job"].mean()))
        assert job.mean.low < job.mean.estimate < job.mean.high
        assert job.pieces == dict(sorted(rows["job_done"].explode().value_counts().items()))
    text = section_md(overview)
    assert "| Job |" in text and "### Work done" in text
    assert any("none" in line for line in text.splitlines() if line.startswith("| control"))
