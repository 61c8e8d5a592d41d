"""Serving webmails on loopback: to a model's browser in a study, and to a person."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
from anyio.abc import TaskStatus

from turncoat.base.stopping import STOPPING
from turncoat.doors.loopback import listen, new_token, serving
from turncoat.doors.visit import Visit
from turncoat.webmail.app import make
from turncoat.webmail.pages.session import Person, reported
from turncoat.webmail.told import Told

SILENT = 20.0
"""Seconds of silence after which, when the session is over, nobody looks at its page any more."""
LAST = 1.0
"""Seconds that a browser has to load the rest of the last page."""


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


def serve_person(visit: Visit, person: Person, port: int, said: Callable[[str], None], idle: timedelta) -> Told | None:
    """Serve a webmail to a person until the session is over and its report was shown.

    The first signal to end closes the session, and the page shows the report; the second ends at once.

    Args:
        visit: The visit.
        person: The person.
        port: On loopback; 0 for a free one.
        said: Told the address, and what happens at a signal.
        idle: A page from which nothing is heard for so long is closed.

    Returns:
        What came of the session; None where nobody began it.

    Raises:
        UsageError: The port cannot be had.
    """
    return anyio.run(_person_served, visit, person, port, said, idle)


async def _person_served(
    visit: Visit, person: Person, port: int, said: Callable[[str], None], idle: timedelta
) -> Told | None:
    token = new_token()
    with listen(port) as listening:
        async with serving(make(visit, token, person=person), listening), anyio.create_task_group() as tasks:
            ended = anyio.Event()
            await tasks.start(_heed, visit, person, ended, said)
            tasks.start_soon(_leave_idle, visit, person, idle.total_seconds())
            said(address(listening, token))
            await visit.over.wait()
            while person.begun and not (person.seen.is_set() or ended.is_set() or _is_gone(person)):
                await anyio.sleep(0.1)
            async with person.lock:  # a report that somebody waits for is made once, and not cut off with its page
                pass
            if person.seen.is_set():
                await anyio.sleep(LAST)
            tasks.cancel_scope.cancel()
    return await reported(person) if person.begun else None


def _is_gone(person: Person) -> bool:
    """Whether nobody looks at the page of the end any more. Who waits for the report is silent, and there."""
    return not person.lock.locked() and anyio.current_time() - person.heard > SILENT


async def _heed(
    visit: Visit,
    person: Person,
    ended: anyio.Event,
    said: Callable[[str], None],
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    with anyio.open_signal_receiver(*STOPPING) as signals:
        task_status.started()
        async for _ in signals:
            if visit.over.is_set():
                ended.set()
                return
            visit.leave()
            if person.begun:
                said("The session is closed. Its report is shown in the page; Ctrl-C again ends at once.")


async def _leave_idle(visit: Visit, person: Person, seconds: float) -> None:
    while not visit.over.is_set():
        await anyio.sleep(min(seconds / 4, 1))
        if person.begun and anyio.current_time() - person.heard > seconds:
            visit.leave()
