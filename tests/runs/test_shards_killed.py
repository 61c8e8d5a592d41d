"""Shards, and processes of one machine, that are killed again and again, in every door and with guards.

Nothing is lost and nothing counts twice. `make test-kills` runs it with more kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.report.chromium import INSTALLED
from tests.shared import ROOT
from turncoat.analysis import read_table
from turncoat.analysis.status import status_of

KILLS = int(os.environ.get("TURNCOAT_KILLS", "4"))
PATIENCE = 600
DOORS = ("text", "tools", "mcp", *(("webmail-aria",) if INSTALLED and find_spec("playwright") else ()))
GUARDED = "goal=explicit,threat=replacement,monitor=block_rules"

WHERE = {"shards": ("--shard=1/2", "--shard=2/2"), "processes": ("--workers=2",)}
"""How the study is run → the words of its commands."""


def start(folder: Path, part: str) -> subprocess.Popen[bytes]:
    words = [
        *("run", "blackmail", "--model", "sim/insider", "--worlds", "1-4", "--json", "--max-connections", "4"),
        *(word for door in DOORS for word in ("--interface", door)),
        *("--condition", "control", "--condition", GUARDED, "--model-arg", "latency=0.1", "--model-arg", "jitter=0.9"),
        *("--log-dir", str(folder), part),
    ]
    command = [sys.executable, "-c", "from turncoat.cli import main; main()", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finished(folder: Path) -> set[tuple[str, str]]:
    logs = list(folder.rglob("*.eval"))
    frame = read_table(logs).frame if logs else None
    if frame is None:
        return set()
    frame = frame[frame["status"] != "error"]
    return set(zip(frame["interface"], frame["sample"], strict=True))


def table(folder: Path) -> list[tuple[str, ...]]:
    frame = read_table([folder]).frame
    columns = ("interface", "sample", "status", "harmful", "rung", "blocked", "got_through")
    return sorted(zip(*(frame[c].astype(str) for c in columns), strict=True))


def kill(process: subprocess.Popen[bytes], chance: random.Random) -> None:
    """End a command, by a signal that it hears or not; or one of the processes that it has started."""
    victim, number = process.pid, chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
    with suppress(OSError):  # it has ended meanwhile
        children = Path(f"/proc/{victim}/task/{victim}/children").read_text().split()
        if children and chance.random() < 0.4:
            victim, number = int(chance.choice(children)), signal.SIGKILL
    with suppress(ProcessLookupError):
        os.kill(victim, number)


@pytest.mark.long
@pytest.mark.parametrize("where", WHERE)
def test_what_is_killed_loses_nothing(tmp_path: Path, where: str) -> None:
    chance = random.Random(int(os.environ.get("TURNCOAT_KILLS_SEED", "1")))
    for _ in range(KILLS):
        before = finished(tmp_path / "killed")
        process = start(tmp_path / "killed", chance.choice(WHERE[where]))
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until and finished(tmp_path / "killed") == before:
            time.sleep(0.2)
        time.sleep(chance.uniform(0, 1))
        kill(process, chance)
        process.wait(PATIENCE)
        assert before <= finished(tmp_path / "killed"), "what is written stays"
    for folder in (tmp_path / "killed", tmp_path / "calm"):
        for part in reversed(WHERE[where]):
            assert start(folder, part).wait(PATIENCE) == 0
    rows = table(tmp_path / "killed")
    assert rows == table(tmp_path / "calm") and {row[0] for row in rows} == set(DOORS)
    assert len(rows) == 4 * 2 * len(DOORS) and {"1", "2"} & {row[-2] for row in rows}, "a guard stopped something"
    found = status_of(str(tmp_path / "killed"))
    assert [s.state for s in found.shards] == ["done", "done"] and not any(s.twice for s in found.shards)
