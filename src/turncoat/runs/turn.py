"""Runs of one process take turns, and leave nothing of theirs behind.

Inspect allows one evaluation at a time in a process. A run that is asked for in another thread waits here until the
one before it has ended; runs that shall go on at the same time need processes of their own (`turncoat.runs.workers`).
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from turncoat.base.errors import UsageError
from turncoat.providers.inspect_private import unseen

FROZEN_AT_START = 10_000
"""More than any Python freezes by itself when it starts (3.12: hundreds): someone else's freezing is not undone."""

_TURN = Lock()
"""Of the process, as the limit is."""


@contextmanager
def turn() -> Iterator[None]:
    """Wait until no other run of this process is at work; inside the block Inspect's own lines stay unseen.

    Raises:
        UsageError: An event loop runs in this thread: a run has one of its own, and waiting would hold this one up.
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise UsageError("an event loop runs in this thread; start runs there by `turncoat.run`, or in another thread")
    with _TURN, unseen():
        yield


@contextmanager
def collector_spared() -> Iterator[None]:
    """Take what is loaded already out of the garbage collector's rounds, inside the block.

    Inspect and its libraries hold half a million objects that live as long as the process; walking them again and again
    is a seventh of the time of a run. Where the caller froze it already, nothing is done.
    """
    if gc.get_freeze_count() > FROZEN_AT_START:
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
