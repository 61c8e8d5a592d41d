"""How far a folder of shards is: what is done, running, missing or failed, what it cost, and what is still to be run.

Counted is what stands in the logs; no clock is asked. That a shard runs is seen by its lock; where there is none (a
store, another machine's lock that this one does not see) a shard that said that it begins and not that it ends may be
running or may have been cut off, and is called `begun`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from turncoat.analysis.table.parts import rows_of
from turncoat.analysis.table.rows import RUN, LogRows
from turncoat.base.errors import LogError, UsageError
from turncoat.base.locks import looked_at
from turncoat.base.reading import walked
from turncoat.base.remote import brought
from turncoat.base.stores import Shelf
from turncoat.runs.shards.number import FOLDER, Shard
from turncoat.runs.shards.pin import Pin, Planned, commands, pinned
from turncoat.runs.stored import MARK, mark_in

State = Literal["done", "running", "begun", "cut off", "failed", "missing"]

_PART = re.compile(r"-part\d+$")

Cell = tuple[str, str]
"""Model and task."""


@dataclass
class ShardStatus:
    """One shard.

    Attributes:
        shard: Which.
        index: Its index in the scheduler's array, where one counts them.
        known: Whether it is known what it is to run: a command said it, or began here.
        planned: Samples that it is to run.
        finished: Samples that ended without an error.
        errors: Samples that ended in an error and in nothing else.
        stopped: Samples that a stopping rule made unnecessary.
        cost: US dollars of all that it ran, whether it counts or not, where prices are known.
        twice: Runs of samples that count in cost only.
        holder: Who is at work there, or was last and did not say that it ended; "" for nobody.
        running: Whether its lock is held.
        problems: What cannot be read there.
    """

    shard: Shard
    index: int | None = None
    known: bool = True
    planned: int = 0
    finished: int = 0
    errors: int = 0
    stopped: int = 0
    cost: float = 0.0
    twice: int = 0
    holder: str = ""
    running: bool = False
    logs: int = 0
    problems: list[str] = field(default_factory=list)
    found: dict[Cell, int] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """In one word."""
        if self.running:
            return "running"
        if self.known and self.finished + self.stopped >= self.planned:
            return "done"
        if self.holder:
            return "begun"
        if self.errors and self.finished + self.stopped + self.errors >= self.planned:
            return "failed"
        return "cut off" if self.logs else "missing"

    def as_dict(self) -> dict[str, Any]:
        """It as plain data."""
        return {
            "shard": str(self.shard),
            "index": self.index,
            "state": self.state,
            "planned": self.planned,
            "finished": self.finished,
            "errors": self.errors,
            "not_needed": self.stopped,
            "cost": round(self.cost, 6),
            "twice": self.twice,
            "holder": self.holder or None,
            "problems": self.problems,
        }


@dataclass(frozen=True)
class Status:
    """A folder of shards.

    Attributes:
        place: The folder.
        pin: How it is dealt.
        shards: Each shard.
        begun: The commands with which it was begun.
    """

    place: str
    pin: Pin
    shards: tuple[ShardStatus, ...]
    begun: tuple[Planned, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to run."""
        return all(s.state == "done" for s in self.shards)

    @property
    def cost(self) -> float:
        """US dollars of all that ran, where prices are known."""
        return sum(s.cost for s in self.shards)

    @property
    def indices(self) -> list[int]:
        """Indices in the scheduler's array that are to be submitted again."""
        return [s.index for s in self.left if s.index is not None]

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "folder": self.place,
            "shards": self.pin.shards,
            "complete": self.complete,
            "cost": round(self.cost, 6),
            **{name: sum(getattr(s, name) for s in self.shards) for name in ("planned", "finished", "twice")},
            "indices": self.indices,
            "commands": [command for s in self.left for command in self.commands(s)],
            "each": [s.as_dict() for s in self.shards],
        }

    @property
    def left(self) -> list[ShardStatus]:
        """Shards for which something is still to be run, and nobody is known to do it."""
        return [s for s in self.shards if s.state not in ("done", "running")]

    def commands(self, shard: ShardStatus) -> list[str]:
        """The commands of a shard that are still to be run."""
        where = ["--shard", str(shard.shard), "--log-dir", self.place]
        return [
            shlex.join(["turncoat", *planned.command, *where])
            if planned.command
            else f"(from Python) {shlex.join(where)}"
            for planned in _largest(self.begun)
            if any(
                shard.found.get((model, task), 0) < dealt.samples[shard.shard.number - 1]
                for model in planned.models
                for task, dealt in planned.tasks.items()
            )
        ]


def status_of(place: str) -> Status:
    """Look at a folder of shards, here or in a store.

    Raises:
        UsageError: It is a file, or no shard was begun there.
        LogError: What it says of itself is damaged.
        OutputError: The store cannot be reached.
    """
    shelf = Shelf(place)
    if shelf.local and Path(shelf.root).is_file():
        raise UsageError(f"{place}: is a file; name the folder of shards that --log-dir named")
    names = shelf.names(deep=True)
    there = pinned(shelf) or _unpinned(place, names)
    begun = tuple(commands(shelf))
    with ExitStack() as kept:
        (folder,) = kept.enter_context(brought([place], empty=True))
        found = [_shard(folder, number, there, begun) for number in range(1, there.shards + 1)]
    if not shelf.local:
        for shard in found:
            _who(shard, shelf, names)
    return Status(place, there, tuple(found), begun)


def _unpinned(place: str, names: Iterable[str]) -> Pin:
    """`--workers N` makes folders alike and says nothing beside them."""
    counts = {int(m[2]) for n in names if (m := FOLDER.fullmatch(n.partition("/")[0]))}
    if len(counts) != 1:
        raise UsageError(f"{place}: holds no shards of one study; `turncoat run … --shard K/N --log-dir` begins some")
    return Pin(shards=counts.pop())


def _shard(folder: Path, number: int, pin: Pin, begun: Sequence[Planned]) -> ShardStatus:
    array = pin.array
    found = ShardStatus(Shard(number, pin.shards), None if array is None else array.first + number - 1)
    where = folder / found.shard.folder
    found.known = bool(begun) or where.is_dir()
    found.running, found.holder = looked_at(where)
    wanted: dict[Cell, int] = {}
    for planned in begun:
        for cell, samples in _cells(planned, number):
            wanted[cell] = max(wanted.get(cell, 0), samples)
    read: list[LogRows] = []
    shut = walked(where)[1] if where.is_dir() else {}
    found.problems += [f"{folder}: cannot be looked into ({why})" for folder, why in shut.items()]
    for path, rows in rows_of(() if where in shut else sorted(where.glob("*.eval"))):
        if isinstance(rows, LogError):
            if path.exists():
                found.problems.append(str(rows))
        elif rows.info.ours:
            read.append(rows)
    _count(found, read)
    for cell, logs in _by_task(read).items():
        if not begun:
            wanted[cell] = sum(max((rows.info.planned or 0 for rows in part), default=0) for part in logs.values())
        found.stopped += sum(max(rows.info.stopped for rows in part) for part in logs.values())
    found.planned = sum(wanted.values())
    return found


def _cells(planned: Planned, number: int) -> Iterable[tuple[Cell, int]]:
    for model in planned.models:
        for task, dealt in planned.tasks.items():
            yield (model, task), dealt.samples[number - 1]


def _by_task(read: Iterable[LogRows]) -> dict[Cell, dict[str, list[LogRows]]]:
    """Model and task → part of the task → its logs."""
    found: dict[Cell, dict[str, list[LogRows]]] = {}
    for rows in read:
        name = rows.info.task.rpartition("/")[2]
        found.setdefault((rows.info.model, _PART.sub("", name)), {}).setdefault(name, []).append(rows)
    return found


def _count(found: ShardStatus, read: Sequence[LogRows]) -> None:
    """Count samples once and their cost as often as they ran."""
    runs: set[tuple[str, ...]] = set()
    ended: dict[Cell, dict[tuple[str, str], bool]] = {}
    found.logs = len(read)
    for (model, task), logs in _by_task(read).items():
        samples = ended.setdefault((model, task), {})
        for rows in (rows for part in logs.values() for rows in part):
            columns = rows.rows.select(["sample", "epoch", "status", "cost", RUN]).to_pydict()
            for sample, epoch, status, cost, run in zip(*columns.values(), strict=True):
                place = sample, str(epoch)
                samples[place] = samples.get(place, False) or status != "error"
                # Old logs do not name the run of a sample; then each log counts.
                name = (run,) if run else (str(rows.info.path), *place)
                if name not in runs:
                    runs.add(name)
                    found.cost += cost or 0.0
    done = {cell: sum(samples.values()) for cell, samples in ended.items()}
    found.found, found.finished = done, sum(done.values())
    all_samples = sum(len(samples) for samples in ended.values())
    found.errors = all_samples - found.finished
    found.twice = len(runs) - all_samples


def _who(shard: ShardStatus, shelf: Shelf, names: Sequence[str]) -> None:
    """Who said in a store that they begin, and not that they end, unless it is known that they were killed."""
    for name in names:
        if name.startswith(f"{shard.shard.folder}/{MARK}"):
            mark = mark_in(shelf.read(name) or b"")
            if not mark.gone:
                shard.holder = mark.holder[:200] or name


def _largest(begun: Sequence[Planned]) -> list[Planned]:
    """The commands that no other one holds whole: a study that grew is continued by its last command.

    Of those that run the same, such as with other numbers of connections, the first is as good as any.
    """
    named = sorted(begun, key=lambda planned: not planned.command)
    return [
        p
        for place, p in enumerate(named)
        if not any(_within(p, q) and (not _within(q, p) or named.index(q) < place) for q in named if q is not p)
    ]


def _within(small: Planned, large: Planned) -> bool:
    return set(small.models) <= set(large.models) and all(
        (other := large.tasks.get(task)) is not None and dealt.within(other) for task, dealt in small.tasks.items()
    )
