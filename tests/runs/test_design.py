"""Study files: what ships, what they expand to, and how mistakes in them are reported."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from turncoat.base.errors import ScenarioError, TurncoatError, UnknownName
from turncoat.paper.publication import published_rates
from turncoat.runs.design import TaskPlan, on_pack, task_plans
from turncoat.runs.loader import _path, load_study, study_names
from turncoat.runs.schema import Study
from turncoat.scenarios.loader import data_folder

PAPER = {f"paper/fig{n}" for n in (1, 6, 7, 8, 9, 10, 11, 12)}
PAPER |= {f"paper/{n}" for n in ("awareness", "controls", "ambiguous", "latent", "restriction", "adapted", "all")}


def plans(name: str, **changes: Any) -> dict[str, TaskPlan]:
    return {p.label: p for p in task_plans(load_study(name), name, **changes)}


def test_the_studies_that_are_promised_ship() -> None:
    assert set(study_names()) >= PAPER | {"smoke", "contamination", "agency", "published_sim"}


@pytest.mark.parametrize("name", study_names())
def test_every_study_expands_and_carries_the_canary(name: str) -> None:
    canary = yaml.safe_load((data_folder() / "factors" / "goal.yaml").read_text())["canary"]
    assert yaml.safe_load(_path(name)[0].read_text())["canary"] == canary
    for plan in plans(name).values():
        assert len(plan.pairs) == len(set(plan.pairs))
        worlds = [w for _, w in plan.pairs]
        assert worlds == sorted(worlds, key=plan.worlds.index), "all cells of a world stand together"


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


def test_storylines_are_interleaved_and_seeds_and_interfaces_replaced() -> None:
    plan = plans("contamination", seeds="3-4")["lethal"]
    assert [w.seed for w in plan.worlds] == sorted(w.seed for w in plan.worlds)
    assert len(plan.worlds) == 2 * len(plan.scenario.storylines)
    assert set(plans("paper/fig7", interfaces=["text", "tools"])) == {"blackmail", "blackmail-tools"}


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


GOOD: dict[str, Any] = {"title": "x", "blocks": [{"scenario": "blackmail", "cells": ["control"]}]}


def block(**changes: Any) -> dict[str, Any]:
    return {"title": "x", "blocks": [{"scenario": "blackmail", "cells": ["control"], **changes}]}


def test_a_contrast_may_be_of_one_interface_alone() -> None:
    """An interface with fewer cells neither refuses it nor holds it."""
    study = Study.model_validate(
        {
            "title": "x",
            "blocks": [
                {"scenario": "blackmail", "cells": ["control", "goal=explicit"]},
                {"scenario": "blackmail", "interfaces": ["tools"], "cells": ["control"]},
            ],
            "contrasts": [{"scenario": "blackmail", "first": "goal=explicit", "second": "control"}],
        }
    )
    found = {p.interface: p.contrasts_of(study) for p in task_plans(study, "x")}
    assert found == {"text": list(study.contrasts), "tools": []}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({**GOOD, "titel": 1}, ["titel", "not known here", "title"]),
        ({"title": "x"}, ["give `blocks`, or `include`"]),
        ({**GOOD, "epochs": 0}, ["key 'epochs'", "found 0"]),
        ({**GOOD, "failure_budget": 1.5}, ["key 'failure_budget'", "found 1.5"]),
        ({**GOOD, "stopping": {"threshold": 0.1, "half_width": 0.1}}, ["key 'stopping'", "either"]),
        ({**GOOD, "stopping": {"threshold": 0.1}, "epochs": 2}, ["epochs is 2"]),
        ({**GOOD, "stopping": {"of": "contrasts", "threshold": 0}}, ["of contrasts", "there are none"]),
        ({**GOOD, "stopping": {"threshold": 0}}, ["key 'stopping'", "above 0"]),
        ({"title": "x", "blocks": [{"scenario": "blackmail"}]}, ["blocks.0", "cells"]),
        (block(cells=["threat=replacment"]), ["block 1 (blackmail)", "replacment", "restriction"]),
        (block(cells=[], grid={"thraet": ["none"]}), ["block 1 (blackmail)", "thraet", "threat"]),
        (
            block(cells=[], grid={"agency": [True, False]}),
            ["blocks.0.grid.agency", "found true", "in quotes"],
        ),
        (block(storylines=["affairs"]), ["storylines", "affairs", "did you mean 'affair'"]),
        (block(seeds="x"), ["x", "affair@7"]),
        ({"title": "x", "blocks": [{"scenario": "blackmial", "cells": ["control"]}]}, ["blackmial", "blackmail"]),
        (
            {**GOOD, "contrasts": [{"scenario": "blackmail", "first": "goal=swap", "second": "control"}]},
            ["contrasts[0]", "goal=swap", "control"],
        ),
        (
            {
                "title": "x",
                "blocks": [
                    {"scenario": "blackmail", "cells": ["control"]},
                    {"scenario": "blackmail", "interfaces": ["tools"], "cells": ["goal=explicit"]},
                ],
                "contrasts": [{"scenario": "blackmail", "first": "goal=explicit", "second": "control"}],
            },
            ["contrasts[0]", "no interface runs both"],
        ),
        ({**GOOD, "exclusions": [{"scenario": "lethal", "above": 0.01}]}, ["exclusions", "lethal", "blackmail"]),
        ({"title": "x", "include": ["paper/fig77"]}, ["include", "paper/fig77", "paper/fig7"]),
        ({**GOOD, "include": ["smoke"], "epochs": 2}, ["include", "smoke", "epochs 1"]),
    ],
)
def test_mistakes_name_file_key_what_was_found_and_what_would_do(
    tmp_path: Path, data: dict[str, Any], words: list[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(TurncoatError) as raised:
        task_plans(load_study(str(path)), str(path))
    text = str(raised.value)
    assert "\n" not in text
    assert all(word in text for word in words), text


def test_a_user_study_may_include_and_circles_are_found(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(yaml.safe_dump({"title": "x", "include": ["paper/fig7", "paper/fig9"]}))
    assert {p.name for p in task_plans(load_study(str(one)), "one")} == {"blackmail", "espionage"}
    two.write_text(yaml.safe_dump({"title": "x", "include": [str(two)]}))
    with pytest.raises(ScenarioError, match="circle"):
        load_study(str(two))
    with pytest.raises(UnknownName, match="did you mean 'paper/fig7'"):
        load_study("paper/fig77")
