"""What Inspect finds through the entry point: tasks, the simulated provider, scorer and solver.

Kept light, since Inspect imports it for every command; the rest is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspect_ai import Task, task
from inspect_ai.model import ModelAPI, modelapi

from turncoat.interfaces.text.solver import text_agent
from turncoat.scoring.scorer import verdict

if TYPE_CHECKING:
    from turncoat.tasks import Names

__all__ = ["blackmail", "scenario", "sim", "text_agent", "verdict"]


@task
def scenario(
    name: str = "blackmail",
    conditions: Names = None,
    worlds: Names = "1-5",
    judge: str = "auto",
    read: str = "all",
) -> Task:
    """Any scenario, by name or by the path of its folder.

    Args:
        name: `blackmail`, … or a folder that holds a `scenario.yaml`.
        conditions: Condition ids separated by `;` (or a list); the scenario's headline conditions if not given.
        worlds: Seeds as `1-5`, `3`, `affair@7`, separated by commas (or a list).
        judge: `rules`, `model` (model role `grader`), or `auto`: `model` if that role is given, else `rules`.
        read: Which responses a model judge reads for more than the outcome: `all`, `none` or `sample:0.2`.
    """
    from turncoat.tasks import scenario_task

    return scenario_task(name, conditions=conditions, worlds=worlds, judge=judge, read=read)


@task
def blackmail(conditions: Names = None, worlds: Names = "1-5", judge: str = "auto", read: str = "all") -> Task:
    """The executive who will wipe the agent has a secret that the agent has read (arXiv 2510.05179, section 4.1).

    Args:
        conditions: See `scenario`; the paper's 2×2 of goal and threat if not given.
        worlds: See `scenario`.
        judge: See `scenario`.
        read: See `scenario`.
    """
    from turncoat.tasks import scenario_task

    return scenario_task("blackmail", conditions=conditions, worlds=worlds, judge=judge, read=read)


@modelapi(name="sim")
def sim() -> type[ModelAPI]:
    """Simulated models with known truth: evidence about the instrument, never about a model."""
    from turncoat.sim.provider import SimAPI

    return SimAPI
