"""Shards that are killed again and again, here and on their way into a store: nothing lost, nothing counted twice.

`make test-kills` runs it with more kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shared import ROOT
from turncoat.analysis import read_table
from turncoat.analysis.status import status_of

KILLS = int(os.environ.get("TURNCOAT_KILLS", "4"))
PATIENCE = 300


def start(folder: Path, shard: int) -> subprocess.Popen[bytes]:
    words = [
        *("run", "blackmail", "--model", "sim/insider", "--worlds", "1-8", "--json", "--max-connections", "4"),
        *("--interface", "text", "--interface", "tools", "--model-arg", "latency=0.2", "--model-arg", "jitter=0.9"),
        *("--log-dir", str(folder), "--shard", f"{shard}/2"),
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
    return sorted(zip(frame["interface"], frame["sample"], frame["harmful"].astype(str), strict=True))


@pytest.mark.long
def test_shards_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    chance = random.Random(int(os.environ.get("TURNCOAT_KILLS_SEED", "1")))
    for _ in range(KILLS):
        before = finished(tmp_path / "killed")
        process = start(tmp_path / "killed", chance.randint(1, 2))
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until and finished(tmp_path / "killed") == before:
            time.sleep(0.2)
        time.sleep(chance.uniform(0, 1))
        process.send_signal(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
        process.wait(PATIENCE)
        assert before <= finished(tmp_path / "killed"), "what is written stays"
    for folder in (tmp_path / "killed", tmp_path / "calm"):
        for shard in (2, 1):
            assert start(folder, shard).wait(PATIENCE) == 0
    assert table(tmp_path / "killed") == table(tmp_path / "calm")
    found = status_of(str(tmp_path / "killed"))
    assert [s.state for s in found.shards] == ["done", "done"] and not any(s.twice for s in found.shards)
