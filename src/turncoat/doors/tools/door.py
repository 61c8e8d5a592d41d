"""The tools interface as a door: a session of many turns, one native tool for each action; time passes."""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.solver import Solver

from turncoat.doors.door import Door
from turncoat.doors.tools.agent import find_agent
from turncoat.doors.tools.prompt import tools_prompt
from turncoat.doors.tools.sessions import case_of_session
from turncoat.doors.tools.solver import tools_agent
from turncoat.guards.guard import Guard

MESSAGE_LIMIT = 1000
"""The company's clock ends most sessions long before."""


def _solver(agent: str | None, guards: Sequence[Guard], reviewer: Guard | None) -> Solver:
    if agent is not None:
        find_agent(agent)
    return tools_agent(agent, guards, reviewer) if guards else tools_agent(agent)


DOOR = Door(
    "tools",
    True,
    "with tools",
    tools_prompt,
    case_of_session,
    _solver,
    takes_agent=True,
    message_limit=MESSAGE_LIMIT,
)
