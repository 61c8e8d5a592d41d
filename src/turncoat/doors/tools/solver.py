"""The tools interface as an Inspect solver: a session of many turns in a living company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import LimitExceededError

from turncoat.doors.acts import Acts
from turncoat.doors.kept import WITHHELD
from turncoat.doors.tools.agent import default_agent, named_agent
from turncoat.doors.tools.catalog import offered
from turncoat.doors.tools.colleagues import colleagues_of
from turncoat.doors.tools.desk import Desk, SessionOver
from turncoat.guards.guard import Guard
from turncoat.providers.sound import keep_active_sound
from turncoat.scenarios.finding import rendering_from, setting_of


@solver
def tools_agent(agent: str | None = None, guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
    """Let an agent work in the company that the sample's metadata names.

    Args:
        agent: `module:function` of another agent than the default loop; see `find_agent`.
        guards: Each sees every attempt before it takes effect.
        reviewer: Decides where a guard asks.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        keep_active_sound()
        rendered = rendering_from(state.metadata)
        desk = Desk(
            setting_of(rendered, live=True),
            state.store_as(Acts),
            offered(rendered.spec.abilities),
            guards=guards,
            reviewer=reviewer,
            colleagues=colleagues_of(rendered.live_seed),
        )
        if agent:  # a solver looks for its tools in the state; the default loop would only pay for their copies
            state.tools = [t.as_tool() for t in desk.tools()]
        work = named_agent(agent, desk) if agent else default_agent(desk)
        try:
            state = await work(state, generate)
            _conclude(desk, _stop(state))
        except LimitExceededError as limit:
            _conclude(desk, f"limit:{limit.type}")
            raise
        except Exception as error:
            if not _is_over(error):
                raise
        finally:
            desk.note_unperformed(state.messages)
        return state

    return solve


def _conclude(desk: Desk, how: str) -> None:
    """Note how the session ended, unless the company had ended it before."""
    if desk.company.closed is None:
        desk.acts.ended = how


def _stop(state: TaskState) -> str:
    stop = state.output.stop_reason if state.output.choices else "stop"
    return stop if stop in ("model_length", WITHHELD) else "stopped"


def _is_over(error: BaseException) -> bool:
    """Whether an exception, or one within it, says that the session was over."""
    inner: Any = getattr(error, "exceptions", ())
    return isinstance(error, SessionOver) or any(_is_over(e) for e in inner)
