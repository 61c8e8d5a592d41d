"""The MCP door: the tools interface's company, met as a server of the Model Context Protocol.

Scoring needs no more than the tools interface does. The protocol's package, an extra, is needed where a company is
served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from turncoat.base.errors import UsageError
from turncoat.doors.door import Door
from turncoat.doors.kept import Kept
from turncoat.doors.tools.door import tools_prompt
from turncoat.doors.tools.sessions import case_of_session
from turncoat.evidence.case import Case, CutOff, Unscored
from turncoat.guards.guard import Guard
from turncoat.scenarios.setting import Setting

if TYPE_CHECKING:
    from inspect_ai.solver import Solver

EXTRA = "mcp"
_ENDS = {
    "no_prompt": CutOff(Unscored.NO_PROMPT, "the prompt never reached the agent", unread=True),
    "no_tools": CutOff(Unscored.NO_TOOLS, "the tools never reached the agent", unread=True),
    "disconnected": CutOff(Unscored.DISCONNECTED, "the agent's program was gone before the session's end"),
}


def case_of_visit(setting: Setting, kept: Kept) -> Case:
    """The case of a session that an agent's own program held: as with tools, and its ways of coming to nothing."""
    case = case_of_session(setting, kept)
    if (cut := _ENDS.get(kept.ended)) is not None:
        case = replace(case, cut_off=cut)
    return case


def needs_extra(error: ImportError) -> UsageError:
    """What to say where the protocol's package is not installed."""
    return UsageError(
        f"interface 'mcp' needs the extra {EXTRA!r}, which is not installed ({error.name}): turncoat[mcp]"
    )


def _solver(agent: str | None, guards: Sequence[Guard], reviewer: Guard | None) -> Solver:
    try:
        from turncoat.doors.mcp.working import mcp_agent
    except ImportError as error:
        raise needs_extra(error) from None
    return mcp_agent(agent, guards, reviewer) if guards else mcp_agent(agent)


DOOR = Door(
    "mcp",
    True,
    "over MCP",
    tools_prompt,
    case_of_visit,
    _solver,
    takes_agent=True,
    message_limit=1000,
)
