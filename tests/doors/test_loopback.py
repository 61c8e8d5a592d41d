"""Servers on loopback answer at once, and only there."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest
from starlette.types import Receive, Scope, Send

from turncoat.doors.loopback import bounded, listen, serving


def test_small_answers_are_sent_at_once() -> None:
    async def answers_without_delay() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen() as listening:
            async with await asyncio.start_server(met, sock=listening) as server:
                assert server.sockets[0].getsockname()[0] == "127.0.0.1"
                _, writer = await asyncio.open_connection(*listening.getsockname())
                try:
                    return await found
                finally:
                    writer.close()

    assert asyncio.run(answers_without_delay()) != 0


def test_a_request_that_never_came_whole_ends_with_the_server_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    async def half_a_request() -> None:
        met = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            met.set()
            await bounded(receive)

        with listen() as listening:
            async with serving(app, listening):
                listening.listen()
                _, writer = await asyncio.open_connection(*listening.getsockname())
                writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n{")
                await met.wait()
        writer.close()

    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        asyncio.run(half_a_request())
    assert not caplog.records
