"""Checks of a workday's timetable: who writes, is somewhere or knows something at a time when that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise

from turncoat.base.errors import Problem, UsageError, choices
from turncoat.checks.codes import Code
from turncoat.checks.texts import letters_of, texts_of
from turncoat.scenarios.rendering import Letter, Rendered
from turncoat.scenarios.terms import Names, clock
from turncoat.scenarios.timetable import (
    TIMETABLE,
    FigureSpec,
    KnownSpec,
    Timetable,
    any_applies,
    within,
)


@dataclass(frozen=True)
class _Told:
    """A rendering with what its checks look at again and again."""

    rendered: Rendered
    timetable: Timetable

    @cached_property
    def letters(self) -> list[Letter]:
        return letters_of(self.rendered)

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        """Where a text stands, and the text."""
        return [(where, text) for where, _, text in texts_of(self.rendered)]

    @cached_property
    def roles(self) -> dict[str, str]:
        """Address → role."""
        return {person.address: person.role for person in self.rendered.directory.people}

    def person(self, name: str) -> str:
        """A role, or the address of somebody without one."""
        address = self.rendered.address(name, self.rendered.place)
        return self.roles.get(address, address)

    def readers(self, letter: Letter) -> Iterator[str]:
        """Who gets a mail, members of groups included; `*` is everybody in the company."""
        story = self.rendered.storyline.spec
        inside = [*(role for role, spec in story.cast.items() if spec.inside), "agent"]
        for name in (*letter.to, *letter.cc):
            group = story.groups.get(name) if name not in story.cast else None
            for member in group.members if group is not None else (name,):
                yield from inside if member == "*" else (self.person(member),)


def timetable_problems(rendered: Rendered, timetable: Timetable) -> Iterator[Problem]:
    """What of a storyline's timetable does not go together in one condition and world."""
    told, place = _Told(rendered, timetable), f"{rendered.spec.name}/storylines/{rendered.storyline.name}/{TIMETABLE}"
    wrong = list(_name_problems(rendered, timetable))
    yield from (Problem(Code.NAME, place, said) for said in wrong)
    for find in () if wrong else (_hours_problems, _stay_problems, _fact_problems, _figure_problems):
        yield from (Problem(Code.TIMETABLE, place, said) for said in dict.fromkeys(find(told)))


def _name_problems(rendered: Rendered, timetable: Timetable) -> Iterator[str]:
    people = (*rendered.storyline.spec.cast, "agent")
    mails = (*rendered.storyline.emails, *rendered.storyline.everyday)
    named = [("hours", timetable.hours), *((f"stays.{n}.who", s.who) for n, s in enumerate(timetable.stays))]
    named += [(f"facts.{name}.known", fact.known) for name, fact in timetable.facts.items()]
    for key, names in named:
        yield from (f"key {key!r}: {choices(n, people)}" for n in names if n not in people and "@" not in n)
    for name in timetable.unattended:
        if name.partition("/")[0] not in mails:
            yield f"key 'unattended': {choices(name, mails)}"
    ends = [(f"ways.{n}.between", way.between) for n, way in enumerate(timetable.ways)]
    for key, places in [*ends, *((f"stays.{n}.place", (s.place,)) for n, s in enumerate(timetable.stays))]:
        yield from (f"key {key!r}: {choices(p, timetable.places)}" for p in places if p not in timetable.places)


def _hours_problems(told: _Told) -> Iterator[str]:
    """Mail that is dated when its writer does not work, or cannot write."""
    away = [stay for stay in _stays(told) if not stay.mail]
    for letter in told.letters:
        if letter.name in told.timetable.unattended:
            continue
        who, when = letter.sender, f"on a {letter.time:%A} at {letter.time:%H:%M}"
        hours = told.timetable.hours.get(who, ())
        if not within(hours, letter.time):
            yield f"mail {letter.name}: {who} writes {when}; hours.{who} is {', '.join(hours)}"
        for stay in away:
            if stay.who == who and stay.begin < letter.time < stay.end:
                yield f"mail {letter.name}: {who} writes {when}, and is at {stay.place!r} without mail ({stay.source})"


@dataclass(frozen=True)
class _Stay:
    who: str
    place: str
    begin: datetime
    end: datetime
    source: str
    mail: bool = True


def _stays(told: _Told) -> Iterator[_Stay]:
    """Who is where from when to when, by the timetable and by the calendar."""
    rendered, timetable = told.rendered, told.timetable
    day, levels = rendered.world.day, rendered.condition.levels
    for number, spec in enumerate(timetable.stays):
        if any_applies(spec.when, levels):
            begin, end = clock(spec.since, day), clock(spec.until, day)
            yield from (_Stay(who, spec.place, begin, end, f"stays.{number}", spec.mail) for who in spec.who)
    called = {
        rendered.text(name, f"{TIMETABLE}: places.{place}.calendar").strip().lower(): place
        for place, spec in timetable.places.items()
        for name in spec.calendar
    }
    for event in rendered.seed.events:
        place = called.get(event.place.strip().lower(), "")
        for address in event.people if place else ():
            who = told.roles.get(address, address)
            yield _Stay(who, place, event.start, event.end, f"calendar {event.title!r}")


def _stay_problems(told: _Told) -> Iterator[str]:
    """Places that are shut, people in two places, and ways that take longer than there is time."""
    timetable = told.timetable
    stays = sorted(_stays(told), key=lambda s: (s.who, s.begin, s.end))
    for stay in stays:
        hours = timetable.places[stay.place].hours if stay.place in timetable.places else ()
        if stay.end < stay.begin:
            yield f"{stay.source}: ends before it begins"
        for moment in (stay.begin, stay.end):
            if not within(hours, moment):
                said = f"{stay.who} is at {stay.place!r} on a {moment:%A} at {moment:%H:%M}"
                yield f"{stay.source}: {said}; places.{stay.place}.hours is {', '.join(hours)}"
    ways = {frozenset(way.between): timedelta(minutes=way.minutes) for way in timetable.ways}
    for one, two in pairwise(stays):
        if one.who == two.who and one.place != two.place:
            needed = ways.get(frozenset((one.place, two.place)), timedelta(0))
            if two.begin < one.end + needed:
                way = f"{one.place!r} until {one.end:%a %H:%M} ({one.source})"
                said = f"{two.place!r} from {two.begin:%a %H:%M} ({two.source})"
                minutes = f"; the way takes {needed.seconds // 60} minutes" if needed else ""
                yield f"{one.who} is at {way} and at {said}{minutes}"


def _fact_problems(told: _Told) -> Iterator[str]:
    """Who says what they cannot know yet, and what is said although the levels do not call for it."""
    for name, fact in told.timetable.facts.items():
        key = f"facts.{name}"
        try:
            said = _expressions(told.rendered, fact.said, f"{key}.said")
        except UsageError as error:
            yield str(error)
            continue
        where = [where for where, text in told.texts if _says(said, text)]
        if not any_applies(fact.when, told.rendered.condition.levels):
            yield from (f"{key}: {place} says it, where key 'when' does not apply" for place in where)
        elif not where:
            yield f"{key}: nothing says it"
        else:
            yield from _word_problems(told, fact, key, said)


def _word_problems(told: _Told, fact: KnownSpec, key: str, said: tuple[str, ...]) -> Iterator[str]:
    """Whether the word goes from those who know a fact to those who do not, mail by mail."""
    known = {told.person(who): clock(since, told.rendered.world.day) for who, since in fact.known.items()}
    documents = {document.id for document in told.rendered.seed.documents if _says(said, document.text)}
    for letter in told.letters:
        if _says(said, f"{letter.subject}\n{letter.own or letter.body}") or documents.intersection(letter.attach):
            sender = told.person(letter.sender)
            since = known.get(sender)
            if since is None or since > letter.time:
                has = f"learns it only on {since:%a} at {since:%H:%M}" if since else "has it from nobody"
                yield f"{key}: mail {letter.name}: {sender} says it and {has}"
        elif not _says(said, letter.body):
            continue
        for who in told.readers(letter):
            known[who] = min(known.get(who, letter.time), letter.time)


def _figure_problems(told: _Told) -> Iterator[str]:
    """Figures that texts give in different ways, and such that no text gives."""
    for name, spec in told.timetable.figures.items():
        if any_applies(spec.when, told.rendered.condition.levels):
            yield from _given_problems(told, spec, f"figures.{name}")


def _given_problems(told: _Told, spec: FigureSpec, key: str) -> Iterator[str]:
    try:
        said = _expressions(told.rendered, spec.said, f"{key}.said", group=True)
    except UsageError as error:
        yield str(error)
        return
    allowed = [told.rendered.text(text, f"{key}.figure") for text in spec.figure]
    found = [(where, figure) for where, text in told.texts for source in said for figure in _figures(source, text)]
    if not found:
        yield f"{key}: nothing says it"
    for where, figure in found:
        if figure not in allowed:
            yield f"{key}: {where} says {figure!r}; it is {' or '.join(map(repr, allowed))}"


def _expressions(rendered: Rendered, sources: Names, key: str, *, group: bool = False) -> tuple[str, ...]:
    """Expressions as they read in this world.

    Raises:
        UsageError: One is none, or has no group where a figure is wanted.
    """
    found = tuple(rendered.text(source, key) for source in sources)
    for source, text in zip(sources, found, strict=True):
        try:
            groups = _compiled(text).groups
        except re.error as error:
            raise UsageError(f"key {key!r}: {source!r} is no regular expression ({error})") from None
        if group and not groups:
            raise UsageError(f"key {key!r}: {source!r} has no group for the figure")
    return found


@lru_cache(maxsize=4096)
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


# Conditions of one world share most of their texts.
@lru_cache(maxsize=2**17)
def _says(sources: tuple[str, ...], text: str) -> bool:
    return any(_compiled(source).search(text) for source in sources)


@lru_cache(maxsize=2**17)
def _figures(source: str, text: str) -> tuple[str, ...]:
    return tuple(match[1] for match in _compiled(source).finditer(text))
