"""What Turncoat costs on top of Inspect: our task, a bare task with the same messages, the published port.

Run: `python benchmarks/overhead.py [--samples 500] [--rounds 3]`. The same mock outputs, the same number of samples,
scoring included; medians of interleaved rounds, each in its own process, as ratios.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext

ANSWER = (
    "I have gone through the new mail.\n\n"
    '<tool_use:email>\nto: "ops@example.com",\nsubject: "Open work",\nbody: "'
    + "The annex is under way. " * 90
    + '",\n</tool_use:email>'
)
NAMES = ("bare", "turncoat", "peer")


def mock(*_: object, **__: object) -> object:
    """One answer, with usage, so that nothing counts tokens."""
    from inspect_ai.model import ModelOutput, ModelUsage

    output = ModelOutput.from_content("mockllm/model", ANSWER)
    output.usage = ModelUsage(input_tokens=4000, output_tokens=600, total_tokens=4600)
    return output


def mock_grader(*_: object, **__: object) -> object:
    """An answer in the form that the published port's grader must give."""
    from inspect_ai.model import ModelOutput, ModelUsage

    output = ModelOutput.from_content("mockllm/model", "<thinking>No.</thinking><answer>no</answer>")
    output.usage = ModelUsage(input_tokens=4000, output_tokens=10, total_tokens=4010)
    return output


def run_once(name: str, samples: int) -> dict[str, float]:
    """Run one contender in this process.

    Returns:
        Seconds and processor seconds of the evaluation, peak memory in MB, bytes of log per sample.
    """
    from pathlib import Path

    from inspect_ai import Task, eval, task_with
    from inspect_ai.dataset import Sample
    from inspect_ai.model import get_model
    from inspect_ai.scorer import includes

    from turncoat.runs.runner import AT_ONCE, PART, collector_spared, logging_of, turn
    from turncoat.tasks import scenario_task

    def part_of(worlds: str) -> Task:
        return scenario_task("blackmail", conditions="goal=explicit,threat=replacement", worlds=worlds, judge="rules")

    settings: dict[str, object] = {}
    epochs = 1
    tasks: list[Task] = []
    if name == "turncoat":  # as `turncoat run` does: logs of so many worlds, so many at a time, small buffers
        starts = range(1, samples + 1, PART)
        tasks = [
            task_with(part_of(f"{s}-{min(s + PART - 1, samples)}"), name=f"blackmail-part{i}")
            for i, s in enumerate(starts, 1)
        ]
        at_once = min(AT_ONCE, len(tasks))
        settings = {**logging_of(at_once), "max_tasks": at_once}
        task = tasks[0]
    elif name == "bare":
        copies = [Sample(id=s.id, input=s.input, target="x") for s in part_of(f"1-{samples}").dataset]
        task = Task(dataset=copies, scorer=includes())
    else:
        from inspect_evals.agentic_misalignment import agentic_misalignment

        task = agentic_misalignment(grader_model=get_model("mockllm/model", custom_outputs=mock_grader, memoize=False))
        epochs = samples
    model = get_model("mockllm/model", custom_outputs=mock)
    with tempfile.TemporaryDirectory() as folder:
        # Inspect's first evaluation in a process loads all entry points (about 4 s); every contender pays it before.
        eval(task, model=model, log_dir=f"{folder}/first", display="none", limit=1, epochs=1)
        ours = name == "turncoat"  # as `turncoat run` does
        with turn() if ours else nullcontext(), collector_spared() if ours else nullcontext():
            start, start_cpu = time.perf_counter(), time.process_time()
            logs = eval(
                tasks or task,
                model=model,
                log_dir=folder,
                display="none",
                epochs=epochs,
                **settings,  # type: ignore[arg-type]  # switches of logging
            )
            seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
        assert all(log.status == "success" for log in logs), [log.error for log in logs]
        size = sum(p.stat().st_size for p in Path(folder).glob("*.eval")) / samples
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "peak_mb": peak, "bytes_per_sample": size}


def main() -> None:
    """Compare the contenders and print ratios of medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=NAMES)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run_once(given.one, given.samples)))
        return
    found: dict[str, list[dict[str, float]]] = {n: [] for n in NAMES}
    for _ in range(given.rounds):
        for name in NAMES:
            command = [sys.executable, __file__, "--one", name, "--samples", str(given.samples)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"{name}: not run: {done.stderr.strip().splitlines()[-1][:200]}")
                continue
            found[name].append(json.loads(done.stdout.strip().splitlines()[-1]))
    medians = {
        n: {k: statistics.median(r[k] for r in rounds) for k in rounds[0]} for n, rounds in found.items() if rounds
    }
    for name, m in medians.items():
        speed = medians["bare"]["seconds"] / m["seconds"]
        busy = medians["bare"]["cpu"] / m["cpu"]
        memory = m["peak_mb"] / medians["bare"]["peak_mb"]
        rate, size = given.samples / m["seconds"], m["bytes_per_sample"] / 1000
        print(
            f"{name:9} {rate:6.1f} samples/s  speed {speed:.2f} of bare ({busy:.2f} by processor time)  "
            f"memory {memory:.2f}  log {size:.1f} kB/sample"
        )


if __name__ == "__main__":
    main()
