"""Big results: synthetic summaries of many samples to table, rates and report, the first and the second time.

Run: `python benchmarks/scale.py [--samples 10000,100000,1000000] [--folder FOLDER]`. The summaries are those of a small
simulated run, repeated under other worlds, models and ids, a thousand in a log, without the samples themselves; so the
report has no transcripts. Each step runs in a process of its own; printed are wall time, processor time and the
process's peak memory, and how they grow.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

CONDITIONS = ("control", "goal=explicit", "threat=replacement", "goal=explicit,threat=replacement")
EACH = 1000
"""Samples in a log: 250 worlds of four conditions, as a run makes them."""
MODELS = 10
STEPS = ("table", "rates", "report")


def fabricate(folder: Path, samples: int) -> None:
    """Write logs of so many samples."""
    from turncoat.analysis.table.archive import Archive
    from turncoat.runs.design import scenario_study
    from turncoat.runs.request import Request
    from turncoat.runs.runner import run_study

    with tempfile.TemporaryDirectory() as small:
        study = scenario_study("blackmail", CONDITIONS, "1-20", 1)
        (path,) = run_study(Request(study, "blackmail", ["sim/insider"], Path(small))).paths
        with Archive(path) as archive:
            header, seeds = archive.json("header.json"), archive.json("summaries.json")
    alike: dict[str, list[dict[str, Any]]] = {c: [] for c in CONDITIONS}
    for seed in seeds:
        alike[seed["metadata"]["condition"]].append(seed)
    folder.mkdir(parents=True)
    for number in range(samples // EACH):
        draw = random.Random(number)
        model, block = f"sim/model{number % MODELS}", number // MODELS
        found = [_summary(draw, alike, i, block, model) for i in range(EACH)]
        header["eval"] |= {"model": model, "task_id": f"task{number}", "eval_id": f"eval{number}"}
        header["eval"]["dataset"] |= {"samples": EACH, "sample_ids": []}
        header["results"] |= {"total_samples": EACH, "completed_samples": EACH}
        with ZipFile(
            folder / f"2026-03-01T09-00-00_blackmail_{number:05}.eval", "w", ZIP_DEFLATED, compresslevel=1
        ) as out:
            out.writestr("header.json", json.dumps(header))
            out.writestr("summaries.json", json.dumps(found))


def _summary(draw: random.Random, alike: dict[str, list[dict[str, Any]]], i: int, block: int, model: str) -> Any:
    condition = CONDITIONS[i % len(CONDITIONS)]
    seed = draw.choice(alike[condition])
    world = f"affair.1@{block * (EACH // len(CONDITIONS)) + i // len(CONDITIONS) + 1}"
    metadata = {**seed["metadata"], "world": world}
    usage = dict.fromkeys([model], next(iter(seed["model_usage"].values())))
    name = f"blackmail/{condition}/{world}"
    return {**seed, "id": name, "metadata": metadata, "uuid": f"{draw.getrandbits(96):x}", "model_usage": usage}


def step(name: str, folder: Path) -> None:
    """One step, in this process; prints what it took."""
    began, busy = time.perf_counter(), time.process_time()
    from turncoat.analysis import rates, read_table

    if name == "report":
        from turncoat.report import write_report

        write_report([folder], folder.parent / "report.html", transcripts=0)
    else:
        table = read_table([folder])
        if name == "rates":
            rates(table)
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024
    print(json.dumps([time.perf_counter() - began, time.process_time() - busy, peak]))


def measure(name: str, folder: Path) -> tuple[float, float, float]:
    """One step in a process of its own: seconds, seconds of the processor, megabytes."""
    words = [sys.executable, __file__, "--step", name, "--folder", str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    wall, busy, peak = json.loads(done.stdout.splitlines()[-1])
    return wall, busy, peak


def main() -> None:
    """Measure, or run one step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", default="10000,100000,1000000")
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.step:
        step(given.step, given.folder)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        for samples in map(int, given.samples.split(",")):
            folder = Path(place, f"logs-{samples}")
            fabricate(folder, samples)
            size = sum(p.stat().st_size for p in folder.rglob("*")) / 1e6
            print(f"{samples:,} samples, {size:.0f} MB of logs")
            for name, again in (("table", False), *((s, True) for s in STEPS)):
                wall, busy, peak = measure(name, folder)
                when = "from parts" if again else "first time"
                print(f"  {name:7} {when}: {wall:7.1f} s, processor {busy:7.1f} s, peak {peak:5} MB", flush=True)


if __name__ == "__main__":
    main()
