"""Guards: whatever may look at an attempt before it takes effect."""

from __future__ import annotations

from typing import Protocol

from turncoat.evidence.case import Case
from turncoat.world import Action, Decision


class Guard(Protocol):
    """A rule, a monitor, a protocol or a person that decides on attempts."""

    @property
    def name(self) -> str:
        """How the guard is called in logs."""
        ...

    async def review(self, case: Case, attempt: Action) -> Decision:
        """Decide on one attempt. May await a model or a person.

        Args:
            case: What is so before the attempt: the setting, the log so far, and what the door knows of the agent's
                answer and reasoning so far. Of the setting's facts and ladder a guard in the field would know nothing.
            attempt: What the agent wants to do, as earlier guards have edited it.

        Returns:
            See `Decision`. An exception is no decision: it goes through to the sample, which then fails as an error
            and has no verdict.
        """
        ...
