"""The templates of schedulers: what they set fits, their commands are ours, and signals reach the command."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import turncoat.cli
from turncoat.cli import app
from turncoat.cli.clusters import TEMPLATES
from turncoat.runs.shards.number import by_scheduler

FOLDER = Path(turncoat.cli.__file__).parent / "templates"
SLURM = FOLDER / TEMPLATES["slurm"]

STAND_IN = f"""#!{sys.executable}
import json, os, signal, sys, time
if "WAITS" in os.environ:
    signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), sys.exit(130)))
with open(os.environ["SAID"] + ".part", "w") as said:
    json.dump([sys.argv[1:], dict(os.environ)], said)
os.rename(os.environ["SAID"] + ".part", os.environ["SAID"])
if "WAITS" in os.environ:
    time.sleep(600)
sys.exit(int(os.environ.get("CODE", "0")))
"""
"""What the script calls in place of the command: it notes how it was called, and stops as the command does."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    command = tmp_path / "bin" / "turncoat"
    command.parent.mkdir()
    command.write_text(STAND_IN)
    command.chmod(0o755)
    return {"PATH": f"{command.parent}:{os.environ['PATH']}", "SAID": str(tmp_path / "said")}


def array(index: int, count: int, least: int, most: int) -> dict[str, str]:
    said = {"ID": index, "COUNT": count, "MIN": least, "MAX": most, "STEP": 1}
    return {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in said.items()}


def parsed(words: list[str]) -> dict[str, Any]:
    """The options of a command, as the command line reads them."""
    command: Any = typer.main.get_command(app)
    name, *rest = words
    return dict(command.commands[name].make_context(name, rest).params)


@pytest.mark.parametrize(
    ("variables", "shard"),
    [
        (array(0, 16, 0, 15), "1/16"),
        (array(15, 16, 0, 15), "16/16"),
        (array(7, 2, 2, 7), "8/16"),
        (array(15, 1, 15, 15), "16/16"),
    ],
)
def test_a_task_of_the_array_runs_its_shard(environment: dict[str, str], variables: dict[str, str], shard: str) -> None:
    done = subprocess.run(["bash", str(SLURM)], env={**environment, **variables, "CODE": "5"}, check=False)
    words, variables = json.loads(Path(environment["SAID"]).read_text())
    assert done.returncode == 5, "the command's exit code is the task's"
    assert str(by_scheduler(variables)) == shard
    found = parsed(words)
    assert (found["shard"], found["log_dir"]) == ("auto", "/shared/paper-all")


def test_the_signal_before_the_time_limit_reaches_the_command(environment: dict[str, str]) -> None:
    task = subprocess.Popen(["bash", str(SLURM)], env={**environment, **array(0, 16, 0, 15), "WAITS": "1"})
    while not Path(environment["SAID"]).exists() and task.poll() is None:
        time.sleep(0.02)
    task.send_signal(signal.SIGTERM)
    assert task.wait(60) == 130, "the script waits until the command has written what it finished"


def test_the_array_is_as_large_as_it_says() -> None:
    text = SLURM.read_text()
    directives = dict(re.findall(r"^#SBATCH --([\w-]+)=(\S+)$", text, re.M))
    exported = dict(re.findall(r"^export (\w+)=(\d+)$", text, re.M))
    first, last = map(int, directives["array"].split("-"))
    assert (exported["TURNCOAT_SHARD_FIRST"], exported["TURNCOAT_SHARDS"]) == (str(first), str(last - first + 1))
    assert directives["signal"].startswith("B:TERM@"), "the shell hears it, which hands it on"
    if shellcheck := shutil.which("shellcheck"):
        subprocess.run([shellcheck, str(SLURM)], check=True)


def test_the_job_says_what_kubernetes_leaves_out() -> None:
    job = yaml.safe_load((FOLDER / TEMPLATES["kubernetes"]).read_text())
    assert (job["apiVersion"], job["kind"], job["spec"]["completionMode"]) == ("batch/v1", "Job", "Indexed")
    spec = job["spec"]["template"]["spec"]
    assert spec["restartPolicy"] == "Never", "what counts failures for each index asks for it"
    (container,) = spec["containers"]
    said = {v["name"]: v["value"] for v in container["env"]}
    completions = job["spec"]["completions"]
    shards = [str(by_scheduler({**said, "JOB_COMPLETION_INDEX": str(n)})) for n in range(completions)]
    assert shards == [f"{n}/{completions}" for n in range(1, completions + 1)]
    assert container["command"] == ["turncoat"]
    found = parsed(container["args"])
    assert (found["shard"], found["log_dir"]) == ("auto", "s3://bucket/paper-all")


def test_the_image_has_what_the_job_needs() -> None:
    lines = (FOLDER / TEMPLATES["container"]).read_text().splitlines()
    (installed,) = (line for line in lines if "pip install" in line)
    assert "turncoat[s3," in installed and "ENTRYPOINT []" in lines
