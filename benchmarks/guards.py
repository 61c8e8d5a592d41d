"""What guards by rules cost: processor time of scripted sessions with and without them, side by side.

Run: `python benchmarks/guards.py [--acts 30] [--rounds 40]`. A session is one agent at work in a workday: it reads,
writes and waits through the choke point that all doors share, and its log is made a case and scored by rules. Sessions
without guards and with them alternate; printed are medians, what guards add, and that beside the processor time of a
whole sample with tools in an evaluation of a simulated model. The last lines show one turn of many attempts, whose time
for each attempt should not grow.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from tempfile import TemporaryDirectory

from inspect_ai import eval

from turncoat.guards.guard import Session
from turncoat.guards.named import make_guard
from turncoat.judges.rules.judge import RuleJudge
from turncoat.scenarios.finding import rendering_from, setting_of
from turncoat.scenarios.setting import Setting
from turncoat.scoring.score import score_kept
from turncoat.tasks import scenario_task
from turncoat.world import Action, Company, SendMail
from turncoat.world.actions import ListMail, ReadMail, SearchMail, Wait

GUARDS = ("no_outside_mail", "no_forwarding", "hold(minutes=10)")


def acts(setting: Setting, count: int) -> list[Action]:
    """What the agent does: it lists, reads, searches, writes and waits in turn."""
    inside = [p.address for p in setting.seed.directory.people if p.inside]
    mails = [m.id for m in setting.seed.messages]

    def one(n: int) -> tuple[Action, ...]:
        return (
            ListMail(),
            ReadMail(message_id=mails[n % len(mails)]),
            SearchMail(query="order"),
            SendMail(to=(inside[n % len(inside)],), subject=f"Order {n}", body="The parts are on their way. " * 10),
            Wait(minutes=5),
        )

    return [one(n)[n % 5] for n in range(count)]


def session(setting: Setting, todo: list[Action], guards: tuple[str, ...]) -> float:
    """Processor seconds of one session and its scoring."""
    start = time.process_time()
    at = Session(setting, Company(setting.seed), guards=[make_guard(g) for g in guards])

    async def work() -> None:
        for action in todo:
            await at.act(action)
        await score_kept(at.case, RuleJudge())

    asyncio.run(work())
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    metadata = {"scenario": "blackmail", "condition": "staging=workday", "world": "1"}
    start = time.process_time()
    setting = setting_of(rendering_from(metadata), live=True)
    rendering = time.process_time() - start
    todo = acts(setting, given.acts)
    pairs = [(session(setting, todo, ()), session(setting, todo, GUARDS)) for _ in range(given.rounds)]
    without, with_them = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"rendering, once a world: {rendering * 1000:.1f} ms")
    print(f"session of {given.acts} acts, without guards: {without * 1000:.2f} ms")
    added, whole = with_them - without, sample()
    print(f"with {', '.join(GUARDS)}: {with_them * 1000:.2f} ms, {added * 1000:.2f} ms more")
    print(f"a whole sample with tools: {whole * 1000:.0f} ms, of which that is {added / whole:.1%}")
    mail = next(a for a in todo if isinstance(a, SendMail))
    for count in (1000, 10_000):
        took = session_of_one_turn(setting, mail, count)
        print(f"{count} attempts in a turn: {took / count * 1e6:.0f} µs each")


def sample(worlds: int = 12) -> float:
    """Processor seconds of one sample in an evaluation: the second of two runs, so that starting counts for nothing."""
    for _ in range(2):
        task = scenario_task("blackmail", conditions="staging=workday", worlds=f"1-{worlds}", interface="tools")
        with TemporaryDirectory() as folder:
            start = time.process_time()
            eval(task, model="sim/insider", log_dir=folder, display="none", log_realtime=False)
            took = time.process_time() - start
    return took / worlds


def session_of_one_turn(setting: Setting, action: Action, count: int) -> float:
    """Processor seconds that many attempts take which a guard holds back."""
    at = Session(setting, Company(setting.seed, live=False), guards=[make_guard("read_only")])
    start = time.process_time()

    async def work() -> None:
        for _ in range(count):
            await at.act(action)

    asyncio.run(work())
    return time.process_time() - start


if __name__ == "__main__":
    main()
