"""A server on loopback that sends any bytes at all, and a client of each kind for it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from inspect_ai.model import GenerateConfig, Model, get_model

from tests.wire.http11 import reset

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """What goes over the wire.

    Attributes:
        status: The HTTP status.
        body: The bytes of the body.
        kind: Its content type.
        manner: `whole`; `hang`: nothing is ever sent; `drip`: a byte now and then, for ever; `reset`: the connection
            is torn before anything is sent; `cut`: it ends in the middle of the body.
    """

    status: int = 200
    body: bytes = b""
    kind: str = JSON
    manner: str = "whole"


def chat(text: str = "ready", **changes: Any) -> Answer:
    """A good answer of OpenAI's chat API."""
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 400, "completion_tokens": 40, "total_tokens": 440}
    body = {
        **{"id": "c1", "object": "chat.completion", "created": 1_700_000_000, "model": "m", "usage": usage},
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }
    return Answer(body=json.dumps({**body, **changes}).encode())


def message(text: str = "ready") -> Answer:
    """A good answer of Anthropic's API."""
    body = {
        **{"id": "m1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"},
        "stop_sequence": None,
        "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 400, "output_tokens": 40},
    }
    return Answer(body=json.dumps(body).encode())


Responder = Callable[[dict[str, Any]], Answer]


@dataclass
class RawServer:
    """Inside the block it answers at `url`.

    Attributes:
        respond: The body of a request → the answer.
        seen: The bodies that came.
        heads: The heads that came, as text.
    """

    respond: Responder
    seen: list[dict[str, Any]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        """Listen."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.start_server(self._talk, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once."""

        async def stop() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.heads.append(head)
                lengths = [
                    line.partition(":")[2] for line in head.split("\r\n") if line.lower()[:15] == "content-length:"
                ]
                body = await reader.readexactly(int(lengths[0]) if lengths else 0)
                self.seen.append(json.loads(body) if body else {})
                if not await self._send(writer, self.respond(self.seen[-1])):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        """Send an answer; whether the connection can go on."""
        if answer.manner == "reset":
            reset(writer)
            return False
        if answer.manner == "hang":
            await asyncio.sleep(3600)
        head = (
            f"HTTP/1.1 {answer.status} X\r\ncontent-type: {answer.kind}\r\ncontent-length: {len(answer.body)}\r\n\r\n"
        )
        writer.write(head.encode())
        if answer.manner == "drip":
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.write(answer.body[: len(answer.body) // 2] if answer.manner == "cut" else answer.body)
        await writer.drain()
        return answer.manner == "whole"


KINDS = ("openai-api", "openai", "responses", "anthropic")


def client(server: RawServer, kind: str, **settings: Any) -> Model:
    """An Inspect model of a kind that asks the server; close it with `async with`."""
    args: dict[str, Any] = {"max_retries": 0}
    name = {"openai-api": "openai-api/local/m", "openai": "openai/gpt-4o", "responses": "openai/gpt-5-mini"}.get(kind)
    if kind in ("openai", "responses"):
        args["responses_api"] = kind == "responses"
    url = server.url if name is None else f"{server.url}/v1"
    config = GenerateConfig(**{"max_retries": 2, "max_tokens": 100, **settings})
    return get_model(
        name or "anthropic/claude-sonnet-4-6", base_url=url, api_key="k" * 20, memoize=False, config=config, **args
    )
