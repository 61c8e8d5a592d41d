"""What a folder of shards says of itself: into how many parts its study is dealt, which, and by which commands.

Several machines write here at once, on storage that may have no locks. So nothing is read, changed and written back:
`shards.json` is left once and says the number, and how a scheduler counts where one began the folder; where one comes
later `shards-array.json` says so. Each command leaves one file more, named for its content, which every shard of it
writes with the same bytes. Nobody needs to be first, and no clock is asked.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError

from turncoat.base.errors import LogError, UsageError
from turncoat.base.model import Frozen
from turncoat.base.stores import Shelf
from turncoat.base.unfit import unfit
from turncoat.providers.secrets import hide
from turncoat.runs.design import TaskPlan
from turncoat.runs.request import Request
from turncoat.runs.shards.number import FOLDER, MOST, Array, Shard, by_scheduler, given
from turncoat.runs.study_tasks import run_hash, settings_of
from turncoat.scenarios.worlds import WorldId

PIN, ARRAY = "shards.json", "shards-array.json"
_PLAN = re.compile(r"shards-[0-9a-f]{12}\.json")

Count = Annotated[int, Field(ge=0, le=10**12)]

T = TypeVar("T", bound=Frozen)


class Pin(Frozen):
    """How a folder is dealt."""

    version: Literal[1] = 1
    shards: Annotated[int, Field(ge=1, le=MOST)]
    partition: Literal["worlds in turn"] = "worlds in turn"
    """The first world to shard 1, the second to shard 2 …, with all its conditions; for all models."""
    scheduler: Literal["", "slurm", "kubernetes"] = ""
    first: Count | None = None
    """Index of shard 1 in the scheduler's array."""

    @property
    def array(self) -> Array | None:
        """How a scheduler counts the shards."""
        return Array(self.scheduler, self.first) if self.scheduler and self.first is not None else None


class Dealt(Frozen):
    """One task: how many worlds it has, a hash of their order, and the samples of each shard, epochs included.

    How it is run stands beside it, so that no two shards are of different studies; files that lack it are not compared.
    """

    worlds: Count
    order: str
    samples: tuple[Count, ...]
    cells: tuple[str, ...] = ()
    epochs: Count = 0
    judge: str = ""
    settings: str = ""
    """A hash, without the arguments of models' clients: each machine may have a server of its own."""

    def within(self, other: Dealt) -> bool:
        """Whether another one has all of its samples."""
        fewer = all(mine <= theirs for mine, theirs in zip(self.samples, other.samples, strict=False))
        return self.worlds <= other.worlds and fewer and {*self.cells} <= {*other.cells}


class Planned(Frozen):
    """What one command runs over all its shards."""

    version: Literal[1] = 1
    shards: Annotated[int, Field(ge=1, le=MOST)]
    study: str
    models: tuple[str, ...]
    tasks: dict[str, Dealt]
    """For each model."""
    command: tuple[str, ...] = ()
    """Its words, without those that say the shard and the folder; empty where it was begun from Python."""


def pinned(shelf: Shelf) -> Pin | None:
    """How a folder is dealt, or None where no shard was begun there.

    Raises:
        LogError: The file that says it is damaged.
    """
    data = shelf.read(PIN)
    found = None if data is None else _read(Pin, data, f"{shelf.place}/{PIN}")
    if found is not None and found.array is None and (later := shelf.read(ARRAY)) is not None:
        return _read(Pin, later, f"{shelf.place}/{ARRAY}")
    return found


def shard_named(text: str, place: str | Path, variables: Mapping[str, str]) -> Shard:
    """The shard that is given as `3/16`, or as `auto`: by a scheduler's variables and what the folder knows.

    Args:
        text: As it was given.
        place: The study's folder, or its address.
        variables: The environment.

    Raises:
        UsageError: It is of another form, or no scheduler says which shard this is; see `by_scheduler`.
        LogError: What the folder says of itself is damaged.
        OutputError: The store cannot be reached.
    """
    if text != "auto":
        return given(text)
    there = pinned(Shelf(place))
    return by_scheduler(variables, *((there.shards, there.first) if there else (None, None)))


def commands(shelf: Shelf) -> list[Planned]:
    """What was begun in a folder, one entry a command.

    Raises:
        LogError: A file is damaged.
    """
    names = [n for n in shelf.names() if _PLAN.fullmatch(n)]
    return [_read(Planned, shelf.read(n) or b"", f"{shelf.place}/{n}") for n in names]


def pin(shelf: Shelf, shard: Shard, request: Request, plans: Sequence[TaskPlan]) -> None:
    """Leave in a folder what a shard's command runs, and see that it fits what is there.

    Args:
        shelf: The folder.
        shard: The shard.
        request: The whole study.
        plans: Its tasks, with all worlds.

    Raises:
        UsageError: The folder was begun with another number of shards, worlds in another order, or as another study.
        OutputError: It cannot be written.
        LogError: What is there is damaged.
    """
    refuse_unfit(shelf, shard, request, plans)
    array = shard.array
    mine = Pin(shards=shard.of, scheduler=array.scheduler if array else "", first=array.first if array else None)
    there = pinned(shelf)
    if there is None or (array and there.array is None):
        shelf.create(PIN if there is None else ARRAY, _bytes(mine))
        refuse_unfit(shelf, shard, request, plans)  # another one may have come first
    data = _bytes(planned_of(shard.of, request, plans))
    shelf.create(f"shards-{hashlib.sha256(data).hexdigest()[:12]}.json", data)


def refuse_unfit(shelf: Shelf, shard: Shard, request: Request, plans: Sequence[TaskPlan]) -> None:
    """See that a shard fits what is in a folder; nothing is written.

    Raises:
        UsageError: As `pin`.
        OutputError: It cannot be reached.
        LogError: What is there is damaged.
    """
    there, array = pinned(shelf), shard.array
    _refuse_other(shelf, shard.of, there)
    if array and there and there.array and array != there.array:
        raise UsageError(
            f"{shelf.place}: was begun by an array of {there.scheduler} that counts from {there.first}, not by one of "
            f"{array.scheduler} from {array.first}; give --shard K/{shard.of}, or choose another folder"
        )
    mine = planned_of(shard.of, request, plans)
    for other in commands(shelf):
        _refuse_order(shelf.place, other, plans)
        if set(mine.models) & set(other.models):
            for label, now in mine.tasks.items():
                if (before := other.tasks.get(label)) is not None:
                    _refuse_unlike(f"{shelf.place}: {label} was begun with", before, now)


def planned_of(shards: int, request: Request, plans: Sequence[TaskPlan]) -> Planned:
    """What a command runs over all its shards."""
    tasks = {}
    for plan in plans:
        worlds, cells, samples = plan.worlds, Counter(world for _, world in plan.pairs), [0] * shards
        for place, world in enumerate(worlds):
            samples[place % shards] += cells[world] * request.repeats
        tasks[plan.label] = Dealt(
            worlds=len(worlds),
            order=_order(worlds),
            samples=tuple(samples),
            cells=tuple(sorted(c.id for c in plan.cells)),
            epochs=request.repeats,
            judge=request.judge,
            settings=run_hash(settings_of(replace(request, model_args={}), plan)),
        )
    return Planned(
        shards=shards,
        study=request.name,
        models=tuple(request.model_names),
        tasks=tasks,
        command=tuple(hide(word) for word in request.command),
    )


def _refuse_other(shelf: Shelf, shards: int, there: Pin | None) -> None:
    names = shelf.names(deep=True) if there is None else ()
    begun = {int(m[2]) for n in names if (m := FOLDER.fullmatch(n.partition("/")[0]))}
    if there is not None:
        begun = {there.shards}
    elif any(n.endswith(".eval") and "/" not in n for n in names):
        raise UsageError(f"{shelf.place}: holds logs of a run without shards; choose another folder with --log-dir")
    if begun - {shards}:
        raise UsageError(
            f"{shelf.place}: was begun with {min(begun - {shards})} shards, not {shards}; give --shard "
            f"K/{min(begun - {shards})}, or choose another folder"
        )


def _refuse_order(place: str, other: Planned, plans: Sequence[TaskPlan]) -> None:
    """A study may grow at its end: then every world stays in its shard."""
    for plan in plans:
        before, worlds = other.tasks.get(plan.label), plan.worlds
        if before is not None and (len(worlds) < before.worlds or _order(worlds[: before.worlds]) != before.order):
            raise UsageError(
                f"{place}: {plan.label} was begun with {before.worlds} worlds, not the first of the {len(worlds)} "
                "that are asked for now; give the same --worlds or more at their end, or choose another folder"
            )


def _refuse_unlike(begun: str, before: Dealt, now: Dealt) -> None:
    """A study may grow in conditions and epochs as well; its judge and the models' settings stay."""
    if not before.settings or not now.settings:
        return
    other = "or choose another folder"
    if lacking := sorted({*before.cells} - {*now.cells}):
        raise UsageError(f"{begun} condition {lacking[0]} as well; give it again, with others beside it, {other}")
    if now.epochs < before.epochs:
        raise UsageError(f"{begun} {before.epochs} epochs, not {now.epochs}; give as many or more, {other}")
    if now.judge != before.judge:
        raise UsageError(f"{begun} judge {before.judge}, not {now.judge}; give the same --judge, {other}")
    if now.settings != before.settings:
        raise UsageError(
            f"{begun} other settings of its models, limits, roles or agent; give all shards the same command, {other}"
        )


def _order(worlds: Sequence[WorldId]) -> str:
    return hashlib.sha256("\n".join(map(str, worlds)).encode()).hexdigest()[:16]


def _bytes(record: Frozen) -> bytes:
    return (json.dumps(record.model_dump(mode="json"), indent=1, sort_keys=True) + "\n").encode()


def _read(kind: type[T], data: bytes, place: str) -> T:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise LogError(
                f"{place}: is no whole JSON: another command is writing it now, or was killed while it did; try again, "
                "and if it is still so, remove it: the same command writes it anew"
            ) from None
        raise LogError(f"{place}: {unfit(kind, error)}; another version may have written it") from None
