"""What other doors cost beside the tools door: sessions over MCP, and the webmail in a browser.

    python benchmarks/doors.py [--sessions 40] [--rounds 3] [--actions 40] [--contexts 8] [--without-browser]

Processor time of the same session through the tools door in an evaluation, with a model that plays a script; over MCP
in an evaluation, with and without what its client takes; and over MCP served, with its client in another process,
which is not counted: server, journal, log and scoring by rules are. What a client takes is measured in such a
process, from the connection to its end, start-up aside. The doors alternate; printed are medians and ratios. Memory
of a served session is what each of many that have begun adds to one. Of the webmail: seconds of a click with its
screenshot in one context, then several at once, each opening message after message. Memory is the proportional set
size of processes (Linux).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from inspect_ai import eval
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput, ModelUsage, get_model
from mcp.client.client import Client

from turncoat.doors.loopback import listen, new_token, serving
from turncoat.doors.mcp.server import PROMPT, Companies
from turncoat.doors.visit import Visit
from turncoat.runs.visits import journal_of, visit_log, write_visits
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore
from turncoat.tasks import scenario_task
from turncoat.webmail.browser.computer import computer_tool
from turncoat.webmail.browser.screen import screen_at
from turncoat.webmail.browser.work import Work
from turncoat.webmail.serving import served

SCENARIO, CONDITION, WORLD = "blackmail", "goal=explicit,threat=replacement", 7
SEND = {"to": ["ops@example.com"], "subject": "Annex", "body": "The annex is under way. " * 20}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_mail", {}),
    *(("read_mail", {"message_id": f"m{number}"}) for number in range(1, 9)),
    ("search_mail", {"query": "annex"}),
    ("list_mail", {"folder": "sent"}),
    ("look_up", {"query": "a"}),
    ("send_mail", SEND),
    ("wait", {"minutes": 10}),
    ("finish", {}),
)
"""What the agent does in each session."""


def rendered() -> Rendered:
    """Condition and world of all sessions."""
    scenario = load_scenario(SCENARIO)
    return scenario.render(scenario.space.parse(CONDITION), WORLD)


def answer(messages: list[ChatMessage], *_: object) -> ModelOutput:
    """The next call of the script."""
    done = sum(isinstance(m, ChatMessageAssistant) for m in messages)
    output = ModelOutput.for_tool_call("mockllm/model", *CALLS[min(done, len(CALLS) - 1)])
    output.usage = ModelUsage(input_tokens=4000, output_tokens=60, total_tokens=4060)
    return output


def evaluated(interface: str, sessions: int) -> float:
    """Processor seconds of a session in an evaluation, scoring included."""
    task = scenario_task(SCENARIO, conditions=CONDITION, worlds=str(WORLD), judge="rules", interface=interface)
    with TemporaryDirectory() as folder:
        model = get_model("mockllm/model", custom_outputs=answer, memoize=False)
        begun = time.process_time()
        (log,) = eval(task, model=model, epochs=sessions, log_dir=folder, display="none", log_realtime=False)
        took = time.process_time() - begun
        assert log.status == "success" and len(log.samples or ()) == sessions, log.error  # read while it is there
    return took / sessions


async def over_mcp(sessions: int) -> float:
    """Processor seconds of a served session in this process: its client is another one."""
    at = rendered()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "served.eval"
        begun = time.process_time()
        visits = [Visit(at, journal=journal_of(out, n)) for n in range(1, sessions + 1)]
        async with hosted(visits) as addresses:
            await anyio.run_process([sys.executable, __file__, "--client", *addresses])
        log = visit_log(visits, load_scenario(SCENARIO), SCENARIO, at.condition, at.world.id, "mcp")
        write_visits(log, out)
        await anyio.to_thread.run_sync(rescore, out, ScoringOptions("rules"))
        took = time.process_time() - begun
        for visit in visits:
            assert visit.acts.ended == "finished", visit.acts.ended
            visit.close()
    return took / sessions


async def by_its_client(sessions: int) -> float:
    """Processor seconds of a session in its client's process, without what the process takes to start."""
    took = []
    for number in (1, sessions + 1):
        async with hosted([Visit(rendered()) for _ in range(number)]) as addresses:
            begun = resource.getrusage(resource.RUSAGE_CHILDREN)
            await anyio.run_process([sys.executable, __file__, "--client", *addresses])
            ended = resource.getrusage(resource.RUSAGE_CHILDREN)
            took.append(ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime)
    return (took[1] - took[0]) / sessions


async def called(sessions: int) -> float:
    """Processor seconds of the calls of a session by themselves, without a protocol, an evaluation or a log."""
    at = rendered()
    begun = time.process_time()
    for _ in range(sessions):
        visit = Visit(at)
        for name, arguments in CALLS:
            await visit.call(name, arguments)
    return (time.process_time() - begun) / sessions


@asynccontextmanager
async def hosted(visits: Sequence[Visit]) -> AsyncIterator[list[str]]:
    """Visits served under addresses of their own, as `turncoat serve --http` serves them."""
    with listen() as listening:
        companies = Companies(listening.getsockname()[1])
        async with serving(companies.app, listening), anyio.create_task_group() as hosts:
            yield [await hosts.start(companies.host, visit, new_token()) for visit in visits]
            hosts.cancel_scope.cancel()


async def client(addresses: Sequence[str], calls: int) -> None:
    """Work one session after the other; with fewer calls than there are, the sessions stay open."""
    for address in addresses:
        async with Client(address) as company:
            await company.get_prompt(PROMPT)
            await company.list_tools()
            for name, arguments in CALLS[:calls]:
                await company.call_tool(name, arguments)


async def memory_over_mcp(sessions: int) -> float:
    """Megabytes that each further session takes which has begun and not ended."""
    at = rendered()
    command = [sys.executable, __file__, "--calls", str(len(CALLS) - 1), "--client"]
    async with hosted([Visit(at) for _ in range(10)]) as addresses:
        await anyio.run_process([*command, *addresses])
        base = own_memory()
        async with hosted([Visit(at) for _ in range(sessions)]) as more:
            await anyio.run_process([*command, *more])
            return (own_memory() - base) / sessions


@asynccontextmanager
async def session() -> AsyncIterator[Work]:
    """A session at a screen of its own."""
    visit = Visit(rendered())
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


def own_memory() -> float:
    """Megabytes of this process."""
    return _megabytes(os.getpid())


def memory_below() -> float:
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
    return sum(map(_megabytes, below))


def _megabytes(process: int) -> float:
    with suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


async def browser(actions: int, contexts: int) -> None:
    """Measure the webmail, and print."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(session())
        await act(first, 5)
        alone = await act(first, actions)
        base = memory_below()
        others = [await stack.enter_async_context(session()) for _ in range(contexts - 1)]
        works = [first, *others]
        await asyncio.gather(*(act(w, 3) for w in works))
        begun = time.perf_counter()
        together = await asyncio.gather(*(act(w, actions) for w in works))
        seconds = time.perf_counter() - begun
        each = (memory_below() - base) / max(contexts - 1, 1)
    every = [t for took in together for t in took]
    print(f"webmail, one context: {statistics.median(alone) * 1000:.0f} ms an action (median of {actions})")
    print(
        f"{contexts} contexts: {statistics.median(every) * 1000:.0f} ms an action, {len(every) / seconds:.1f} a second"
    )
    print(f"memory: {base:.0f} MB with one context, {each:.0f} MB for each further one")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--actions", type=int, default=40)
    parser.add_argument("--contexts", type=int, default=8)
    parser.add_argument("--without-browser", action="store_true")
    parser.add_argument("--calls", type=int, default=len(CALLS), help=argparse.SUPPRESS)
    parser.add_argument("--client", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        return asyncio.run(client(given.client, given.calls))
    evaluated("tools", 2), asyncio.run(over_mcp(2)), evaluated("mcp", 2)  # what is loaded once counts for nothing
    rounds = [
        (
            evaluated("tools", given.sessions),
            asyncio.run(over_mcp(given.sessions)),
            evaluated("mcp", given.sessions),
            asyncio.run(by_its_client(given.sessions)),
        )
        for _ in range(given.rounds)
    ]
    tools, mcp, inside, aside = (statistics.median(side) for side in zip(*rounds, strict=True))
    print(f"processor time of a session of {len(CALLS)} calls: {tools * 1000:.1f} ms with tools")
    for what, each in (
        ("over MCP in a study, its client in the same process", inside),
        ("the same, what the client takes in a process of its own subtracted", inside - aside),
        ("over MCP, served to a client in another process, without a model", mcp),
    ):
        print(f"{what}: {each * 1000:.1f} ms, {each / tools:.2f} times that")
    print(f"its calls by themselves: {asyncio.run(called(given.sessions)) * 1000:.1f} ms")
    print(f"memory of a served session: {asyncio.run(memory_over_mcp(given.sessions)):.2f} MB")
    if not given.without_browser:
        asyncio.run(browser(given.actions, given.contexts))


if __name__ == "__main__":
    main()
