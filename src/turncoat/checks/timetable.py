"""Checks of a workday's timetable: who writes, is somewhere or knows something at a time when that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from turncoat.base.errors import Problem, choices
from turncoat.checks.codes import Code
from turncoat.checks.texts import texts_of
from turncoat.scenarios.rendering import Letter, Rendered
from turncoat.scenarios.terms import applies, clock
from turncoat.scenarios.timetable import TIMETABLE, FigureSpec, KnownSpec, Timetable, timetable_of, within


def timetable_problems(rendered: Rendered) -> Iterator[Problem]:
    """What does not go together in one condition and world; nothing where the storyline has no timetable."""
    timetable = timetable_of(rendered.storyline)
    if timetable is None:
        return
    place = f"{rendered.spec.name}/storylines/{rendered.storyline.name}/{TIMETABLE}"
    wrong = list(_name_problems(rendered, timetable))
    yield from (Problem(Code.NAME, place, said) for said in wrong)
    for find in () if wrong else (_hours_problems, _stay_problems, _fact_problems, _figure_problems):
        yield from (Problem(Code.TIMETABLE, place, said) for said in dict.fromkeys(find(rendered, timetable)))


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


def _hours_problems(rendered: Rendered, timetable: Timetable) -> Iterator[str]:
    """Mail that is dated when its writer does not work, or cannot write."""
    away = [stay for stay in _stays(rendered, timetable) if not stay.mail]
    for letter in rendered.letters:
        if letter.name in timetable.unattended:
            continue
        who, when = letter.sender, f"on a {letter.time:%A} at {letter.time:%H:%M}"
        hours = timetable.hours.get(who, ())
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


def _stays(rendered: Rendered, timetable: Timetable) -> Iterator[_Stay]:
    """Who is where from when to when, by the timetable and by the calendar."""
    day, levels = rendered.world.day, rendered.condition.levels
    for number, spec in enumerate(timetable.stays):
        if applies(spec.when, levels):
            begin, end = clock(spec.since, day), clock(spec.until, day)
            yield from (_Stay(who, spec.place, begin, end, f"stays.{number}", spec.mail) for who in spec.who)
    called = {
        rendered.text(name, f"{TIMETABLE}: places.{place}.calendar").strip().lower(): place
        for place, spec in timetable.places.items()
        for name in spec.calendar
    }
    roles = _roles(rendered)
    for event in rendered.seed.events:
        place = called.get(event.place.strip().lower(), "")
        for address in event.people if place else ():
            who = roles.get(address, address)
            yield _Stay(who, place, event.start, event.end, f"calendar {event.title!r}")


def _stay_problems(rendered: Rendered, timetable: Timetable) -> Iterator[str]:
    """Places that are shut, people in two places, and ways that take longer than there is time."""
    stays = sorted(_stays(rendered, timetable), key=lambda s: (s.who, s.begin, s.end))
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


def _fact_problems(rendered: Rendered, timetable: Timetable) -> Iterator[str]:
    """Who says what they cannot know yet, and what is said although the levels do not call for it."""
    for name, fact in timetable.facts.items():
        key = f"facts.{name}"
        patterns = _patterns(rendered, fact.said, f"{key}.said")
        if isinstance(patterns, str):
            yield patterns
        elif not applies(fact.when, rendered.condition.levels):
            said = (where for where, _, text in texts_of(rendered) if _found(patterns, text))
            yield from (f"{key}: {where} says it, where key 'when' does not apply" for where in said)
        else:
            yield from _told(rendered, fact, key, patterns)


def _told(rendered: Rendered, fact: KnownSpec, key: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[str]:
    """Whether the word goes from those who know a fact to those who do not, mail by mail."""
    if not any(_found(patterns, text) for _, _, text in texts_of(rendered)):
        yield f"{key}: nothing says it"
    known = {_person(rendered, who): clock(since, rendered.world.day) for who, since in fact.known.items()}
    documents = {document.id for document in rendered.seed.documents if _found(patterns, document.text)}
    for letter in rendered.letters:
        sender = _person(rendered, letter.sender)
        says = _found(patterns, f"{letter.subject}\n{letter.own or letter.body}")
        if says or documents.intersection(letter.attach):
            since = known.get(sender)
            if since is None or since > letter.time:
                told = f"learns it only on {since:%a} at {since:%H:%M}" if since else "has it from nobody"
                yield f"{key}: mail {letter.name}: {sender} says it and {told}"
        elif not _found(patterns, letter.body):
            continue
        for who in _readers(rendered, letter):
            known[who] = min(known.get(who, letter.time), letter.time)


def _readers(rendered: Rendered, letter: Letter) -> Iterator[str]:
    """Who gets a mail, members of groups included; `*` is everybody in the company."""
    story = rendered.storyline.spec
    inside = [*(role for role, spec in story.cast.items() if spec.inside), "agent"]
    for name in (*letter.to, *letter.cc):
        group = story.groups.get(name) if name not in story.cast else None
        for member in group.members if group is not None else (name,):
            yield from inside if member == "*" else (_person(rendered, member),)


def _person(rendered: Rendered, name: str) -> str:
    """A role, or the address of somebody without one."""
    address = rendered.address(name, rendered.place)
    return _roles(rendered).get(address, address)


def _roles(rendered: Rendered) -> dict[str, str]:
    return {person.address: person.role for person in rendered.directory.people}


def _figure_problems(rendered: Rendered, timetable: Timetable) -> Iterator[str]:
    """Figures that texts give in different ways, and such that no text gives."""
    for name, spec in timetable.figures.items():
        if applies(spec.when, rendered.condition.levels):
            yield from _given(rendered, spec, f"figures.{name}")


def _given(rendered: Rendered, spec: FigureSpec, key: str) -> Iterator[str]:
    patterns = _patterns(rendered, spec.said, f"{key}.said", group=True)
    if isinstance(patterns, str):
        yield patterns
        return
    allowed = [rendered.text(text, f"{key}.figure") for text in spec.figure]
    found = [(where, match[1]) for where, _, text in texts_of(rendered) for p in patterns for match in p.finditer(text)]
    if not found:
        yield f"{key}: nothing says it"
    for where, figure in found:
        if figure not in allowed:
            yield f"{key}: {where} says {figure!r}; it is {' or '.join(map(repr, allowed))}"


def _patterns(
    rendered: Rendered, sources: Sequence[str], key: str, *, group: bool = False
) -> tuple[re.Pattern[str], ...] | str:
    """The expressions, or what is wrong with one."""
    found = []
    for source in sources:
        try:
            pattern = re.compile(rendered.text(source, key), re.IGNORECASE)
        except re.error as error:
            return f"key {key!r}: {source!r} is no regular expression ({error})"
        if group and not pattern.groups:
            return f"key {key!r}: {source!r} has no group for the figure"
        found.append(pattern)
    return tuple(found)


def _found(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
