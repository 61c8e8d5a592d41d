"""How a command is stopped: the first signal ends a run in order, the second at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from turncoat.base.counting import counted
from turncoat.base.stopping import STOPPING, as_ctrl_c, end_now
from turncoat.runs.progress import Progress


@dataclass
class Stop:
    """What signals came.

    Attributes:
        signals: Their numbers, in order.
        heard: Called at each signal, in a thread of its own.
        at_once: Called before the process ends at the second signal.
    """

    signals: list[int] = field(default_factory=list)
    heard: list[Callable[[], None]] = field(default_factory=list)
    at_once: list[Callable[[], None]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.signals)

    def add(self, number: int) -> None:
        """Note a signal, and end the process if it is the second."""
        self.signals.append(number)
        for call in self.heard:
            call()
        if len(self.signals) > 1:
            for call in self.at_once:
                call()
            end_now("turncoat: stopped at once; the same command continues from what was written")


@contextmanager
def stoppable(outer: Stop | None = None) -> Iterator[Stop]:
    """Take Ctrl-C, SIGTERM and SIGHUP alike inside the block: the first ends it in order, the second the process.

    The first is what Ctrl-C is to Python: it cancels the event loop's task, or raises `KeyboardInterrupt`. The second
    needs nothing of what the main thread is doing: the system writes each signal into a pipe, and a thread reads it.
    Outside the main thread, and where another part of the program listens to signals in the same way, nothing is
    changed.

    Args:
        outer: What a block around this one has made, which is used then.
    """
    stop = Stop() if outer is None else outer
    if outer is not None or threading.current_thread() is not threading.main_thread():
        yield stop
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    earlier = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    if earlier != -1:  # an event loop of somebody else's listens in the main thread
        signal.set_wakeup_fd(earlier)
        os.close(reading)
        os.close(writing)
        yield stop
        return
    threading.Thread(target=_listen, args=(reading, stop), daemon=True).start()
    before = {s: signal.signal(s, as_ctrl_c) for s in STOPPING[1:] if signal.getsignal(s) == signal.SIG_DFL}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(writing)  # which ends the thread


def interrupted(progress: Progress) -> str:
    """Why an interrupted run is not done."""
    return f"it was interrupted after {progress.done} of {counted(progress.total, 'sample')}"


def _listen(reading: int, stop: Stop) -> None:
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while numbers := pipe.read(64):
            for number in numbers:
                if number in STOPPING:
                    stop.add(number)
