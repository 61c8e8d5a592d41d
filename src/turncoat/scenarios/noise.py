"""Routine mail around the key messages: varied, on-topic for the firm, spread over the days before.

The mails come from thread files in `data/noise/`. Which threads come, who writes them, when and with which
details depends on the world alone, and a smaller number is always the beginning of a larger one: the levels
of the factor `noise` are nested and every condition of a world has the same surroundings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from pydantic import Field

from turncoat.base.errors import ScenarioError
from turncoat.base.model import Frozen
from turncoat.scenarios.files import data_folder, load_model
from turncoat.scenarios.noise_people import Contact, NoisePeople, noise_people
from turncoat.scenarios.rendering import Letter
from turncoat.scenarios.templates import render
from turncoat.scenarios.terms import Names, clock
from turncoat.scenarios.worlds import World

DAYS_BACK = (0, 1, 0, 2, 4, 0, 1, 3, 6, 0, 5, 7)
"""Working days before the session on which successive threads begin: a third on the day itself."""

OPENS, CLOSES = time(8, 2), time(17, 50)
"""When routine mail is written."""

_GOLDEN = 0.6180339887498949
"""Step of the additive sequence that spreads starting times evenly over the day, however many there are."""


class NoiseMail(Frozen):
    """One mail of a thread; `to` names parts, lists, desks or the agent. Subject and body are templates."""

    sender: str = Field(alias="from")
    to: Names
    cc: Names = ()
    after: int = Field(default=0, ge=0)
    """Minutes after the mail before."""
    subject: str = ""
    """`Re:` and the thread's subject if empty."""
    body: str


class NoiseThread(Frozen):
    """A short exchange and what varies in it."""

    times: int = Field(default=1, ge=1, le=3)
    """How often it may come up in one world, each time with other people and options."""
    latest: time = CLOSES
    """Time of day after which it cannot begin."""
    pick: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    """Variable → options; `cap.x` is `x` with a capital. Successive uses take successive options."""
    people: dict[str, str] = Field(default_factory=dict)
    """Part → kind of person, see `NoisePeople`."""
    mails: tuple[NoiseMail, ...]


class NoiseFile(Frozen):
    """A file of threads on one subject."""

    canary: str
    threads: tuple[NoiseThread, ...]


@dataclass(frozen=True)
class _Use:
    """The n-th use of a thread in a world."""

    id: str
    thread: NoiseThread
    number: int

    @property
    def slot(self) -> str:
        return f"noise/{self.id}/{self.number}"


@lru_cache(maxsize=1)
def noise_threads() -> dict[str, NoiseThread]:
    """All threads, by file and place in it (`facilities/0`).

    Raises:
        ScenarioError: A file is wrong.
    """
    root = data_folder()
    threads: dict[str, NoiseThread] = {}
    for path in sorted((root / "noise").glob("*.yaml")):
        if path.stem != "cast":
            file = load_model(NoiseFile, path, root)
            threads |= {f"{path.stem}/{i}": thread for i, thread in enumerate(file.threads)}
    return threads


def noise_emails(
    count: int,
    world: World,
    context: Mapping[str, Any],
    key: Sequence[Letter],
    session: str,
    groups: Collection[str] = (),
) -> list[Letter]:
    """Routine mails for one world, the first `count` of a sequence that is the same in all conditions.

    Args:
        count: How many.
        world: The world; everything but the agent's name depends on it alone.
        context: The rendering's variables, of which `firm` and `agent` are used.
        key: The scenario's own letters. Routine letters keep clear of their names.
        session: Time of day at which the session starts; all mail is older.
        groups: Names of the storyline's own lists, which take the place of routine mail's lists of the same name.

    Returns:
        Letters with literal addresses or names of groups, in the order of the sequence (not of time).

    Raises:
        ScenarioError: The thread files hold fewer mails than asked for, or a name is taken.
    """
    drawn = noise_people(world)
    people = replace(drawn, lists={n: n if n in groups else box for n, box in drawn.lists.items()})
    limit = clock(session, world.day) - timedelta(minutes=1)
    letters = list(islice(_sequence(world, context, people, limit), count))
    if len(letters) < count:
        raise ScenarioError(f"noise: {count} mails asked for, the thread files make only {len(letters)}")
    if taken := {letter.name for letter in letters} & {letter.name for letter in key}:
        raise ScenarioError(f"noise: an email of the storyline is called {min(taken)!r}; rename it")
    return letters


def _sequence(world: World, context: Mapping[str, Any], people: NoisePeople, limit: datetime) -> Iterator[Letter]:
    number = 0
    for place, use in enumerate(_uses(world)):
        yield from _thread(use, place, number, world, context, people, limit)
        number += len(use.thread.mails)


def _uses(world: World) -> list[_Use]:
    """Every thread once in an order drawn per world, then those that come twice, then three times."""
    uses = [_Use(id_, t, n) for id_, t in noise_threads().items() for n in range(t.times)]
    return sorted(uses, key=lambda u: (u.number, world.id.draw(f"noise/order/{u.id}/{u.number}", 2**48), u.id))


def _thread(
    use: _Use,
    place: int,
    first: int,
    world: World,
    context: Mapping[str, Any],
    people: NoisePeople,
    limit: datetime,
) -> Iterator[Letter]:
    parts = people.choose(use.thread.people, world, use.slot)
    times = _times(use, place, world, limit)
    values = _values(use, world, context, parts, times[0].date())
    where = f"noise/{use.id}"
    opening = ""
    for i, (mail, sent) in enumerate(zip(use.thread.mails, times, strict=True)):
        values["daypart"] = "morning" if sent.hour < 12 else "afternoon"
        opening = opening or render(mail.subject, values, f"{where}: subject")
        subject = render(mail.subject, values, f"{where}: subject") or f"Re: {opening}"
        sender, *others = (_address(n, parts, people, where) for n in (mail.sender, *mail.to, *mail.cc))
        yield Letter(
            name=f"noise-{first + i:03d}",
            time=sent,
            sender=sender,
            to=tuple(others[: len(mail.to)]),
            cc=tuple(others[len(mail.to) :]),
            subject=subject,
            body=render(mail.body, values, f"{where}: body").strip(),
            re=f"noise-{first + i - 1:03d}" if i else "",
        )


def _address(name: str, parts: Mapping[str, Contact], people: NoisePeople, where: str) -> str:
    if contact := parts.get(name) or people.desks.get(name):
        return contact.email
    known = {**people.lists, "agent": "agent"}
    if name not in known:
        have = ", ".join([*parts, *people.desks, *known])
        raise ScenarioError(f"{where}: {name!r} is not a part of the thread; there are: {have}")
    return known[name]


def _values(
    use: _Use, world: World, context: Mapping[str, Any], parts: Mapping[str, Contact], day: date
) -> dict[str, Any]:
    """What a thread's templates see. Days are counted from the thread's first mail."""
    later = _working_day(day, 2 + world.id.draw(f"{use.slot}/later", 3))
    far = _working_day(day, 12 + world.id.draw(f"{use.slot}/far", 12))
    friday = day - timedelta(days=(day.weekday() - 4) % 7 or 7)
    units, cents = world.id.draw(f"{use.slot}/units", 9300), world.id.draw(f"{use.slot}/cents", 20)
    values: dict[str, Any] = {
        "firm": context["firm"],
        "agent": context["agent"],
        "town": str(context["firm"]["city"]).partition(",")[0],
        "yesterday": f"{_working_day(day, -1):%A}",
        "tomorrow": f"{_working_day(day, 1):%A}",
        "later": f"{later:%A}",
        "later_date": f"{later:%B} {later.day}",
        "far_date": f"{far:%B} {far.day}",
        "last_friday": f"{friday:%B} {friday.day}",
        "ref": str(20000 + world.id.draw(f"{use.slot}/ref", 70000)),
        "ext": str(200 + world.id.draw(f"{use.slot}/ext", 500)),
        "amount": f"{600 + units:,}.{5 * cents:02d}",
        **parts,
    }
    picked = {}
    for name, options in use.thread.pick.items():
        option = options[(world.id.draw(f"noise/{use.id}/pick/{name}", len(options)) + use.number) % len(options)]
        picked[name] = render(option, values, f"noise/{use.id}: pick.{name}") if isinstance(option, str) else option
    values |= picked
    values["cap"] = {n: v[:1].upper() + v[1:] for n, v in picked.items() if isinstance(v, str)}
    return values


def _times(use: _Use, place: int, world: World, limit: datetime) -> list[datetime]:
    """When the mails of a thread are sent: in office hours of working days, the last one before the session."""
    back = DAYS_BACK[place % len(DAYS_BACK)]
    share = (world.id.draw("noise/phase", 10_000) / 10_000 + place * _GOLDEN) % 1
    while True:
        day = _working_day(world.day, -back)
        opens, closes = datetime.combine(day, OPENS), datetime.combine(day, CLOSES)
        last = min(limit, closes)
        length = timedelta(minutes=min(sum(m.after for m in use.thread.mails), 420))
        begins = min(last - length, datetime.combine(day, use.thread.latest))
        start = opens + timedelta(minutes=int(max((begins - opens).total_seconds() / 60, 0) * share))
        times = [start]
        for mail in use.thread.mails[1:]:
            times.append(_in_hours(times[-1] + timedelta(minutes=mail.after)))
        if times[-1] <= limit:
            return times
        back += 1


def _in_hours(sent: datetime) -> datetime:
    """Move what falls after hours to the next working morning."""
    if sent.time() <= CLOSES and sent.time() >= OPENS and sent.weekday() < 5:
        return sent
    day = sent.date() if sent.time() < OPENS and sent.weekday() < 5 else _working_day(sent.date(), 1)
    return datetime.combine(day, OPENS) + timedelta(minutes=sent.minute)


def _working_day(day: date, steps: int) -> date:
    """The working day so many steps after (or before) a day."""
    direction = timedelta(days=1 if steps > 0 else -1)
    for _ in range(abs(steps)):
        day += direction
        while day.weekday() > 4:
            day += direction
    return day
