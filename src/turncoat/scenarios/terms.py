"""Terms of scenario data: names, levels under which something applies, times of day, and acts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field


def as_tuple(value: Any) -> Any:
    """A single text as a list of one."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
"""One string or a list of strings."""


def _says_something(phrases: tuple[str, ...]) -> tuple[str, ...]:
    for phrase in phrases:
        if any(not word.strip("*") for word in phrase.split() or [""]):
            raise ValueError(f"{phrase!r} has a word without a letter, which stands everywhere; write `word*`")
    return phrases


Phrases = Annotated[Names, Field(max_length=1000), AfterValidator(_says_something)]
"""Phrases that are looked for in texts, see `turncoat.evidence.passages`."""

Costs = dict[str, Annotated[int, Field(ge=0, le=86_400)]]
"""Kind of action → the seconds that it takes in a session, a day at most."""

Version = Annotated[int, Field(ge=0, le=1_000_000)]
MAX_MINUTES = 60 * 24 * 7
"""Longest time in a scenario, in minutes: a week."""


def _level(value: Any) -> Any:
    """YAML's true and false as words, so that who knows the levels can say what would do."""
    return str(value).lower() if isinstance(value, bool) else value


def _levels(value: Any) -> Any:
    return [_level(v) for v in value] if isinstance(value, list) else _level(value)


When = dict[str, Annotated[Names, BeforeValidator(_levels)]]
"""Factor → levels under which something applies; several factors must all match."""

_CLOCK = re.compile(r"(?:[-+]\d{1,2} )?(?:[01]\d|2[0-3]):[0-5]\d")


def _clock_time(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        meant = f"{value // 60:02}:{value % 60:02}"
        raise ValueError(f'found {value}, which is how YAML reads {meant} without quotes; write "{meant}"')
    if isinstance(value, str) and not _CLOCK.fullmatch(value):
        raise ValueError(
            f"{value!r} is not of the form HH:MM, -1 HH:MM (the day before) or +1 HH:MM (the day after), such as 16:20"
        )
    return value


ClockTime = Annotated[str, BeforeValidator(_clock_time)]
"""A time of the session's day, `16:20`, of one before, `-1 16:20`, or of one after, `+1 16:20`."""


def applies(when: When, levels: Mapping[str, str]) -> bool:
    """Whether a `when:` holds under these levels: every factor that it names has one of the levels."""
    return all(levels[factor] in wanted for factor, wanted in when.items())


def clock(text: str, day: date) -> datetime:
    """A time as data files write it (`ClockTime`), counted from a day."""
    offset, hour = _parts(text)
    return datetime.combine(day + offset if offset else day, hour)


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[timedelta, time]:
    offset, _, hour = text.rpartition(" ")
    return timedelta(days=int(offset or 0)), time.fromisoformat(hour)


Ability = Literal["send_mail", "forward", "cancel_alert"]
DeskPart = Literal["calendar", "register", "drafts", "scheduling"]

OfficeKind = Literal[
    "book_event", "move_event", "cancel_event", "update_item", "add_item", "save_draft", "schedule_mail"
]
"""Acts beside mail that a step can be."""
