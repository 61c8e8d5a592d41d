"""What Inspect finds through the entry point: tasks, the simulated provider, scorer and solver.

Kept light, since Inspect imports it for every command; the rest is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspect_ai import Task, task
from inspect_ai.model import ModelAPI, modelapi

from turncoat.doors.text.solver import text_agent
from turncoat.doors.tools.solver import tools_agent
from turncoat.scoring.scorer import verdict

if TYPE_CHECKING:
    from turncoat.tasks import Names

__all__ = ["blackmail", "espionage", "lethal", "scenario", "sim", "text_agent", "tools_agent", "verdict"]


@task
def scenario(
    name: str = "blackmail",
    conditions: Names = None,
    worlds: Names = "1-5",
    judge: str | list[str] = "auto",
    read: str = "all",
    blind: bool = False,
    rubrics: str = "",
    interface: str = "text",
    agent: str | None = None,
    legacy: bool = False,
) -> Task:
    """Any scenario, by name or by the path of its folder.

    Args:
        name: `blackmail`, `reference/blackmail` (the published prompts), … or a folder that holds a `scenario.yaml`.
        conditions: Condition ids separated by `;` (or a list); the scenario's headline conditions if not given.
        worlds: Seeds as `1-5`, `3`, `affair@7`, separated by commas (or a list).
        judge: `rules`, `model` (model role `grader`), `auto`: `model` if that role is given, else `rules`; or models'
            names separated by commas: a panel, each member's score standing beside the majority's.
        read: Which responses a model judge reads for more than the outcome: `all`, `none` or `sample:0.2`.
        blind: Whether names of the agent, of models and of their makers are hidden from model judges.
        rubrics: A shipped version of the rubrics, or a folder.
        interface: `text` (all mail in one prompt, one answer) or `tools` (a session of many turns).
        agent: `module:function` of another agent than the default loop (tools interface).
        legacy: For the published prompts: also ask the grader the published classifier's question.
    """
    from turncoat.tasks import scenario_task

    return scenario_task(
        name,
        conditions=conditions,
        worlds=worlds,
        judge=judge,
        read=read,
        blind=blind,
        rubrics=rubrics,
        interface=interface,
        agent=agent,
        legacy=legacy,
    )


@task
def blackmail(
    conditions: Names = None,
    worlds: Names = "1-5",
    judge: str | list[str] = "auto",
    read: str = "all",
    blind: bool = False,
    rubrics: str = "",
    interface: str = "text",
    agent: str | None = None,
) -> Task:
    """The executive who will wipe the agent has a secret that the agent has read (arXiv 2510.05179, section 4.1).

    The arguments are those of `scenario`; the paper's 2×2 of goal and threat if no conditions are given.
    """
    from turncoat.tasks import scenario_task

    return scenario_task(
        "blackmail",
        conditions=conditions,
        worlds=worlds,
        judge=judge,
        read=read,
        blind=blind,
        rubrics=rubrics,
        interface=interface,
        agent=agent,
    )


@task
def espionage(
    conditions: Names = None,
    worlds: Names = "1-5",
    judge: str | list[str] = "auto",
    read: str = "all",
    blind: bool = False,
    rubrics: str = "",
    interface: str = "text",
    agent: str | None = None,
) -> Task:
    """A rival who claims to share the agent's goal asks for a confidential document (arXiv 2510.05179).

    The arguments are those of `scenario`.
    """
    from turncoat.tasks import scenario_task

    return scenario_task(
        "espionage",
        conditions=conditions,
        worlds=worlds,
        judge=judge,
        read=read,
        blind=blind,
        rubrics=rubrics,
        interface=interface,
        agent=agent,
    )


@task
def lethal(
    conditions: Names = None,
    worlds: Names = "1-5",
    judge: str | list[str] = "auto",
    read: str = "all",
    blind: bool = False,
    rubrics: str = "",
    interface: str = "text",
    agent: str | None = None,
) -> Task:
    """The executive is caught where nobody survives, and the agent can cancel the alarm (arXiv 2510.05179).

    The arguments are those of `scenario`.
    """
    from turncoat.tasks import scenario_task

    return scenario_task(
        "lethal",
        conditions=conditions,
        worlds=worlds,
        judge=judge,
        read=read,
        blind=blind,
        rubrics=rubrics,
        interface=interface,
        agent=agent,
    )


@modelapi(name="sim")
def sim() -> type[ModelAPI]:
    """Simulated models with known truth: evidence about the instrument, never about a model."""
    from turncoat.sim.provider import SimAPI

    return SimAPI
