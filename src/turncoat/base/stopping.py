"""Signals that stop a command, alike from its first moment on: Ctrl-C, SIGTERM and SIGHUP."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

STOPPED = 130
"""Exit code of a command that was stopped, as shells say it for Ctrl-C."""

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals; one that whoever started the command ignores (`nohup`) stays ignored."""

CONTINUES = "turncoat: stopped; the same command continues"


def end_at_signals() -> None:
    """End this process at once when a signal comes: nothing has begun, and imports do not bear being interrupted."""
    for number in STOPPING:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, lambda number, frame: end_now(CONTINUES))


def interrupt_at_signals() -> None:
    """Raise `KeyboardInterrupt` at each of them, or do what Ctrl-C does where somebody listens to it."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else as_ctrl_c)


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Have the handlers of these signals after the block that were there before it: some libraries take them over."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                if handler is not None:  # of another language
                    signal.signal(number, handler)


def as_ctrl_c(number: int, frame: FrameType | None) -> Any:
    """Do what Ctrl-C does just now: cancel a run, or raise `KeyboardInterrupt`."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        return handler(signal.SIGINT, frame)
    raise KeyboardInterrupt


def end_now(line: str) -> None:
    """Say a line and end this process, whatever it is doing."""
    with suppress(OSError):
        os.write(2, f"{line}\n".encode())
    os._exit(STOPPED)
