"""Servers on loopback answer at once, and only there."""

from __future__ import annotations

import asyncio
import socket

from turncoat.doors.loopback import listen


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
