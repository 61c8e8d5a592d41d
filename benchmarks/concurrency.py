"""Many samples in flight: wall time against samples × latency / connections, memory, a slow model beside a fast one.

Run: `python benchmarks/concurrency.py [--samples 1000] [--connections 200] [--latency 10]`. Simulated models; the rules
judge. The processor's share of the time says whether the machine or the waiting was the limit.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

PRESSED = "goal=explicit,threat=replacement"


def run(samples: int, connections: int, latency: float, slow: float = 0.0) -> dict[str, float]:
    """Run one study in this process.

    Args:
        samples: Samples of each model.
        connections: Concurrent requests to each model.
        latency: Seconds of an answer.
        slow: Latency of a second model beside it, if not 0.

    Returns:
        Seconds from the first request to the fast model's last sample, the ideal, processor seconds, peak MB.
    """
    from turncoat.runs.design import scenario_study
    from turncoat.runs.progress import Progress
    from turncoat.runs.request import Request
    from turncoat.runs.runner import run_study
    from turncoat.sim.provider import SimAPI

    begun: list[float] = []
    ended: list[float] = []
    busy: list[int] = [0, 0]
    answer = SimAPI.generate

    async def counted(self: SimAPI, *args: object, **kwargs: object) -> object:
        if slow and self.model_name == "loyal":
            self._latency = slow
        begun.append(time.perf_counter())
        busy[0] += 1
        busy[1] = max(busy)
        try:
            return await answer(self, *args, **kwargs)  # type: ignore[arg-type]
        finally:
            busy[0] -= 1

    def listen(progress: Progress) -> None:
        if progress.of_model("sim/insider").done > len(ended):
            ended.append(time.perf_counter())

    SimAPI.generate = counted  # type: ignore[method-assign,assignment]
    models = ("sim/insider", "sim/loyal") if slow else ("sim/insider",)
    study = scenario_study("blackmail", (PRESSED,), f"1-{samples}", 1)
    with tempfile.TemporaryDirectory() as folder:
        cpu = time.process_time()
        run_study(
            Request(
                study,
                "blackmail",
                models,
                Path(folder),
                max_connections=connections,
                model_args={"latency": latency},
            ),
            listen,
        )
    return {
        "seconds": ended[-1] - begun[0],
        "ideal": samples * latency / connections,
        "cpu": time.process_time() - cpu,
        "in_flight": busy[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _child(out: str, *args: float) -> None:
    samples, connections, latency, slow = args
    Path(out).write_text(json.dumps(run(int(samples), int(connections), latency, slow)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--latency", type=float, default=10.0)
    given = parser.parse_args()
    cases = (("alone", 0.0), ("beside a model ten times slower", given.latency * 10))
    for name, slow in cases:
        samples = given.samples if not slow else given.samples // 5
        with tempfile.NamedTemporaryFile() as out:
            child = multiprocessing.get_context("spawn").Process(
                target=_child, args=(out.name, samples, given.connections, given.latency, slow)
            )
            child.start()
            child.join()
            found = json.loads(Path(out.name).read_text())
        print(
            f"{name}: {samples} samples, {given.connections} connections, {given.latency:g} s: "
            f"{found['seconds']:.1f} s, {found['seconds'] / found['ideal']:.2f} of the ideal {found['ideal']:.1f} s; "
            f"processor {found['cpu']:.1f} s, at most {found['in_flight']} requests at once, "
            f"peak {found['peak_mb']:.0f} MB"
        )


if __name__ == "__main__":
    main()
