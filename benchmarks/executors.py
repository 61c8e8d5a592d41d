"""One process, two processes, Ray on two local nodes, and Ray with a limit of connections over the cluster.

Run: `python benchmarks/executors.py [--samples 3000] [--rounds 2]`, with the extra `ray`. The same study each time:
simulated models, the rule judge; interleaved rounds. Wall time from the command's start to its end, and the same
without what a study of two samples takes there, which is the start of processes and of the cluster.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

CONDITIONS = ("control", "goal=explicit,threat=replacement")
WAYS = ("one process", "two processes", "ray", "ray, limited")


def measure(way: str, worlds: int, address: str) -> float:
    """Seconds of one study.

    Args:
        way: One of `WAYS`.
        worlds: Worlds; each is run in two conditions.
        address: The cluster's, for Ray.
    """
    from turncoat.runs.design import scenario_study
    from turncoat.runs.executors.executor import Means, executor
    from turncoat.runs.request import Request

    name = {"one process": "local", "two processes": "processes"}.get(way, "ray")
    limit: dict[str, Any] = {"max_connections": 200} if way == "ray, limited" else {}
    with tempfile.TemporaryDirectory() as folder:
        study = scenario_study("blackmail", CONDITIONS, f"1-{worlds}", 1)
        request = Request(study, "blackmail", ("sim/insider",), Path(folder), **limit)
        began = time.perf_counter()
        means = Means(1 if name == "local" else 2, address=address if name == "ray" else "")
        done = executor(name)(request, means)
        if done.progress.done != 2 * worlds:
            raise SystemExit(f"{way}: {done.progress.done} of {2 * worlds} samples")
        return time.perf_counter() - began


def main() -> None:
    """Measure and print medians and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    import ray
    from ray.cluster_utils import Cluster

    cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000})
    cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
    ray.init(address=cluster.address, log_to_driver=False)
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    start: dict[str, list[float]] = {way: [] for way in WAYS}
    try:
        for _ in range(given.rounds):
            for way in WAYS:
                start[way].append(measure(way, 2, cluster.address))
                took[way].append(measure(way, given.samples // 2, cluster.address))
                print(f"{way}: {took[way][-1]:.1f} s, start {start[way][-1]:.1f} s", flush=True)
    finally:
        ray.shutdown()
        cluster.shutdown()
    whole = {way: statistics.median(took[way]) for way in WAYS}
    beyond = {way: whole[way] - statistics.median(start[way]) for way in WAYS}
    for words, found in (("whole", whole), ("beyond the start", beyond)):
        print(
            f"{words}: one process to two {found['one process'] / found['two processes']:.2f}, "
            f"ray to two processes {found['ray'] / found['two processes']:.2f}, "
            f"limited to not {found['ray, limited'] / found['ray']:.3f}"
        )


if __name__ == "__main__":
    main()
