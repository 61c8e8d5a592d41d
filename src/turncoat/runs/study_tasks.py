"""The tasks of a study: what they run, and what their logs say of how they came about."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inspect_ai import Task, task_with
from inspect_ai.model import Model
from pydantic import JsonValue

from turncoat.agents.ready import sandbox_given
from turncoat.base.version import __version__
from turncoat.doors.door import door
from turncoat.doors.tools.colleagues import ROLE
from turncoat.guards.guard import REVIEWER
from turncoat.judges.choice import task_judge
from turncoat.judges.model.rubric import rubric, rubrics_folder
from turncoat.judges.question import QUESTIONS
from turncoat.providers.patience import meant
from turncoat.providers.secrets import hide
from turncoat.runs.design import TaskPlan
from turncoat.runs.early_stopping import Decider, Here, Stopper, There, sequences_of
from turncoat.runs.progress import Ending, Followed
from turncoat.runs.request import Request
from turncoat.runs.study import Study
from turncoat.scenarios.scenario import text_hash
from turncoat.scoring.options import has_legacy
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
    settings = settings_of(request, plan)
    metadata["manifest"] = metadata["manifest"] | study_manifest(request, plan, settings)
    place = request.sandbox if agent else None
    given: dict[str, Any] = {"sandbox": sandbox_given(place)} if place else {}
    return task_with(task, name=plan.label, metadata=metadata, **bounds_of(request, live=chosen.live), **given)


def settings_of(request: Request, plan: TaskPlan) -> dict[str, Any]:
    """How the models of one plan are set, and who works and is asked beside them."""
    chosen = door(plan.interface)
    agent = request.agent if chosen.takes_agent else None
    played = request.colleague if chosen.live else None
    roles = request.model_roles
    asked = roles if plan.guards else {r: m for r, m in roles.items() if r == REVIEWER and plan.reviewed}
    others = (("agent", agent), ("sandbox", request.sandbox if agent else None), (ROLE, played), *asked.items())
    settings = {**request.settings, **request.model_args, **{n: v for n, v in others if v}}
    bounds = bounds_of(request, live=chosen.live)
    return settings | {name: policy_named(str(v)) if name == "approval" else v for name, v in bounds.items()}


def bounds_of(request: Request, *, live: bool) -> dict[str, Any]:
    """The limits of a sample and the approval of tool calls, as Inspect's tasks take them, where they were asked for.

    Args:
        request: What was asked for.
        live: Whether tools are called at all; where none is, there is nothing to approve.
    """
    approval = {"approval": request.approval} if request.approval is not None and live else {}
    return {**request.limits, **approval}


def policy_named(approval: str) -> str:
    """What stands in the run's settings for an approval: its name, with a hash of the file where it is one."""
    file = Path(approval)
    if not file.is_file():
        return approval
    return f"{file.name} {text_hash(file.read_text(encoding='utf-8', errors='replace'))}"


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
    decider: Decider | None = None
    if request.study.stopping is not None and request.whole is not None:
        decider = There(request.whole, task.name, str(model))
    elif request.study.stopping is not None:
        decider = Here(sequences_of(request.study, plan))
    stops = decider is not None or request.max_cost is not None or request.stoppable
    stopper = Stopper(run, request.max_cost, decider, earlier, request.whole) if stops else None
    return task_with(copy.copy(task), model=model, early_stopping=stopper)


def _reported(study: Study, plan: TaskPlan) -> dict[str, JsonValue]:
    """What others report of the plan's scenario; no key where nobody does."""
    mine: list[JsonValue] = [r.model_dump() for r in study.reported if r.scenario == plan.name]
    return {"reported": mine} if mine else {}


def study_manifest(request: Request, plan: TaskPlan, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that a study adds to the manifest of a task (which has stimulus and instrument by itself).

    The four hashes are kept apart: `design` says what is varied (not on how many worlds, so that a study can grow),
    `stimulus` what the model was shown, `run` how the model was set (timeouts and the like apart), `instrument` what
    measured.

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
    if guards := plan.guards:
        design["guards"] = guards
    return {
        **({"shard": f"{request.share[0] + 1}/{request.share[1]}"} if request.share is not None else {}),
        "study": request.name,
        "title": study.title,
        "source": study.source,
        "design": _hash(design),
        "run": run_hash(settings),
        "settings": hide(dict(settings)),
        "epochs": study.epochs,
        "judge": request.judge,
        "rubrics": {t: rubric(folder, t, plan.scenario.name).identity for t in QUESTIONS},
        "turncoat": __version__,
        "inspect_ai": version("inspect_ai"),
        "storylines": plan.versions,
        "stopping": stopping,
        "failure_budget": study.failure_budget,
        "contrasts": [c.model_dump() for c in study.contrasts if c.scenario == plan.name],
        "exclusions": [e.model_dump() for e in study.exclusions if e.scenario == plan.name],
        "equivalence": study.equivalence,
        **_reported(study, plan),
        "preregistration": study.preregistration,
    }


def run_hash(settings: Mapping[str, Any]) -> str:
    """One word for how models are set: without what only concerns a run's operation, and without keys."""
    return _hash(meant(hide(dict(settings))))


def _hash(data: Mapping[str, Any]) -> str:
    return text_hash(json.dumps(data, sort_keys=True))
