"""What is of the whole study while its shards run on many machines: connections, money, and when enough was seen.

It runs as one actor and knows nothing of Ray. Nothing in it needs to survive: what was finished stands in logs, and
each shard says at its start what it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from turncoat.runs.early_stopping import VALUES, Sequences
from turncoat.runs.progress import Ending, Progress

Task = tuple[str, str]
"""Task's name and model."""


@dataclass
class _Share:
    """One shard as the hub knows it."""

    attempt: str = ""
    progress: Progress | None = None
    spent: float = 0.0
    """By attempts that were cut off."""
    held: dict[str, int] = field(default_factory=dict)
    """Model → connections."""


class Hub:
    """Hears of all shards.

    Args:
        connections: Requests to each model at a time over all shards, or None.
        sequences: Task's name and model → what decides which cells may stop; empty without a stopping rule.
    """

    def __init__(self, connections: int | None, sequences: Mapping[Task, Sequences]) -> None:
        self._limit, self._sequences = connections, sequences
        self._shares: dict[str, _Share] = {}
        self._changed = asyncio.Condition()
        self._halt = ""

    async def begin(self, shard: str, attempt: str) -> None:
        """A shard begins, perhaps again: what an earlier attempt held is free, and what it spent is spent.

        Args:
            shard: The shard.
            attempt: What this attempt calls itself; "" where the earlier one was lost and none has begun yet.
        """
        share = self._shares.setdefault(shard, _Share())
        if share.progress is not None:
            share.spent += share.progress.cost
        share.attempt, share.progress, share.held = attempt, None, {}
        await self._tell()

    async def end(self, shard: str, attempt: str) -> None:
        """A shard has ended."""
        if (share := self._shares[shard]).attempt == attempt:
            share.held = {}
        await self._tell()

    async def take(self, shard: str, attempt: str, model: str, wanted: int) -> int:
        """Wait for connections to a model; how many there are: at least one, or none if the attempt counts no more."""
        async with self._changed:
            while True:
                share = self._shares[shard]
                if share.attempt != attempt:
                    return 0
                free = wanted if self._limit is None else self._limit - self.used(model)
                if free > 0:
                    taken = min(wanted, free)
                    share.held[model] = share.held.get(model, 0) + taken
                    return taken
                await self._changed.wait()

    async def give(self, shard: str, attempt: str, model: str, number: int) -> None:
        """Give connections back."""
        share = self._shares[shard]
        if share.attempt == attempt:
            share.held[model] = max(share.held.get(model, 0) - number, 0)
        await self._tell()

    def used(self, model: str) -> int:
        """Connections to a model that are taken."""
        return sum(share.held.get(model, 0) for share in self._shares.values())

    async def hear(self, shard: str, attempt: str, progress: Progress) -> str:
        """How far a shard is; why it shall start no further samples, or ""."""
        share = self._shares[shard]
        if share.attempt == attempt:
            share.progress = progress
        return self._halt

    async def spent(self, shard: str, attempt: str, progress: Progress) -> tuple[float, int, int]:
        """As `hear`; dollars, and samples of all shards: finished, and under way."""
        await self.hear(shard, attempt, progress)
        now = [share.progress for share in self._shares.values() if share.progress is not None]
        before = sum(share.spent for share in self._shares.values())
        return before + sum(p.cost for p in now), sum(p.finished for p in now), sum(p.underway for p in now)

    async def note(self, task: Task, cell: str, position: int, ending: Ending) -> None:
        """A sample is finished."""
        if (found := self._sequences.get(task)) is not None:
            found.note(cell, position, VALUES[ending])

    async def decided(self, task: Task, cell: str) -> str:
        """Why a cell needs no further samples, or ""."""
        found = self._sequences.get(task)
        return found.stopped(cell) if found is not None else ""

    async def summary(self, task: Task) -> dict[str, JsonValue]:
        """Where each cell or contrast of a task stopped."""
        found = self._sequences.get(task)
        return found.summary() if found is not None else {}

    async def halt(self, why: str) -> None:
        """Start no further samples anywhere."""
        self._halt = why

    async def shares(self) -> dict[str, tuple[Progress | None, float]]:
        """Shard → how far it is, and what attempts of it spent that were cut off."""
        return {name: (share.progress, share.spent) for name, share in self._shares.items()}

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
