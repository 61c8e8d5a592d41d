"""As much of HTTP/1.1 as the client libraries use: bodies with a length, answers also in chunks.

Written out rather than taken from a framework because the faults need the bytes: half a body, a reset,
silence.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it came; header names are lower-case, `path` is without the query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer; `events`, if there are any, are sent as chunks of an event stream instead of `body`."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    events: tuple[bytes, ...] = ()


def json_answer(status: int, body: object, headers: dict[str, str] | None = None) -> HttpAnswer:
    """An answer with a JSON body."""
    return HttpAnswer(status, json.dumps(body).encode(), headers=headers or {})


def event(data: object, name: str = "") -> bytes:
    """One server-sent event; `data` is JSON, or a string that is sent as it is."""
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request of a connection, or `None` when the client has closed it.

    Raises:
        ValueError: If it is not an HTTP/1.1 request with a plain body.
        asyncio.IncompleteReadError: If the client goes away in the middle.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, version = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if version != "HTTP/1.1" or "transfer-encoding" in headers or "content-encoding" in headers:
        raise ValueError(f"expected an HTTP/1.1 request with a plain body and its length, found {first!r}: {headers}")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return HttpRequest(method, target.partition("?")[0], headers, body)


async def write_answer(writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
    """Send a whole answer and leave the connection open."""
    if not answer.events:
        writer.write(_head(answer, f"content-length: {len(answer.body)}") + answer.body)
        await writer.drain()
        return
    writer.write(_head(answer, "transfer-encoding: chunked"))
    for data in answer.events:
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def write_half_and_reset(writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
    """Announce a body, send half of it, and reset the connection."""
    body = b"".join(answer.events) or answer.body
    writer.write(_head(answer, f"content-length: {len(body)}") + body[: len(body) // 2])
    await writer.drain()
    reset(writer)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with a TCP reset, which a client cannot take for an orderly end."""
    connection: Any = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _head(answer: HttpAnswer, length: str) -> bytes:
    content_type = "text/event-stream; charset=utf-8" if answer.events else answer.content_type
    lines = [
        f"HTTP/1.1 {answer.status} {_phrase(answer.status)}",
        f"content-type: {content_type}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
        length,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    # 529 is not registered.
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Overloaded"
