"""Work that starts an event loop of its own, from a script as from a notebook whose loop runs already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def loop_runs() -> bool:
    """Whether an event loop runs in this thread, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def begun(work: Callable[[], T]) -> Future[T]:
    """Begin work in a thread of its own, which does not keep the process from ending."""
    future: Future[T] = Future()

    def do() -> None:
        # Inspect lets loops nest in a notebook, and looks for this thread's own loop then.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    future.set_running_or_notify_cancel()
    Thread(target=copy_context().run, args=(do,), daemon=True, name="turncoat").start()
    return future


def done(work: Callable[[], T]) -> T:
    """Do work and wait for it: here, or in a thread of its own where a loop runs here."""
    return begun(work).result() if loop_runs() else work()


def awaited(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do asynchronous work and wait for it, wherever it is called."""
    return done(lambda: asyncio.run(work()))
