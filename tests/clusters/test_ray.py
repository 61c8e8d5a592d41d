"""Ray on two nodes of this machine: the same table as one process, whatever is killed; limits of the whole study.

Not in `make test`: a cluster takes seconds and half a gigabyte. Run with `make test-ray`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log

from tests.runs.test_shards_killed import DOORS, GUARDED
from tests.runs.test_shards_killed import table as of_every_door
from tests.shared import ROOT
from turncoat.analysis import read_table
from turncoat.analysis.status import status_of
from turncoat.base.errors import IncompleteError, TurncoatError
from turncoat.runs.design import scenario_study
from turncoat.runs.executors.executor import Means, executor
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.runs.study import Block, Stopping, Study, load_study

if not os.environ.get("TURNCOAT_RAY"):
    pytest.skip("needs a Ray cluster: make test-ray", allow_module_level=True)
ray: Any = pytest.importorskip("ray", reason="the extra `ray` is not installed")

BOTH = ("goal=explicit,threat=replacement", "control")


@pytest.fixture
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    found: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000})
    found.add_node(num_cpus=1, object_store_memory=80_000_000)
    ray.init(address=found.address, log_to_driver=False)
    yield found
    ray.shutdown()
    found.shutdown()


def request(folder: Path, worlds: str = "1-12", **more: Any) -> Request:
    slow = {"latency": 0.3, "jitter": 0.5}
    return Request(
        scenario_study("blackmail", BOTH, worlds, 1), "blackmail", ("sim/insider",), folder, model_args=slow, **more
    )


def go(asked: Request, workers: int | None = None) -> RunResult:
    return executor("ray")(asked, Means(workers))


def table(folder: Path) -> list[tuple[str, str]]:
    frame = read_table([folder]).frame
    return sorted(zip(frame["sample"], frame["harmful"].astype(str), strict=True))


def finished(folder: Path) -> int:
    """Samples that stand in the logs."""
    return sum(s.finished for s in status_of(str(folder)).shards) if list(folder.glob("*/*.eval")) else 0


def workers(name: str = "ray::run_share") -> list[int]:
    """Our own of Ray's processes of a name; by default those that run shards now."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            process = int(place.parent.name)
            if name.encode() in place.read_bytes() and os.getsid(process) == os.getsid(0):
                found.append(process)
        except OSError:
            continue
    return found


def test_a_killed_worker_and_a_lost_node_change_nothing(cluster: Any, tmp_path: Path) -> None:
    """In every door, half of the sessions with a guard."""

    def asked(place: str) -> Request:
        study = scenario_study("blackmail", ("control", GUARDED), "1-4", 1)
        return replace(request(tmp_path / place, max_connections=2), study=study, interfaces=DOORS)

    samples = 8 * len(DOORS)
    run_study(asked("calm"))
    killed: list[int] = []

    def disturb() -> None:
        until = time.monotonic() + 120
        while not list((tmp_path / "ray").glob("*/*.eval")) and time.monotonic() < until:
            time.sleep(0.2)
        for process in workers()[:1]:
            os.kill(process, signal.SIGKILL)
            killed.append(process)
        time.sleep(2)
        (node,) = cluster.worker_nodes
        cluster.remove_node(node)

    thread = threading.Thread(target=disturb)
    thread.start()
    done = go(asked("ray"), 3)
    thread.join()
    assert killed and done.progress.stopped == "" and done.progress.done == samples
    assert of_every_door(tmp_path / "ray") == of_every_door(tmp_path / "calm")
    assert [s.state for s in status_of(str(tmp_path / "ray")).shards] == ["done"] * 3
    again = go(asked("ray"))
    assert (again.kept, again.progress.finished) == (samples, 0), "the same command finds all done"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130), (signal.SIGTERM, 130)]
)
def test_a_driver_that_is_stopped_ends_its_shards_and_the_same_goes_on(
    cluster: Any, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    run_study(request(tmp_path / "calm"))
    words = [
        *("run", "blackmail", "--model", "sim/insider", "--worlds", "1-12", "--workers", "2", "--max-connections", "2"),
        *(word for condition in BOTH for word in ("--condition", condition)),
        *("--model-arg", "latency=0.3", "--model-arg", "jitter=0.5", "--json", "--log-dir", str(tmp_path / "ray")),
        *("--executor", "ray", "--address", cluster.address),
    ]
    command = [sys.executable, "-c", "from turncoat.cli import main; main()", *words]
    driver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not finished(tmp_path / "ray") and driver.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    driver.send_signal(number)
    assert driver.wait(300) == code
    while workers() and time.monotonic() < until:
        time.sleep(0.2)
    assert not workers(), "a shard without its driver must not go on spending"
    before = finished(tmp_path / "ray")
    assert 0 < before < 24
    done = go(request(tmp_path / "ray", max_connections=2), 2)
    assert (done.kept, done.progress.done) == (before, 24)
    assert table(tmp_path / "ray") == table(tmp_path / "calm")


def test_a_folder_that_is_removed_meanwhile_ends_the_run(cluster: Any, tmp_path: Path) -> None:
    over = threading.Event()

    def remove() -> None:
        while not over.wait(0.2):
            shutil.rmtree(tmp_path / "ray", ignore_errors=True)

    thread = threading.Thread(target=remove)
    thread.start()
    try:
        with pytest.raises(TurncoatError) as caught:
            go(request(tmp_path / "ray", max_connections=2), 2)
    finally:
        over.set()
        thread.join()
    assert "\n" not in str(caught.value)
    assert go(request(tmp_path / "ray", max_connections=2), 2).progress.done == 24


def test_without_what_counts_for_all_the_run_ends_in_one_line(cluster: Any, tmp_path: Path) -> None:
    def kill() -> None:
        until = time.monotonic() + 120
        while not finished(tmp_path / "ray") and time.monotonic() < until:
            time.sleep(0.2)
        for process in workers("ray::Hub"):
            os.kill(process, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(IncompleteError, match=r"was lost .*; the same command continues") as caught:
        go(request(tmp_path / "ray", max_connections=2), 2)
    thread.join()
    assert "\n" not in str(caught.value)


def test_money_and_a_stopping_rule_are_of_the_whole(cluster: Any, tmp_path: Path) -> None:
    block = Block(scenario="blackmail", cells=("control",))
    study = Study(title="x", blocks=(block,), seeds="1-40", stopping=Stopping(threshold=0.9, at_least=5))
    done = go(Request(study, "x", ("sim/loyal",), tmp_path / "stopped", model_args={"latency": 0.2}), 2)
    assert done.progress.skipped and not done.progress.stopped
    frame = read_table([tmp_path / "stopped"]).frame
    assert len(frame) + done.progress.skipped == 40
    assert set(range(5)) <= set(frame["position"]), "what counts is the beginning without gaps"
    prices = tmp_path / "prices.yaml"
    prices.write_text("as_of: 2026-01-01\nsource: x\nmodels:\n  sim/insider: {input: 100000, output: 100000}\n")
    dear = go(request(tmp_path / "dear", max_cost=2000.0, prices=prices), 2)
    assert "cost limit" in dear.progress.stopped and 0 < dear.progress.done < 24


STOPPING = """\
title: A rule, a limit, and kills
seeds: 1-60
stopping: {threshold: 0.6, at_least: 10}
blocks:
  - {scenario: blackmail, cells: [control, "goal=explicit,threat=replacement"]}
"""


def decided(folder: Path) -> set[tuple[str, str, int]]:
    """Cell, decision and number of worlds, of each cell that a rule stopped."""
    found = set()
    for log in [*folder.glob("*.eval"), *folder.glob("*/*.eval")]:
        results = read_eval_log(str(log), header_only=True).results
        if results is not None and results.early_stopping is not None:
            stopped: Any = results.early_stopping.metadata["stopped"]
            for cell, at in stopped.items():
                found.add((cell, str(at["decision"]), int(at["worlds"])))
    return found


@pytest.mark.parametrize("victim", ["driver", "ray::run_share", "ray::Hub"])
def test_kills_change_nothing_while_money_and_a_stopping_rule_are_watched(
    cluster: Any, tmp_path: Path, victim: str
) -> None:
    (tmp_path / "study.yaml").write_text(STOPPING)
    (tmp_path / "prices.yaml").write_text(
        "as_of: 2026-01-01\nsource: x\nmodels:\n  sim/insider: {input: 1, output: 1}\n"
    )
    study = load_study(str(tmp_path / "study.yaml"))
    calm = run_study(Request(study, "x", ("sim/insider",), tmp_path / "calm"))
    words = [
        *("run", str(tmp_path / "study.yaml"), "--model", "sim/insider", "--workers", "2", "--max-cost", "1000"),
        *("--model-arg", "latency=0.3", "--model-arg", "jitter=0.5", "--max-connections", "2", "--json"),
        *("--prices", str(tmp_path / "prices.yaml"), "--log-dir", str(tmp_path / "ray")),
        *("--executor", "ray", "--address", cluster.address),
    ]
    command = [sys.executable, "-c", "from turncoat.cli import main; main()", *words]
    driver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 300
    while finished(tmp_path / "ray") < 4 and driver.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    victims = [driver.pid] if victim == "driver" else workers(victim)[:1]
    assert victims
    os.kill(victims[0], signal.SIGKILL)
    said = driver.communicate(timeout=300)[1]
    assert "Traceback" not in said
    while workers() and time.monotonic() < until:
        time.sleep(0.2)
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=400)
    assert again.returncode == 0, f"{said}\n{again.stderr}"
    assert decided(tmp_path / "calm") and not calm.progress.stopped
    assert decided(tmp_path / "ray") == decided(tmp_path / "calm")
    undisturbed, now = dict(table(tmp_path / "calm")), dict(table(tmp_path / "ray"))
    assert all(undisturbed[name] == harmful for name, harmful in now.items() if name in undisturbed)
    assert len(now) == len(table(tmp_path / "ray")), "no sample counts twice"
