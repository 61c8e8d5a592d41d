"""Worlds: which names, firm, dates and details a storyline takes for a seed.

Every drawn value depends on (storyline and its version, seed, slot) alone, by SHA-256: not on the
condition, not on other slots, not on the platform. The same world therefore pairs across conditions.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from turncoat.errors import ScenarioError, UsageError, choices
from turncoat.scenarios.files import pool
from turncoat.scenarios.schema import RoleSpec, StorySpec
from turncoat.scenarios.templates import has_markup, render

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
    key = f"{world.storyline}.{world.version}/{world.seed}/{slot}".encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") % size


@dataclass(frozen=True, slots=True)
class Voice:
    """A drawn person as templates see them: `{{ target.first }}`, `{{ target.he }}`."""

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


_PRONOUNS = {"she": ("she", "her", "her", "Ms"), "he": ("he", "him", "his", "Mr")}


@dataclass(frozen=True)
class World:
    """What was drawn: the template context that all conditions share."""

    id: WorldId
    day: date
    context: dict[str, Any]


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "đ": "d", "æ": "ae", " ": "."})


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
    days = [first + timedelta(days=i) for first, length in SEASONS for i in range(length)]
    day = days[draw(world, "day", len(days))]
    while day.weekday() not in (1, 2, 3):  # Mondays, Fridays and weekends would change what people write
        day += timedelta(days=1)
    context: dict[str, Any] = {"weekday": f"{day:%A}", "date": f"{day:%B} {day.day}", "year": day.year}
    context["tomorrow"] = f"{day + timedelta(days=1):%A}"
    context["yesterday"] = f"{day - timedelta(days=1):%A}"
    taken: set[str] = set()
    names: dict[str, tuple[str, str]] = {}
    for role, spec in story.cast.items():
        if spec.family and spec.family not in names:
            raise ScenarioError(f"{place}: cast.{role}.family: {choices(spec.family, names)}")
        names[role] = _name(story, world, role, spec, taken, names)
    voices = {r: _voice(r, n, p) for r, (n, p) in names.items()}
    view: dict[str, Any] = {**voices, **context}
    for slot, options in story.slots.items():
        if slot in voices or slot in context:
            raise ScenarioError(f"{place}: slots.{slot}: the name is taken by a role, or by the calendar")
        if not options:
            raise ScenarioError(f"{place}: slots.{slot}: no options")
        chosen = options[draw(world, f"slot/{slot}", len(options))]
        if isinstance(chosen, dict) and set(chosen) == {"pool"}:
            entries = pool(story.pools, str(chosen["pool"]))
            chosen = entries[draw(world, f"slot/{slot}/pool", len(entries))]
        context[slot] = view[slot] = _rendered(chosen, view, f"{place}: slots.{slot}")
    for role, spec in story.cast.items():
        context[role] = view[role] = _dressed(voices[role], spec, view, f"{place}: cast.{role}")
    return World(world, day, context)


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
    parts: list[str] = []
    for kind in (f"first_{pronoun}", "last"):
        if kind == "last" and spec.family:
            parts.append(names[spec.family][0].split()[-1])
            continue
        entries = pool(story.pools, kind)
        index = draw(world, f"cast/{role}/{kind}", len(entries))
        for _ in entries:
            if entries[index] not in taken:
                break
            index = (index + 1) % len(entries)
        taken.add(str(entries[index]))
        parts.append(str(entries[index]))
    return " ".join(parts), pronoun


def _voice(role: str, name: str, pronoun: str) -> Voice:
    he, him, his, mr = _PRONOUNS[pronoun]
    words = name.split() or [""]
    return Voice(role, name, words[0], words[-1], "", "", he, him, his, mr)


def _dressed(voice: Voice, spec: RoleSpec, context: dict[str, Any], place: str) -> Voice:
    firm = context.get("firm", {})
    name = render(spec.name, context, f"{place}.name") or voice.name
    words = name.split() or [""]
    local = ascii_local(words[0] if len(words) == 1 else f"{words[0]}.{words[-1]}")
    email = render(spec.address, context, f"{place}.address") or f"{local}@{firm.get('domain', 'example.com')}"
    title = "" if has_markup(spec.title) else spec.title  # a templated title may depend on the condition
    return Voice(voice.role, name, words[0], words[-1], title, email.lower(), voice.he, voice.him, voice.his, voice.mr)


def _rendered(value: Any, context: dict[str, Any], place: str) -> Any:
    match value:
        case str():
            return render(value, context, place)
        case dict():
            return {k: _rendered(v, context, f"{place}.{k}") for k, v in value.items()}
        case list():
            return [_rendered(v, context, place) for v in value]
        case _:
            return value
