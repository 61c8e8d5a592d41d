"""What a command loads before it does anything.

What is scored from a file needs no Inspect, nor data frames; a run needs neither data frames nor what comes after it.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from turncoat import cli
from turncoat.base.stopping import STOPPED
from turncoat.providers.inspect_private import WITHOUT_HOOKS

HEAVY = ("inspect_ai", "pandas", "numpy", "scipy", "rich", "httpx")

SCRIPT = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps([m for m in {heavy} if m in sys.modules]), file=sys.stderr))
from turncoat.cli import main
main()
"""


@pytest.mark.parametrize(
    "words",
    [
        ["score", "FILE", "--scenario", "blackmail"],
        ["score", "FILE", "--scenario", "espionage", "--set", "goal=explicit"],
        ["show", "blackmail"],
    ],
)
def test_a_command_without_models_loads_no_inspect(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({"response": "Good morning."}) + "\n")
    command = [sys.executable, "-c", SCRIPT.format(heavy=HEAVY), *(str(file) if w == "FILE" else w for w in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == []


NOT_BEFORE_A_REQUEST = (
    *("pandas", "numpy", "scipy", "statsmodels", "pyarrow", "vl_convert", "bs4", "ray", "allpairspy", "acp"),
    *("turncoat.analysis", "turncoat.report", "turncoat.search", "turncoat.checks", "turncoat.readers"),
    *("turncoat.webmail", "turncoat.labels.items", "turncoat.api.results", "turncoat.paper.results"),
    *("turncoat.runs.plan", "turncoat.runs.executors.processes", "turncoat.sim.agent", "turncoat.sim.judge"),
)

RUN = """
import importlib.metadata, json, os, sys
everybody = importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **group: everybody(**group).select(module="turncoat._registry") if (
    group == {{"group": "inspect_ai"}}) else everybody(**group)
import turncoat.cli, inspect_ai.model
from inspect_ai.model import modelapi, ModelAPI

@modelapi(name="first")
class First(ModelAPI):
    async def generate(self, *words):
        print(json.dumps([m for m in {heavy} if m in sys.modules]), flush=True)
        os._exit(0)

turncoat.cli.main()
"""


def test_a_run_loads_nothing_before_its_first_request_that_it_needs_afterwards(tmp_path: Path) -> None:
    words = ["run", "blackmail", "--model", "first/model", "--worlds", "1", "--log-dir", str(tmp_path / "logs")]
    command = [sys.executable, "-c", RUN.format(heavy=NOT_BEFORE_A_REQUEST), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


EXTENDED = """
import importlib.metadata, json, os, sys
from types import SimpleNamespace
everybody = importlib.metadata.entry_points
LOADED = []
def found(**group):
    if group != {{"group": "inspect_ai"}}:
        return everybody(**group)
    others = [SimpleNamespace(name=n, value=n, load=lambda n=n: LOADED.append(n)) for n in {names}]
    return [*(p for p in everybody(**group) if p.name == "turncoat"), *others]
importlib.metadata.entry_points = found
import turncoat.cli
from turncoat.sim.provider import SimAPI
async def generate(self, *words):
    print(json.dumps([LOADED, [m for m in {clients} if m in sys.modules]]), flush=True)
    os._exit(0)
SimAPI.generate = generate
turncoat.cli.main()
"""


@pytest.mark.parametrize(
    ("more", "prepared"), [([], False), (["--guard", "no_override"], True), (["--approval", "auto"], True)]
)
def test_a_run_loads_packages_that_may_have_hooks_and_clients_only_where_code_of_others_takes_part(
    more: list[str], prepared: bool, tmp_path: Path
) -> None:
    program = EXTENDED.format(names=[*WITHOUT_HOOKS, "hooked"], clients=("openai", "anthropic"))
    interface = ["--interface", "tools"] if more else []
    words = ["run", "blackmail", "--model", "sim/insider", "--worlds", "1", "--condition", "control", *interface, *more]
    command = [sys.executable, "-c", program, *words, "--log-dir", str(tmp_path / "logs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded, clients = json.loads(done.stdout.splitlines()[-1])
    assert loaded == ["hooked"]
    assert bool(clients) == (prepared and bool(find_spec("openai") or find_spec("anthropic")))


@pytest.mark.parametrize("package", WITHOUT_HOOKS)
def test_a_package_that_is_not_loaded_has_no_hooks(package: str) -> None:
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install turncoat[agents,monitors,reference]")
    program = (
        "from inspect_ai._util.entrypoints import ensure_entry_points as load\n"
        "from inspect_ai._util import registry\n"
        f"load({package!r})\n"
        "kinds = {registry.registry_info(o).type for o in registry._registry.values()\n"
        f"         if registry.registry_info(o).name.startswith({package!r})}}\n"
        "print(sorted(kinds))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    kinds = done.stdout.splitlines()[-1]
    assert kinds != "[]" and "hooks" not in kinds


def test_options_are_no_text_that_is_compiled_at_each_start() -> None:
    found = sorted(Path(cli.__file__).parent.glob("*.py"))
    assert len(found) > 10
    assert [p.name for p in found if "from __future__ import annotations" in p.read_text().splitlines()] == []


STOPPED_AT = """
import os, sys
from turncoat import __main__
class Signalled:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Signalled())
__main__.main()
"""


@pytest.mark.parametrize(
    ("number", "module"),
    [
        (signal.SIGINT, "turncoat.cli.searching"),
        (signal.SIGTERM, "turncoat.cli"),
        (signal.SIGHUP, "turncoat.scoring.files"),
    ],
)
def test_a_command_can_be_stopped_from_its_first_moment_on(number: int, module: str, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({"response": "Good morning."}) + "\n")
    program = STOPPED_AT.format(module=module, number=int(number))
    command = [sys.executable, "-c", program, "score", str(file), "--scenario", "blackmail"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (STOPPED, "")
    assert done.stderr == "turncoat: stopped; the same command continues\n"


def test_who_ignores_a_signal_is_not_stopped_by_it() -> None:
    program = STOPPED_AT.format(module="turncoat.cli", number=int(signal.SIGHUP))
    command = ["nohup", sys.executable, "-c", program, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout.split()[0]) == (0, "turncoat")


def test_closed_streams_end_no_command() -> None:
    command = f"exec {shlex.quote(sys.executable)} -m turncoat show blackmail >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0


def test_the_program_is_a_module_too() -> None:
    command = [sys.executable, "-m", "turncoat", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("turncoat ")
