"""The shipped studies on controls: they plan, and what others report stands beside what they find."""

from pathlib import Path

import pytest

from turncoat.analysis.overview import analyse
from turncoat.analysis.table import read_table
from turncoat.base.errors import ScenarioError
from turncoat.report.page import section_md
from turncoat.runs.request import Request, plans_of
from turncoat.runs.runner import run_study
from turncoat.runs.study import Block, Reported, Study, load_study

BOTH = "goal=explicit,threat=replacement"


@pytest.mark.parametrize("name", ["guards/ladder", "guards/oversight", "guards/privilege", "guards/culprit"])
def test_every_cell_and_contrast_of_the_studies_can_be_run(name: str, tmp_path: Path) -> None:
    study = load_study(name).model_copy(update={"seeds": "1"})
    plans = plans_of(Request(study, name, ["sim/loyal"], tmp_path))
    assert {p.name for p in plans} >= {"blackmail", "lethal"}
    assert len({c.id for p in plans for c in p.cells}) >= 6
    for contrast in study.contrasts:
        assert any(p.runs(contrast.first, contrast.second) for p in plans if p.name == contrast.scenario), contrast


def test_what_others_report_stands_beside_what_was_found(tmp_path: Path) -> None:
    others = [
        Reported(scenario="blackmail", condition=c, rate=r, source="a source") for c, r in ((BOTH, 0.4), ("control", 0))
    ]
    block = Block(scenario="blackmail", cells=(BOTH, "control"), seeds="1-2")
    run_study(
        Request(Study(title="Beside", blocks=(block,), reported=tuple(others)), "beside", ["sim/rate-1"], tmp_path)
    )
    overview = analyse(read_table([tmp_path]))
    assert [(b.cell.condition, b.rate, b.source) for b in overview.reported] == [
        (BOTH, 0.4, "a source"),
        ("control", 0.0, "a source"),
    ]
    text = section_md(overview)
    assert "| Reported |" in text and "| 40 % | a source |" in text


def test_a_reported_rate_of_a_cell_that_is_not_run_is_refused(tmp_path: Path) -> None:
    block = Block(scenario="blackmail", cells=("control",), seeds="1")
    study = Study(
        title="x", blocks=(block,), reported=(Reported(scenario="blackmail", condition=BOTH, rate=0.1, source="s"),)
    )
    with pytest.raises(ScenarioError, match=r"reported.*goal=explicit"):
        _ = plans_of(Request(study, "x", ["sim/loyal"], tmp_path))
