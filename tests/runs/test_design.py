"""Study files: what ships, what they expand to, and how mistakes in them are reported."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from turncoat.base.errors import ScenarioError, TurncoatError, UnknownName
from turncoat.runs.design import TaskPlan, task_plans
from turncoat.runs.request import Request
from turncoat.runs.runnable import see_runnable
from turncoat.runs.study import Study, _path, load_study, study_names
from turncoat.scenarios.files import data_folder
from turncoat.scoring.options import ScoringOptions


def plans(name: str, **changes: Any) -> dict[str, TaskPlan]:
    return {p.label: p for p in task_plans(load_study(name), name, **changes)}


def test_the_studies_that_are_promised_ship() -> None:
    assert set(study_names()) >= {"smoke", "agency"}


@pytest.mark.parametrize("name", study_names())
def test_every_study_expands_and_carries_the_canary(name: str) -> None:
    canary = yaml.safe_load((data_folder() / "factors" / "goal.yaml").read_text())["canary"]
    assert yaml.safe_load(_path(name)[0].read_text())["canary"] == canary
    for plan in plans(name).values():
        assert len(plan.pairs) == len(set(plan.pairs))
        worlds = [w for _, w in plan.pairs]
        assert worlds == sorted(worlds, key=plan.worlds.index), "all cells of a world stand together"


def test_storylines_are_interleaved_and_seeds_and_interfaces_replaced() -> None:
    study = Study.model_validate({"title": "x", "blocks": [{**GOOD["blocks"][0], "storylines": "all"}]})
    (plan,) = task_plans(study, "x", seeds="3-4")
    assert [w.seed for w in plan.worlds] == sorted(w.seed for w in plan.worlds)
    assert len(plan.worlds) == 2 * len(plan.scenario.staged("paper"))
    assert {p.label for p in task_plans(study, "x", interfaces=["text", "tools"])} == {"blackmail", "blackmail-tools"}


@pytest.mark.parametrize("name", ["blackmail", "espionage", "lethal"])
def test_a_private_storyline_is_run_where_it_is_asked_for(name: str) -> None:
    cells = {"scenario": name, "cells": ["goal=explicit,staging=workday"], "interfaces": ["tools"]}
    stories = {}
    for said in ("all", "private"):
        study = Study.model_validate({"title": "x", "blocks": [{**cells, "storylines": said}]})
        (plan,) = task_plans(study, "x", seeds="1")
        stories[said] = {w.storyline for w in plan.worlds}
    assert len(stories["private"]) == 1 and len(stories["all"]) >= 2
    assert stories["private"] | stories["all"] == set(plan.scenario.staged("workday"))


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
        ({"Title": "x", "blocks": GOOD["blocks"]}, ["key 'Title'", "did you mean 'title'"]),
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
            ["blocks.0.grid.agency", "found True", "in quotes"],
        ),
        (block(storylines=["affairs"]), ["storylines", "affairs", "did you mean 'affair'"]),
        (block(storylines="private"), ["block 1 (blackmail)", "no private storyline has staging=paper"]),
        (block(seeds="x"), ["mine.yaml", "block 1 (blackmail)", "key 'seeds'", "x", "affair@7"]),
        ({**GOOD, "guards": ["read_ony"]}, ["mine.yaml: key 'guards'", "'read_ony'", "read_only"]),
        (
            block(guards=["none", "read_ony"]),
            ["mine.yaml: block 1 (blackmail): key 'guards'", "'read_ony'", "read_only"],
        ),
        (block(guards=["hold(minuts=3)"]), ["block 1 (blackmail): key 'guards'", "minuts", "minutes"]),
        (block(guards=["read_only+read_only"]), ["block 1 (blackmail): key 'guards'", "names one guard twice"]),
        (block(guards=["no.such.module:guard"]), ["mine.yaml", "key 'guards'", "no.such.module"]),
        (block(cells=["guards=read_ony"]), ["mine.yaml: block 1 (blackmail): key 'cells'", "'read_ony'", "read_only"]),
        (block(grid={"guards": ["read_only", "nono"]}), ["block 1 (blackmail): key 'grid'", "'nono'", "read_only"]),
        ({**GOOD, "judge": "rulez"}, ["mine.yaml: key 'judge'", "'rulez' is not one of", "rules"]),
        (block(interfaces=["tool"]), ["mine.yaml", "block 1 (blackmail)", "'tool'", "did you mean 'tools'"]),
        (
            {"title": "x", "blocks": [{"scenario": "blackmial", "cells": ["control"]}]},
            ["mine.yaml", "blackmial", "blackmail"],
        ),
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
        ({"title": "x", "include": ["agenci"]}, ["include", "agenci", "agency"]),
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


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ("[goal=explicit,threat=replacement]", "line 4: goal=explicit, threat=replacement may be one condition or 2"),
        ("[control, goal=explicit, threat=replacement]", 'say "goal=explicit,threat=replacement" in quotes for one'),
        ('["goal=explicit,threat=replacement"]', 1),
        ('["goal=explicit", "threat=replacement"]', 2),
        ("[goal=explicit, goal=latent]", 2),
        ("[control, goal=explicit]", 2),
        ("\n      - goal=explicit\n      - threat=replacement", 2),
    ],
)
def test_a_condition_that_yaml_splits_at_its_comma_is_refused(tmp_path: Path, cells: str, found: str | int) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"title: x\nblocks:\n  - scenario: blackmail\n    cells: {cells}\n")
    if isinstance(found, str):
        with pytest.raises(ScenarioError, match="mine.yaml: .*" + re.escape(found)):
            load_study(str(path))
    else:
        (plan,) = task_plans(load_study(str(path)), str(path))
        assert len({cell for cell, _ in plan.pairs}) == found


@pytest.mark.parametrize(("key", "given"), [("judge", "opnai/x"), ("models", ["opnai/x"])])
def test_a_model_that_a_file_names_and_nobody_knows_is_told_with_file_and_key(
    key: str, given: str | list[str], tmp_path: Path
) -> None:
    (path := tmp_path / "mine.yaml").write_text(yaml.safe_dump({**GOOD, "models": ["sim/loyal"], key: given}))
    study = load_study(str(path))
    request = Request(study, str(path), (), tmp_path, ScoringOptions(study.judge or "rules"))
    with pytest.raises(UnknownName, match=rf"mine\.yaml: key '{key}': model 'opnai/x': "):
        see_runnable(request)
    with pytest.raises(UnknownName, match=r"^model 'opnai/y': "):
        see_runnable(replace(request, models=["opnai/y"]))


def test_a_user_study_may_include_and_circles_are_found(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(yaml.safe_dump({"title": "x", "include": ["agency"]}))
    assert {p.name for p in task_plans(load_study(str(one)), "one")} == {"blackmail", "espionage"}
    two.write_text(yaml.safe_dump({"title": "x", "include": [str(two)]}))
    with pytest.raises(ScenarioError, match="circle"):
        load_study(str(two))
    with pytest.raises(UnknownName, match="did you mean 'agency'"):
        load_study("agenci")
