"""Days of the week that are not their dates', and answers that come before what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from turncoat.base.errors import Problem
from turncoat.checks.codes import Code
from turncoat.checks.texts import texts_of
from turncoat.scenarios.rendering import Letter, Rendered


def dated_problems(rendered: Rendered) -> Iterator[Problem]:
    """Days of the week that do not fit their dates, and answers that come before what they answer.

    Dates are looked for wherever the agent can read them: mails, documents, calendars, entries of the register.
    """
    place = f"{rendered.spec.name}/storylines/{rendered.storyline.name}"
    times: Mapping[str, Letter] = {letter.name: letter for letter in rendered.letters}
    for where, year, text in texts_of(rendered):
        for said in _wrong_days(text, year):
            yield Problem(Code.DATE, place, f"{where}: {said}")
    for letter in rendered.letters:
        answered = times.get(letter.re)
        if answered is not None and answered.time >= letter.time:
            yield Problem(Code.DATE, place, f"mail {letter.name} answers {letter.re}, which comes later")


_DAY = r"(?P<day>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|s|sday|nesday|rs|rsday|urday)?"
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATED = (
    re.compile(rf"\b{_DAY}\.?,? (?:the )?{_MONTH}\.? (?P<number>\d{{1,2}})\b(?!:)"),
    re.compile(rf"\b{_DAY}\.?,? \(?(?P<month>\d{{1,2}})/(?P<number>\d{{1,2}})\b"),
    re.compile(rf"\b{_MONTH}\.? (?P<number>\d{{1,2}})(?:st|nd|rd|th)?,? (?:is )?\(?(?:a )?{_DAY}\b"),
)
"""A day of the week with its date: "Tuesday, March 17", "Thu 3/12", "March 17 (Tue)"."""


def _wrong_days(text: str, year: int) -> Iterator[str]:
    for match in (found for pattern in _DATED for found in pattern.finditer(text)):
        day, month, number = match["day"], match["month"], match["number"]
        try:
            found = datetime.strptime(f"{month} {number} {year}", f"{'%m' if month.isdigit() else '%b'} %d %Y")
        except ValueError:
            yield f"{match.group()!r} is no date"
            continue
        if f"{found:%a}" != day:
            yield f"{match.group()!r} is a {found:%A} in {year}"
