"""Serving companies to MCP clients of one's own: under addresses on loopback, or on standard input and output."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta

import anyio

from turncoat.base.stopping import STOPPING
from turncoat.doors.loopback import new_token, serving
from turncoat.doors.mcp.server import Companies, serve_stdio
from turncoat.doors.visit import Visit


def serve_at(
    visits: Sequence[Visit], listening: socket.socket, said: Callable[[list[str]], None], idle: timedelta
) -> None:
    """Serve visits over HTTP until all are over, or the program is told to end.

    Args:
        visits: Each has an address of its own.
        listening: On loopback.
        said: Told the addresses when they are served.
        idle: A visitor from whom nothing is heard for so long is gone.
    """
    anyio.run(_served, visits, listening, said, idle)


async def _served(
    visits: Sequence[Visit], listening: socket.socket, said: Callable[[list[str]], None], idle: timedelta
) -> None:
    companies = Companies(listening.getsockname()[1])
    async with (
        serving(companies.app, listening),
        anyio.create_task_group() as tasks,
        anyio.create_task_group() as hosts,
    ):
        tasks.start_soon(_watch, visits, tasks.cancel_scope)
        tasks.start_soon(_leave_idle, visits, idle)
        said([await hosts.start(companies.host, visit, new_token()) for visit in visits])
        for visit in visits:
            await visit.over.wait()
        await anyio.sleep(0.2)  # the last answers are on their way
        hosts.cancel_scope.cancel()
        tasks.cancel_scope.cancel()


async def _watch(visits: Sequence[Visit], scope: anyio.CancelScope) -> None:
    """End when the program is told to; the visits stay as they are."""
    with anyio.open_signal_receiver(*STOPPING) as signals:
        async for _ in signals:
            for visit in visits:
                visit.leave()
            scope.cancel()
            return


async def _leave_idle(visits: Sequence[Visit], idle: timedelta) -> None:
    while True:
        await anyio.sleep(min(idle.total_seconds() / 4, 5))
        for visit in visits:
            if visit.heard is not None and anyio.current_time() - visit.heard > idle.total_seconds():
                visit.leave()


def serve_here(visit: Visit, keep: Callable[[], None]) -> None:
    """Serve a visit on standard input and output until the client closes them, or the program is told to end.

    Args:
        visit: The visit.
        keep: Writes what came of it; called as soon as the session is over, since a client that has closed the pipe
            soon kills what it has started.
    """

    async def served() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_watch, [visit], tasks.cancel_scope)
            tasks.start_soon(_kept)
            await serve_stdio(visit)
            tasks.cancel_scope.cancel()

    async def _kept() -> None:
        await visit.over.wait()
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(keep)

    anyio.run(served)


def ways_in(address: str) -> list[str]:
    """The lines that add a company at an address to programs that people use."""
    return [
        f"Claude Code:  claude mcp add --transport http company {address}",
        f"Codex:        codex mcp add company --url {address}",
        f'Python:       async with mcp.client.client.Client("{address}") as company: ...',
    ]


def ways_in_by(command: Sequence[str]) -> list[str]:
    """The lines that add a company which the client itself starts by a command."""
    line = shlex.join(command)
    first, rest = command[0], list(command[1:])
    return [
        f"Claude Code:  claude mcp add company -- {line}",
        f"Codex:        codex mcp add company -- {line}",
        f"Python:       mcp.StdioServerParameters(command={first!r}, args={rest!r})",
    ]
