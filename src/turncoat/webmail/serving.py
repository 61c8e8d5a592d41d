"""Serving webmails on loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from turncoat.doors.loopback import listen, new_token, serving
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


def address(listening: socket.socket, token: str) -> str:
    """The address of a webmail that is served on a socket."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}/{token}/"
