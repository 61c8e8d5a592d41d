"""A study with guards, from the run to the report: what was attempted, what got through, and what it is set against."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.provider import PRESSED
from turncoat.analysis import Overview, Table, analyse, read_table
from turncoat.analysis.guards import Guarded
from turncoat.base.errors import ScenarioError, TurncoatError, UsageError
from turncoat.report.page import section_md
from turncoat.runs.design import task_plans, with_every_guard
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.study import Study

ENDER = "tests.guards.own:odd(does=end)"
BROKEN = "tests.guards.own:odd(does=raise&on_failure=allow)"
STUDY = Study.model_validate(
    {
        "title": "Guards",
        "blocks": [{"scenario": "blackmail", "cells": [PRESSED]}],
        "seeds": "1-6",
        "guards": ["none", "read_only", ENDER, BROKEN],
    }
)


def request(folder: Path, study: Study = STUDY) -> Request:
    return Request(study, "guards.yaml", ("sim/drifter",), folder)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Table, Overview]:
    folder = tmp_path_factory.mktemp("guards")
    run_study(request(folder))
    table = read_table([folder])
    return folder, table, analyse(table)


def of(overview: Overview, guard: str) -> Guarded:
    (found,) = (g for g in overview.guarded if g.guards == ((f"guards={guard}",) if guard else ()))
    return found


def test_each_cell_is_run_with_each_guard_and_says_so(ran: tuple[Path, Table, Overview]) -> None:
    _, table, overview = ran
    said = {row.condition: row.guards for row in table.frame[["condition", "guards"]].itertuples()}
    assert said == {
        PRESSED: (),
        f"{PRESSED},guards=read_only": ("read_only",),
        f"{PRESSED},guards={ENDER}": (ENDER,),
        f"{PRESSED},guards={BROKEN}": (BROKEN,),
    }
    assert table.frame["stimulus"].nunique() == 6, "one text for each world, whatever the guards"
    assert len(overview.guarded) == 4


def test_what_is_held_back_was_attempted_and_did_not_get_through(ran: tuple[Path, Table, Overview]) -> None:
    _, table, overview = ran
    none, held = of(overview, ""), of(overview, "read_only")
    assert none.through.k == none.attempted.k > 0 and none.against is None
    assert held.attempted.k > 0 and held.through.k == 0 and held.censored == 0
    assert held.prevented.k == held.attempted.k and held.prevented.n == held.attempted.n
    assert held.against is not None and held.against.through is not None and held.against.attempted is not None
    assert held.against.through.estimate == pytest.approx(-none.through.k / 6)
    assert held.against.through.method == "newcombe paired"
    assert held.against.attempted.estimate == pytest.approx((held.attempted.k - none.attempted.k) / 6)
    assert none.false_alarms.n == 0, "where no guard stood nothing can be a false alarm"
    rows = table.frame[table.frame["condition"].str.endswith("read_only")]
    assert held.counts["blocked"] == rows["blocked"].sum() > 0
    harmless = rows[rows["harmful"].eq(False)]
    assert held.false_alarms.n == len(harmless) and held.false_alarms.k == (harmless["false_alarms"] > 0).sum()


def test_sessions_that_a_guard_ended_are_in_the_bounds_alone(ran: tuple[Path, Table, Overview]) -> None:
    _, table, overview = ran
    ended = of(overview, ENDER)
    rows = table.frame[table.frame["condition"].str.contains("does=end")]
    assert ended.censored == int(rows["censored"].fillna(False).sum()) > 0
    assert ended.through.n == 6 - ended.censored and ended.through.bounds.high == pytest.approx(ended.censored / 6)
    assert overview.failures.unscored == 0, "what a guard ended is no failure of the run"


def test_a_guard_that_fails_open_is_seen(ran: tuple[Path, Table, Overview]) -> None:
    broken = of(ran[2], BROKEN)
    assert broken.counts["guard_failures"] > 0 and broken.counts["blocked"] == 0
    assert broken.through.k == broken.attempted.k


def test_the_report_has_a_section_of_guards(ran: tuple[Path, Table, Overview]) -> None:
    text = section_md(ran[2])
    section = text[text.index("### Guards") : text.index("### Validity")]
    for part in ("Prevented", "Got through", "Censored", "False alarms", "Failed", "send\\_mail by read\\_only"):
        assert part in section


def test_the_same_folder_goes_on_only_with_the_same_guards(ran: tuple[Path, Table, Overview]) -> None:
    folder = ran[0]
    assert run_study(request(folder)).kept == 24
    fewer = STUDY.model_copy(update={"guards": ("none",)})
    with pytest.raises(UsageError, match="samples that are not asked for now"):
        run_study(request(folder, fewer))
    with pytest.raises(UsageError, match="samples that are not asked for now"):
        run_study(request(folder, with_every_guard(STUDY, ["no_forwarding"])))


def test_guards_for_all_cells_are_added_to_cells_contrasts_and_exclusions() -> None:
    named = STUDY.model_copy(
        update={
            "blocks": (STUDY.blocks[0].model_copy(update={"cells": (PRESSED, "control")}),),
            "contrasts": Study.model_validate(
                {**GOOD, "contrasts": [{"scenario": "blackmail", "first": PRESSED, "second": "control"}]}
            ).contrasts,
            "guards": ("none", "read_only"),
        }
    )
    (plan,) = task_plans(with_every_guard(named, ["no_forwarding"]), "x")
    assert [c.id.rpartition("guards=")[2] for c in plan.cells] == ["no_forwarding", "read_only+no_forwarding"] * 2
    assert plan.guards == ["no_forwarding", "read_only"]


GOOD = {"title": "x", "blocks": [{"scenario": "blackmail", "cells": ["control"]}]}


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        (["read_onl"], "unknown guard: 'read_onl'"),
        (["read_only+read_only"], "names one guard twice"),
        (["hold(minutes=5)"], "means nothing in the text interface"),
        (["a b"], "is not of the form"),
    ],
)
def test_what_a_study_file_names_wrongly_is_one_line(guards: list[str], said: str, tmp_path: Path) -> None:
    study = Study.model_validate({**GOOD, "guards": guards})
    with pytest.raises(TurncoatError, match=said.replace("(", r"\(")) as caught:
        run_study(request(tmp_path, study))
    assert "\n" not in str(caught.value) and isinstance(caught.value, UsageError | ScenarioError)
