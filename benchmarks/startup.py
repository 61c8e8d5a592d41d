"""What starting takes, up to the first request, as ratios to `python -c "import inspect_ai"`.

Run: `python benchmarks/startup.py [--pairs 10]`, best in an installation without further packages: where packages that
extend Inspect are installed, Inspect imports all of them before the first request. Processor time of whole processes,
each ended at its first request; every way is measured beside an import of Inspect, and the median of these ratios is
told. The bare task is Inspect's alone: our entry point is hidden from it.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

IMPORT = "import inspect_ai"

BARE = """
import importlib.metadata, os, sys
everybody = importlib.metadata.entry_points
def others(**group):
    found = everybody(**group)
    return [p for p in found if not p.value.startswith("turncoat")] if group == {"group": "inspect_ai"} else found
importlib.metadata.entry_points = others
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate
task = Task(dataset=[Sample(input="x", target="y")], solver=generate(), scorer=includes())
model = get_model("mockllm/model", custom_outputs=lambda *words: os._exit(0))
eval(task, model=model, display="none", log_dir=sys.argv[1], OPTIONS)
"""

LEAN = "ctl_server=False, log_realtime=False, log_model_api=False, score_display=False"
"""How Turncoat runs Inspect, and what it leaves out."""

RUN = """
import os, sys
from importlib.util import find_spec

class Ending:
    def find_spec(self, name, path=None, target=None):
        if name != "turncoat.sim.provider":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        load = spec.loader.exec_module
        async def end(self, *words, **more):
            os._exit(0)
        def loaded(module):
            load(module)
            module.SimAPI.generate = end
        spec.loader.exec_module = loaded
        return spec

sys.meta_path.insert(0, Ending())
from turncoat.cli import main
main()
"""

PROGRAM = "from turncoat.cli import main; main()"

ONE = ("blackmail", "--model", "sim/insider", "--worlds", "1", "--condition", "control", "--log-dir", "LOGS")


def took(words: Sequence[str], home: Path) -> float:
    """Processor time of a process and of those that it waited for, in seconds.

    Raises:
        SystemExit: It failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as logs:
        command = [sys.executable, "-c", *(logs if w == "LOGS" else w for w in words)]
        settings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, cwd=home, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words[1:3])}: {done.stderr[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ways(home: Path) -> Mapping[str, Sequence[str]]:
    """What is measured: its name, and the words of `python -c`."""
    response = home / "one.jsonl"
    response.write_text('{"response": "Good morning."}\n')
    return {
        "a bare Inspect task": (BARE.replace("OPTIONS", ""), "LOGS"),
        "a bare Inspect task, as Turncoat sets Inspect": (BARE.replace("OPTIONS", LEAN), "LOGS"),
        "turncoat run": (RUN, "run", *ONE),
        "turncoat score of one response": (PROGRAM, "score", str(response), "--scenario", "blackmail"),
        "turncoat show blackmail": (PROGRAM, "show", "blackmail"),
        "turncoat list": (PROGRAM, "list"),
        "turncoat --help": (PROGRAM, "--help"),
    }


def main() -> None:
    """Measure and print ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=10)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, words in ways(home).items():
            took(words, home)  # bytecode is written at the first start
            found = [took(words, home) / took((IMPORT,), home) for _ in range(pairs)]
            print(f"{name}: {statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})", flush=True)


if __name__ == "__main__":
    main()
