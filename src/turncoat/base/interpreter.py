"""How the interpreter is set for long work: room on its stack, and a garbage collector that looks rarely.

CPython keeps frames in chunks of 16 kB, asks the system for each and gives it back when the last frame in it returns.
A loop whose calls cross the border of a chunk does so at every call; Python 3.11 and 3.12 keep none back (CPython's
issue 142183). Where that happens depends on how deep the loop stands. Inspect's start has such a loop: 70,000 chunks
to the first request, a sixth of the whole start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

AT_START = 500_000
"""New objects before the first round of the garbage collector: as many as imports make; nearly all of them stay."""
RARELY = 50_000
"""New objects between two rounds of the garbage collector in a run, which makes many."""

ROOM = 1 << 16
"""Words that the frame of `with_room` asks for: its chunk is then 1 MB, of which whatever it calls has half."""


def with_room(call: Callable[[], T]) -> T:
    """Call something in one large chunk of the stack, which several hundred frames do not leave.

    Memory that no frame reaches is never touched, so that it costs none.
    """
    return call()


if sys.version_info < (3, 13):  # newer ones keep a chunk back
    with_room.__code__ = with_room.__code__.replace(co_stacksize=ROOM)
