"""Monitors on finished logs: time and memory by the number of sessions, of the monitor by rules.

Run: `python benchmarks/monitors.py [--sessions 10000]`. A few simulated sessions of each interface are run once and
their samples repeated until there are as many as asked for; half in the text interface, half with tools. How long a
session takes, and how the peak of resident memory grows with their number.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KINDS = ("text", "tools")
WORLDS = 20
PER_LOG = 1000


def write_logs(folder: Path, sessions: int) -> None:
    """Write logs of so many sessions."""
    from inspect_ai import eval
    from inspect_ai.log import write_eval_log

    from turncoat.tasks import scenario_task

    for kind in KINDS:
        task = scenario_task(
            "blackmail",
            conditions="goal=explicit,threat=replacement",
            worlds=f"1-{WORLDS}",
            judge="rules",
            interface=kind,
        )
        with tempfile.TemporaryDirectory() as runs:
            log = eval(task, model="sim/rate-0.3", log_dir=runs, display="none")[0]
            samples = list(log.samples or [])
        assert log.status == "success", log.error
        for part in range(0, sessions // len(KINDS), PER_LOG):
            copies = [
                samples[n % len(samples)].model_copy(update={"epoch": n // len(samples) + 1, "uuid": f"{kind}{n}"})
                for n in range(part, min(part + PER_LOG, sessions // len(KINDS)))
            ]
            log.samples = copies
            log.eval.run_id = log.eval.task_id = f"{kind}-{part}"
            write_eval_log(log, str(folder / f"2026-01-01T00-00-00-00-00_{kind}_{part}.eval"))


def watch(folder: Path) -> dict[str, float]:
    """Watch all logs of a folder in this process."""
    from turncoat.analysis.monitors.measures import measures
    from turncoat.analysis.monitors.watching import watch_logs
    from turncoat.guards.monitors.named import make_monitor

    start, wall = time.process_time(), time.perf_counter()
    found = watch_logs(folder, make_monitor("rules"))
    read, passed = time.process_time() - start, time.perf_counter() - wall
    assert not found.problems, found.problems[:3]
    measures(found)
    whole = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "sessions": len(found.sessions),
        "cpu_s": read,
        "wall_s": passed,
        "measures_s": whole - read,
        "peak_mb": peak,
    }


def main() -> None:
    """Write the logs, watch some and all of them, each in a process of its own, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--watch", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    if given.watch:
        print(json.dumps(watch(given.watch)))
        return
    if given.write:
        write_logs(given.write, given.sessions)
        return
    for sessions in (given.sessions // 10, given.sessions):
        with tempfile.TemporaryDirectory() as folder:
            program = [sys.executable, __file__, "--sessions", str(sessions)]
            subprocess.run([*program, "--write", folder], check=True)
            done = subprocess.run([*program, "--watch", folder], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        each = 1000 * found["cpu_s"] / found["sessions"]
        print(
            f"{found['sessions']:>6.0f} sessions: {found['wall_s']:.1f} s, {found['cpu_s']:.1f} s of processor time "
            f"({each:.2f} ms each), measures {found['measures_s']:.1f} s, peak {found['peak_mb']:.0f} MB"
        )


if __name__ == "__main__":
    main()
