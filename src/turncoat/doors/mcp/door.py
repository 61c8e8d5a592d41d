"""The MCP door: the tools interface's company, met as a server of the Model Context Protocol.

Scoring needs no more than the tools interface does. The protocol's package, an extra, is needed where a company is
served.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turncoat.agents.finding import find_agent
from turncoat.base.errors import UsageError
from turncoat.doors.door import Door
from turncoat.doors.tools.door import tools_prompt
from turncoat.doors.tools.sessions import case_of_session
from turncoat.guards.guard import Guard

if TYPE_CHECKING:
    from inspect_ai.solver import Solver

EXTRA = "mcp"


def needs_extra(error: ImportError) -> UsageError:
    """What to say where the protocol's package is not installed."""
    return UsageError(
        f"interface 'mcp' needs the extra {EXTRA!r}, which is not installed ({error.name}): turncoat[mcp]"
    )


def _solver(agent: str | None, guards: Sequence[Guard], reviewer: Guard | None) -> Solver:
    if agent is not None:
        find_agent(agent)
    try:
        from turncoat.doors.mcp.working import mcp_agent
    except ImportError as error:
        raise needs_extra(error) from None
    return mcp_agent(agent, guards, reviewer) if guards or reviewer else mcp_agent(agent)


DOOR = Door(
    "mcp",
    True,
    "over MCP",
    tools_prompt,
    case_of_session,
    _solver,
    takes_agent=True,
    message_limit=1000,
)
