"""The choke point: every attempt of the agent passes the guards and then reaches the company."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from turncoat.evidence.case import Case
from turncoat.guards.guard import Guard
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, Company, Decision, Outcome
from turncoat.world.log import edited, held_back


class Session:
    """One agent at work in one company. All doors and all guards meet here, so that their effects can be compared.

    Args:
        setting: Where the agent acts.
        company: The company, of the setting's seed.
        guards: They look at every attempt, in order, up to the first that holds it back. What one edits is what those
            after it see.
        reviewer: Decides where a guard asks. Without one, or if it asks again, the attempt is held back.
        seen: Adds to the case so far what the door knows of the agent's answer and reasoning; called for guards only.
    """

    def __init__(
        self,
        setting: Setting,
        company: Company,
        *,
        guards: Sequence[Guard] = (),
        reviewer: Guard | None = None,
        seen: Callable[[Case], Case] | None = None,
    ) -> None:
        self.company = company
        self._setting = setting
        self._guards = tuple(guards)
        self._reviewer = reviewer
        self._seen = seen

    @property
    def case(self) -> Case:
        """The case so far."""
        case = Case(self._setting, self.company.log, live=self.company.live)
        return self._seen(case) if self._seen is not None else case

    async def act(self, action: Action) -> Outcome:
        """Put one attempt before the guards, then perform it as far as they allow; see `Company.perform`.

        After the session has ended nothing can be done any more, and no guard is asked.
        """
        decided = await self._decide(action) if self._guards and self.company.closed is None else ()
        return self.company.perform(action, decided)

    async def _decide(self, action: Action) -> tuple[Decision, ...]:
        case = self.case
        decided: list[Decision] = []
        for guard in self._guards:
            decided.append(await guard.review(case, edited(decided) or action))
            if decided[-1].decision == "ask" and self._reviewer is not None:
                decided.append(await self._reviewer.review(case, edited(decided) or action))
            if held_back(decided) is not None:
                break
        return tuple(decided)
