"""What the hub of a cluster knows, without a cluster: connections, money, halting, and shards that begin again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from turncoat.base.errors import UsageError
from turncoat.runs.design import scenario_study
from turncoat.runs.early_stopping import Sequences
from turncoat.runs.executors import executor as executors
from turncoat.runs.executors.executor import Means, Where, executor, run_where
from turncoat.runs.executors.ray.hub import Hub
from turncoat.runs.executors.ray.share import LINGER, TURNS, Leases
from turncoat.runs.prices import load_prices
from turncoat.runs.progress import Progress
from turncoat.runs.request import Request, RunResult
from turncoat.runs.study import Stopping


def spent(cost: float, finished: int) -> Progress:
    return Progress({}, load_prices(None), cost=cost, finished=finished)


def test_connections_are_limited_over_all_shards_and_free_when_one_begins_again() -> None:
    async def go() -> None:
        hub = Hub(3, {})
        await hub.begin("1/2", "a")
        await hub.begin("2/2", "b")
        assert (await hub.take("1/2", "a", "m", 5), await hub.take("1/2", "a", "other", 1)) == (3, 1)
        waiting = asyncio.create_task(hub.take("2/2", "b", "m", 1))
        await asyncio.sleep(0)
        assert not waiting.done()
        await hub.begin("1/2", "again")
        assert await waiting == 1 and hub.used("m") == 1
        await hub.give("1/2", "a", "m", 3)
        assert hub.used("m") == 1, "what the lost attempt gives back counts no more"
        assert await hub.take("1/2", "a", "m", 1) == 0, "nor is it given anything"

    asyncio.run(go())


def test_money_of_a_lost_attempt_is_spent() -> None:
    async def go() -> tuple[float, int, int]:
        hub = Hub(None, {})
        await hub.begin("1/1", "a")
        await hub.hear("1/1", "a", spent(2.0, 4))
        await hub.begin("1/1", "b")
        await hub.hear("1/1", "a", spent(9.0, 9))
        return await hub.spent("1/1", "b", spent(1.0, 3))

    assert asyncio.run(go()) == (3.0, 3, 0)


def test_a_rule_looks_at_the_beginning_of_all_worlds() -> None:
    async def go() -> list[str]:
        hub = Hub(None, {("t", "m"): Sequences(Stopping(threshold=0.9, at_least=3), [], [("c", i) for i in range(40)])})
        said = []
        for position in [*range(1, 40), 0]:
            await hub.note(("t", "m"), "c", position, "harmless")
            said.append(await hub.decided(("t", "m"), "c"))
        return said

    *before, last = asyncio.run(go())
    assert not any(before) and last


def test_leases_keep_to_what_they_were_given_and_ask_seldom() -> None:
    asked: list[int] = []
    given: list[int] = []

    async def take(model: str, wanted: int) -> int:
        asked.append(wanted)
        while len(asked) - len(given) > 2:
            await asyncio.sleep(0)
        return wanted

    async def go() -> int:
        gate, busy, most = Leases(take, lambda _, n: given.append(n)), 0, 0

        async def request() -> None:
            nonlocal busy, most
            await gate.enter("m")
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0)
            busy -= 1
            gate.leave("m")

        for _ in range(20):
            await asyncio.gather(*(request() for _ in range(2)))
        await asyncio.sleep(0.3)
        return most

    assert asyncio.run(go()) <= 2
    assert len(asked) == sum(given) <= 2 + 40 // TURNS + 1


def test_requests_that_follow_each_other_keep_their_connection() -> None:
    asked: list[int] = []
    given: list[int] = []

    async def take(model: str, wanted: int) -> int:
        asked.append(wanted)
        return wanted

    async def go() -> None:
        gate = Leases(take, lambda _, n: given.append(n))
        for _ in range(TURNS - 1):
            await gate.enter("m")
            gate.leave("m")
            await asyncio.sleep(LINGER / 10)
        assert (asked, given) == ([1], [])
        await asyncio.sleep(2 * LINGER)

    asyncio.run(go())
    assert (asked, given) == ([1], [1])


def test_a_request_that_is_given_up_leaves_its_place() -> None:
    held = asyncio.Event

    async def go() -> int:
        there, given = held(), []

        async def take(model: str, wanted: int) -> int:
            await there.wait()
            return wanted

        gate = Leases(take, lambda _, n: given.append(n))
        waiting: Any = asyncio.create_task(gate.enter("m"))
        await asyncio.sleep(0)
        waiting.cancel()
        there.set()
        await asyncio.sleep(0.01)
        assert not given, "another request may come"
        await asyncio.sleep(2 * LINGER)
        return sum(given)

    assert asyncio.run(go()) == 1


def test_executors_have_names() -> None:
    with pytest.raises(UsageError, match="did you mean 'processes'"):
        executor("proceses")


def test_a_plug_in_is_an_executor_like_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = Request(scenario_study("blackmail", ("control",), "1", 1), "x", ("sim/loyal",), tmp_path)
    given: list[Means] = []

    def mine(request: Request, means: Means) -> RunResult:
        given.append(means)
        return executor("local")(request, Means())

    monkeypatch.setattr(executors, "extensions", lambda group: {"mine": lambda: mine} if group == "executors" else {})
    assert run_where(asked, Where(3, "mine", "head:1")).progress.done == 1
    assert (given[0].workers, given[0].address) == (3, "head:1")
    for name in ("", "local", "processes"):
        with pytest.raises(UsageError, match="--address goes with"):
            run_where(asked, Where(2 if name == "processes" else None, name, "head:1"))
