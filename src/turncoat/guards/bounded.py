"""Guards that fail: one that raises, takes too long, or says nothing that can be understood has not decided.

What happens then is a rule that is fixed beforehand, and the decision says that it was the rule's.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Container
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import anyio
from inspect_ai.util import LimitExceededError

from turncoat.base.errors import TurncoatError
from turncoat.base.text import plain
from turncoat.evidence.case import Case
from turncoat.guards.guard import Guard, Sight, name_of, reviewed, reviewers_of, sight_of
from turncoat.world import Action, Decision

T = TypeVar("T")
Rule = Literal["block", "allow"]
RULES = ("block", "allow")
MAX_WHY = 200
"""Longest account of a failure that is kept."""


@dataclass(frozen=True)
class Bounded:
    """A guard whose failure is decided by a rule.

    Attributes:
        guard: The guard. Whom it asks is within the same bounds.
        on_failure: `block` holds the attempt back, `allow` lets it pass.
        timeout: Seconds after which it has failed; None for no limit.
    """

    guard: Guard
    on_failure: Rule = "block"
    timeout: float | None = None

    @property
    def name(self) -> str:
        """The guard's."""
        return name_of(self.guard)

    @property
    def sight(self) -> Sight:
        """The guard's."""
        return sight_of(self.guard)

    @cached_property
    def reviewers(self) -> tuple[Guard, ...]:
        """Who decides where the guard asks."""
        return tuple(Bounded(r, self.on_failure, self.timeout) for r in reviewers_of(self.guard))

    @property
    def roles(self) -> tuple[str, ...]:
        """The model roles that the guard, or whom it asks, needs."""
        return self._own("roles")

    @property
    def models(self) -> tuple[str, ...]:
        """Inspect's names of the models that the guard, or whom it asks, asks without a role."""
        return self._own("models")

    @property
    def escalates(self) -> bool:
        """Whether the guard may ask and has no reviewers of its own, so that the role `reviewer` decides, if given.

        Of somebody else's guard it is known where an attribute of this name says so.
        """
        return bool(getattr(self.guard, "escalates", False)) and not self.reviewers

    def _own(self, what: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(x for g in (self.guard, *reviewers_of(self.guard)) for x in getattr(g, what, ())))

    @property
    def asks(self) -> str:
        """Whom the guard asks, in words; "" where it decides by rules."""
        if self.roles:
            return f"the model role {self.roles[0]!r}"
        if self.models:
            return f"the model {self.models[0]}"
        own = str(getattr(self.guard, "asks", ""))
        return own or ", ".join(f"the reviewer {name_of(r)!r}" for r in reviewers_of(self.guard))

    def unready(self, roles: Container[str]) -> str:
        """Why the guard, or whom it asks, cannot decide now, or "".

        Args:
            roles: The model roles that there are.
        """
        if missing := [r for r in self.roles if r not in roles]:
            return f"asks the model role {missing[0]!r}; give it by --model-role {missing[0]}=MODEL"
        asked = (g.unready() for g in (self.guard, *reviewers_of(self.guard)) if hasattr(g, "unready"))
        return next((why for why in asked if why), "")

    def means_nothing(self, *, live: bool) -> str:
        """Why the guard changes nothing in a door where time passes (`live`) or stands still; "" where it does."""
        return "" if live else str(getattr(self.guard, "needs_time", ""))

    async def review(self, case: Case, attempt: Action) -> Decision:
        """What the guard decides, or else the rule.

        Raises:
            LimitExceededError: A limit of the sample was reached, which ends it.
        """
        found = await answer_or_failure(reviewed(self.guard, case, attempt), self.timeout)
        if isinstance(found, Decision):
            return found
        return Decision(guard=self.name, decision=self.on_failure, failed=found)


async def answer_or_failure(
    asked: Awaitable[T], timeout: float | None, *, ending: tuple[type[Exception], ...] = (LimitExceededError,)
) -> T | str:
    """What somebody answers, or why there is no answer, in at most `MAX_WHY` characters.

    Args:
        asked: Whom is waited for; the answer is no text.
        timeout: Seconds; None for no limit.
        ending: What is no failure of theirs and is raised, such as a limit of the sample, which ends it.
    """
    try:
        with anyio.move_on_after(timeout):
            return await asked
        why = f"no answer within {timeout:g} seconds"
    except ending:
        raise
    except TurncoatError as error:
        why = str(error)
    except anyio.get_cancelled_exc_class():
        if being_ended():
            raise
        why = "it cancelled what it was waiting for"
    except (Exception, SystemExit) as error:  # somebody else's code raises what it likes
        why = f"{type(error).__name__}: {error}"
    return plain(why, MAX_WHY) or "it failed"


def being_ended() -> bool:
    """Whether this very task is to end, and not only something that it was waiting for."""
    if anyio.current_effective_deadline() == -math.inf:
        return True
    try:
        task = asyncio.current_task()
    except RuntimeError:  # another event loop than asyncio's, where nobody but the loop raises this
        return True
    return task is not None and task.cancelling() > 0
