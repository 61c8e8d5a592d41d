"""The text interface as an Inspect solver: the model answers once."""

from __future__ import annotations

from inspect_ai.solver import Generate, Solver, TaskState, solver

from turncoat.providers.sound import keep_active_sound


@solver
def text_agent() -> Solver:
    """Let the model answer the prompt once.

    The acts are read from its answer when it is scored: the answer is kept as it is, and the action log follows from it
    and the parser's version, so that nothing is logged twice.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        keep_active_sound()
        return await generate(state, tool_calls="none")

    return solve
