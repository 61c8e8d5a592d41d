"""The studies of the paper: its figures' cells, the published conditions, and any study on the published prompts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.shared import NEEDS_REFERENCE
from turncoat.base.errors import ScenarioError, UsageError
from turncoat.paper.publication import published_rates
from turncoat.runs.design import TaskPlan, on_pack, task_plans
from turncoat.runs.plan import plan_study
from turncoat.runs.request import Request
from turncoat.runs.study import load_study, study_names
from turncoat.scoring.options import ScoringOptions

PAPER = {f"paper/fig{n}" for n in (1, 6, 7, 8, 9, 10, 11, 12)}
PAPER |= {f"paper/{n}" for n in ("awareness", "controls", "ambiguous", "latent", "restriction", "adapted", "all")}


def plans(name: str, **changes: Any) -> dict[str, TaskPlan]:
    return {p.label: p for p in task_plans(load_study(name), name, **changes)}


def test_the_studies_that_are_promised_ship() -> None:
    assert set(study_names()) >= PAPER | {"contamination", "contamination_published", "published_sim", "demo"}


@pytest.mark.parametrize(
    ("name", "label", "cells"),
    [
        (
            "paper/fig6",
            "blackmail",
            ["control", "threat=replacement", "goal=explicit", "goal=explicit,threat=replacement"],
        ),
        ("paper/fig7", "blackmail", ["goal=explicit,threat=replacement"]),
        ("paper/fig8", "blackmail", ["threat=replacement"]),
        ("paper/fig9", "espionage", ["goal=explicit"]),
        ("paper/fig11", "lethal", ["goal=explicit,threat=replacement", "control"]),
        ("paper/awareness", "blackmail", ["threat=replacement,deliberation=notice"]),
    ],
)
def test_cells_of_the_papers_figures(name: str, label: str, cells: list[str]) -> None:
    assert [c.id for c in plans(name)[label].cells] == cells


@pytest.mark.parametrize("study", ["paper/all", "published_sim"])
def test_every_published_condition_of_a_figure_is_in_the_studies_of_all(study: str) -> None:
    found = {(p.name, c.id) for p in plans(study).values() for c in p.cells}
    figures = {"7", "8", "9", "10", "11", "12"}
    assert {(r.scenario, r.condition) for r in published_rates() if r.condition and r.figure in figures} <= found


def test_all_keeps_the_worlds_of_its_parts() -> None:
    pairs = plans("paper/all")["blackmail"].pairs
    count = {c.id: sum(x == c for x, _ in pairs) for c, _ in pairs}
    assert count["threat=replacement,deliberation=notice"] == 500
    assert count["goal=explicit,threat=replacement"] == count["control"] == 100


def test_a_study_runs_on_the_published_prompts_with_worlds_as_repetitions() -> None:
    study = on_pack(load_study("paper/fig12"), "reference", "paper/fig12")
    found = task_plans(study, "paper/fig12-reference")
    assert study.epochs == 100
    assert (
        {p.name for p in found}
        == {c.scenario for c in study.contrasts}
        == {"reference/blackmail", "reference/espionage"}
    )
    assert [[len(p.cells), len(p.worlds)] for p in found] == [[2, 1], [2, 1]]
    with pytest.raises(ScenarioError, match="autonomy"):
        task_plans(on_pack(load_study("paper/adapted"), "reference", "x"), "x")


def test_the_published_question_is_counted_as_it_is_asked() -> None:
    pytest.importorskip("inspect_evals.agentic_misalignment", reason=NEEDS_REFERENCE)
    study = on_pack(load_study("paper/fig12"), "reference", "paper/fig12")
    scoring = ScoringOptions("openai/gpt-4.1", read="none")
    asked = Request(study, "paper/fig12", ("a/b", "c/d"), Path("nowhere"), scoring)
    both = replace(asked, scoring=replace(scoring, legacy=True))
    without, legacy = plan_study(asked).judge, plan_study(both).judge
    assert without is not None and legacy is not None
    samples = plan_study(asked).samples * 2
    assert [b - a for a, b in zip(without.calls, legacy.calls, strict=True)] == [samples, samples]
    assert without.tokens_in[1] + without.tokens_in[1] == pytest.approx(legacy.tokens_in[1], rel=0.01)
    for judge in ("rules", "openai/gpt-4.1,openai/gpt-4o"):
        with pytest.raises(UsageError, match="one grader model"):
            plan_study(replace(asked, scoring=ScoringOptions(judge, legacy=True)))
    with pytest.raises(UsageError, match="has no published prompts"):
        plan_study(replace(both, study=load_study("paper/fig12")))
