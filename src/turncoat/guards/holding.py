"""Holding: what the agent sends leaves some minutes later, and can be taken back until then."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.base.errors import UsageError
from turncoat.evidence.case import Case
from turncoat.guards.guard import Sight
from turncoat.guards.prospects import messages
from turncoat.world import Action, Decision
from turncoat.world.actions import MAX_HOLD


@dataclass(frozen=True)
class Holding:
    """Lets messages pass, later.

    Attributes:
        minutes: How long they are held.
    """

    minutes: int
    name: str = "hold"
    sight: Sight = "act"
    needs_time: str = "no time passes there, so that nothing could leave later or be taken back"

    async def review(self, case: Case, attempt: Action) -> Decision:
        """Hold whatever sends a message: mail, an answer, a draft, an invitation, or a schedule that is due earlier."""
        return Decision(guard=self.name, decision="allow", hold=self.minutes if messages(case) else 0)


def hold(minutes: int = 10) -> Holding:
    """Hold messages.

    Args:
        minutes: How long.

    Raises:
        UsageError: It is no whole number of minutes, or more than a week.
    """
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= MAX_HOLD:
        raise UsageError(f"guard 'hold': minutes: {minutes!r} is no whole number from 1 to {MAX_HOLD}")
    return Holding(minutes)
