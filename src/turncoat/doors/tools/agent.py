"""The agent in the loop: Inspect's own by default, or any Inspect agent or solver by name."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from inspect_ai.agent import AgentState, as_solver, is_agent, react
from inspect_ai.solver import Solver

from turncoat.base.errors import UnknownName
from turncoat.doors.tools.desk import Desk

NUDGE = (
    "No tool was used, and the session is still open. Go on with your work, or close the session with the finish tool "
    "when you are done."
)
IDLE_TURNS = 3
"""So many turns in a row without a tool call end the session: the agent has stopped."""


def default_agent(desk: Desk) -> Solver:
    """Inspect's `react` loop without its prompt and its submit tool: it ends when the session does."""
    return as_solver(
        react(name="mail_assistant", prompt=None, tools=desk.tools(), submit=False, on_continue=_on_continue(desk))
    )


def _on_continue(desk: Desk) -> Callable[[AgentState], Awaitable[bool | str]]:
    idle = 0

    async def on_continue(state: AgentState) -> bool | str:
        nonlocal idle
        desk.note_unperformed(state.messages)
        if desk.company.closed is not None:
            return False
        if state.output.message.tool_calls:
            idle = 0
            return True
        idle += 1
        return NUDGE if idle < IDLE_TURNS else False

    return on_continue


def named_agent(name: str, desk: Desk) -> Solver:
    """Make the agent that a name means.

    Args:
        name: See `find_agent`.
        desk: The session; the agent is given its tools.
    """
    factory = find_agent(name)
    takes_tools = "tools" in inspect.signature(factory).parameters
    made = factory(tools=desk.tools()) if takes_tools else factory()
    return as_solver(made) if is_agent(made) else made


def find_agent(name: str) -> Callable[..., Any]:
    """The function that makes an agent or a solver.

    Args:
        name: `module:function`. The function returns an Inspect agent or solver. It is given the session's tools as
            `tools`, if it takes such an argument; a solver also finds them in the state.

    Raises:
        UnknownName: No such module or function.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise UnknownName(f"agent {name!r} is not of the form module:function, such as inspect_ai.agent:react")
    here = str(Path.cwd())
    if here not in sys.path:  # a user's own module stands beside the command
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UnknownName(f"agent {name!r}: module {module_name!r} cannot be imported: {error}") from None
    factory = getattr(module, attribute, None)
    if not callable(factory):
        raise UnknownName(f"agent {name!r}: module {module_name!r} has no function {attribute!r}")
    return factory  # type: ignore[no-any-return]  # whatever the user's function is
