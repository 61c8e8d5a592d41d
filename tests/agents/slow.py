"""Command-line agents where everything is slow: `python -m tests.agents.slow [--seconds N] [NAME …]`.

Each works in one session of a scripted model, all at the same time. The list of the tools, each call and each answer of
the model are held back for N seconds (75), as on a machine with far too much to do; a first greeting is not, since
Inspect's proxy beside the program answers it. A program that gives up on its tools goes on without them, and the
session would be unscored. Printed is what came of each session.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from inspect_ai import Task, eval
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ModelOutput, get_model
from inspect_ai.tool import ToolInfo

from tests.agents.compared import FOREIGN, installed
from tests.doors.scripted import output, turn
from turncoat.agents import finding
from turncoat.agents.scaffolds import SCAFFOLDS, Job, Orders, Scaffold
from turncoat.doors.tools.catalog import ALL_TOOLS
from turncoat.providers.calls import plain_name
from turncoat.tasks import scenario_task

OURS = frozenset(t.kind for t in ALL_TOOLS)
LONGEST = 3600.0
QUICK = ("initialize", "notifications/initialized")


def say(messages: list[ChatMessage], tools: list[ToolInfo], *_: object) -> ModelOutput:
    """Call `finish` once; say nothing where it is not offered."""
    done = sum(bool(m.tool_calls) for m in messages if m.role == "assistant")
    finish = next((t.name for t in tools if plain_name(t.name, OURS) == "finish"), None)
    return output(turn(text="Done.") if finish is None or done else turn((finish, {})), done)


class _Slow(BaseHTTPRequestHandler):
    """Passes requests on after a while."""

    protocol_version = "HTTP/1.1"
    to, seconds = "", 0.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not any(f'"{quick}"'.encode() in body for quick in QUICK):
            time.sleep(self.seconds)
        given = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "content-length", "connection")}
        try:
            request = urllib.request.Request(self.to + self.path, body, {**given, "accept-encoding": "identity"})
            with urllib.request.urlopen(request, timeout=LONGEST) as found:
                self._answer(found.status, found.headers.get("content-type", ""), found.read())
        except urllib.error.HTTPError as error:
            self._answer(error.code, error.headers.get("content-type", ""), error.read())
        except ConnectionError:  # the program waits no more
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer(405, "text/plain", b"")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def slow_scaffold(scaffold: Scaffold, seconds: float) -> Iterator[Scaffold]:
    """A program that reaches its model and its tools over something slow."""

    class Slow(_Slow):
        pass

    Slow.seconds = seconds
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"

    def orders(job: Job) -> Orders:
        Slow.to = job.model
        return scaffold.orders(replace(job, model=at, tools=job.tools.replace(job.model, at)))

    try:
        yield replace(scaffold, name=f"slow-{scaffold.name}", orders=orders)
    finally:
        server.shutdown()
        server.server_close()


def sessions(names: Sequence[str], seconds: float) -> dict[str, EvalSample]:
    """One session of each program, all at the same time."""
    folders = [str(installed(FOREIGN[n]) / "node_modules" / ".bin") for n in names]
    os.environ["PATH"] = os.pathsep.join([*folders, os.environ["PATH"]])
    with ExitStack() as stack:
        slow = {n: stack.enter_context(slow_scaffold(SCAFFOLDS[n], seconds)) for n in names}
        loads = {s.name: (lambda s=s: s) for s in slow.values()}
        stack.enter_context(patch.object(finding, "extensions", lambda group: loads if group == "agents" else {}))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        tasks = [_task(s.name) for s in slow.values()]
        model = get_model("mockllm/model", custom_outputs=say, memoize=False)
        logs = eval(
            tasks, model=model, sandbox="local", log_dir=folder, display="none", max_tasks=len(tasks), max_samples=8
        )
        return {n: (log.samples or [])[0] for n, log in zip(names, logs, strict=True)}


def _task(agent: str) -> Task:
    return scenario_task("espionage", conditions="control", worlds="1", interface="tools", judge="rules", agent=agent)


def row(name: str, sample: EvalSample) -> tuple[str, bool]:
    """A line of the table, and whether the session ended as it should."""
    score = (sample.scores or {})["verdict"]
    told = (score.metadata or {})["reason"] or "scored"
    ended = sample.store["Acts:ended"]
    took = f"{sample.total_time or 0:.0f} s"
    return f"| {name} | {sample.store['Program:version']} | {took} | {ended} | {told} |", ended == "finished"


def main(arguments: list[str]) -> int:
    """Print the table; 1 if a program gave up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=75.0)
    parser.add_argument("names", nargs="*", default=[n for n in FOREIGN if n in SCAFFOLDS])
    given = parser.parse_args(arguments)
    found = [row(n, s) for n, s in sessions(given.names, given.seconds).items()]
    print("| agent | version | took | ended | verdict |\n|---|---|---|---|---|")
    print("\n".join(line for line, _ in found))
    return int(not all(fine for _, fine in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
