"""One process, two processes, Ray on two local nodes, and Ray with a limit of connections over the cluster.

Run: `python benchmarks/executors.py [--samples 3000] [--rounds 2] [--way "two processes"]`, with the extra `ray` where
that is measured. The same study each time: simulated models, the rule judge; interleaved rounds. Wall time from the
command's start to its end, and the same without what a study of four samples takes there, which is the start of
processes. Each round says its ratios, so that a long one may be ended. One of 10,000 samples takes a quarter of an hour
on an idle machine of two cores.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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


def ratios(took: Mapping[str, Sequence[float]]) -> str:
    """One way to another, by their medians, as far as they were measured."""
    found = {way: statistics.median(times) for way, times in took.items() if times}
    return ", ".join(
        f"{words} {found[first] / found[second]:.3f}"
        for words, first, second in (
            ("one process to two", "one process", "two processes"),
            ("ray to two processes", "ray", "two processes"),
            ("limited to not", "ray, limited", "ray"),
        )
        if first in found and second in found
    )


@contextmanager
def cluster(wanted: bool) -> Iterator[str]:
    """The address of two nodes of this machine, or "" where none is wanted."""
    if not wanted:
        yield ""
        return
    import ray
    from ray.cluster_utils import Cluster

    found: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000})
    found.add_node(num_cpus=1, object_store_memory=80_000_000)
    ray.init(address=found.address, log_to_driver=False)
    try:
        yield str(found.address)
    finally:
        ray.shutdown()
        found.shutdown()


def main() -> None:
    """Measure and print medians and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--way", action="append", choices=WAYS, help="Only this one; may be repeated.")
    given = parser.parse_args()
    ways = given.way or WAYS
    took: dict[str, list[float]] = {way: [] for way in ways}
    beyond: dict[str, list[float]] = {way: [] for way in ways}
    with cluster(any(way.startswith("ray") for way in ways)) as address:
        for number in range(1, given.rounds + 1):
            for way in ways:
                start = measure(way, 2, address)
                took[way].append(measure(way, given.samples // 2, address))
                beyond[way].append(took[way][-1] - start)
                each = 1000 * beyond[way][-1] / given.samples
                print(f"{way}: {took[way][-1]:.1f} s, start {start:.1f} s, {each:.2f} ms a sample", flush=True)
            print(f"after round {number}, whole: {ratios(took)}", flush=True)
            print(f"after round {number}, beyond the start: {ratios(beyond)}", flush=True)


if __name__ == "__main__":
    main()
