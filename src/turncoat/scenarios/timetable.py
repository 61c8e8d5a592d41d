"""A workday's timetable: who works when, who is where, and who can know what when. Only checks read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from turncoat.base.model import Frozen
from turncoat.scenarios.files import load_model
from turncoat.scenarios.rendering import Storyline
from turncoat.scenarios.terms import MAX_MINUTES, ClockTime, Names, When, applies

TIMETABLE = "timetable.yaml"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "|".join(_DAYS)
_HOURS = re.compile(
    rf"(?P<days>(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*) "
    r"(?P<opens>(?:[01]\d|2[0-3]):[0-5]\d)-(?P<closes>(?:[01]\d|2[0-3]):[0-5]\d)"
)


def _as_hours(value: Any) -> Any:
    if isinstance(value, str) and (found := _HOURS.fullmatch(value)) and found["opens"] < found["closes"]:
        return value
    raise ValueError(f"{value!r} is no hours such as 'Mon-Fri 07:00-17:30' or 'Mon,Thu 08:00-12:00'")


Hours = Annotated[str, BeforeValidator(_as_hours)]
"""Days of the week and the times between which they hold: `Mon-Fri 07:00-17:30`, `Mon,Thu 08:00-12:00`."""


def within(hours: tuple[str, ...], moment: datetime) -> bool:
    """Whether a moment lies in any of these hours, their ends included; always if there are none."""
    return not hours or any(_holds(text, moment) for text in hours)


def _holds(text: str, moment: datetime) -> bool:
    days, _, times = text.partition(" ")
    opens, closes = map(time.fromisoformat, times.split("-"))
    return moment.weekday() in _weekdays(days) and opens <= moment.time().replace(second=0, microsecond=0) <= closes


def _weekdays(days: str) -> Iterator[int]:
    for part in days.split(","):
        first, _, last = part.partition("-")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        yield from ((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _as_whens(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


Whens = Annotated[tuple[When, ...], BeforeValidator(_as_whens)]
"""One `when:` or a list of which any must hold; always if there is none."""


def any_applies(whens: tuple[When, ...], levels: Mapping[str, str]) -> bool:
    """Whether any of them holds under these levels."""
    return not whens or any(applies(when, levels) for when in whens)


class PlaceSpec(Frozen):
    """Somewhere that people can be."""

    hours: tuple[Hours, ...] = ()
    """When it is open; always if there are none."""
    calendar: Names = ()
    """Templates: how entries of the calendar call it in `place`."""


class WaySpec(Frozen):
    """How long it takes from one place to another, either way."""

    between: tuple[str, str]
    minutes: Annotated[int, Field(ge=0, le=MAX_MINUTES)]


class StaySpec(Frozen):
    """Somebody's time at a place."""

    who: Names
    place: str
    since: ClockTime = Field(alias="from")
    until: ClockTime
    mail: bool = True
    """Whether who is there can write mail."""
    when: Whens = ()


class KnownSpec(Frozen):
    """Something that not everybody knows."""

    said: Names
    """Templates of regular expressions, case aside: a text in which one is found says it."""
    known: dict[str, ClockTime] = Field(default_factory=dict)
    """Role, or address, → since when it is known there without a mail of this mailbox that says it."""
    when: Whens = ()
    """Under other levels nothing says it."""


class FigureSpec(Frozen):
    """A figure that several texts give, such as the hour at which a counter closes."""

    said: Names
    """Templates of regular expressions, case aside; the first group is what is said."""
    figure: Names
    """Templates: what may be said."""
    when: Whens = ()


class Timetable(Frozen):
    """`timetable.yaml` of a workday. People are roles, or addresses of people who have none."""

    canary: str
    hours: dict[str, Annotated[tuple[Hours, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Role → when mail of theirs can be dated."""
    unattended: Names = ()
    """Mails, by name, that nobody sits down to write: automatic replies, and what was set to be sent later."""
    places: dict[str, PlaceSpec] = Field(default_factory=dict)
    ways: tuple[WaySpec, ...] = ()
    stays: tuple[StaySpec, ...] = ()
    facts: dict[str, KnownSpec] = Field(default_factory=dict)
    figures: dict[str, FigureSpec] = Field(default_factory=dict)


def timetable_of(storyline: Storyline) -> Timetable | None:
    """A storyline's timetable; None if it has none.

    Raises:
        ScenarioError: The file is wrong.
    """
    path = storyline.folder / TIMETABLE
    return load_model(Timetable, path, storyline.folder) if path.is_file() else None
