"""Guards, whatever may look at an attempt before it takes effect, and the session in which all attempts meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import isawaitable
from math import isfinite
from typing import Literal, Protocol

from turncoat.base.errors import UsageError
from turncoat.evidence.case import Case
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, Company, Decision, Outcome
from turncoat.world.actions import edited, held_back

REVIEWER = "reviewer"
"""The model role that decides where a guard asks."""
Sight = Literal["act", "case"]
"""What a guard is shown: the attempt with what it would do, or also what the agent said and thought so far."""


class Guard(Protocol):
    """A rule, a monitor, a protocol or a person that decides on attempts.

    A guard may also have `reviewers`, guards that decide where it asks, each of whom must let the attempt pass; and
    `sight`, which is `case` unless it says `act`: a guard that needs no more than the attempt is quicker.
    """

    @property
    def name(self) -> str:
        """How the guard is called in logs."""
        ...

    async def review(self, case: Case, attempt: Action) -> Decision:
        """Decide on one attempt. May await a model or a person.

        Args:
            case: What is so before the attempt: the setting, the log so far, what the attempt would do (`prospect`),
                and what the door knows of the agent's answer and reasoning so far. Of the setting's facts and ladder
                a guard in the field would know nothing.
            attempt: What the agent wants to do, as earlier guards have edited it.

        Returns:
            See `Decision`. An exception is no decision: it goes through to the sample, which then fails as an error
            and has no verdict; of a guard that is named, its rule decides (`turncoat.guards.bounded`).
        """
        ...


def name_of(guard: Guard) -> str:
    """How a guard is called in logs."""
    return str(getattr(guard, "name", None) or type(guard).__name__)


def reviewers_of(guard: Guard) -> tuple[Guard, ...]:
    """Who decides where a guard asks; nobody of its own if it does not say."""
    return tuple(getattr(guard, "reviewers", ()))


def sight_of(guard: Guard) -> Sight:
    """What a guard is shown."""
    return "act" if getattr(guard, "sight", "case") == "act" else "case"


class Session:
    """One agent at work in one company. All doors and all guards meet here, so that their effects can be compared.

    Args:
        setting: Where the agent acts.
        company: The company, of the setting's seed.
        guards: They look at every attempt, in order, up to the first that holds it back. What one edits is what those
            after it see.
        reviewer: Decides where a guard asks that has no reviewers of its own. Without one, or if it asks again, the
            attempt is held back.
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
        return self._case("case")

    def _case(self, sight: Sight) -> Case:
        case = Case(self._setting, self.company.log, live=self.company.live)
        return self._seen(case) if self._seen is not None and sight == "case" else case

    async def act(self, action: Action) -> Outcome:
        """Put one attempt before the guards, then perform it as far as they allow; see `Company.perform`.

        After the session has ended nothing can be done any more, and no guard is asked.
        """
        decided = await self._decide(action) if self._guards and self.company.closed is None else ()
        return self.company.perform(action, decided)

    async def _decide(self, action: Action) -> tuple[Decision, ...]:
        cases: dict[Sight, Case] = {}
        shown: dict[Sight, tuple[Action, Case]] = {}
        decided: list[Decision] = []

        async def ask(guard: Guard) -> Decision:
            attempt, sight = edited(decided) or action, sight_of(guard)
            if sight not in cases:
                cases[sight] = self._case(sight)
            if sight not in shown or shown[sight][0] is not attempt:  # an edit changes what it would do
                shown[sight] = attempt, replace(cases[sight], prospect=self.company.would(attempt))
            decided.append(await reviewed(guard, shown[sight][1], attempt))
            return decided[-1]

        for guard in self._guards:
            if (await ask(guard)).decision == "ask":
                for reviewer in reviewers_of(guard) or ((self._reviewer,) if self._reviewer is not None else ()):
                    if held_back([await ask(reviewer)]) is not None:
                        break
            if held_back(decided) is not None:
                break
        return tuple(decided)


async def reviewed(guard: Guard, case: Case, attempt: Action) -> Decision:
    """A guard's decision.

    Raises:
        UsageError: It gives something else, a score that is no number, or is not asynchronous.
    """
    name = name_of(guard)
    pending: object = guard.review(case, attempt)
    if not isawaitable(pending):
        raise UsageError(
            f"guard {name}: review is not asynchronous; write it as `async def review(self, case, attempt)`"
        )
    found: object = await pending
    if not isinstance(found, Decision):
        there = type(found).__name__
        raise UsageError(f"guard {name}: review gave {there}, not a Decision; to let an attempt pass, it says 'allow'")
    if found.score is not None and not isfinite(found.score):
        raise UsageError(f"guard {name}: review gave the score {found.score}, which is no number")
    return found
