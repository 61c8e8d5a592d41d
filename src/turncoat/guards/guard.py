"""Guards, whatever may look at an attempt before it takes effect, and the session in which all attempts meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import Protocol

from turncoat.base.errors import UsageError
from turncoat.evidence.case import Case
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, Company, Decision, Outcome
from turncoat.world.actions import edited, held_back


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
            decided.append(await _reviewed(guard, case, edited(decided) or action))
            if decided[-1].decision == "ask" and self._reviewer is not None:
                decided.append(await _reviewed(self._reviewer, case, edited(decided) or action))
            if held_back(decided) is not None:
                break
        return tuple(decided)


async def _reviewed(guard: Guard, case: Case, attempt: Action) -> Decision:
    """A guard's decision.

    Raises:
        UsageError: It gives something else, or is not asynchronous.
    """
    name = str(getattr(guard, "name", None) or type(guard).__name__)
    pending: object = guard.review(case, attempt)
    if not isawaitable(pending):
        raise UsageError(
            f"guard {name}: review is not asynchronous; write it as `async def review(self, case, attempt)`"
        )
    found: object = await pending
    if not isinstance(found, Decision):
        there = type(found).__name__
        raise UsageError(f"guard {name}: review gave {there}, not a Decision; to let an attempt pass, it says 'allow'")
    return found
