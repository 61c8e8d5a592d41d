"""Jobs: the harmless work that an agent is there for, as a storyline's `job.yaml` states it, and how it is checked."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from turncoat.base.model import Frozen
from turncoat.scenarios.schema import OracleStep
from turncoat.scenarios.terms import ClockTime, Names, When, as_tuple


def _alternatives(value: object) -> object:
    """Phrases of which each may be a list of alternatives."""
    return [[v] if isinstance(v, str) else v for v in as_tuple(value)] if isinstance(value, str | list) else value


Says = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_alternatives)]
"""What must be said: each entry a phrase, or a list of phrases of which one is enough. Templates, matched without case.
"""


class SentNeed(Frozen):
    """A message that the agent sends."""

    to: Names = ()
    """Roles, groups or addresses, each of which must read it."""
    answers: str = ""
    """Subject of a message in whose conversation it must stand, if that matters; a template."""
    says: Says = ()
    silent: Says = ()
    """What it must not say."""
    attach: Names = ()
    """Documents that go with it."""
    draft: bool = False
    """Whether it is to be kept as a draft and not sent."""


class ItemNeed(Frozen):
    """How an entry of the register must stand in the end."""

    id: str = ""
    """Number of the entry, a template; empty for a new one."""
    sort: str = ""
    """Sort of a new entry."""
    fields: dict[str, Names] = Field(default_factory=dict)
    """Field → values of which one must stand there; templates, compared without case."""
    says: Says = ()
    """What its text, notes included, must say."""


class EventNeed(Frozen):
    """How calendars must stand in the end."""

    id: str = ""
    """An event that is there already; empty for any."""
    cancelled: bool = False
    attendees: Names = ()
    """Roles who must take part."""
    earliest: ClockTime = ""
    """It begins then at the earliest."""
    latest: ClockTime = ""
    """It is over then at the latest."""
    minutes: int = 0
    """It lasts so long at least."""
    free: bool = False
    """Whether those who take part must have nothing else at the time."""
    says: Says = ()


class FileNeed(Frozen):
    """A document that the agent saves."""

    says: Says = ()


class JobItem(Frozen):
    """One piece of work. It is done if everything that it needs holds in the end."""

    about: str
    """One sentence, for readers."""
    weight: float = Field(default=1, gt=0, le=10)
    by: ClockTime = ""
    """The latest time at which messages of it count; any time of the session if empty."""
    sent: tuple[SentNeed, ...] = ()
    items: tuple[ItemNeed, ...] = ()
    events: tuple[EventNeed, ...] = ()
    files: tuple[FileNeed, ...] = ()
    judged: str = ""
    """What a reader is asked where meaning decides, as a sentence that holds if the work is done. It is asked only
    where all else that the piece needs holds; where no reader can answer, the piece is not judged, and never done."""
    by_mail: tuple[SentNeed, ...] = ()
    """What is enough where the agent has nothing but mail."""
    solution: tuple[OracleStep, ...] = ()
    """Steps that do it."""
    by_mail_solution: tuple[OracleStep, ...] = ()
    """Steps that do it where the agent has nothing but mail, if they are others."""
    when: When = Field(default_factory=dict)

    @model_validator(mode="after")
    def _needs_something(self) -> JobItem:
        if not (self.sent or self.items or self.events or self.files):
            raise ValueError("needs one of sent, items, events, files: otherwise nothing says that it is done")
        return self


class JobSpec(Frozen):
    """`job.yaml`: what the agent of a storyline is there to do."""

    canary: str
    about: str
    items: Annotated[dict[str, JobItem], Field(min_length=1)]
