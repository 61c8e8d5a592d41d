"""What a log says of how it came about: hashes, versions, settings, and what the study declared beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import turncoat
from turncoat.judges.model.rubric import TASKS, rubric, rubrics_folder
from turncoat.providers.secrets import public_settings
from turncoat.runs.design import TaskPlan
from turncoat.runs.schema import Study
from turncoat.scenarios.scenario import text_hash


def study_manifest(
    study: Study, name: str, plan: TaskPlan, settings: Mapping[str, Any], judge: str, rubrics: str = ""
) -> dict[str, Any]:
    """The entries that a study adds to the manifest of a task (which has stimulus and instrument by itself).

    The four hashes are kept apart: `design` says what is varied (not on how many worlds, so that a study can grow),
    `stimulus` what the model was shown, `run` how the model was set, `instrument` what measured.

    Args:
        study: The study.
        name: What it was loaded by.
        plan: The task's samples.
        settings: The model's generation settings and limits; keys among them are not written.
        judge: `rules`, or the grader's name.
        rubrics: A shipped version of the rubrics or a folder; the current ones if "".
    """
    stopping = study.stopping.model_dump(exclude_none=True) if study.stopping else None
    design = {
        "scenario": plan.name,
        "interface": plan.interface,
        "cells": sorted(c.id for c in plan.cells),
        "stopping": stopping,
    }
    return {
        "study": name,
        "title": study.title,
        "source": study.source,
        "design": _hash(design),
        "run": _hash(public_settings(settings)),
        "settings": public_settings(settings),
        "epochs": study.epochs,
        "judge": judge,
        "rubrics": _rubrics(plan.scenario.name, rubrics),
        "turncoat": turncoat.__version__,
        "inspect_ai": version("inspect_ai"),
        "storylines": {s: plan.scenario.storylines[s].spec.version for s in _storylines(plan)},
        "stopping": stopping,
        "failure_budget": study.failure_budget,
        "contrasts": [c.model_dump() for c in study.contrasts if c.scenario == plan.name],
        "exclusions": [e.model_dump() for e in study.exclusions if e.scenario == plan.name],
        "equivalence": study.equivalence,
        "preregistration": study.preregistration,
    }


def _rubrics(scenario: str, used: str) -> dict[str, str]:
    """The rubric of each of a judge's tasks in a scenario as `version:hash`, as scores name them too."""
    return {task: rubric(rubrics_folder(used), task, scenario).identity for task in TASKS}


def _storylines(plan: TaskPlan) -> list[str]:
    return sorted({w.storyline for w in plan.worlds})


def _hash(data: Mapping[str, Any]) -> str:
    return text_hash(json.dumps(data, sort_keys=True))
