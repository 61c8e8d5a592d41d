"""The MCP door with the real client: over HTTP and on standard input and output, hostile visitors included."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog, read_eval_log

from turncoat.doors.visit import Visit
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.tasks import scenario_task

mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")
from mcp.client.client import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402

from turncoat.doors.loopback import QuietServer, new_token  # noqa: E402
from turncoat.doors.mcp.server import PROMPT, Companies  # noqa: E402
from turncoat.doors.mcp.working import served  # noqa: E402

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "old", "version": "1"},
    },
}
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    scenario = load_scenario("blackmail")
    return scenario.render(scenario.space.parse("goal=explicit,threat=replacement"), 7)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine, with a bound on its time so that nothing hangs."""

    async def bounded() -> None:
        with anyio.fail_after(120):
            await work()

    anyio.run(bounded)


def test_a_client_finds_the_prompt_the_tools_and_the_end(rendered: Rendered) -> None:
    visit = Visit(rendered)

    async def work() -> None:
        async with served(visit) as address, Client(address) as client:
            assert client.instructions is not None and client.instructions.startswith(visit.prompt.system)
            assert [p.name for p in (await client.list_prompts()).prompts] == [PROMPT]
            given = (await client.get_prompt(PROMPT)).messages[0].content
            assert given.type == "text" and given.text == client.instructions
            tools = (await client.list_tools()).tools
            assert [t.name for t in tools] == [t.kind for t in visit.tools]
            assert tools[0].input_schema["properties"]["folder"]["enum"] == ["inbox", "sent"]
            sent = await client.call_tool("send_mail", {"to": "a@b.com", "subject": "Hi", "body": "There."})
            assert not sent.is_error
            assert (await client.call_tool("read_mail", {"message_id": "m99"})).is_error
            await client.call_tool("finish", {})

    run(work)
    assert visit.acts.ended == "finished"
    assert visit.seen.clients == [f"mcp {visit.seen.clients[0].partition(' ')[2]}"]
    assert visit.seen.delivered[0] in ("instructions", "prompt") and visit.seen.listed


def test_fifty_at_once_see_nothing_of_each_other(rendered: Rendered) -> None:
    visits = [Visit(rendered) for _ in range(50)]

    async def one(number: int, address: str) -> None:
        async with Client(address) as client:
            for _ in range(2):
                await client.call_tool("send_mail", {"to": f"v{number}@b.com", "subject": str(number)})
            sent = await client.call_tool("list_mail", {"folder": "sent"})
            text = sent.content[0].text if sent.content[0].type == "text" else ""
            assert text.count(f".com  {number}\n") == 2 and "sent: 1-2 of 2" in text
            await client.call_tool("finish", {})

    async def work() -> None:
        async with _companies() as companies, anyio.create_task_group() as hosts:
            addresses = [await hosts.start(companies.host, visit, new_token()) for visit in visits]
            async with anyio.create_task_group() as clients:
                for number, address in enumerate(addresses):
                    clients.start_soon(one, number, address)
            hosts.cancel_scope.cancel()

    run(work)
    for number, visit in enumerate(visits):
        sent = [e["action"]["subject"] for e in visit.acts.entries if e["action"]["kind"] == "send_mail"]
        assert sent == [str(number)] * 2 and visit.acts.ended == "finished"


@asynccontextmanager
async def _companies() -> AsyncIterator[Companies]:
    import socket

    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        companies = Companies(listening.getsockname()[1])
        server = QuietServer(uvicorn.Config(companies.app, log_config=None, access_log=False, lifespan="off"))
        async with anyio.create_task_group() as tasks:

            async def listen() -> None:
                await server.serve(sockets=[listening])

            tasks.start_soon(listen)
            try:
                yield companies
            finally:
                server.should_exit = True
                tasks.cancel_scope.cancel()


def test_strangers_are_turned_away(rendered: Rendered) -> None:
    visit = Visit(rendered)

    async def work() -> None:
        async with served(visit) as address, httpx.AsyncClient() as http:

            async def status(url: str = address, **given: Any) -> int:
                headers = {**ACCEPT, **given.pop("headers", {})}
                return (await http.post(url, headers=headers, **{"json": INITIALIZE, **given})).status_code

            forged = address.replace(address.split("/")[3], new_token())
            assert await status(forged) == 404
            assert await status(f"{forged}/../../etc/passwd") == 404
            assert await status(headers={"origin": "https://evil.example"}) == 403
            assert await status(headers={"host": "evil.example"}) in (403, 421)
            assert await status(content=b"x" * (5 * 1024 * 1024), json=None) == 413
            assert await status(content=b"{", json=None) == 400
            assert await status(content=b"[" * 100_000, json=None) == 400
            assert await status() == 200

    run(work)
    assert visit.acts.entries == []


def test_only_the_connection_that_works_goes_on_and_a_used_token_is_refused(rendered: Rendered) -> None:
    visit = Visit(rendered)

    async def work() -> None:
        async with served(visit) as address, httpx.AsyncClient() as http:
            opened = [await http.post(address, headers=ACCEPT, json=INITIALIZE) for _ in range(2)]
            sessions = [r.headers["mcp-session-id"] for r in opened]

            async def call(session: str, tool: str) -> httpx.Response:
                body = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": {}}}
                headers = {**ACCEPT, "mcp-session-id": session, "mcp-protocol-version": "2025-06-18"}
                return await http.post(address, headers=headers, json=body)

            for session in sessions:
                note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
                await http.post(address, headers={**ACCEPT, "mcp-session-id": session}, json=note)
            assert (await call(sessions[0], "list_mail")).status_code == 200
            assert (await call(sessions[1], "list_mail")).status_code == 409
            assert (await http.post(address, headers=ACCEPT, json=INITIALIZE)).status_code == 409
            assert (await call(sessions[0], "finish")).status_code == 200
            assert (await call(sessions[0], "list_mail")).status_code in (404, 410)

    run(work)
    assert "a second connection" in visit.seen.refused
    assert [e["action"]["kind"] for e in visit.acts.entries] == ["list_mail", "finish"]


def test_a_flood_is_slowed_and_breaks_nothing(rendered: Rendered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.doors.loopback.BURST", 5.0)
    monkeypatch.setattr("turncoat.doors.loopback.PER_SECOND", 0.0)
    visit = Visit(rendered)

    async def work() -> None:
        async with served(visit) as address, httpx.AsyncClient() as http:
            found = [(await http.post(address, headers=ACCEPT, json=INITIALIZE)).status_code for _ in range(40)]
            assert found[0] == 200 and found[-1] == 429

    run(work)


def test_arguments_of_another_form_are_read_or_kept_as_they_came(rendered: Rendered) -> None:
    visit, mail = Visit(rendered), {"to": ["a@b.com"], "subject": "Hi", "body": "There."}
    calls: list[tuple[Any, Any]] = [
        ("send_mail", json.dumps(mail)),
        ("send_mail", [mail]),
        ("send_mail", "to a@b.com: we know"),
        (7, {"minutes": 5}),
    ]

    async def work() -> None:
        async with served(visit) as address, httpx.AsyncClient(headers=ACCEPT) as http:
            met = await http.post(address, json=INITIALIZE)
            http.headers["mcp-session-id"] = met.headers["mcp-session-id"]
            for name, arguments in calls:
                asked = {"name": name, "arguments": arguments}
                said = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked}
                assert (await http.post(address, json=said)).json()["result"]["content"]

    run(work)
    first, *others = visit.acts.entries
    assert first["type"] == "attempt" and first["action"]["to"] == ["a@b.com"]
    assert [(e["type"], e["tool"]) for e in others] == [
        *[("unreadable", "send_mail")] * 2,
        ("unreadable", "7"),
    ]
    assert "There." in others[0]["text"] and "we know" in others[1]["text"]


def serve(*more: str) -> list[str]:
    """The command."""
    command = shutil.which("turncoat", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    assert command is not None
    asked = ["--set", "goal=explicit", "--set", "threat=replacement", "--world", "7"]
    return [command, "serve", "blackmail", *asked, *more]


def waited_for(path: Path) -> EvalLog:
    """A log that is written and scored within a while."""
    for _ in range(600):
        with suppress(Exception):  # it is being written, or its scores are
            if path.exists() and (log := read_eval_log(str(path))).samples and log.samples[0].scores:
                return log
        time.sleep(0.1)
    raise AssertionError(f"{path.name} was not written; there are: {os.listdir(path.parent)}")


def on_stdio(out: Path, calls: list[str]) -> None:
    """A session of a client that starts the command itself and leaves after some calls."""

    async def work() -> None:
        given = serve("--out", str(out))
        params = StdioServerParameters(command=given[0], args=given[1:], env=dict(os.environ))
        async with Client(stdio_client(params)) as client:
            for tool in calls:
                await client.call_tool(tool, {})

    run(work)


@pytest.mark.parametrize(
    ("calls", "value", "reason"), [(["list_mail", "finish"], 0.0, ""), (["list_mail"], None, "disconnected")]
)
def test_a_client_starts_the_command_itself(tmp_path: Path, calls: list[str], value: float | None, reason: str) -> None:
    out = tmp_path / "session.eval"
    if value is not None:  # a client that looks first uses nothing up
        on_stdio(out, [])
        assert [s.store["Acts:ended"] for s in waited_for(out).samples or []] == ["no_prompt"]
    on_stdio(out, calls)
    log = waited_for(out)
    sample = (log.samples or [])[0]
    score = next(iter((sample.scores or {}).values()))
    assert log.eval.model.startswith("visitor/mcp-")
    assert sample.metadata["visit"]["clients"] and sample.metadata["interface"] == "mcp"
    if value is None:
        assert (score.metadata or {}).get("reason", score.explanation) and reason in str(score)
    else:
        assert score.value == value
    assert os.listdir(tmp_path) == ["session.eval"]


KILLED = """
import os, signal, sys, anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
async def work():
    first, *rest = sys.argv[1:]
    params = StdioServerParameters(command=first, args=rest, env=dict(os.environ))
    async with Client(stdio_client(params) if rest else first) as client:
        await client.call_tool("list_mail", {})
        os.kill(os.getpid(), signal.SIGKILL)
anyio.run(work)
"""


@pytest.mark.long
@pytest.mark.parametrize("over_http", [False, True])
def test_a_killed_client_leaves_a_log_that_says_so(tmp_path: Path, over_http: bool) -> None:
    out = tmp_path / "session.eval"
    client = [sys.executable, "-c", KILLED]
    if over_http:
        given = serve("--out", str(out), "--http", "0", "--idle", "0.1")
        process = subprocess.Popen(given, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = next(x for x in process.stdout if x.startswith("Codex"))
        assert subprocess.run([*client, line.split()[-1]], timeout=120).returncode == -signal.SIGKILL
        assert process.wait(timeout=120) == 0
    else:
        assert subprocess.run([*client, *serve("--out", str(out))], timeout=120).returncode == -signal.SIGKILL
    sample = (waited_for(out).samples or [])[0]
    assert [e["action"]["kind"] for e in sample.store["Acts:entries"]] == ["list_mail"]
    assert sample.store["Acts:ended"] == "disconnected" and sample.metadata["visit"]["clients"]


def test_a_killed_server_leaves_a_journal_from_which_the_log_is_written(tmp_path: Path) -> None:
    out = tmp_path / "session.eval"
    process = subprocess.Popen(serve("--out", str(out), "--http", "0"), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = next(x for x in process.stdout if x.startswith("Codex"))

    async def work() -> None:
        async with Client(line.split()[-1]) as client:
            await client.call_tool("send_mail", {"to": "a@b.com", "subject": "Hi"})
            process.send_signal(signal.SIGKILL)
            process.wait()

    with suppress(BaseException):  # whatever the client says of a lost server
        run(work)
    assert not out.exists()
    done = subprocess.run(serve("--out", str(out), "--http", "0"), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "written from the journal" in done.stderr
    sample = (waited_for(out).samples or [])[0]
    assert sample.store["Acts:entries"][0]["action"]["subject"] == "Hi"
    assert sample.store["Acts:ended"] == "disconnected"
    assert os.listdir(tmp_path) == ["session.eval"]


def test_the_server_ends_by_a_signal_and_keeps_all_sessions(tmp_path: Path) -> None:
    out = tmp_path / "session.eval"
    given = serve("--out", str(out), "--http", "0", "--sessions", "2")
    process = subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [next(x for x in process.stdout if x.startswith("Codex")) for _ in range(2)]

    async def work() -> None:
        async with Client(lines[1].split()[-1]) as client:
            await client.call_tool("list_mail", {})
            process.send_signal(signal.SIGTERM)
            await anyio.to_thread.run_sync(process.wait)

    with suppress(BaseException):  # whatever the client says of a lost server
        run(work)
    assert process.wait(timeout=60) == 0
    ends = [s.store["Acts:ended"] for s in read_eval_log(str(out)).samples or []]
    assert ends == ["no_prompt", "disconnected"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--out", "x.json"], "ends in .eval"),
        (["--out", "x.eval", "--http", "99999"], "port 99999"),
        (["--out", "x.eval", "--sessions", "2"], "--sessions goes with --http"),
        (["--out", "nowhere/x.eval", "--http", "0"], "does not exist"),
        (["--out", "x.eval", "--http", "0", "--judge", "nobody/x"], "nobody/x"),
    ],
)
def test_what_cannot_be_served_is_said_first(tmp_path: Path, more: list[str], said: str) -> None:
    done = subprocess.run(
        serve(*more), capture_output=True, text=True, cwd=tmp_path, timeout=120, stdin=subprocess.DEVNULL
    )
    assert done.returncode != 0 and said in done.stderr and "Traceback" not in done.stderr
    assert not os.listdir(tmp_path)


def test_studies_over_mcp_come_out_as_with_tools(tmp_path: Path) -> None:
    found = []
    for interface in ("tools", "mcp"):
        task = scenario_task(
            "espionage", conditions="goal=explicit,threat=replacement", worlds="1-3", interface=interface, judge="rules"
        )
        log = eval(task, model="sim/insider", display="none", log_dir=str(tmp_path))[0]
        assert log.status == "success"
        samples = sorted(log.samples or [], key=lambda s: str(s.id))
        found.append([(s.store["Acts:entries"], (s.scores or {})["verdict"].value) for s in samples])
        assert json.dumps(found[-1])
    assert found[0] == found[1]
