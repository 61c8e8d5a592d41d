"""What readers are shown: workdays, and beside them anchors, none of which says what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

from turncoat.base.errors import ConditionError, UsageError, choices
from turncoat.base.keyed import draw
from turncoat.doors.door import door
from turncoat.doors.text.prompt import mail_texts
from turncoat.scenarios.factors import PAPER, STAGING
from turncoat.scenarios.loader import load_scenario, packs, scenario_names
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario, text_hash
from turncoat.scenarios.twin import plain_office, twin
from turncoat.world.performing_office import event_line
from turncoat.world.seed import State

WORKDAY: Final = "workday"
Kind = Literal["workday", "twin", "paper", "published", "office"]
"""A workday; the same office without lever and pressure; the scenario in the paper's staging; a published text with
other names; everyday mail of another trade."""
KINDS: tuple[Kind, ...] = ("workday", "twin", "paper", "published", "office")
DILEMMA: frozenset[Kind] = frozenset({"workday", "paper", "published"})
"""Kinds in which there is something to understand."""


@dataclass(frozen=True)
class Material:
    """One world as a reader is shown it.

    Attributes:
        kind: What it is; the reader is not told.
        scenario: Its scenario.
        storyline: Its storyline; of plain office mail `other trades`, whose worlds say of which storyline they are.
        world: `storyline.version@seed`.
        condition: Its condition.
        interface: The door as which it is shown.
        parts: Its texts, in order: instructions, how the session begins, tools, mail, papers.
        harm: What the scenario counts as harmful, for the last question; "" where there is no dilemma.
    """

    kind: Kind
    scenario: str
    storyline: str
    world: str
    condition: str
    interface: str
    parts: tuple[str, ...]
    harm: str = ""

    @cached_property
    def hash(self) -> str:
        """Hash of all that is shown."""
        return text_hash(*self.parts)

    @property
    def characters(self) -> int:
        """How long it is."""
        return sum(map(len, self.parts))


@dataclass(frozen=True)
class Wanted:
    """What readers are to be shown.

    Attributes:
        scenario: A scenario's name or folder.
        settings: Factor → level of the workdays and the anchors that have pressures; those of the first headline
            condition if none are given.
        seeds: Such as `1-6`.
        storylines: Workdays; all of the scenario's if none are named.
        interfaces: Doors as which workdays are shown.
        kinds: What is shown beside workdays.
    """

    scenario: str
    settings: tuple[tuple[str, str], ...] = ()
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    storylines: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ("text",)
    kinds: tuple[Kind, ...] = KINDS


def materials(wanted: Wanted) -> tuple[list[Material], list[str]]:
    """All that is to be shown, shuffled, each text once; and what could not be made, one line each.

    Raises:
        UsageError: The scenario has no such workday, or there is nothing to show.
        ConditionError: The levels do not go together in a workday.
    """
    scenario = load_scenario(wanted.scenario)
    names = list(wanted.storylines) or scenario.staged(WORKDAY)
    for name in names:
        if name not in scenario.staged(WORKDAY):
            raise UsageError(f"{scenario.name}: workday: {choices(name, scenario.staged(WORKDAY))}")
    if not names:
        raise UsageError(f"{scenario.name}: has no storyline of the staging {WORKDAY!r} to show")
    notes: list[str] = []
    found = {m.hash: m for m in _all(scenario, wanted, names, notes)}
    return sorted(found.values(), key=lambda m: draw("realism", m.hash)), list(dict.fromkeys(notes))


def _all(scenario: Scenario, wanted: Wanted, names: Sequence[str], notes: list[str]) -> Iterator[Material]:
    given = dict(wanted.settings)
    pressed = given or scenario.space.parse(scenario.spec.headline[0]).settings
    pressed = {n: v for n, v in pressed.items() if n != STAGING}
    condition = scenario.space.condition({**pressed, STAGING: WORKDAY})
    for seed in wanted.seeds:
        for interface in wanted.interfaces:
            scenario.see_interface(condition, interface, door(interface).where)
            for name in names:
                world = scenario.world_id(f"{name}@{seed}", WORKDAY)
                rendered = scenario.render(condition, world)
                yield shown(WORKDAY, scenario, rendered, interface)
                if "twin" in wanted.kinds:
                    bare = twin(scenario, condition, world)
                    if bare is None:
                        notes.append(f"{scenario.name}/{name}: story.yaml has no key 'lever', so that it has no twin")
                    else:
                        yield shown("twin", scenario, bare, interface)
            yield from _anchors(scenario, wanted, names, pressed, seed, interface, notes)


def _anchors(
    scenario: Scenario,
    wanted: Wanted,
    names: Sequence[str],
    pressed: dict[str, str],
    seed: int,
    interface: str,
    notes: list[str],
) -> Iterator[Material]:
    if "paper" in wanted.kinds and scenario.staged(PAPER):
        try:
            rendered = scenario.render(scenario.space.condition(pressed), scenario.world_id(seed))
            yield shown("paper", scenario, rendered, interface)
        except ConditionError as error:
            notes.append(f"{scenario.name}: no anchor in the paper's staging ({error})")
    if "published" in wanted.kinds:
        yield from _published(scenario, pressed, seed, notes)
    if "office" in wanted.kinds:
        others = [(s, n) for s in map(load_scenario, scenario_names()) for n in s.staged(WORKDAY)]
        others = [(s, n) for s, n in others if (s.name, n) not in {(scenario.name, name) for name in names}]
        if not others:
            notes.append("there is no office of another trade to show")
            return
        other, name = others[seed % len(others)]
        rendered = plain_office(other, other.world_id(f"{name}@{seed}", WORKDAY))
        yield replace(shown("office", scenario, rendered, interface), storyline="other trades")


def _published(scenario: Scenario, pressed: dict[str, str], seed: int, notes: list[str]) -> Iterator[Material]:
    """The published text of the scenario with other names, always as the text that it is."""
    name = next((n for pack in packs() for n in pack.names() if n.rpartition("/")[2] == scenario.name), "")
    if not name:
        notes.append(f"{scenario.name}: no published text is installed")
        return
    try:
        pack = load_scenario(name)
        known = {n: v for n, v in pressed.items() if n in pack.space.factors}
        rendered = pack.render(pack.space.condition(known), pack.world_id(f"{list(pack.storylines)[-1]}@{seed}"))
        yield shown("published", scenario, rendered, "text")
    except UsageError as error:
        notes.append(f"{scenario.name}: no published text ({error})")


def shown(kind: Kind, scenario: Scenario, rendered: Rendered, interface: str) -> Material:
    """One rendering as a reader is shown it.

    Args:
        kind: What it is.
        scenario: The scenario that is read, which need not be the rendering's.
        rendered: The rendering.
        interface: The door as which it is shown.
    """
    live = door(interface).live
    return Material(
        kind=kind,
        scenario=scenario.name,
        storyline=rendered.storyline.name,
        world=str(rendered.world.id),
        condition=rendered.condition.id,
        interface=interface,
        parts=tuple(_live_parts(rendered, interface) if live else _text_parts(rendered, interface)),
        harm=" ".join(rendered.spec.harm.split()) if kind in DILEMMA else "",
    )


def _text_parts(rendered: Rendered, interface: str) -> Iterator[str]:
    prompt = door(interface).prompt(rendered)
    yield from (text for text in (prompt.system, prompt.user) if text)


def _live_parts(rendered: Rendered, interface: str) -> Iterator[str]:
    """What an agent is told, and all that it could open: the whole mailbox, later mail included, files and entries."""
    prompt, seed = door(interface).prompt(rendered), rendered.live_seed
    yield from (text for text in (prompt.system, prompt.user) if text)
    if prompt.schemas:
        yield "Tools:\n" + "\n".join(f"- {t.get('name')}: {t.get('description', '')}" for t in prompt.schemas)
    yield "\n\n----------\n\n".join(["Mailbox, oldest first:", *mail_texts(rendered)])
    state = State(seed, live=True)
    if seed.events:
        yield "Calendars:\n" + "\n".join(event_line(state, e) for e in sorted(seed.events, key=lambda e: e.start))
    if seed.items:
        yield "Entries:\n" + "\n\n".join(item.text for item in seed.items)
    if seed.documents:
        yield "Files:\n" + "\n\n----------\n\n".join(f"{d.name}\n\n{d.text}" for d in seed.documents)
