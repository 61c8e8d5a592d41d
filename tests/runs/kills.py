"""A run that is killed again and again, in processes forked from this one, which has everything loaded already.

Run: `python -m tests.runs.kills FOLDER KILLS SEED`. Prints one JSON object: what each kill took, and how it ended. Some
are interruptions by Ctrl-C; each round ends in the folder and in a copy of it; then scoring again is killed, too.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from turncoat.analysis.table.logs import LogFile
from turncoat.analysis.table.schema import Summary
from turncoat.base.errors import LogError, in_flight
from turncoat.cli import STOPPED, app, guarded
from turncoat.providers.models import resolve_model
from turncoat.runs.design import scenario_study, task_plans
from turncoat.runs.progress import Follower

CONDITIONS = ("control", "goal=explicit,threat=replacement,monitor=block_rules")  # one without guards, one with
WORLDS = 10
PLANNED = WORLDS * 2 * 2  # two conditions, two interfaces
IN_FLIGHT = 20  # ten of each interface


def command(folder: Path) -> list[str]:
    return [
        *("run", "blackmail", "--model", "sim/insider", "--worlds", f"1-{WORLDS}", "--json"),
        *(word for condition in CONDITIONS for word in ("--condition", condition)),
        *("--interface", "text", "--interface", "tools", "--max-connections", str(IN_FLIGHT // 2)),
        *("--model-arg", "latency=0.03", "--model-arg", "jitter=0.9", "--log-dir", str(folder)),
    ]


def load_everything() -> None:
    """Load once, for all children, what a first evaluation loads; no thread may be started before the forks."""
    from inspect_ai._util.entrypoints import ensure_entry_points

    for name in (
        "turncoat.runs.runner",
        "turncoat.runs.executors.processes",
        "turncoat.cli.screens",
        "turncoat.report",
    ):
        importlib.import_module(name)
    ensure_entry_points()
    resolve_model("sim/insider")
    for plan in task_plans(scenario_study("blackmail", CONDITIONS, f"1-{WORLDS}", 1), "kills"):
        for condition, world in plan.pairs:
            plan.scenario.render(condition, world)


def start(words: list[str], facts: Path, torn: int = 0) -> int:
    """Begin a command in a process of its own; it notes what begins and what ends.

    Args:
        words: The command.
        facts: File for the notes; what the command prints goes beside it.
        torn: Kill it in the middle of this write of a log, counted from 1; never, if 0.
    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for number, suffix in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(facts.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        _note_samples(os.open(facts, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
        if torn:
            _tear(torn)
        sys.argv = ["turncoat", *words]
        code = guarded(app)
    finally:
        sys.stdout.flush()
        os._exit(code)
    return child


def _note_samples(file: int) -> None:
    begun, ended, names = Follower.on_sample_start, Follower.on_sample_end, Follower.on_task_start
    tasks: dict[str, str] = {}

    def note(kind: str, data: Any, sample: Any) -> None:
        os.write(file, (json.dumps([kind, tasks[data.eval_id], str(sample.id), sample.epoch]) + "\n").encode())

    async def on_task_start(self: Follower, data: Any) -> None:
        tasks[data.eval_id] = data.spec.task
        await names(self, data)

    async def on_sample_start(self: Follower, data: Any) -> None:
        note("begun", data, data.summary)
        await begun(self, data)

    async def on_sample_end(self: Follower, data: Any) -> None:
        if not (data.sample.error and in_flight(data.sample.error.message)):
            note("ended", data, data.sample)
        await ended(self, data)

    for hook in (on_task_start, on_sample_start, on_sample_end):
        setattr(Follower, hook.__name__, hook)


def _tear(number: int) -> None:
    from inspect_ai._util.atomic_write import atomic_write
    from inspect_ai.log._recorders import eval as recorder

    whole, count = recorder._copy_temp_to_local, iter(range(1, 10_000))

    def torn(temp_file: BinaryIO, dest: str, fsync: bool) -> None:
        if next(count) < number:
            whole(temp_file, dest, fsync)
            return
        with atomic_write(dest, fsync=False) as out:
            temp_file.seek(0)
            written = temp_file.read()
            out.write(written[: len(written) // 2])
            out.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    recorder._copy_temp_to_local = torn


Key = tuple[str, str, int]


def noted(facts: Path, kind: str) -> set[Key]:
    lines = facts.read_text().splitlines() if facts.exists() else []
    return {(t, s, e) for k, t, s, e in map(json.loads, lines) if k == kind}


def committed(folder: Path) -> set[Key]:
    """What the log of each task that holds most has finished."""
    fullest: dict[str, set[Key]] = {}
    for path in folder.glob("*.eval"):
        with LogFile(path) as log:
            found = {(log.info.task, s.id, s.epoch) for s in _sound(log) if not s.error}
            fullest[log.info.task] = max(fullest.get(log.info.task, set()), found, key=len)
    return set().union(*fullest.values())


def finish(folder: Path, facts: Path) -> tuple[int, dict[str, Any]]:
    _, status = os.waitpid(start(command(folder), facts), 0)
    out = facts.with_suffix(".out").read_text()
    return os.waitstatus_to_exitcode(status), json.loads(out) if out else {}


def main(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    load_everything()
    result: dict[str, Any] = {"kills": [], "ends": []}
    round_ = starts = 0
    while len(result["kills"]) < kills:
        round_ += 1
        logs = folder / f"killed-{round_}"
        before: set[Key] = set()
        lost: set[Key] = set()
        while len(result["kills"]) < kills and len(before) < PLANNED * 0.8:
            starts += 1
            facts = folder / f"facts-{starts}"
            torn = chance.randint(3, 8) if chance.random() < 0.4 else 0
            child = start(command(logs), facts, torn)
            number = signal.SIGINT if chance.random() < 0.3 else signal.SIGKILL
            if not torn:
                while not noted(facts, "begun") and not os.waitid(
                    os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT
                ):
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 2))
                os.kill(child, number)
            _, status = os.waitpid(child, 0)
            begun, ended, now = noted(facts, "begun"), noted(facts, "ended"), committed(logs)
            before, last = now, before
            lost = (lost | begun) - now
            if (code := os.waitstatus_to_exitcode(status)) not in (-signal.SIGKILL, STOPPED):
                assert code == 0, facts.with_suffix(".err").read_text()
                continue  # it had ended before the moment came
            result["kills"].append(
                {
                    "torn": torn,
                    "interrupted": code == STOPPED,
                    "forgotten": len(last - now),
                    "again": len(begun & last),
                    "in_flight": len(begun - ended),
                    "unwritten": len(ended - now),
                    "lost": len(lost),
                    "committed": len(now),
                }
            )
        for place in (logs, copied(logs)):
            facts = folder / f"end-{place.name}"
            code, summary = finish(place, facts)
            end = {
                "folder": str(place),
                "code": code,
                "kept": len(before),
                "again": len(noted(facts, "begun") & before),
            }
            end |= {"notes": summary.get("notes"), "said": summary.get("kept")}
            result["ends"].append(
                end | {"pieces": len(list(place.glob(".inspect_tmp_*"))) + len(list(place.glob("*.part")))}
            )
    code, _ = finish(folder / "calm", folder / "calm-facts")
    result["calm"] = {"folder": str(folder / "calm"), "code": code}
    result["appends"] = append(folder, max(2, kills // 5), chance)
    print(json.dumps(result))


def copied(logs: Path) -> Path:
    """A copy in which the log that holds least was changed last."""
    copy = logs.with_name(f"{logs.name}-copy")
    shutil.copytree(logs, copy)
    least = min(copy.glob("*.eval"), key=lambda path: path.stat().st_size)
    os.utime(least, (4e9, 4e9))
    return copy


def append(folder: Path, kills: int, chance: random.Random) -> list[dict[str, Any]]:
    """Scoring a log again, killed and given again, until it has ended; what the log holds after each."""
    log = next(Path(shutil.copytree(folder / "calm", folder / "scored")).glob("*blackmail_*.eval"))
    words = ["score", "--append", str(log), "--judge", "sim/judge-0.9-0.9", "--read", "none"]
    found: list[dict[str, Any]] = []
    while not found or found[-1]["code"]:
        facts = folder / f"append-{len(found)}"
        last = len(found) >= kills
        child = start(words, facts, 0 if last else chance.choice((0, 1)))
        if not last:
            time.sleep(chance.uniform(0, 1.5))
            os.kill(child, chance.choice((signal.SIGKILL, signal.SIGINT)))
        _, status = os.waitpid(child, 0)
        with LogFile(log) as read:
            scores = [sorted(s.scores or {}) for s in _sound(read)]
        code = os.waitstatus_to_exitcode(status)
        found.append({"code": code, "samples": len(scores), "scores": sorted({n for s in scores for n in s})})
    found[-1]["pieces"] = sorted(p.name for p in log.parent.glob(".*"))
    return found


def _sound(log: LogFile) -> list[Summary]:
    """The log's summaries, all of which can be read."""
    found = list(log.summaries())
    assert not any(isinstance(s, LogError) for s in found)
    return [s[0] for s in found if not isinstance(s, LogError)]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
