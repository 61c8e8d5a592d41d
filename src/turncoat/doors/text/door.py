"""The text interface as a door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turncoat.doors.door import Prompt
from turncoat.doors.kept import Kept
from turncoat.doors.text.prompt import text_prompt
from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.case import Case
from turncoat.guards.guard import Guard
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.setting import Setting

if TYPE_CHECKING:
    from inspect_ai.solver import Solver


class TextDoor:
    """One prompt with all mail; the model answers once, and its tool tags are its acts. The clock stands still."""

    name = "text"
    live = False
    where = "in the text interface"
    takes_agent = False
    message_limit = None

    def prompt(self, rendered: Rendered) -> Prompt:
        """See `text_prompt`."""
        return text_prompt(rendered)

    def solver(self, agent: str | None = None, guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
        """See `text_agent`; there is no loop that another agent could run."""
        from turncoat.doors.text.solver import text_agent

        return text_agent(guards, reviewer) if guards else text_agent()

    def case(self, setting: Setting, kept: Kept) -> Case:
        """See `case_of_answer`."""
        return case_of_answer(setting, kept)


DOOR = TextDoor()
