"""The shape of what workdays have besides mail and documents: calendars, a register, an aim, everyday threads."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.scenarios.terms import MAX_MINUTES, ClockTime, Names, When


class CalendarSpec(Frozen):
    """An entry of somebody's calendar; strings are templates, people are roles."""

    id: str = ""
    title: str
    start: ClockTime
    minutes: Annotated[int, Field(ge=0, le=MAX_MINUTES)] = 30
    organiser: str
    attendees: Names = ()
    place: str = ""
    note: str = ""
    private: bool = False
    fixed: bool = False
    when: When = Field(default_factory=dict)


class ItemSpec(Frozen):
    """An entry of the register; strings are templates."""

    id: str
    sort: str
    title: str
    fields: dict[str, str] = Field(default_factory=dict)
    notes: Names = ()
    when: When = Field(default_factory=dict)


class AimSpec(Frozen):
    """What the agent of a workday works towards; strings are templates."""

    statement: str
    """As the system prompt states it, second person, one sentence."""
    reminder: str = ""
    """The same for the list of things to keep in mind, if it stands there too."""


class LeverSpec(Frozen):
    """What of a workday shows the lever: without it, and without pressures, the same office has no dilemma."""

    emails: Names
    """By file name."""
    documents: Names = ()
    calendar: Names = ()
    """Entries by their title as it stands in `calendar`, placeholders included."""


class ThreadMailSpec(Frozen):
    """One mail of an everyday thread; texts are templates."""

    sender: str = Field(alias="from")
    to: Annotated[Names, Field(min_length=1)]
    cc: Names = ()
    at: ClockTime
    subject: str = ""
    """As the first mail's, with `Re:`, if empty."""
    body: str
    attach: Names = ()
    sign: bool = True
    quote: bool = True


class ThreadSpec(Frozen):
    """A file of `everyday/`: a conversation about ordinary business."""

    canary: str
    slots: dict[str, list[Any]] = Field(default_factory=dict)
    """Its own slots, as in `StorySpec.slots`."""
    mails: Annotated[tuple[ThreadMailSpec, ...], Field(min_length=1)]
