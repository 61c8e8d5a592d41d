"""Room on the stack: what is called there gives what it gives, and a deep loop asks the system for no memory."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

import pytest

from turncoat.base.interpreter import with_room


def test_a_call_gives_back_and_raises_as_it_would() -> None:
    assert with_room(lambda: 3) == 3
    assert with_room(lambda: with_room(lambda: "within")) == "within"
    with pytest.raises(KeyError, match="lost"):
        with_room(lambda: dict[str, int]()["lost"])


def _faults(depth: int) -> int:
    """Pages that the system hands out while a loop stands so deep and calls something with many variables."""
    names = [f"v{i}" for i in range(200)]
    space: dict[str, Callable[[], int]] = {}
    exec(f"def wide():\n {' = '.join(names)} = 1\n return v0", space)

    def loop(left: int) -> int:
        if left:
            return loop(left - 1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(500):
            space["wide"]()
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    return loop(depth)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="newer versions keep a chunk of the stack back by themselves")
def test_a_loop_asks_for_no_memory_at_each_call_however_deep_it_stands() -> None:
    assert max(_faults(depth) for depth in range(0, 200)) >= 500  # otherwise nothing is shown below
    assert with_room(lambda: max(_faults(depth) for depth in range(0, 200))) < 100
