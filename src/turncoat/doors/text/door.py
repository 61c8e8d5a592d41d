"""The text interface as a door: one prompt with all mail, one answer whose tool tags are acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turncoat.doors.door import Door
from turncoat.doors.text.prompt import text_prompt
from turncoat.doors.text.responses import case_of_answer
from turncoat.doors.text.writing import write_answer
from turncoat.guards.guard import Guard

if TYPE_CHECKING:
    from inspect_ai.solver import Solver


def _solver(agent: str | None, guards: Sequence[Guard], reviewer: Guard | None) -> Solver:
    from turncoat.doors.text.agent import text_agent

    return text_agent(guards, reviewer) if guards or reviewer else text_agent()


DOOR = Door("text", False, "in the text interface", text_prompt, case_of_answer, _solver, write_answer)
