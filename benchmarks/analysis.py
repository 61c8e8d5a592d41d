"""What the analysis costs: logs of many samples to the table, to Inspect's own frame, and to the report.

Run: `python benchmarks/analysis.py [--samples 10000] [--copies 10] [--rounds 3]`. Logs are grown from the samples of a
simulated run by Inspect's own writer. Each contender runs in its own process, in turn; printed are medians of processor
time, and ratios of them. The report is of so many copies of these logs, each under another model's name.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_STORED, ZipFile

from turncoat.analysis.table.archive import Archive

if TYPE_CHECKING:
    from inspect_ai.log import EvalSample

CONDITIONS = ("control", "goal=explicit", "threat=replacement", "goal=explicit,threat=replacement")
MODELS = 4
ANSWER = 12_000
"""Characters by which an answer is made longer, so that a sample takes about 15 kB on disk, as real ones do."""

WORLDS = 250
"""Worlds of each condition in one log; epochs make up the rest."""


def fabricate(folder: Path, samples: int) -> None:
    """Write logs of so many samples: one for each of four models, grown from one real log of a simulated run."""
    from inspect_ai.log import read_eval_log, write_eval_log

    from turncoat.runs.design import scenario_study
    from turncoat.runs.request import Request
    from turncoat.runs.runner import run_study

    with tempfile.TemporaryDirectory() as small:
        study = scenario_study("blackmail", CONDITIONS, "1-6", 1)
        result = run_study(Request(study, "blackmail", ["sim/insider"], Path(small)))
        log = read_eval_log(str(result.paths[0]))
    seeds = list(log.samples or [])
    each = samples // MODELS
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(MODELS):
        grown = []
        for i in range(each):
            condition = CONDITIONS[i % len(CONDITIONS)]
            world, epoch = (i // len(CONDITIONS)) % WORLDS, i // (len(CONDITIONS) * WORLDS) + 1
            alike = [s for s in seeds if (s.metadata or {})["condition"] == condition]
            chosen = alike[(i * 7 + number) % len(alike)]
            metadata = {**(chosen.metadata or {}), "world": f"affair.1@{world}"}
            name = f"blackmail/{condition}/affair.1@{world}"
            copied = chosen.model_copy(update={"id": name, "epoch": epoch, "metadata": metadata, "uuid": None})
            grown.append(lengthened(copied, i * MODELS + number))
        copy = log.model_copy(deep=True)
        copy.samples = grown
        copy.eval.model = f"sim/model{number}"
        copy.eval.task_id, copy.eval.eval_id = f"task{number}", f"eval{number}"
        write_eval_log(copy, str(folder / f"2026-03-0{number + 1}T09-00-00_blackmail_m{number}.eval"))


def lengthened(sample: EvalSample, number: int) -> EvalSample:
    """The sample with a longer answer: words that differ from sample to sample, or the archive would pack them away."""
    draw = random.Random(number)
    words = " ".join(f"{draw.getrandbits(44):x}"[: draw.randint(2, 11)] for _ in range(ANSWER // 7))
    output = sample.output.model_copy(deep=True)
    message = output.choices[0].message
    message.content = f"{message.text}\n\n{words}"
    # Inspect keeps an answer in one place and refers to it from the others by its hash; so does its writer here.
    return sample.model_copy(update={"output": output, "messages": [*sample.messages[:-1], message]})


def multiply(folder: Path, copies: int) -> None:
    """Copy each log under other models' names: a later member of a name replaces an earlier one in the archive."""
    for path in sorted(folder.glob("*.eval")):
        with Archive(path) as archive:
            header = archive.json("header.json")
        for number in range(1, copies):
            copy = path.with_name(f"{path.stem}_{number}.eval")
            shutil.copyfile(path, copy)
            header["eval"] |= {"model": f"{header['eval']['model'].partition('-')[0]}-{number}", "task_id": copy.stem}
            with warnings.catch_warnings(), ZipFile(copy, "a", ZIP_STORED) as zipped:
                warnings.simplefilter("ignore")
                zipped.writestr("header.json", json.dumps(header))


def bare(folder: Path) -> int:
    """Parse the summaries of each log and keep nothing: the floor."""
    count = 0
    for path in sorted(folder.glob("*.eval")):
        with Archive(path) as archive:
            count += len(archive.json("summaries.json"))
    return count


def table(folder: Path) -> int:
    """Our table."""
    from turncoat.analysis import read_table

    return len(read_table([folder]).frame)


def peer(folder: Path) -> int:
    """Inspect's frame with the same content."""
    from inspect_ai.analysis import SampleScores, SampleSummary, samples_df

    return len(samples_df(str(folder), columns=[*SampleSummary, *SampleScores]))


def report(folder: Path) -> int:
    """The report, with its transcripts."""
    from turncoat.report import write_report

    return write_report([folder], folder / "report.html").samples


CONTENDERS: dict[str, Callable[[Path], int]] = {"bare": bare, "table": table, "peer": peer, "report": report}


def run_once(name: str, folder: Path) -> dict[str, float]:
    """Run one contender in this process; imports are not counted."""
    if name == "peer":
        import inspect_ai.analysis  # noqa: F401
    elif name != "bare":
        import turncoat.report  # noqa: F401
    # Processor seconds: other work on the machine is not counted, and all contenders read from the page cache.
    start = time.process_time()
    rows = CONTENDERS[name](folder)
    seconds = time.process_time() - start
    return {"seconds": seconds, "peak_mb": peak_mb(), "rows": rows}


def peak_mb() -> float:
    """Largest memory of this process alone; `getrusage` would count what its parent had when it started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def measure(name: str, folder: Path) -> dict[str, float]:
    """Run one contender in a process of its own."""
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=CONTENDERS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run_once(given.one, given.folder)))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = given.folder or Path(place) / "logs"
        if not list(folder.glob("*.eval")):
            fabricate(folder, given.samples)
        _compare(folder, given.samples, given.rounds)
        if given.copies:
            multiply(folder, given.copies)
            found = measure("report", folder)
            size = (folder / "report.html").stat().st_size / 1e6
            seconds, peak = found["seconds"], found["peak_mb"]
            print(f"report of {found['rows']:.0f} samples: {seconds:.1f} s  peak {peak:.0f} MB  file {size:.1f} MB")


def _compare(folder: Path, samples: int, rounds: int) -> None:
    size = sum(p.stat().st_size for p in folder.glob("*.eval"))
    print(f"{samples} samples, {size / samples / 1000:.1f} kB each on disk")
    names = ("bare", "table", "peer")
    found: dict[str, list[dict[str, float]]] = {n: [] for n in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(measure(name, folder))
    if not rounds:
        return
    median = {n: statistics.median(r["seconds"] for r in runs) for n, runs in found.items()}
    for name in names:
        print(f"{name:7} {median[name]:7.2f} s  peak {max(r['peak_mb'] for r in found[name]):6.0f} MB")
    ours = median["table"]
    print(f"table / bare {ours / median['bare']:.2f}  peer / table {median['peer'] / ours:.2f}")


if __name__ == "__main__":
    main()
