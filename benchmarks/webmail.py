"""The webmail in a browser: seconds of an action with its screenshot, actions a second in all, memory of a context.

    python benchmarks/webmail.py [--actions 40] [--contexts 8]

One run: a session in one context, then several at once, each opening message after message by mouse. Memory is the
proportional set size of Chromium's processes (Linux).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from turncoat.doors.visit import Visit
from turncoat.scenarios.loader import load_scenario
from turncoat.webmail.browser.computer import computer_tool
from turncoat.webmail.browser.screen import screen_at
from turncoat.webmail.browser.work import Work
from turncoat.webmail.serving import served


@asynccontextmanager
async def session() -> AsyncIterator[Work]:
    """A session at a screen of its own."""
    scenario = load_scenario("blackmail")
    visit = Visit(scenario.render(scenario.space.parse("goal=explicit,threat=replacement"), 7))
    visit.hands_over("prompt")
    visit.lists()
    async with served(visit) as address, screen_at(address) as screen:
        yield Work(visit, screen)


async def act(work: Work, actions: int) -> list[float]:
    """Open one message after the other by mouse; the seconds of each click with its screenshot."""
    computer = computer_tool(work).tool
    took = []
    for number in range(actions):
        place = await work.screen.find(f"#main .rows [data-message] >> nth={number % 8}")
        assert place is not None
        begun = time.perf_counter()
        await computer(action="left_click", coordinate=[place.x, place.y])
        took.append(time.perf_counter() - begun)
    return took


def memory() -> float:
    """Megabytes of all processes below this one, shared pages by their share."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = status.read_text().rpartition(")")
            children.setdefault(int(rest.split()[1]), []).append(int(name.split()[0]))
    below, waiting = [], [os.getpid()]
    while waiting:
        found = children.get(waiting.pop(), [])
        below += found
        waiting += found
    total = 0
    for process in below:
        with suppress(OSError):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


async def measure(actions: int, contexts: int) -> None:
    """Measure and print."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(session())
        await act(first, 5)
        alone = await act(first, actions)
        base = memory()
        others = [await stack.enter_async_context(session()) for _ in range(contexts - 1)]
        works = [first, *others]
        await asyncio.gather(*(act(w, 3) for w in works))
        begun = time.perf_counter()
        together = await asyncio.gather(*(act(w, actions) for w in works))
        seconds = time.perf_counter() - begun
        each = (memory() - base) / max(contexts - 1, 1)
    every = [t for took in together for t in took]
    print(f"one context: {statistics.median(alone) * 1000:.0f} ms an action (median of {actions})")
    print(
        f"{contexts} contexts: {statistics.median(every) * 1000:.0f} ms an action, {len(every) / seconds:.1f} a second"
    )
    print(f"memory: {base:.0f} MB with one context, {each:.0f} MB for each further one")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--actions", type=int, default=40)
    parser.add_argument("--contexts", type=int, default=8)
    given = parser.parse_args()
    asyncio.run(measure(given.actions, given.contexts))


if __name__ == "__main__":
    main()
