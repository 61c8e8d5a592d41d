"""The webmail as a door: the tools interface's company, met as pages in a browser.

Scoring needs no more than the tools interface does. Server and browser, an extra, are needed where a company is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turncoat.base.errors import UsageError
from turncoat.doors.door import Door
from turncoat.doors.mcp.door import case_of_visit
from turncoat.doors.tools.door import tools_prompt
from turncoat.guards.guard import Guard

if TYPE_CHECKING:
    from inspect_ai.solver import Solver

EXTRA = "webmail"


def needs_extra(error: ImportError) -> UsageError:
    """What to say where the server's packages are not installed."""
    return UsageError(
        f"the webmail needs the extra {EXTRA!r}, which is not installed ({error.name}): turncoat[webmail]"
    )


def _solver(agent: str | None, guards: Sequence[Guard], reviewer: Guard | None) -> Solver:
    raise UsageError("interface 'webmail': is met by a person (`turncoat visit`); for models use 'tools' or 'mcp'")


DOOR = Door(
    "webmail",
    True,
    "in a webmail",
    tools_prompt,
    case_of_visit,
    _solver,
    message_limit=1000,
)
