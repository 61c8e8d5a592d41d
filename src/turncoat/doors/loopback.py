"""What servers on loopback share: tokens, bounded bodies and rates, and a server that leaves signals alone."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anyio
import uvicorn
from starlette.types import ASGIApp, Message, Receive

from turncoat.base.errors import UsageError
from turncoat.base.files import reason

MAX_BODY = 4 * 1024 * 1024
"""Largest request in bytes."""
PER_SECOND, BURST = 100.0, 1000.0
"""Requests that a visit may make: on average, and at once."""
_TOKEN_BYTES = 24


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


@dataclass
class Allowance:
    """Requests that may still be made."""

    _left: float = field(default_factory=lambda: BURST)
    _at: float = field(default_factory=time.monotonic)

    def takes(self) -> bool:
        """Whether one more may be made now."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND)
        self._at = now
        self._left -= 1
        return self._left >= 0


async def bounded(receive: Receive) -> bytes | None:
    """The body of a request; None if it is too large, or its sender went away."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def given(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read before, and then what else comes."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class QuietServer(uvicorn.Server):
    """A server that leaves signals to the program that it runs in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: Ctrl-C ends the evaluation, and the server with it."""
        yield


def listen(port: int = 0) -> socket.socket:
    """A socket on loopback.

    Args:
        port: 0 for a free one.

    Raises:
        UsageError: The port cannot be had.
    """
    # Named as TCP, since asyncio sends small answers at once on such sockets only: else each waits about 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listening.close()
        why = reason(error) if isinstance(error, OSError) else "is no port"
        raise UsageError(f"port {port}: {why}; choose another, or 0 for a free one") from None
    return listening


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether what the server says is of a fault, and not of a request that is cut off when it ends."""
    cut_off = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut_off and "timeout graceful shutdown exceeded" not in str(record.msg)


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    """Serve an application on a socket; at the end the server has let go of it."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    logging.getLogger("uvicorn.error").addFilter(_is_fault)
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
