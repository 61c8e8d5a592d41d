"""A shard on a machine of the cluster: it runs as any shard does, and asks the hub what is of the whole."""

from __future__ import annotations

import asyncio
import copy
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

from pydantic import JsonValue

from turncoat.providers.gate import Gate
from turncoat.runs.progress import Ending, Progress, too_dear
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.signals import Stop

LINGER = 0.1
"""Seconds for which a free connection stays with a shard, in case it has another request."""
TURNS = 50
"""Requests after which a connection goes back although the shard has more to ask: no other one waits for ever."""
PAUSE = 0.5
"""Seconds between two reports of how far a shard is."""


class Leases:
    """Connections that the hub lets a shard have; most requests need no word with it.

    Args:
        take: Asks the hub for so many connections to a model, and waits.
        give: Gives so many back.
    """

    def __init__(self, take: Callable[[str, int], Any], give: Callable[[str, int], Any]) -> None:
        self._take, self._give = take, give
        self._free: dict[str, deque[float]] = {}
        """Model → since when each connection that nobody uses is free, the longest first."""
        self._watched: set[str] = set()
        self._turns: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._asked: set[asyncio.Task[None]] = set()

    async def enter(self, model: str) -> None:
        """Wait for a connection."""
        if free := self._free.get(model):
            free.pop()
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(model, deque()).append(place)
        self._ask(model)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave(model)
            raise

    def leave(self, model: str) -> None:
        """Hand a connection on to the next request, or back."""
        self._turns[model] = self._turns.get(model, 0) + 1
        if self._turns[model] % TURNS == 0:
            self._give(model, 1)
            if self._waiting.get(model):
                self._ask(model)
        else:
            self._pass_on(model)

    def _pass_on(self, model: str) -> None:
        """Hand a connection to a request that waits, or keep it for the next."""
        if self._hand_on(model):
            return
        loop = asyncio.get_running_loop()
        self._free.setdefault(model, deque()).append(loop.time())
        if model not in self._watched:
            self._watched.add(model)
            loop.call_later(LINGER, self._return, model)

    def _hand_on(self, model: str) -> bool:
        waiting = self._waiting.get(model, deque())
        while waiting:
            place = waiting.popleft()
            if not place.done():
                place.set_result(None)
                return True
        return False

    def _return(self, model: str) -> None:
        """Give back what was free for long, and look again when the next one will have been."""
        loop, free, number = asyncio.get_running_loop(), self._free[model], 0
        while free and free[0] + LINGER <= loop.time():
            free.popleft()
            number += 1
        if number:
            self._give(model, number)
        if free:
            loop.call_later(free[0] + LINGER - loop.time(), self._return, model)
        else:
            self._watched.discard(model)

    def _ask(self, model: str) -> None:
        task = asyncio.get_running_loop().create_task(self._fetch(model))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _fetch(self, model: str) -> None:
        for _ in range(await self._take(model, 1)):
            self._pass_on(model)


class Joined:
    """The whole study, as a shard sees it through the hub.

    Args:
        hub: The actor.
        shard: The shard's name.
        limited: Whether connections are limited over all shards.
    """

    def __init__(self, hub: Any, shard: str, limited: bool) -> None:
        self._hub, self._who = hub, (shard, uuid4().hex)
        self.gate: Gate | None = Leases(self._take, self._give) if limited else None
        self._next = 0.0
        self._halt: Any = None

    def begin(self) -> Any:
        """Say that the shard begins."""
        return self._hub.begin.remote(*self._who)

    def end(self, progress: Progress) -> list[Any]:
        """Say that it has ended, and how."""
        return [self._hub.hear.remote(*self._who, progress), self._hub.end.remote(*self._who)]

    def _take(self, model: str, wanted: int) -> Any:
        return self._hub.take.remote(*self._who, model, wanted)

    def _give(self, model: str, number: int) -> None:
        self._hub.give.remote(*self._who, model, number)

    def listen(self, progress: Progress) -> None:
        """Report, now and then, how far it is, and hear whether it shall go on."""
        import ray

        now = time.monotonic()
        if self._halt is not None and ray.wait([self._halt], timeout=0)[0]:
            with suppress(ray.exceptions.RayError):
                progress.halt = progress.halt or ray.get(self._halt)
            self._halt = None
        if self._halt is None and now >= self._next:
            self._next = now + PAUSE
            self._halt = self._hub.hear.remote(*self._who, copy.deepcopy(progress))

    def note(self, task: str, model: str, cell: str, position: int, ending: Ending) -> None:
        """As `Whole`."""
        self._hub.note.remote((task, model), cell, position, ending)

    async def decided(self, task: str, model: str, cell: str) -> str:
        """As `Whole`."""
        return str(await self._hub.decided.remote((task, model), cell))

    async def summary(self, task: str, model: str) -> dict[str, JsonValue]:
        """As `Whole`."""
        found: dict[str, JsonValue] = await self._hub.summary.remote((task, model))
        return found

    async def would_exceed(self, limit: float, progress: Progress, again: bool) -> bool:
        """As `Whole`."""
        cost, finished, underway = await self._hub.spent.remote(*self._who, copy.deepcopy(progress))
        return too_dear(limit, cost, finished, underway - again, progress.expected)


def share_name(number: int, of: int) -> str:
    """What the hub calls a shard."""
    return f"{number}/{of}"


def run_share(request: Request, number: int, of: int, hub: Any) -> dict[str, Any]:
    """Run one shard in this process; what came of it, small enough to be sent.

    Args:
        request: The whole study.
        number: Which shard, from 1.
        of: Of how many.
        hub: The actor.
    """
    import ray

    whole = Joined(hub, share_name(number, of), request.max_connections is not None)
    ray.get(whole.begin())
    mine = replace(request.shared(number, of), whole=whole, stoppable=True)
    done = run_study(mine, whole.listen, Stop())
    ray.get(whole.end(done.progress))
    return {"progress": done.progress, "kept": done.kept, "notes": done.notes, "logs": len(done.logs)}
