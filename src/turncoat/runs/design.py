"""A study becomes tasks: one for each scenario and interface, cells interleaved world by world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from pathlib import Path

from turncoat.base.errors import ConditionError, ScenarioError, UsageError, choices
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door
from turncoat.guards.named import NONE, guards_of_levels, make_guard, parse_guards, with_guards
from turncoat.runs.study import MAX_EPOCHS, Block, NamedContrast, Study
from turncoat.scenarios.factors import PAPER, Condition
from turncoat.scenarios.loader import load_scenario, pack_named
from turncoat.scenarios.offices import is_reviewed
from turncoat.scenarios.scenario import Scenario, text_hash
from turncoat.scenarios.schema import Split
from turncoat.scenarios.worlds import WorldId
from turncoat.tasks import Pair, pairs_of, parse_worlds

MAX_SAMPLES = 1_000_000
"""Most samples of one model in a study, epochs included; a larger one is several studies."""
MAX_CELLS = 100_000
"""Most combinations of levels in a grid."""


@dataclass(frozen=True)
class TaskPlan:
    """The samples of one scenario in one interface."""

    scenario: Scenario
    name: str
    """What the scenario is loaded by: its name or path."""
    interface: str
    pairs: tuple[Pair, ...]
    """Condition and world of each sample in the order of the run: all cells of a world before the next world."""

    order: tuple[WorldId, ...] = ()
    """All worlds in the order of the run, where `pairs` are a share of them."""

    part: int = 0
    """Its number among the parts of a larger plan, from 0."""

    def share(self, number: int, of: int) -> TaskPlan:
        """The samples of every `of`-th world, from `number` (counted from 0)."""
        return self._on(self.worlds[number::of])

    def parts(self, worlds: int) -> Iterator[TaskPlan]:
        """The samples in parts of at most so many worlds, in order; more worlds later only add to the last ones."""
        mine = self.worlds
        for number, first in enumerate(range(0, len(mine), worlds)):
            yield replace(self._on(mine[first : first + worlds]), part=number)

    def _on(self, worlds: Iterable[WorldId]) -> TaskPlan:
        chosen = set(worlds)
        return replace(
            self, pairs=tuple(p for p in self.pairs if p[1] in chosen), order=self.order or tuple(self.worlds)
        )

    @property
    def cells(self) -> list[Condition]:
        """The conditions, in order of first appearance."""
        return list(dict.fromkeys(c for c, _ in self.pairs))

    @property
    def worlds(self) -> list[WorldId]:
        """The worlds, in the order of the run."""
        return list(dict.fromkeys(w for _, w in self.pairs))

    @property
    def versions(self) -> dict[str, int]:
        """Storylines and their versions; one in a version that had to be named goes by name and version."""
        further, worlds = self.scenario.further, sorted({(w.storyline, w.version) for w in self.worlds})
        return {full if (full := f"{name}.{version}") in further else name: version for name, version in worlds}

    @property
    def guards(self) -> list[str]:
        """All guards that stand in any cell, by name with their options."""
        return sorted({g for c in self.cells for g in guards_of_levels(self.scenario.space.guards(c))})

    @property
    def reviewed(self) -> list[Condition]:
        """The cells in which an office outside reviews reports, by a model where the role `reviewer` has one."""
        live = door(self.interface).live
        return [c for c in self.cells if is_reviewed(c.levels, live=live)]

    def runs(self, *conditions: str) -> bool:
        """Whether all of these conditions, given by their ids, are among the cells: an interface may run fewer."""
        return {self.scenario.space.parse(c) for c in conditions} <= set(self.cells)

    def contrasts_of(self, study: Study) -> list[NamedContrast]:
        """The contrasts that a study names and whose cells are both run here."""
        return [c for c in study.contrasts if c.scenario == self.name and self.runs(c.first, c.second)]

    @property
    def label(self) -> str:
        """The task's name: the scenario's, what was edited, an interface other than text, a part after the first."""
        edited = self.scenario.spec.edited
        name = f"{self.scenario.name}-{text_hash(*edited)[:8]}" if edited else self.scenario.name
        name = name if self.interface == DEFAULT_DOOR else f"{name}-{self.interface}"
        return f"{name}-part{self.part + 1}" if self.part else name


def task_plans(
    study: Study, place: str, *, seeds: str | None = None, interfaces: Sequence[str] = ()
) -> tuple[TaskPlan, ...]:
    """Expand a study.

    Args:
        study: The study.
        place: Its name or file, for messages.
        seeds: Replaces the seeds of every block.
        interfaces: Replace the interfaces of every block.

    Raises:
        ScenarioError: A block names a condition, storyline or contrast that does not exist.
        UnknownName: A block names a scenario that does not exist.
        ConditionError: A cell means nothing in an interface.
    """
    found: dict[tuple[str, str], dict[WorldId, dict[Condition, None]]] = {}
    for number, block in enumerate(study.blocks, 1):
        where = f"{place}: block {number} ({block.scenario})"
        file = where if Path(place).suffix in (".yaml", ".yml") else ""
        with named_in(file):
            scenario = load_scenario(block.scenario)
        with named_in("" if interfaces else file):
            doors = [door(name) for name in interfaces or block.interfaces]
        cells = _cells(scenario, block, where, study.guards, place)
        named = seeds or block.seeds or study.seeds
        worlds = partial(_bounded, len(cells), scenario, block, named, where)
        with named_in("" if seeds or not file else f"{where}: key 'seeds'"):
            pairs = pairs_of(scenario, cells, worlds)
        for way in doors:
            for cell in cells:
                scenario.see_interface(cell, way.name, way.where)
            plan = found.setdefault((block.scenario, way.name), {})
            for cell, world in pairs:
                plan.setdefault(world, {})[cell] = None
    plans = tuple(
        TaskPlan(load_scenario(name), name, interface, tuple((c, w) for w, cells in plan.items() for c in cells))
        for (name, interface), plan in found.items()
    )
    _check_names(study, plans, place)
    return plans


@contextmanager
def named_in(where: str) -> Iterator[None]:
    """Inside the block what a study's file says and nobody knows is told with its place; nothing is added to ""."""
    try:
        yield
    except UsageError as error:
        if not where or str(error).startswith(where.partition(": ")[0]):
            raise
        raise type(error)(f"{where}: {error}") from None


def _cells(scenario: Scenario, block: Block, where: str, guards: Sequence[str], place: str) -> list[Condition]:
    """The cells of a block, each with each of its guards, or of the study's, which are named at `place`."""
    behind = block.guards or guards or (NONE,)
    if (combined := prod(len(levels) for levels in block.grid.values()) * len(behind)) > MAX_CELLS:
        raise ScenarioError(f"{where}: key 'grid': {combined:,} combinations; the limit is {MAX_CELLS:,}")
    space = scenario.space
    with _key(where, "cells"):
        named = [space.parse(cell) for cell in block.cells]
        _see(guard for cell in named for guard in guards_of_levels(space.guards(cell)))
    with _key(where, "grid"):
        grid = list(space.grid(block.grid)) if block.grid else []
        _see(guard for cell in grid for guard in guards_of_levels(space.guards(cell)))
    with _key(where if block.guards else place, "guards"):
        _see(behind)
        cells = dict.fromkeys(space.parse(with_guards(c.id, [g])) for c in (*named, *grid) for g in behind)
    if not cells:
        raise ScenarioError(f"{where}: key 'grid': no combination of these levels makes sense in this scenario")
    return list(cells)


@contextmanager
def _key(where: str, key: str) -> Iterator[None]:
    """Inside the block what a key names and nobody knows is told with the key and its place."""
    try:
        yield
    except UsageError as error:
        raise ScenarioError(f"{where}: key {key!r}: {error}") from None


def _bounded(
    cells: int, scenario: Scenario, block: Block, seeds: str, where: str, staging: str = PAPER
) -> list[WorldId]:
    """The worlds of a block, unless its cells on all of them are more samples than anybody runs."""
    found = _worlds(scenario, block, seeds, where, staging)
    if cells * len(found) > MAX_SAMPLES:
        raise UsageError(f"{where}: {cells:,} cells on {len(found):,} worlds; the limit is {MAX_SAMPLES:,} samples")
    return found


SPLITS: Mapping[tuple[str, ...], Split] = {("all",): "public", ("private",): "private"}
"""What a study may say in place of names → the storylines that it means."""


def _worlds(scenario: Scenario, block: Block, seeds: str, where: str, staging: str = PAPER) -> list[WorldId]:
    split = SPLITS.get(block.storylines)
    names = scenario.of_split(split) if split else block.storylines
    there = (*scenario.storylines, *scenario.further)
    if wrong := [n for n in names if n not in there]:
        known = [*there, *(said for (said,) in SPLITS)]
        raise ScenarioError(f"{where}: key 'storylines': {choices(wrong[0], known)}")
    names = [n for n in names if scenario.story(n).spec.staging == staging]
    if "@" in seeds:
        return parse_worlds(scenario, seeds, staging)
    if split and not names:  # the default one may be of the other split
        raise ScenarioError(f"{where}: key 'storylines': no {split} storyline has staging={staging}; name others")
    if not names:
        return parse_worlds(scenario, seeds, staging)
    # Seed by seed over the storylines, so that a stop in the middle truncates all storylines alike.
    items = [item.strip() for item in seeds.split(",") if item.strip()]
    columns = [parse_worlds(scenario, ",".join(f"{name}@{item}" for item in items), staging) for name in names]
    return [world for row in zip(*columns, strict=True) for world in row]


def _check_names(study: Study, plans: Sequence[TaskPlan], place: str) -> None:
    """See that contrasts and exclusions name cells that are run together; ids are compared as conditions."""
    named: list[tuple[str, str, tuple[str, ...]]] = [
        *((f"contrasts[{i}]", c.scenario, (c.first, c.second)) for i, c in enumerate(study.contrasts)),
        *((f"exclusions[{i}]", e.scenario, (e.control,)) for i, e in enumerate(study.exclusions)),
        *((f"reported[{i}]", r.scenario, (r.condition,)) for i, r in enumerate(study.reported)),
    ]
    for key, scenario, conditions in named:
        mine = [p for p in plans if p.name == scenario]
        if not mine:
            known = choices(scenario, {p.name for p in plans})
            raise ScenarioError(f"{place}: key '{key.partition('[')[0]}': scenario {known}")
        try:
            wanted = [mine[0].scenario.space.parse(condition) for condition in conditions]
        except ConditionError as error:
            raise ScenarioError(f"{place}: key '{key}': {error}") from None
        ids = list(dict.fromkeys(c.id for p in mine for c in p.cells))
        for condition in wanted:
            if condition.id not in ids:
                raise ScenarioError(f"{place}: key '{key}': cell {choices(condition.id, ids)}")
        if not any(p.runs(*conditions) for p in mine):
            raise ScenarioError(f"{place}: key '{key}': no interface runs both cells, so they cannot be compared")


def scenario_study(scenario: str, conditions: Sequence[str], seeds: str, epochs: int) -> Study:
    """The study that `turncoat run SCENARIO` stands for.

    Raises:
        UnknownName: There is no such scenario.
        UsageError: An unknown condition, no worlds are named, or too many epochs.
    """
    loaded = load_scenario(scenario)
    if not 1 <= epochs <= MAX_EPOCHS:
        raise UsageError(f"epochs is {epochs:,}; give 1 to {MAX_EPOCHS:,}")
    if not seeds.strip():
        raise UsageError(f"worlds {seeds!r} names none; give seeds such as 1-5 or affair@7")
    cells = tuple(loaded.space.parse(c).id for c in conditions) or tuple(loaded.spec.headline)
    return Study(title=loaded.name, blocks=(Block(scenario=scenario, cells=cells),), seeds=seeds, epochs=epochs)


def with_every_guard(study: Study, guards: Sequence[str]) -> Study:
    """The same study with further guards in every cell, and in the cells that it names.

    Args:
        study: The study.
        guards: Their names; see `turncoat.guards.named`.

    Raises:
        UsageError: One cannot be made.
    """
    _see(guards)
    if not guards:
        return study
    blocks = (
        b.model_copy(update={"guards": tuple("+".join([g, *guards]) for g in b.guards or study.guards or (NONE,))})
        for b in study.blocks
    )
    return study.model_copy(
        update={
            "blocks": tuple(blocks),
            "contrasts": tuple(
                c.model_copy(update={"first": with_guards(c.first, guards), "second": with_guards(c.second, guards)})
                for c in study.contrasts
            ),
            "exclusions": tuple(
                e.model_copy(update={"control": with_guards(e.control, guards)}) for e in study.exclusions
            ),
        }
    )


def with_guards_of(study: Study, guards: Sequence[str]) -> Study:
    """The same study with each cell run with each of some guards, in place of those that it names; as it is if none.

    Raises:
        UsageError: One cannot be made.
    """
    _see(guards)
    blocks = tuple(b.model_copy(update={"guards": tuple(guards)}) for b in study.blocks)
    return study.model_copy(update={"guards": tuple(guards), "blocks": blocks}) if guards else study


def _see(guards: Iterable[str]) -> None:
    """See that guards can be made."""
    for text in dict.fromkeys(str(named) for name in dict.fromkeys(guards) for named in parse_guards(name)):
        make_guard(text)


def on_pack(study: Study, pack: str, place: str) -> Study:
    """The same study on the texts of a pack: one text for each cell, repeated as often as there were worlds.

    Args:
        study: The study.
        pack: Name of the pack.
        place: The study's name or file, for messages.

    Raises:
        UsageError: The pack is not installed, a stopping rule, which needs worlds, or a scenario that it has not.
    """
    title = pack_named(pack).title
    if study.stopping is not None:
        raise UsageError(f"{place}: sequential stopping takes one sample of each world; the {title} are one world")
    head = f"{pack}/"
    names = {b.scenario: head + b.scenario.removeprefix(head) for b in study.blocks}
    blocks = tuple(
        b.model_copy(
            update={"scenario": names[b.scenario], "storylines": (), "seeds": "1", "interfaces": (DEFAULT_DOOR,)}
        )
        for b in study.blocks
    )
    first = study.blocks[0]
    repeats = len(_worlds(load_scenario(first.scenario), first, first.seeds or study.seeds, place)) * study.epochs
    return study.model_copy(
        update={
            "title": f"{study.title} ({title})",
            "blocks": blocks,
            "epochs": repeats,
            "contrasts": tuple(c.model_copy(update={"scenario": names[c.scenario]}) for c in study.contrasts),
            "exclusions": tuple(e.model_copy(update={"scenario": names[e.scenario]}) for e in study.exclusions),
        }
    )
