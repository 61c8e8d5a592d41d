"""Command-line agents over Inspect's sandbox bridge, with a program that works, and goes wrong, as they do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, Model, ModelOutput, get_model
from inspect_ai.tool import ToolInfo
from inspect_ai.util import parse_compose_yaml

from tests.doors.scripted import output, turn
from turncoat.agents import finding, ready
from turncoat.agents.finding import find_agent, named_agent
from turncoat.agents.scaffolds import SCAFFOLDS, Job, Orders, Scaffold
from turncoat.base.errors import UnknownName, UsageError
from turncoat.providers.inspect_private import sample_state
from turncoat.tasks import scenario_task

CLIENT = Path(__file__).with_name("client.py")
SEND = {"to": ["bo@else.org"], "subject": "Hi", "body": "There."}
ALL = bool(os.environ.get("TURNCOAT_AGENTS"))
WAYS = ("say what you see", "no tools", *(("go on", "side by side", "no prompt", "crash", "kill proxy") if ALL else ()))
"""Each session takes seconds of processor time, most of it Inspect's proxy: `make agents` runs all of them."""


def orders(job: Job) -> Orders:
    return Orders((str(CLIENT), job.model, job.tools, job.system, job.prompt), {"ON": "1"}, {".client/settings": "{}"})


SCRIPTED = Scaffold("scripted", sys.executable, "none", orders, frozenset({"Bash"}))


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """The program as an agent of another package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "extensions", lambda group: {"scripted": lambda: SCRIPTED} if group == "agents" else {})
        yield


def say(messages: list[ChatMessage], tools: list[ToolInfo], *_: object) -> ModelOutput:
    """What the program is to do, then a mail with the sample's own world in it, and the end."""
    state = sample_state()
    assert state is not None
    number = int(state.metadata["world"].split("@")[1])
    way = WAYS[number - 1]
    if not tools:
        return output(turn(text=way), 0)
    mail = {**SEND, "subject": f"From {number}"}
    calls: list[tuple[str, dict[str, Any]]] = [("mcp__company__send_mail", mail)]
    if way == "say what you see":
        calls.append(("Bash", {"command": "mail bo@else.org"}))
    done = sum(isinstance(m, ChatMessageAssistant) for m in messages)
    if way == "side by side":
        return output([turn(*calls, ("mcp__company__finish", {})), turn(text="Done.")][min(done, 1)], done)
    return output([turn(*calls), turn(("mcp__company__finish", {})), turn(text="Done.")][min(done, 2)], done)


def model() -> Model:
    return get_model("mockllm/model", custom_outputs=say, memoize=False)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> EvalLog:
    """All ways in one evaluation, four sessions at once."""
    task = scenario_task(
        "blackmail", conditions="control", worlds=f"1-{len(WAYS)}", interface="tools", agent="scripted+own-tools"
    )
    folder = tmp_path_factory.mktemp("logs")
    found = eval(task, model=model(), sandbox="local", max_samples=4, log_dir=str(folder), display="none")[0]
    assert found.status == "success", found.error
    return found


@pytest.fixture(scope="module")
def sample(log: EvalLog) -> Callable[[str], EvalSample]:
    """A sample by the way that its program went."""
    by_world = {int(str(s.id).rpartition("@")[2]): s for s in log.samples or []}
    return lambda way: by_world[WAYS.index(way) + 1]


def verdict(sample: EvalSample) -> tuple[str, str]:
    score = (sample.scores or {})["verdict"]
    return str((score.metadata or {})["reason"]), score.explanation or ""


def test_four_at_once_are_not_mixed_and_foreign_names_are_understood(log: EvalLog) -> None:
    for number, way in enumerate(WAYS, 1):
        if way not in ("go on", "say what you see", "side by side"):
            continue
        found = next(s for s in log.samples or [] if str(s.id).endswith(f"@{number}"))
        acts = [e["action"] for e in found.store["Acts:entries"] if e["type"] == "attempt"]
        assert [a["kind"] for a in acts] == ["send_mail", "finish"]
        assert acts[0]["subject"] == f"From {number}"
        assert found.store["Acts:ended"] == "finished" and verdict(found)[0] == ""
        assert ((found.scores or {})["verdict"].metadata or {})["acts"][0][0].startswith("call:")


def test_a_program_sees_no_folder_and_no_variable_of_ours(sample: Callable[[str], EvalSample]) -> None:
    variables, here, home = json.loads(sample("say what you see").store["Program:said"])
    assert set(variables) <= {
        "CI",
        "HOME",
        "LANG",
        "LC_CTYPE",
        "NO_COLOR",
        "ON",
        "PATH",
        "PWD",
        "TERM",
        "TMPDIR",
        "_",
    } | {
        "OLDPWD",
        "SHLVL",
    }
    assert here == [] and home == [".client"]


@pytest.mark.parametrize(
    ("way", "reason", "said"),
    [
        ("no tools", "no_tools", "the tools never reached the agent"),
        ("no prompt", "no_prompt", "the prompt never reached the agent"),
        ("crash", "disconnected", "exit code 3: it went wrong"),
        ("kill proxy", "disconnected", "the proxy between the agent and its model was gone"),
    ],
)
def test_what_came_to_nothing_is_unscored(
    sample: Callable[[str], EvalSample], way: str, reason: str, said: str
) -> None:
    if way not in WAYS:
        pytest.skip("make agents runs it: a session with a program takes seconds")
    found, why = verdict(sample(way))
    assert (found, said in why) == (reason, True), why


def test_calls_of_its_own_tools_count_as_attempts_where_they_are_on(sample: Callable[[str], EvalSample]) -> None:
    entries = sample("say what you see").store["Acts:entries"]
    own = [e for e in entries if e["type"] == "unreadable"]
    assert [(e["tool"], e["problem"]) for e in own] == [("Bash", "a tool of the agent's own")]


def test_no_process_of_it_is_left(log: EvalLog) -> None:
    assert log.status == "success"
    listed = subprocess.run(["ps", "ax", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert str(CLIENT) not in listed


@pytest.mark.parametrize(
    ("agent", "sandbox", "said"),
    [
        ("scripted", None, "works in a sandbox and none is given: --sandbox docker, or local"),
        ("scripted", "local", "isolates neither files nor network, and openai/x is a real model"),
        ("scripted", "docker:nowhere.yaml", "there is no file"),
        ("scripted", "dokcer", "--sandbox dokcer: .*'dokcer' not recognized; give docker, local"),
        ("lacking", "local", "needs the package 'no-such-package' here, which is not installed: pip install no-such-"),
        ("missing+unsafe-local", "local", "there is no program 'no-such-program' here; npm install --global some@1"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_spent(
    agent: str, sandbox: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = Scaffold("missing", "no-such-program", "some@1", orders)
    lacking = Scaffold("lacking", sys.executable, "some@1", orders, needs="no-such-package")
    known = {s.name: partial(Scaffold, **vars(s)) for s in (SCRIPTED, missing, lacking)}
    monkeypatch.setattr(finding, "extensions", lambda _: known)
    real: Any = object()
    with pytest.raises(UsageError, match=said):
        ready.see_ready(agent, sandbox, {"openai/x": real})


@pytest.mark.parametrize(
    ("docker", "said"),
    [
        (
            "",
            "needs a running Docker Engine, and `docker version` says: no such file or directory; install or start it",
        ),
        ("echo 'Client: 28'; printf 'Cannot connect\\nto it.\\n' >&2; exit 1", "says: Cannot connect to it; install"),
        ("exit 3", "says: exit code 3; install"),
        ('test "$1" = version || { echo "unknown command" >&2; exit 1; }', "needs Docker Compose, and `docker compose"),
        ("exit 0", None),
    ],
)
def test_docker_that_is_not_there_is_one_line_before_anything_is_spent(
    docker: str, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if docker:
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{docker}\n")
        (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    if said is None:
        return ready.see_ready("claude-code", "docker", {})
    with pytest.raises(UsageError) as raised:
        ready.see_ready("claude-code", "docker", {})
    assert said.lower() in str(raised.value).lower() and "\n" not in str(raised.value)


def test_the_example_of_a_container_has_the_programs_that_were_tried_and_no_network() -> None:
    folder = CLIENT.parent.parent.parent / "examples" / "agents" / "docker"
    given = ready.sandbox_given(f"docker:{folder / 'compose.yaml'}")
    assert isinstance(given, tuple)
    (service,) = parse_compose_yaml(given[1]).services.values()
    assert (given[0], service.network_mode, service.volumes, service.ports) == ("docker", "none", None, None)
    image = (folder / "Dockerfile").read_text()
    assert f"docker build --tag {service.image} " in image
    assert sorted(re.findall(r"\S+@\d[\w.]*", image)) == sorted(s.package for s in SCAFFOLDS.values())


def test_options_go_with_named_agents() -> None:
    assert ready.with_options("codex", own_tools=True, unsafe_local=True) == "codex+own-tools+unsafe-local"
    assert ready.with_options(None, own_tools=False, unsafe_local=False) is None
    with pytest.raises(UsageError, match="--own-tools goes with a named agent"):
        ready.with_options("a:b", own_tools=True, unsafe_local=False)
    with pytest.raises(UnknownName, match="option 'own-tool' is not one of: own-tools, unsafe-local"):
        find_agent("codex+own-tool")


def test_an_agent_by_the_path_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from dataclasses import dataclass\n@dataclass\nclass Kept:\n    x: int = 1\ndef agent(): return Kept()\n"
        "def needs(tools, key): ...\ndef free(*tools, key=1, **more): ...\n"
    )
    assert find_agent(f"{path}:agent")().x == 1
    with pytest.raises(UnknownName, match=r"file '.*mine.py' has no function 'other'"):
        find_agent(f"{path}:other")
    with pytest.raises(UnknownName, match=r"mine.py:needs': needs key, and is given nothing but tools"):
        find_agent(f"{path}:needs")
    assert find_agent(f"{path}:free").__name__ == "free"
    with pytest.raises(UnknownName, match="gave Kept, which is no Inspect agent or solver"):
        named_agent(f"{path}:agent", [])
    with pytest.raises(UnknownName, match="No such file"):
        find_agent(f"{tmp_path}/not.py:agent")


@pytest.mark.parametrize("name", SCAFFOLDS)
@pytest.mark.parametrize("own_tools", [False, True])
def test_each_is_told_where_model_and_tools_are_and_its_own_tools_are_off(name: str, own_tools: bool) -> None:
    job = Job(
        "/h", "http://127.0.0.1:7", "http://127.0.0.1:7/mcp/company", 'Say "hi".\nAnd \\ go.', "- Begin", own_tools
    )
    told = SCAFFOLDS[name].orders(job)
    everything = json.dumps([told.arguments, dict(told.environment), dict(told.files)])
    assert job.model in everything and job.tools in everything
    assert job.prompt in told.arguments[-1]
    assert told != SCAFFOLDS[name].orders(Job(job.home, job.model, job.tools, job.system, job.prompt, not own_tools))


def test_an_entry_point_of_another_package_is_an_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("mine", "tests.agents.test_programs:SCRIPTED", "turncoat.agents")
    monkeypatch.setattr(finding, "extensions", lambda group: {point.name: point.load} if group == "agents" else {})
    assert finding.agent_names()[-1] == "mine"
    found = finding.scaffold_of("mine+own-tools")
    assert found is not None and found.name == "scripted"
