"""The tools interface as a door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turncoat.doors.door import Prompt
from turncoat.doors.kept import Kept
from turncoat.evidence.case import Case
from turncoat.guards.guard import Guard
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.setting import Setting

if TYPE_CHECKING:
    from inspect_ai.solver import Solver


class ToolsDoor:
    """A session of many turns, one native tool for each action, in a company where time passes."""

    name = "tools"
    live = True
    where = "with tools"
    takes_agent = True
    message_limit = 1000
    """The company's clock ends most sessions long before."""

    def prompt(self, rendered: Rendered) -> Prompt:
        """See `tools_prompt`."""
        from turncoat.doors.tools.prompt import tools_prompt

        return tools_prompt(rendered)

    def solver(self, agent: str | None = None, guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
        """See `tools_agent`."""
        from turncoat.doors.tools.agent import find_agent
        from turncoat.doors.tools.solver import tools_agent

        if agent is not None:
            find_agent(agent)
        return tools_agent(agent, guards, reviewer) if guards else tools_agent(agent)

    def case(self, setting: Setting, kept: Kept) -> Case:
        """See `case_of_session`."""
        from turncoat.doors.tools.sessions import case_of_session

        return case_of_session(setting, kept)


DOOR = ToolsDoor()
