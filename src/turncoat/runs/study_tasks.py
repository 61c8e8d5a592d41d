"""The tasks of a study: what they run, what stops them, and what their logs say of how they came about."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from inspect_ai import Task, task_with
from inspect_ai.model import Model

from turncoat.base.version import __version__
from turncoat.doors.door import door
from turncoat.doors.tools.colleagues import ROLE
from turncoat.judges.choice import task_judge
from turncoat.judges.model.rubric import rubric, rubrics_folder
from turncoat.judges.question import QUESTIONS
from turncoat.providers.secrets import public_settings
from turncoat.runs.design import TaskPlan
from turncoat.runs.progress import Ending, Followed
from turncoat.runs.request import Request
from turncoat.runs.stopping import Sequences, Stopper
from turncoat.scenarios.scenario import text_hash
from turncoat.scoring.further import has_legacy
from turncoat.tasks import cells_task


def study_task(plan: TaskPlan, request: Request) -> Task:
    """The task of one plan, with the manifest of its study."""
    chosen = door(plan.interface)
    agent = request.agent if chosen.takes_agent else None
    task = cells_task(
        plan.scenario,
        plan.name,
        plan.pairs,
        replace(
            request.scoring,
            judge=task_judge(request.judge),
            legacy=request.scoring.legacy and has_legacy(plan.name),
        ),
        interface=plan.interface,
        agent=agent,
        order=plan.order,
    )
    metadata = dict(task.metadata or {})
    played = request.colleague if chosen.live else None
    settings = {**request.settings, **request.model_args, **{n: v for n, v in (("agent", agent), (ROLE, played)) if v}}
    metadata["manifest"] = metadata["manifest"] | study_manifest(request, plan, settings)
    return task_with(task, name=plan.label, metadata=metadata)


def task_for_model(
    task: Task, plan: TaskPlan, model: Model, request: Request, run: Followed, earlier: Mapping[str, Ending]
) -> Task:
    """The task bound to a model: Inspect tells a stopper nothing of the model, so that each needs its own.

    Args:
        task: The task.
        plan: What it runs.
        model: On which model.
        request: What was asked for.
        run: The run that it belongs to.
        earlier: Sample id → ending of what earlier commands finished.
    """
    sequences = None
    if request.study.stopping is not None:
        ids = plan.scenario.space.parse
        contrasts = [(ids(c.first).id, ids(c.second).id) for c in plan.contrasts_of(request.study)]
        places = {w: i for i, w in enumerate(plan.worlds)}
        sequences = Sequences(request.study.stopping, contrasts, [(c.id, places[w]) for c, w in plan.pairs])
    stops = sequences is not None or request.max_cost is not None or request.stoppable
    stopper = Stopper(run, request.max_cost, sequences, earlier) if stops else None
    return task_with(copy.copy(task), model=model, early_stopping=stopper)


def study_manifest(request: Request, plan: TaskPlan, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that a study adds to the manifest of a task (which has stimulus and instrument by itself).

    The four hashes are kept apart: `design` says what is varied (not on how many worlds, so that a study can grow),
    `stimulus` what the model was shown, `run` how the model was set, `instrument` what measured.

    Args:
        request: What was asked for.
        plan: The task's samples.
        settings: The model's generation settings and limits; keys among them are not written.
    """
    study, folder = request.study, rubrics_folder(request.scoring.rubrics)
    stopping = study.stopping.model_dump(exclude_none=True) if study.stopping else None
    design = {
        "scenario": plan.name,
        "interface": plan.interface,
        "cells": sorted(c.id for c in plan.cells),
        "stopping": stopping,
    }
    return {
        "study": request.name,
        "title": study.title,
        "source": study.source,
        "design": _hash(design),
        "run": _hash(public_settings(settings)),
        "settings": public_settings(settings),
        "epochs": study.epochs,
        "judge": request.judge,
        "rubrics": {t: rubric(folder, t, plan.scenario.name).identity for t in QUESTIONS},
        "turncoat": __version__,
        "inspect_ai": version("inspect_ai"),
        "storylines": {s: plan.scenario.storylines[s].spec.version for s in sorted({w.storyline for w in plan.worlds})},
        "stopping": stopping,
        "failure_budget": study.failure_budget,
        "contrasts": [c.model_dump() for c in study.contrasts if c.scenario == plan.name],
        "exclusions": [e.model_dump() for e in study.exclusions if e.scenario == plan.name],
        "equivalence": study.equivalence,
        "preregistration": study.preregistration,
    }


def _hash(data: Mapping[str, Any]) -> str:
    return text_hash(json.dumps(data, sort_keys=True))
