"""A provider on loopback: the real client libraries talk to it as they would to OpenAI or Anthropic."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .desk import Call, Desk, Outcome, RequestKind, look_at
from .exchange import Dialect, Json, Responder, WireRequest
from .faults import FaultPlan, Kind, script
from .http11 import read_request, write_answer, write_half_and_reset


@dataclass(frozen=True, slots=True)
class Record:
    """One request that the server served.

    Attributes:
        kind: What was asked for. Faults and the responder see completions only.
        dialect: The API that was asked.
        path: The path that was asked.
        model: The model's name in the body, or `""`.
        key: Whether the request carried a key.
        status: The HTTP status that was sent; `None` if the server kept silent.
        fault: The kind of fault, if there was one.
        sdk_retry: 0, or which retry of the client library this is.
        body: The decoded body; empty if there was none.
        request: The request in neutral form, if it could be read.
    """

    kind: RequestKind
    dialect: Dialect
    path: str
    model: str
    key: bool
    status: int | None
    fault: Kind | None
    sdk_retry: int
    body: Json
    request: WireRequest | None


class WireServer:
    """A context manager; inside it the server answers at `url` on an ephemeral port of 127.0.0.1.

    An exception in the responder is answered with status 400 (which no client retries) and raised again when
    the context ends, so that the test fails with its true cause.

    Attributes:
        records: What was served so far, each written down just before its answer is sent.
        peak: The most requests that were in progress at once.
    """

    def __init__(
        self,
        responder: Responder,
        *,
        faults: FaultPlan | None = None,
        keys: Collection[str] | None = None,
        models: Collection[str] | None = None,
        together: int = 1,
    ) -> None:
        """Prepare a server; nothing is opened yet.

        Args:
            responder: Plays the model.
            faults: When what goes wrong; default never.
            keys: The keys that are valid; default any. A request without a valid key gets status 401.
            models: The models that exist, by the provider's names; default any. Others get status 404.
            together: No request is answered before this many are in progress at once; from then on all are.
        """
        self.records: list[Record] = []
        self.peak = 0
        self._desk = Desk(responder, faults or script(), keys, models)
        self._in_progress = 0
        self._together = together
        self._enough = asyncio.Event()
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        """Listen."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire-server", daemon=True)
        self._thread.start()
        listening = asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once, also in the middle of answers; raise what the responder raised."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for failure in self._desk.failures[:1]:
            if error is None:
                raise failure
            error.add_note(f"the wire server's responder had failed: {failure!r}")

    @property
    def url(self) -> str:
        """The server's address without a path."""
        return f"http://127.0.0.1:{self._port}"

    def base_url(self, dialect: Dialect) -> str:
        """The base URL that the dialect's client library wants."""
        return self.url if dialect is Dialect.MESSAGES else f"{self.url}/v1"

    def environment(self, key: str = "test-key") -> dict[str, str]:
        """The variables that lead both client libraries here, for a command in a process of its own."""
        return {
            "OPENAI_BASE_URL": self.base_url(Dialect.CHAT),
            "OPENAI_API_KEY": key,
            "ANTHROPIC_BASE_URL": self.base_url(Dialect.MESSAGES),
            "ANTHROPIC_API_KEY": key,
            "NO_PROXY": "127.0.0.1",
        }

    @property
    def completions(self) -> list[Record]:
        """The records of completions alone, without probes, token counts and lists of models."""
        return [record for record in self.records if record.kind == "completion"]

    @property
    def requests(self) -> list[WireRequest]:
        """The completion requests that could be read, in neutral form."""
        return [record.request for record in self.completions if record.request is not None]

    @property
    def statuses(self) -> list[int | None]:
        """The status of each completion, in order."""
        return [record.status for record in self.completions]

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        try:
            while (http := await read_request(reader)) is not None:
                if not await self._serve(look_at(http), writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away, as clients do
        except asyncio.CancelledError:
            writer.transport.abort()  # the server ends; what the client has not read yet is lost
            raise
        except Exception as error:
            self._desk.failures.append(error)
        finally:
            writer.close()

    async def _serve(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection can go on."""
        self._in_progress += 1
        self.peak = max(self.peak, self._in_progress)
        try:
            outcome = self._desk.decide(call)
            self.records.append(_record(call, outcome))
            if self._in_progress >= self._together:
                self._enough.set()
            await self._enough.wait()
            await asyncio.sleep(outcome.delay)
            fault = outcome.fault
            if fault is not None and fault.kind is Kind.STALL:
                await asyncio.sleep(fault.seconds)
                return False
            if fault is not None and fault.kind is Kind.RESET:
                await write_half_and_reset(writer, outcome.answer)
                return False
            await write_answer(writer, outcome.answer)
            return True
        finally:
            self._in_progress -= 1


def _record(call: Call, outcome: Outcome) -> Record:
    fault = outcome.fault.kind if outcome.fault else None
    return Record(
        kind=call.kind,
        dialect=call.dialect,
        path=call.http.path,
        model=call.model,
        key=call.key != "",
        status=None if fault is Kind.STALL else outcome.answer.status,
        fault=fault,
        sdk_retry=call.sdk_retry,
        body=call.body,
        request=outcome.request,
    )
