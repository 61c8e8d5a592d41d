"""Worlds: which names, firm, dates and details a storyline takes for a seed.

Every drawn value depends on (storyline and its version, seed, slot) alone, by SHA-256: not on the condition, not on
other slots, not on the platform. The same world therefore pairs across conditions. A storyline is laid out once
(`Drawing`), so that a new world costs little more than its draws.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Literal, NamedTuple

from turncoat.base.errors import ScenarioError, UsageError, choices
from turncoat.base.keyed import indices
from turncoat.scenarios.files import pool
from turncoat.scenarios.schema import StorySpec
from turncoat.scenarios.templates import Text, has_markup

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
    def index(self) -> Callable[[bytes, int], int]:
        """As `draw`, for a slot's name in bytes; made once, since a world takes dozens."""
        return indices(f"{self.storyline}.{self.version}/{self.seed}/")

    def draw(self, slot: str, size: int) -> int:
        """An index below `size`, keyed by storyline version, seed and slot."""
        return self.index(slot.encode(), size)


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


SEASONS = (
    (date(2025, 4, 14), 56),
    (date(2025, 9, 2), 42),
    (date(2026, 4, 13), 56),
    (date(2026, 9, 1), 42),
)
"""First days and lengths of the periods from which a world's day is drawn: school is on and it is mild, so that
what mails say of children, roofs and rivers fits the date."""

CALENDAR = ("weekday", "date", "year", "tomorrow", "yesterday", "on")
"""What templates know of the session's day."""

_DAYS = sum(length for _, length in SEASONS)

_KINDS: dict[str, Literal["she", "he", "last"]] = {"first_she": "she", "first_he": "he", "last": "last"}
"""Pool → what a storyline calls its own names in place of it."""
PRONOUNS = {"she": ("she", "her", "her", "Ms."), "he": ("he", "him", "his", "Mr.")}
"""Subject, object, possessive and title, as `Voice` has them."""


class _Choice(NamedTuple):
    """Something to draw: its key, and what there is."""

    key: bytes
    entries: tuple[Any, ...]

    def of(self, world: WorldId) -> Any:
        return self.entries[world.index(self.key, len(self.entries))]


class _Part(NamedTuple):
    """A role, as drawing reads it."""

    role: str
    name: Text | None
    """None if it is drawn."""
    address: Text | None
    """None if it is made from the name and the firm's domain."""
    family: str
    title: str
    """Empty if it is a template: then it may depend on the condition."""
    pronouns: _Choice
    first: dict[str, _Choice]
    """By pronoun."""
    last: _Choice


_Option = Callable[[WorldId, dict[str, Any]], Any]
"""What becomes of one of a slot's options, for a world and what was drawn before."""


class _Slot(NamedTuple):
    """A slot, as drawing reads it."""

    name: str
    options: _Choice
    """Each entry an `_Option`."""


class Drawing:
    """A storyline laid out for drawing.

    Args:
        story: The storyline.
        place: Its file, for messages.

    Raises:
        ScenarioError: A slot without options or with a name that is taken, a family that no earlier role bears, or a
            pool that is missing.
    """

    def __init__(self, story: StorySpec, place: str) -> None:
        self._place = place
        self._days = story.days
        self._parts = tuple(self._cast(story))
        self._slots = tuple(self._choices(story))

    def world(self, id: WorldId) -> World:
        """Draw everything that a seed decides.

        Raises:
            ScenarioError: A template in a slot, a name or an address cannot be rendered.
        """
        day, calendar = (
            _worded(self._days[id.index(b"day", len(self._days))]) if self._days else _calendar(id.index(b"day", _DAYS))
        )
        context: dict[str, Any] = dict(calendar)
        voices = self._voices(id)
        view = {**voices, **context}
        for name, options in self._slots:
            context[name] = view[name] = options.of(id)(id, view)
        firm = context.get("firm")
        domain = firm.get("domain", "example.com") if isinstance(firm, dict) else "example.com"
        for part in self._parts:
            context[part.role] = view[part.role] = self._dressed(part, voices[part.role], view, domain)
        return World(id, day, context)

    def _cast(self, story: StorySpec) -> Iterator[_Part]:
        seen: set[str] = set()
        for role, spec in story.cast.items():
            if spec.family and spec.family not in seen:
                raise ScenarioError(f"{self._place}: cast.{role}.family: {choices(spec.family, seen)}")
            seen.add(role)
            asked = ("she", "he") if spec.pronouns == "any" else (spec.pronouns,)

            def names(kind: str, role: str = role) -> _Choice:
                own = story.names.get(_KINDS[kind])
                return _Choice(f"cast/{role}/{kind}".encode(), own or tuple(map(str, pool(story.pools, kind))))

            yield _Part(
                role,
                Text(spec.name, f"{self._place}: cast.{role}.name") if spec.name else None,
                Text(spec.address, f"{self._place}: cast.{role}.address") if spec.address else None,
                spec.family,
                "" if has_markup(spec.title) else spec.title,
                _Choice(f"cast/{role}/pronouns".encode(), asked),
                {} if spec.name else {pronoun: names(f"first_{pronoun}") for pronoun in asked},
                _Choice(b"", ()) if spec.name or spec.family else names("last"),
            )

    def _choices(self, story: StorySpec) -> Iterator[_Slot]:
        reserved = {*story.cast, *CALENDAR}
        for slot, options in story.slots.items():
            if slot in reserved:
                raise ScenarioError(f"{self._place}: slots.{slot}: the name is taken by a role, or by the calendar")
            if not options:
                raise ScenarioError(f"{self._place}: slots.{slot}: no options")
            laid_out = tuple(self._option(slot, option, story.pools) for option in options)
            yield _Slot(slot, _Choice(f"slot/{slot}".encode(), laid_out))

    def _option(self, slot: str, option: Any, pools: int) -> _Option:
        if isinstance(option, dict) and option.keys() == {"pool"}:
            entries = _Choice(f"slot/{slot}/pool".encode(), pool(pools, str(option["pool"])))
            return lambda world, view: entries.of(world)
        if isinstance(option, dict) and option.keys() == {"between"}:
            low, high = option["between"]
            key = f"slot/{slot}/between".encode()
            return lambda world, view: low + world.index(key, high - low + 1)
        return _laid_out(option, f"{self._place}: slots.{slot}")

    def _voices(self, world: WorldId) -> dict[str, Voice]:
        """The people before they have addresses; no two bear the same name."""
        taken: set[str] = set()
        voices: dict[str, Voice] = {}
        for role, fixed, _, family, _, pronouns, names, surnames in self._parts:
            asked = pronouns.entries
            pronoun = asked[0] if len(asked) == 1 else pronouns.of(world)
            if fixed is None:
                first = _free(names[pronoun], world, taken)
                last = voices[family].last if family else _free(surnames, world, taken)
                name = f"{first} {last}"
            else:
                name = fixed.source
            voices[role] = Voice(role, name, *_ends(name), "", "", *PRONOUNS[pronoun])
        return voices

    def _dressed(self, part: _Part, voice: Voice, context: dict[str, Any], domain: str) -> Voice:
        """A person with title and address."""
        role, name, first, last, _, _, he, him, his, mr = voice
        if part.name is not None:
            name = part.name.within(context) or name
            first, last = _ends(name)
        email = part.address and part.address.within(context)
        if not email:
            # Part by part, since names are few and their combinations many.
            local = f"{ascii_local(first)}.{ascii_local(last)}" if " " in name.strip() else ascii_local(first)
            email = f"{local}@{domain}"
        return Voice(role, name, first, last, part.title, email.lower(), he, him, his, mr)


def _ends(name: str) -> tuple[str, str]:
    """The first and the last word of a name."""
    words = name.split() or [""]
    return words[0], words[-1]


def _free(names: _Choice, world: WorldId, taken: set[str]) -> str:
    """The drawn name, or the next one that nobody in this world bears."""
    entries = names.entries
    number = world.index(names.key, len(entries))
    chosen: str = entries[number]
    if chosen in taken:
        others = (entries[(number + i) % len(entries)] for i in range(1, len(entries)))
        chosen = next((name for name in others if name not in taken), chosen)
    taken.add(chosen)
    return chosen


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
    return _worded(day)


@lru_cache(maxsize=1024)
def _worded(day: date) -> tuple[date, dict[str, Any]]:
    """A day and the words for it and for its neighbours."""
    words = {"weekday": f"{day:%A}", "date": f"{day:%B} {day.day}", "year": day.year}
    words |= {"tomorrow": f"{day + timedelta(days=1):%A}", "yesterday": f"{day - timedelta(days=1):%A}"}
    return day, {**words, "on": On(day)}


class On:
    """Days counted from the session's, in words: `{{ on[-9].date }}` is "March 2", `{{ on[2].weekday }}` "Friday"."""

    def __init__(self, day: date) -> None:
        self._day = day

    def __getitem__(self, days: int) -> dict[str, str]:
        day = self._day + timedelta(days=days)
        short = f"{day:%b} {day.day}"
        return {
            "date": f"{day:%B} {day.day}",
            "short": short,
            "weekday": f"{day:%A}",
            "day": str(day.day),
            "numeric": f"{day.month}/{day.day}",
            "iso": day.isoformat(),
        }


def _laid_out(value: Any, place: str) -> _Option:
    """A text, or texts in mappings and lists; those without templates are the same for all worlds."""
    if not any(map(has_markup, strings_in(value))):
        return lambda world, view: value
    match value:
        case dict():
            fields = {name: _laid_out(inner, f"{place}.{name}") for name, inner in value.items()}
            return lambda world, view: {name: inner(world, view) for name, inner in fields.items()}
        case list():
            items = [_laid_out(inner, place) for inner in value]
            return lambda world, view: [inner(world, view) for inner in items]
    text = Text(value, place)
    return lambda world, view: text.within(view)


def drawn_slots(
    slots: dict[str, list[Any]], world: WorldId, context: dict[str, Any], key: str, place: str
) -> dict[str, Any]:
    """Draw slots of a part of a storyline, such as an everyday thread, whose names mean something there only.

    Args:
        slots: Slot → options; see `StorySpec.slots`.
        world: The world.
        context: What options that are templates may name, besides earlier slots.
        key: Names the part; draws are keyed by it.
        place: Where the slots stand, for messages.
    """
    found: dict[str, Any] = {}
    for name, options in slots.items():
        chosen = options[world.draw(f"{key}/{name}", len(options))]
        if isinstance(chosen, dict) and chosen.keys() == {"between"}:
            low, high = chosen["between"]
            found[name] = low + world.draw(f"{key}/{name}/between", high - low + 1)
        else:
            found[name] = _laid_out(chosen, f"{place}: slots.{name}")(world, {**context, **found})
    return found


def strings_in(data: object) -> Iterator[str]:
    """Every text in parsed data or in a world's context, of people their names."""
    match data:
        case str():
            yield data
        case Voice():
            yield data.name
        case dict():
            yield from chain.from_iterable(map(strings_in, data.values()))
        case list() | tuple():
            yield from chain.from_iterable(map(strings_in, data))
