"""Worlds: which names, firm, dates and details a storyline takes for a seed.

Every drawn value depends on (storyline and its version, seed, slot) alone, by SHA-256: not on the
condition, not on other slots, not on the platform. The same world therefore pairs across conditions.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from turncoat.errors import ScenarioError, UsageError, choices
from turncoat.scenarios.files import pool
from turncoat.scenarios.schema import RoleSpec, StorySpec
from turncoat.scenarios.templates import Variables, has_markup, render

SEASONS = (
    (date(2025, 4, 14), 56),
    (date(2025, 9, 2), 42),
    (date(2026, 4, 13), 56),
    (date(2026, 9, 1), 42),
)
"""First days and lengths of the periods from which a world's day is drawn: school is on and it is mild, so that
what mails say of children, roofs and rivers fits the date."""

_NAME = re.compile(r"(?:(?P<story>[a-z][a-z0-9_-]*)(?:\.(?P<version>\d+))?@)?(?P<seed>\d{1,9})")


@dataclass(frozen=True, order=True)
class WorldId:
    """Names one rendering of the company: `storyline.version@seed`."""

    storyline: str
    version: int
    seed: int

    def __str__(self) -> str:
        return f"{self.storyline}.{self.version}@{self.seed}"

    @cached_property
    def digest(self) -> Any:
        """The SHA-256 of what all draws of this world are keyed by, before the slot."""
        return hashlib.sha256(f"{self.storyline}.{self.version}/{self.seed}/".encode())


def parse_world(text: str) -> tuple[str | None, int | None, int]:
    """Read a world's name: `7`, `affair@7` or `affair.1@7`.

    Returns:
        Storyline and version (None where not said), and the seed.

    Raises:
        UsageError: It is of another form.
    """
    match = _NAME.fullmatch(str(text).strip())
    if match is None:
        raise UsageError(f"world {text!r} is not of the form 7, affair@7 or affair.1@7")
    version = match["version"]
    return match["story"], int(version) if version else None, int(match["seed"])


def draw(world: WorldId, slot: str, size: int) -> int:
    """An index below `size`, keyed by storyline version, seed and slot."""
    digest = world.digest.copy()
    digest.update(slot.encode())
    return int.from_bytes(digest.digest()[:8], "big") % size


class Voice(NamedTuple):
    """A drawn person as templates see them: `{{ target.first }}`, `{{ target.he }}`. A tuple, as worlds hold many."""

    role: str
    name: str
    first: str
    last: str
    title: str
    email: str
    he: str
    him: str
    his: str
    mr: str

    def __str__(self) -> str:
        return self.name


_PRONOUNS = {"she": ("she", "her", "her", "Ms."), "he": ("he", "him", "his", "Mr.")}


@dataclass(frozen=True)
class World:
    """What was drawn: the template context that all conditions share.

    `letters` keeps the letters that were written for this world, by email and the levels that it reads, so that
    conditions share them; it goes when the world goes.
    """

    id: WorldId
    day: date
    context: dict[str, Any]
    letters: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "đ": "d", "æ": "ae", " ": "."})


@lru_cache(maxsize=4096)
def ascii_local(text: str) -> str:
    """A name as the local part of an address: ASCII letters, digits, dots and hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return re.sub(r"[^a-z0-9.-]", "", plain)


def draw_world(story: StorySpec, world: WorldId, place: str) -> World:
    """Draw everything that a seed decides.

    Args:
        story: The storyline.
        world: Its name, version and seed.
        place: File of the storyline, for messages.

    Raises:
        ScenarioError: A slot without options, or a pool that is missing or too small.
    """
    day, calendar = _calendar(draw(world, "day", _DAYS))
    context: dict[str, Any] = dict(calendar)
    taken: set[str] = set()
    names: dict[str, tuple[str, str]] = {}
    for role, spec in story.cast.items():
        if spec.family and spec.family not in names:
            raise ScenarioError(f"{place}: cast.{role}.family: {choices(spec.family, names)}")
        names[role] = _name(story, world, role, spec, taken, names)
    voices = {r: _voice(r, n, p) for r, (n, p) in names.items()}
    view = Variables({**voices, **context})
    for slot, options in story.slots.items():
        if slot in voices or slot in context:
            raise ScenarioError(f"{place}: slots.{slot}: the name is taken by a role, or by the calendar")
        if not options:
            raise ScenarioError(f"{place}: slots.{slot}: no options")
        number = draw(world, f"slot/{slot}", len(options))
        chosen = options[number]
        if isinstance(chosen, dict) and chosen.keys() == {"pool"}:
            entries = pool(story.pools, str(chosen["pool"]))
            chosen = entries[draw(world, f"slot/{slot}/pool", len(entries))]
        elif story.templated[slot][number]:
            chosen = _rendered(chosen, view, place, slot)
        context[slot] = view[slot] = chosen
    for role, spec in story.cast.items():
        context[role] = view[role] = _dressed(voices[role], spec, view, place)
    return World(world, day, context)


_DAYS = sum(length for _, length in SEASONS)


@lru_cache(maxsize=1)
def _days() -> tuple[date, ...]:
    return tuple(first + timedelta(days=i) for first, length in SEASONS for i in range(length))


@lru_cache(maxsize=1024)
def _calendar(number: int) -> tuple[date, dict[str, Any]]:
    """The session's day for a place in the seasons, and the words for it and for its neighbours."""
    day = _days()[number]
    while day.weekday() not in (1, 2, 3):  # Mondays, Fridays and weekends would change what people write
        day += timedelta(days=1)
    monday = day - timedelta(days=day.weekday())
    if (monday.month == 5 and monday.day >= 25) or (monday.month == 9 and monday.day <= 7):
        day += timedelta(days=7)  # Memorial Day or Labor Day: no board meets on such a Monday
    words = {"weekday": f"{day:%A}", "date": f"{day:%B} {day.day}", "year": day.year}
    words |= {"tomorrow": f"{day + timedelta(days=1):%A}", "yesterday": f"{day - timedelta(days=1):%A}"}
    return day, words


def _name(
    story: StorySpec,
    world: WorldId,
    role: str,
    spec: RoleSpec,
    taken: set[str],
    names: dict[str, tuple[str, str]],
) -> tuple[str, str]:
    pronoun = spec.pronouns
    if pronoun == "any":
        pronoun = ("she", "he")[draw(world, f"cast/{role}/pronouns", 2)]
    if spec.name:
        return spec.name, pronoun
    first = _from_pool(story.pools, f"first_{pronoun}", role, world, taken)
    last = names[spec.family][0].split()[-1] if spec.family else _from_pool(story.pools, "last", role, world, taken)
    return f"{first} {last}", pronoun


def _from_pool(version: int, kind: str, role: str, world: WorldId, taken: set[str]) -> str:
    """The drawn entry of a pool, or the next one that nobody in this world bears."""
    entries = pool(version, kind)
    index = draw(world, f"cast/{role}/{kind}", len(entries))
    chosen = str(entries[index])
    if chosen in taken:
        others = (str(entries[(index + i) % len(entries)]) for i in range(1, len(entries)))
        chosen = next((name for name in others if name not in taken), chosen)
    taken.add(chosen)
    return chosen


def _voice(role: str, name: str, pronoun: str) -> Voice:
    he, him, his, mr = _PRONOUNS[pronoun]
    words = name.split() or [""]
    return Voice(role, name, words[0], words[-1], "", "", he, him, his, mr)


def _dressed(voice: Voice, spec: RoleSpec, context: dict[str, Any], place: str) -> Voice:
    name, first, last = voice.name, voice.first, voice.last
    if spec.name:
        name = render(spec.name, context, f"{place}: cast.{voice.role}.name") or voice.name
        words = name.split() or [""]
        first, last = words[0], words[-1]
    email = spec.address and render(spec.address, context, f"{place}: cast.{voice.role}.address")
    if not email:
        # Part by part, since names are few and their combinations many.
        local = f"{ascii_local(first)}.{ascii_local(last)}" if " " in name.strip() else ascii_local(first)
        email = f"{local}@{context.get('firm', {}).get('domain', 'example.com')}"
    title = "" if has_markup(spec.title) else spec.title  # a templated title may depend on the condition
    return Voice(voice.role, name, first, last, title, email.lower(), *voice[6:])


def _rendered(value: Any, context: dict[str, Any], place: str, key: str) -> Any:
    match value:
        case str():
            return render(value, context, f"{place}: slots.{key}") if has_markup(value) else value
        case dict():
            return {k: _rendered(v, context, place, f"{key}.{k}") for k, v in value.items()}
        case list():
            return [_rendered(v, context, place, key) for v in value]
        case _:
            return value
