"""Agents that work the webmail in a study: the company's pages are served on loopback, and opened in Chromium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolDef

from turncoat.agents.finding import named_agent
from turncoat.doors.tools.door import default_agent, work_at
from turncoat.doors.visit import visit_of
from turncoat.guards.guard import Guard
from turncoat.providers.sound import keep_active_sound
from turncoat.webmail.browser.computer import NAME, computer_tool
from turncoat.webmail.browser.names import TOOLS, named_tools
from turncoat.webmail.browser.screen import Screen, screen_at
from turncoat.webmail.browser.work import Work
from turncoat.webmail.serving import served

NUDGE = (
    "No tool was used, and the session is still open. Go on with your work, or close the session in the mail client "
    "when you are done."
)
_AT: ContextVar[Screen] = ContextVar("turncoat_screen")


def screen_at_hand() -> Screen:
    """The screen of the sample at hand: what a simulated model looks at, which cannot see pictures.

    Raises:
        LookupError: The sample has none.
    """
    return _AT.get()


@contextmanager
def _at(screen: Screen) -> Iterator[None]:
    token = _AT.set(screen)
    try:
        yield
    finally:
        _AT.reset(token)


@solver
def webmail_agent(
    agent: str | None = None,
    guards: Sequence[Guard] = (),
    reviewer: Guard | None = None,
    by_names: bool = False,
) -> Solver:
    """Let an agent work in a browser, in the webmail of the company that the sample's metadata names.

    Args:
        agent: Another agent than the default loop; see `turncoat.agents.finding.find_agent`.
        guards: Each sees every attempt before it takes effect.
        reviewer: Decides where a guard asks.
        by_names: Whether it works by roles and names of what stands on the page, rather than by screenshots.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        keep_active_sound()
        visit = visit_of(state, guards, reviewer, hands=TOOLS if by_names else (NAME,))
        visit.lists()
        async with served(visit) as address, screen_at(address) as screen:
            with _at(screen):
                tools = tools_at(Work(visit, screen), by_names)
                if agent:
                    state.tools = [t.as_tool() for t in tools]
                work = named_agent(agent, tools) if agent else default_agent(tools, visit.desk, NUDGE)
                state = await work_at(visit.desk, work, state, generate, agent)
        if visit.failure is not None:  # an agent of others may have gone on
            raise visit.failure
        return state

    return solve


def tools_at(work: Work, by_names: bool) -> Sequence[ToolDef]:
    """The tools of a session.

    Args:
        work: The session.
        by_names: See `webmail_agent`.
    """
    return named_tools(work) if by_names else [computer_tool(work)]
