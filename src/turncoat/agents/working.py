"""A command-line agent at work in a sandbox: its model and our tools reach it over Inspect's bridge.

Each session has a port, a home folder and a working folder of its own, and an environment with nothing of ours in it.
The tools are listed once before the program starts, since several of these programs go on without tools that come late.
"""

from __future__ import annotations

import json
import shlex
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress

import anyio
from inspect_ai.agent import Agent, AgentState, BridgedToolsSpec, agent, sandbox_agent_bridge
from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, get_model
from inspect_ai.tool import Tool, ToolDef
from inspect_ai.util import ExecRemoteAwaitableOptions, ExecResult, SandboxEnvironment, StoreModel, sandbox, store_as

from turncoat.agents.failing import AgentFailed, unsafe
from turncoat.agents.ordering import in_order
from turncoat.agents.scaffolds import Job, Orders, Scaffold
from turncoat.base.errors import UsageError
from turncoat.base.text import plain
from turncoat.providers.calls import SERVER, plain_name
from turncoat.providers.inspect_private import is_local
from turncoat.providers.secrets import known_secrets, without_secrets
from turncoat.providers.sound import LOCAL

LONGEST = 4 * 3600.0
"""Seconds after which a program is ended that has not ended by itself."""
PORTS = 5
"""How many ports are tried, where another process takes one in the meantime."""
LISTED_WITHIN, ANSWERED_WITHIN = 300.0, 60
"""Seconds in which the tools' server has to list the tools, and to answer once: on a busy machine, each step of the way
into a container and back takes seconds."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SAID = 400
_PROXY = "Model proxy process exited"
"""How Inspect's error begins where its proxy is gone."""


class Program(StoreModel):
    """What is known of an agent's program in one session."""

    name: str = ""
    version: str = ""
    """What it says of itself."""
    own_tools: bool = False
    """Whether its own shell and file tools were on."""
    exit: int | None = None
    """Its exit code, or None where it was ended."""
    said: str = ""
    """The end of what it printed."""


@agent
def program_agent(
    scaffold: Scaffold, tools: Sequence[Tool | ToolDef], *, own_tools: bool = False, unsafe_local: bool = False
) -> Agent:
    """A command-line agent as an agent of Inspect.

    Args:
        scaffold: Which one.
        tools: The tools of the company.
        own_tools: Whether its own shell and file tools are on.
        unsafe_local: Whether a real model may work without a sandbox that isolates.
    """

    async def execute(state: AgentState) -> AgentState:
        place = _place(scaffold.name)
        refuse_unsafe(scaffold.name, place, unsafe_local)
        known = store_as(Program)
        known.name, known.own_tools = scaffold.name, own_tools
        home = (await _done(place, ["sh", "-c", 'd=$(mktemp -d) && mkdir "$d/home" "$d/work" && echo "$d"'])).strip()
        try:
            program, known.version = await _found(place, scaffold, home)
            return await _worked(place, scaffold, program, home, state, tools, known)
        finally:
            with anyio.CancelScope(shield=True):
                await place.exec(["rm", "-rf", home])

    return execute


def refuse_unsafe(name: str, place: SandboxEnvironment, unsafe_local: bool) -> None:
    """See that no real model works in a place that isolates nothing, unless somebody said so.

    Raises:
        UsageError: It would.
    """
    if is_local(place) and not unsafe_local and type(get_model().api).__name__ not in LOCAL:
        raise UsageError(unsafe(name, str(get_model())))


def _place(name: str) -> SandboxEnvironment:
    try:
        return sandbox()
    except (ProcessLookupError, ValueError):
        raise UsageError(f"agent {name!r} works in a sandbox and none is given: --sandbox docker, or local") from None


async def _worked(
    place: SandboxEnvironment,
    scaffold: Scaffold,
    program: str,
    home: str,
    state: AgentState,
    tools: Sequence[Tool | ToolDef],
    known: Program,
) -> AgentState:
    given = [t if isinstance(t, ToolDef) else ToolDef(t) for t in tools]
    names = {t.name for t in given}
    # A call counts wherever it comes from: one that the program made by itself is an attempt as well.
    served = BridgedToolsSpec(SERVER, in_order(given), require_proposal=False)
    for left in reversed(range(PORTS)):
        port, started = free_port(), False
        try:
            async with sandbox_agent_bridge(state, port=port, bridged_tools=[served]) as bridge:
                job = _job(state.messages, port, f"{home}/home", known.own_tools)
                await _listed(place, job.tools, names)
                started = True
                done = await _run(place, program, scaffold.orders(job), home)
                known.exit, known.said = done.returncode, _last_words(done)
                _see_it_worked(job, done, known.said, names)
            return bridge.state
        except RuntimeError as error:
            if not str(error).startswith(_PROXY):
                raise
            if started or not left:
                raise AgentFailed("disconnected", "the proxy between the agent and its model was gone") from error
    raise AssertionError("a port is tried, or given up")


def _job(messages: Sequence[ChatMessage], port: int, home: str, own_tools: bool) -> Job:
    system = "\n\n".join(m.text for m in messages if isinstance(m, ChatMessageSystem))
    prompt = "\n\n".join(m.text for m in messages if isinstance(m, ChatMessageUser))
    at = f"http://127.0.0.1:{port}"
    return Job(home, at, f"{at}/mcp/{SERVER}", system, prompt, own_tools)


def free_port() -> int:
    """A port that nobody listens on here; in a container of its own any port is free."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


async def _found(place: SandboxEnvironment, scaffold: Scaffold, home: str) -> tuple[str, str]:
    """Path and version of a program in the sandbox."""
    looked = await place.exec(["sh", "-c", f'command -v "{scaffold.program}"'])
    if not looked.success:
        raise UsageError(
            f"agent {scaffold.name!r}: there is no program {scaffold.program!r} in the sandbox; install it there, "
            f"such as by: npm install --global {scaffold.package}"
        )
    program = looked.stdout.strip()
    said = await place.exec(_clean([program, "--version"], home, {}, program))
    return program, plain(said.stdout.strip() or said.stderr.strip(), 80)


def _clean(command: Sequence[str], home: str, variables: Mapping[str, str], program: str) -> list[str]:
    """A command in an environment of its own: nothing of this process's, no folder but its own."""
    folder = program.rpartition("/")[0]
    given = {
        "HOME": f"{home}/home",
        "TMPDIR": f"{home}/work",
        "PATH": f"{folder}:{PATH}",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "CI": "1",
        **variables,
    }
    return ["env", "-i", *(f"{n}={v}" for n, v in given.items()), *command]


async def _run(place: SandboxEnvironment, program: str, orders: Orders, home: str) -> ExecResult[str]:
    for name, text in orders.files.items():
        await place.write_file(f"{home}/home/{name}", text)
    command = shlex.join(_clean([program, *orders.arguments], home, orders.environment, program))
    quiet = ["sh", "-c", f"cd {shlex.quote(home)}/work && exec {command} </dev/null"]
    try:
        return await place.exec_remote(quiet, ExecRemoteAwaitableOptions(timeout=LONGEST), stream=False)
    except TimeoutError:
        raise AgentFailed("disconnected", f"the program had not ended after {LONGEST / 3600:g} hours") from None


def _last_words(done: ExecResult[str]) -> str:
    said = (done.stderr if not done.success else "") or done.stdout or done.stderr
    return without_secrets(plain(said.strip()[-_SAID:], _SAID), known_secrets())


def _see_it_worked(job: Job, done: ExecResult[str], said: str, names: set[str]) -> None:
    """See that a program ended as it should, and that its model was shown the prompt where it was shown the tools.

    Raises:
        AgentFailed: It did not, or it was not.
    """
    if not done.success:
        raise AgentFailed("disconnected", f"exit code {done.returncode}: {said[-200:]}".rstrip(": "))
    asked = [e for e in transcript().events if isinstance(e, ModelEvent)]
    if not asked:
        raise AgentFailed("no_tools", f"the program never asked its model: {said[-200:]}".rstrip(": "))
    working = [e for e in asked if any(plain_name(t.name, names) in names for t in e.tools)]
    shown = ["".join("".join(m.text for m in event.input).split()) for event in working]
    parts = ["".join(p.split()) for p in (job.system, job.prompt)]
    if shown and not any(all(p in text for p in parts) for text in shown):
        raise AgentFailed("no_prompt")


_ASK = r"""
if command -v curl >/dev/null; then
  exec curl -s -m "$4" -H 'content-type: application/json' -H "accept: $3" -d "$2" "$1"
elif command -v node >/dev/null; then exec node -e '
const [url, body, accept] = process.argv.slice(1);
fetch(url, {method: "POST", body, headers: {"content-type": "application/json", accept}})
  .then(r => r.text()).then(t => console.log(t)).catch(() => process.exit(1))' "$1" "$2" "$3"
else exec python3 -c '
import sys, urllib.request
url, body, accept, patience = sys.argv[1:]
request = urllib.request.Request(url, body.encode(), {"content-type": "application/json", "accept": accept})
print(urllib.request.urlopen(request, timeout=float(patience)).read().decode())' "$1" "$2" "$3" "$4"
fi"""
"""Posts to an address, with whatever the sandbox has for it."""


async def _listed(place: SandboxEnvironment, address: str, names: set[str]) -> None:
    """Wait until the tools' server lists all tools.

    Raises:
        AgentFailed: It does not.
    """
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
    accept = "application/json, text/event-stream"
    asked = ["sh", "-c", _ASK, "ask", address, body, accept, str(ANSWERED_WITHIN)]
    with anyio.move_on_after(LISTED_WITHIN):
        while True:
            with suppress(TimeoutError):
                if names <= _names((await place.exec(asked, timeout=ANSWERED_WITHIN + 15)).stdout):
                    return
            await anyio.sleep(0.2)
    raise AgentFailed("no_tools", f"the tools were not listed within {LISTED_WITHIN:g} seconds")


def _names(text: str) -> set[str]:
    """The tools in a server's answer, plain or as an event stream."""
    line = next((x for x in text.splitlines() if '"tools"' in x), "")
    try:
        found = json.loads(line.removeprefix("data:"))["result"]["tools"]
        return {str(tool["name"]) for tool in found}
    except (ValueError, LookupError, TypeError):
        return set()


async def _done(place: SandboxEnvironment, command: Sequence[str]) -> str:
    done = await place.exec(list(command))
    if not done.success:
        raise UsageError(f"the sandbox cannot be used: {plain(done.stderr.strip() or done.stdout.strip(), 200)}")
    return done.stdout
