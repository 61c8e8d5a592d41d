"""Work that several processes of this machine share."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from turncoat.base.errors import IncompleteError

T = TypeVar("T")


def shared_out(do: Callable[..., T], tasks: Sequence[tuple[Any, ...]], workers: int, chunk: int = 1) -> Iterator[T]:
    """What a function makes of each task, in their order.

    Args:
        do: A function of a module, which other processes can find by its name.
        tasks: Its arguments, one after the other.
        workers: Processes that share them; with one, this process does all by itself.
        chunk: Tasks that a process takes at a time.

    Raises:
        IncompleteError: A process was killed.
    """
    number = min(workers, len(tasks))
    if number <= 1:
        yield from (do(*task) for task in tasks)
        return
    # Spawned: a fork would take the threads of a progress display along.
    pool = ProcessPoolExecutor(number, multiprocessing.get_context("spawn"), _quietly)
    try:
        yield from pool.map(do, *zip(*tasks, strict=True), chunksize=chunk)
    except BaseException as error:
        for child in multiprocessing.active_children():
            child.terminate()
        if isinstance(error, BrokenProcessPool):
            raise IncompleteError("a process that shared the work was killed; try again with more memory") from None
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _quietly() -> None:
    """Leave Ctrl-C to the process that shares the work out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
