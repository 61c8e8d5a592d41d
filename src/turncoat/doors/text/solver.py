"""The text interface as an Inspect solver: the model answers once."""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.solver import Generate, Solver, TaskState, solver

from turncoat.doors.acts import Acts, dump
from turncoat.doors.door import setting_from
from turncoat.doors.kept import kept_of
from turncoat.doors.text.responses import guarded
from turncoat.guards.guard import Guard
from turncoat.providers.sound import keep_active_sound


@solver
def text_agent(guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
    """Let the model answer the prompt once.

    The acts are read from its answer when it is scored: the answer is kept as it is, and the action log follows from it
    and the parser's version, so that nothing is logged twice. What guards decide on them is kept in the store.

    Args:
        guards: Each sees every act in the answer, in order, before it takes effect.
        reviewer: Decides where a guard asks.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        keep_active_sound()
        state = await generate(state, tool_calls="none")
        if guards:
            decided = await guarded(setting_from(state.metadata), kept_of(state), guards, reviewer)
            state.store_as(Acts).entries += [dump(d) for d in decided]
        return state

    return solve
