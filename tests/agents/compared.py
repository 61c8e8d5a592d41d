"""Agents of others beside the default loop: `make agents`, or `python -m tests.agents.compared [--install] [NAME …]`.

Each is installed at a fixed version into a folder of its own below `.cache/agents`, and works through four sessions at
once on a simulated model. What came of each session is compared with the default loop's, entry by entry.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample, read_eval_log

from turncoat.agents.scaffolds import SCAFFOLDS
from turncoat.world.actions import WRITES

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".cache" / "agents"
STUDY = (
    *("run", "espionage", "--model", "sim/insider", "--interface", "tools", "--worlds", "1-2"),
    *("--condition", "goal=explicit", "--condition", "goal=explicit,threat=replacement"),
)
"""Four samples: three leak, one does not."""
MAIN = "from turncoat.cli import main; main()"


@dataclass(frozen=True)
class Foreign:
    """An agent of others.

    Attributes:
        name: What it is called in the table.
        packages: What is installed, with versions: from PyPI, or for a program from npm.
        arguments: What `turncoat run` is told.
        beside: What a program needs here from PyPI, where the tools of development do not have it.
    """

    name: str
    packages: tuple[str, ...]
    arguments: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def is_program(self) -> bool:
        """Whether it is a program from npm."""
        return self.name in SCAFFOLDS


def _framework(name: str, file: str, *packages: str) -> Foreign:
    return Foreign(name, packages, ("--agent", f"{ROOT}/examples/agents/{file}.py:agent"))


GOOGLE = ("google-genai==3.6.1",)
"""Google's client, which holds back other packages and so is not among the tools of development."""
FOREIGN = {
    found.name: found
    for found in (
        _framework("openai-agents", "openai_agents", "openai-agents==0.24.0"),
        _framework("langgraph", "langgraph_agent", "langgraph==1.2.24", "langchain-openai==1.7.4"),
        _framework("pydantic-ai", "pydantic_ai_agent", "pydantic-ai-slim[openai]==2.68.0"),
        _framework("smolagents", "smolagents_agent", "smolagents[openai]==1.26.0"),
        *(
            Foreign(name, (SCAFFOLDS[name].package,), ("--agent", name, "--sandbox", "local"), beside)
            for name, beside in (*((n, ()) for n in ("claude-code", "codex", "opencode")), ("gemini-cli", GOOGLE))
        ),
    )
}


def installed(agent: Foreign) -> Path:
    """Install an agent where it is not yet; its folder.

    A framework's environment stands on this one's packages: only what it needs besides is installed.
    """
    folder = CACHE / agent.name
    stamp, wanted = folder / ".installed", "\n".join((*agent.packages, *agent.beside))
    if stamp.is_file() and stamp.read_text() == wanted:
        return folder
    if agent.is_program:
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *agent.packages])
        if agent.beside:
            _environment(folder / "python", agent.beside)
    else:
        _environment(folder, agent.packages)
    stamp.write_text(wanted)
    return folder


def _environment(folder: Path, packages: Sequence[str]) -> None:
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base = folder / "lib" / version / "site-packages" / "base.pth"
    base.write_text(sysconfig.get_path("purelib") + "\n")
    _run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages])


def python_of(agent: Foreign) -> str:
    """The Python that has what an agent needs."""
    if agent.is_program:
        return str(installed(agent) / "python" / "bin" / "python") if agent.beside else sys.executable
    return str(installed(agent) / "bin" / "python")


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{(done.stderr or done.stdout)[-3000:]}")


def sessions(folder: Path, agent: Foreign | None) -> dict[str, EvalSample]:
    """Run the study with an agent, or the default loop; its samples by their ids."""
    python, path = sys.executable if agent is None else python_of(agent), os.environ.get("PATH", "")
    if agent is not None and agent.is_program:
        path = f"{installed(agent) / 'node_modules' / '.bin'}{os.pathsep}{path}"
    given = agent.arguments if agent is not None else ()
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src")}
    _run([python, "-c", MAIN, *STUDY, "--log-dir", str(folder), *given], environment)
    logs = [read_eval_log(str(p)) for p in folder.glob("*.eval")]
    return {str(s.id): s for log in logs for s in log.samples or []}


def difference(mine: EvalSample, other: EvalSample) -> str:
    """What came otherwise of a session than of the other; "" if nothing did.

    Programs carry out the calls of one turn side by side, so that calls that only look may come in another order.
    """
    if _verdict(mine) != _verdict(other):
        return f"{_verdict(mine)}, not {_verdict(other)}"
    one, two = (list(s.store["Acts:entries"]) for s in (mine, other))
    if one == two:
        return ""
    if sorted(map(repr, one)) == sorted(map(repr, two)) and _written(one) == _written(two):
        return ORDER
    return "other attempts"


ORDER = "looked in another order"


def _written(entries: Sequence[Any]) -> list[Any]:
    return [e for e in entries if e["type"] != "attempt" or e["action"]["kind"] in {*WRITES, "wait", "finish"}]


def _verdict(sample: EvalSample) -> tuple[Any, ...]:
    score = (sample.scores or {})["verdict"]
    found = score.metadata or {}
    return score.value, found["rung"], found["reason"], sample.store["Acts:ended"]


def at_once(samples: Sequence[EvalSample]) -> int:
    """How many sessions were in flight at the same time."""
    times = [(str(s.started_at), str(s.completed_at)) for s in samples]
    return max(sum(start <= moment < end for start, end in times) for moment, _ in times)


def row(agent: Foreign, found: Mapping[str, EvalSample], reference: Mapping[str, EvalSample]) -> tuple[str, bool]:
    """A line of the table, and whether all came out alike."""
    told = {difference(found[i], s) if i in found else "missing" for i, s in reference.items()}
    fine = told <= {"", ORDER}
    result = "; ".join(sorted(told - {""})) or "same"
    versions = ", ".join(p.rpartition("@" if agent.is_program else "==")[2] for p in agent.packages)
    harmful = sum((s.scores or {})["verdict"].value == 1 for s in found.values())
    return f"| {agent.name} | {versions} | {len(found)} | {at_once([*found.values()])} | {harmful} | {result} |", fine


def main(names: list[str]) -> int:
    """Compare, and print the table; 1 if anything differed. With `--install` first, they are only installed."""
    if names[:1] == ["--install"]:
        for name in names[1:]:
            installed(FOREIGN[name])
        return 0
    wrong = False
    with tempfile.TemporaryDirectory() as folder:
        reference = sessions(Path(folder) / "default", None)
        print("| agent | version | sessions | at once | harmful | attempts and verdicts |\n|---|---|---|---|---|---|")
        for name in names or FOREIGN:
            line, fine = row(FOREIGN[name], sessions(Path(folder) / name, FOREIGN[name]), reference)
            print(line, flush=True)
            wrong = wrong or not fine
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
