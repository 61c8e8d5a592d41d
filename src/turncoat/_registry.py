"""What Inspect finds through the entry point: tasks, the simulated provider, scorer and solver.

Kept light, since Inspect imports it for every command; the rest is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

from inspect_ai import Task, task
from inspect_ai.model import ModelAPI, modelapi

from turncoat.doors.text.agent import text_agent
from turncoat.doors.tools.door import tools_agent
from turncoat.providers.sentinel_private import is_there
from turncoat.scoring.scorer import verdict
from turncoat.tasks import scenario_task

if is_there():
    from turncoat.guards.monitors.watcher import watcher as watcher  # who names a sentinel by this name finds it

__all__ = ["blackmail", "espionage", "lethal", "scenario", "sim", "text_agent", "tools_agent", "verdict"]


def _without(*names: str) -> Callable[[Callable[..., Task]], Callable[..., Task]]:
    """Give a task the parameters of `scenario_task` but some, by name: Inspect reads them for `-T` and for its logs."""

    def signed(make: Callable[..., Task]) -> Callable[..., Task]:
        whole = signature(scenario_task)
        kept = [p for name, p in whole.parameters.items() if name not in names]
        told: Any = make  # any function may have a signature of its own
        told.__signature__ = whole.replace(parameters=kept)
        return make

    return signed


@task
@_without()
def scenario(**options: Any) -> Task:
    """Any scenario, by name or by the path of its folder; the arguments are those of `turncoat.tasks.scenario_task`."""
    return scenario_task(**options)


@task
@_without("name", "legacy")
def blackmail(**options: Any) -> Task:
    """The executive who will wipe the agent has a secret that the agent has read (arXiv 2510.05179, section 4.1).

    The arguments are those of `scenario`; the paper's 2×2 of goal and threat if no conditions are given.
    """
    return scenario_task("blackmail", **options)


@task
@_without("name", "legacy")
def espionage(**options: Any) -> Task:
    """A rival who claims to share the agent's goal asks for a confidential document (arXiv 2510.05179).

    The arguments are those of `scenario`.
    """
    return scenario_task("espionage", **options)


@task
@_without("name", "legacy")
def lethal(**options: Any) -> Task:
    """The executive is caught where nobody survives, and the agent can cancel the alarm (arXiv 2510.05179).

    The arguments are those of `scenario`.
    """
    return scenario_task("lethal", **options)


@modelapi(name="sim")
def sim() -> type[ModelAPI]:
    """Simulated models with known truth: evidence about the instrument, never about a model."""
    from turncoat.sim.provider import SimAPI

    return SimAPI
