"""Done means all that was planned: what Ctrl-C and other signals leave, told truthfully, and ended within seconds.

One case of each kind runs always, the others by `make test-kills`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.shared import ROOT
from turncoat.analysis import read_table

PLANNED = 24
LONG = pytest.mark.long
PATIENCE = 600
"""Seconds after which a command hangs, on whatever machine."""


def start(folder: Path, *more: str, latency: float = 0.4) -> subprocess.Popen[str]:
    words = [
        *("run", "blackmail", "--model", "sim/insider", "--worlds", "1-3", "--json", "--max-connections", "4"),
        *("--interface", "text", "--interface", "tools", "--model-arg", f"latency={latency}"),
        *("--log-dir", str(folder), *more),
    ]
    return subprocess.Popen(
        [sys.executable, "-c", "from turncoat.cli import main; main()", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_samples(folder: Path, process: subprocess.Popen[str], samples: int = 1) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        notes = "".join(p.read_text() for p in folder.rglob(".turncoat-begun"))
        if notes.count("sim/insider") >= samples:
            return
        time.sleep(0.05)


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, json.loads(out) if out else {}, err


def children(process: subprocess.Popen[str]) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=LONG), pytest.param(signal.SIGHUP, marks=LONG)]
)
def test_a_stopped_run_is_not_complete_and_the_same_command_continues(number: int, tmp_path: Path) -> None:
    process = start(tmp_path)
    wait_for_samples(tmp_path, process, 14)
    process.send_signal(number)
    code, said, err = ended(process)
    assert code == 130 and "the same command continues" in err and "Traceback" not in err
    assert said["complete"] is False and "it was interrupted after" in said["problem"]
    frame = read_table([tmp_path]).frame
    assert not (frame["status"] == "error").any(), "what was in flight is no error"
    assert sum(cell["errors"] for cell in said["cells"]) == 0
    finished = len(frame)
    assert 0 < finished < PLANNED
    code, said, err = ended(start(tmp_path))
    assert (code, said["complete"], said["kept"]) == (0, True, finished), err
    assert len(read_table([tmp_path]).frame) == PLANNED


def test_a_run_that_is_stopped_before_anything_is_finished_says_so(tmp_path: Path) -> None:
    process = start(tmp_path, latency=30)
    wait_for_samples(tmp_path, process)
    process.send_signal(signal.SIGINT)
    code, said, err = ended(process)
    assert code == 130 and "no Inspect logs" not in err and "Traceback" not in err
    assert said["complete"] is False and said["problem"].startswith("it was interrupted after 0 of 24")


@pytest.mark.parametrize("pause", [pytest.param(0.0, marks=LONG), 0.05, pytest.param(0.5, marks=LONG)])
def test_a_second_ctrl_c_ends_the_command(pause: float, tmp_path: Path) -> None:
    process = start(tmp_path, latency=30)
    wait_for_samples(tmp_path, process)
    process.send_signal(signal.SIGINT)
    time.sleep(pause)
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process)
    assert code == 130 and "Traceback" not in err


@pytest.mark.parametrize(
    ("number", "everybody"),
    [
        (signal.SIGTERM, False),
        *(
            pytest.param(number, everybody, marks=LONG)
            for number, everybody in product((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), (False, True))
            if (number, everybody) != (signal.SIGTERM, False)
        ),
    ],
)
def test_workers_end_with_their_parent(number: int, everybody: bool, tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2", latency=5)
    wait_for_samples(tmp_path, process)
    workers = children(process)
    assert len(workers) >= 2
    (os.killpg if everybody else os.kill)(process.pid, number)
    code, said, err = ended(process)
    assert code == 130 and said.get("complete", False) is False and "Traceback" not in err
    assert all(gone(pid) for pid in workers)


@LONG
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2", latency=5)
    wait_for_samples(tmp_path, process)
    workers = children(process)
    process.send_signal(signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    assert all(gone(pid) for pid in workers), "a killed command must not go on spending"


@LONG
def test_workers_of_a_parent_that_is_stopped_twice_end_at_once(tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2", latency=5)
    wait_for_samples(tmp_path, process)
    workers = children(process)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert ended(process)[0] == 130
    assert all(gone(pid) for pid in workers)


@LONG
def test_one_worker_and_two_never_work_in_one_folder(tmp_path: Path) -> None:
    first, second = start(tmp_path, "--workers", "2", latency=1), start(tmp_path, latency=1)
    codes = sorted(ended(process)[0] for process in (first, second))
    assert codes == [0, 2]
    frame = read_table([tmp_path]).frame
    assert len(frame) == PLANNED and not frame.duplicated(["sample", "epoch", "interface"]).any()
    layouts = {path.parent.name.partition("-")[0] for path in tmp_path.rglob("*.eval")}
    assert len(layouts) == 1
