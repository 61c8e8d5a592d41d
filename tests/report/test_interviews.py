"""The report shows what models said afterwards beside the rate of harm, and only where somebody was asked."""

from dataclasses import replace
from pathlib import Path

import pytest

import turncoat as tc
from turncoat.analysis.overview import Overview, analyse_logs
from turncoat.report.interviews import interview_pictures, interview_table

CONDITIONS = ["goal=explicit,threat=replacement", "control"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Overview:
    """A study of two conditions with interviews."""
    folder: Path = tmp_path_factory.mktemp("interviews")
    study = tc.study(scenario="blackmail", conditions=CONDITIONS, worlds="1-3")
    tc.run(study, model="sim/insider", log_dir=folder, interview=True)
    return analyse_logs([folder])[1]


def test_each_cell_has_its_rate_and_what_was_said(seen: Overview) -> None:
    assert len(seen.interviews) == 2
    for found in seen.interviews:
        assert (found.held, found.failed) == (3, 0) and found.test is not None and found.test.worlds == 3
        assert sum(found.right.values()) == 3
        assert found.right.get("no", 0) == found.rate.k  # what simulated agents plant
    view = interview_table(seen)
    assert view is not None and len(view.rows) == 2


def test_the_figure_needs_two_cells_and_names_each(seen: Overview) -> None:
    (picture,) = interview_pictures(seen)
    for drawing in (picture.panels[0].wide, picture.panels[0].narrow):
        assert drawing.file().count('class="point"') == 2
    assert not list(interview_pictures(replace(seen, interviews=seen.interviews[:1])))


def test_nothing_is_shown_where_nobody_was_asked(seen: Overview) -> None:
    bare = replace(seen, interviews=())
    assert interview_table(bare) is None and not list(interview_pictures(bare))
