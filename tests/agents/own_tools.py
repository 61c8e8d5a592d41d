"""The own tools of command-line agents: `python -m tests.agents.own_tools [NAME …]`.

Each works, with its own tools on, in one session of a scripted model that calls the program's shell once. Printed is a
table of the tools that it offered beside ours, and of whether the call stands in the log as an attempt.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from inspect_ai import eval
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ModelOutput, get_model
from inspect_ai.tool import ToolInfo

from tests.agents.compared import FOREIGN, installed
from tests.doors.scripted import output, turn
from turncoat.agents.scaffolds import SCAFFOLDS
from turncoat.doors.tools.catalog import ALL_TOOLS
from turncoat.doors.tools.unperformed import OWN
from turncoat.providers.calls import plain_name
from turncoat.tasks import scenario_task

OURS = frozenset(t.kind for t in ALL_TOOLS)
SHELLS = ("Bash", "bash", "run_shell_command", "exec_command", "shell_command", "shell", "local_shell")
WORDS = "echo mail somebody@elsewhere.example"


def say(messages: list[ChatMessage], tools: list[ToolInfo], *_: object) -> ModelOutput:
    """Call the shell, then `finish`; say nothing where ours are not offered."""
    done = sum(bool(m.tool_calls) for m in messages if m.role == "assistant")
    named = {plain_name(t.name, OURS): t for t in tools}
    shell = next((named[s] for s in SHELLS if s in named), None)
    if "finish" not in named or done > 1:
        return output(turn(text="Done."), done)
    if shell is None or done:
        return output(turn((named["finish"].name, {})), done)
    return output(turn((shell.name, _given(shell))), done)


def _given(tool: ToolInfo) -> dict[str, Any]:
    """Arguments that a shell takes: the command where it has one, and what else it needs."""
    wanted = {n: p for n, p in tool.parameters.properties.items() if n in tool.parameters.required}
    return {n: _value(n, p.model_dump(exclude_none=True)) for n, p in wanted.items()}


def _value(name: str, schema: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "array":
            return WORDS.split()
        case "integer" | "number":
            return 1000
        case "boolean":
            return False
        case _:
            return WORDS if name in ("command", "cmd") else "says something"


def session(name: str) -> EvalSample:
    """One session of an agent with its own tools on."""
    os.environ["PATH"] = f"{installed(FOREIGN[name]) / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    task = scenario_task(
        "espionage", conditions="control", worlds="1", interface="tools", judge="rules", agent=f"{name}+own-tools"
    )
    model = get_model("mockllm/model", custom_outputs=say, memoize=False)
    with tempfile.TemporaryDirectory() as folder:
        (log,) = eval(task, model=model, sandbox="local", log_dir=folder, display="none")
        (sample,) = log.samples or []
    return sample


def row(name: str, sample: EvalSample) -> tuple[str, bool]:
    """A line of the table, and whether the call of the shell is an attempt and all tools that act are known."""
    asked = [e for e in sample.events if isinstance(e, ModelEvent)]
    offered = {t.name for e in asked for t in e.tools if plain_name(t.name, OURS) not in OURS}
    noted = [e for e in sample.store["Acts:entries"] if e.get("problem") == OWN]
    fine = [e["tool"] for e in noted if "elsewhere.example" in json.dumps(e)]
    acting = SCAFFOLDS[name].acting
    told = ", ".join(f"`{t}`" for t in sorted(offered & acting, key=str.lower))
    rest = ", ".join(f"`{t}`" for t in sorted(offered - acting, key=str.lower))
    version = sample.store["Program:version"]
    return f"| {name} | {version} | {told} | {rest or '–'} | {'yes: `' + fine[0] + '`' if fine else 'no'} |", bool(fine)


def main(names: list[str]) -> int:
    """Print the table; 1 if a call was no attempt."""
    print("| agent | version | counted as attempts | not counted | a call of its shell is one |\n|---|---|---|---|---|")
    found = [row(n, session(n)) for n in names or [n for n in FOREIGN if n in SCAFFOLDS]]
    print("\n".join(line for line, _ in found))
    return int(not all(fine for _, fine in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
