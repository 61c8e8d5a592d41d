"""When something applies (levels of factors), and at what time of the session's day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from turncoat.scenarios.schema import When


def applies(when: When, levels: Mapping[str, str]) -> bool:
    """Whether a `when:` holds under these levels: every factor that it names has one of the levels."""
    return all(levels[factor] in wanted for factor, wanted in when.items())


def clock(text: str, day: date) -> datetime:
    """A time of day as data files write it (`turncoat.scenarios.schema.ClockTime`), on or before a day."""
    offset, hour = _parts(text)
    return datetime.combine(day + offset if offset else day, hour)


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[timedelta, time]:
    offset, _, hour = text.rpartition(" ")
    return timedelta(days=int(offset or 0)), time.fromisoformat(hour)
