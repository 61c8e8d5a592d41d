"""Serving webmails on loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import uvicorn
from starlette.types import ASGIApp

from turncoat.doors.loopback import QuietServer, listen, new_token
from turncoat.doors.visit import Visit
from turncoat.webmail.app import make


@asynccontextmanager
async def served(visit: Visit) -> AsyncIterator[str]:
    """Serve the webmail of a visit, for a model's browser, on a free port of loopback; gives its address."""
    token = new_token()
    with listen() as listening:
        async with serving(make(visit, token), listening):
            try:
                yield address(listening, token)
            finally:
                visit.over.set()


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    """Serve an application on a socket; at the end the server has let go of it."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = QuietServer(config)
    ended = anyio.Event()

    async def serve() -> None:
        try:
            await server.serve(sockets=[listening])
        finally:
            ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        try:
            yield
        finally:
            server.should_exit = True
            with anyio.CancelScope(shield=True), anyio.move_on_after(3):
                await ended.wait()
            tasks.cancel_scope.cancel()


def address(listening: socket.socket, token: str) -> str:
    """The address of a webmail that is served on a socket."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}/{token}/"
