"""Work that several processes share comes out as if one did it, and ends with the one that shares it out."""

import os
import signal
import time
from pathlib import Path
from threading import Thread

import pytest

from turncoat.base.errors import IncompleteError
from turncoat.base.sharing import shared_out


def power(base: int, exponent: int) -> tuple[int, int]:
    """A task, and who did it."""
    return base**exponent, os.getpid()


def slow(mark: str) -> None:
    """A task that says that it runs, and takes long."""
    Path(mark).write_text(str(os.getpid()))
    time.sleep(600)


def killed(_: int) -> None:
    """A task in which its process ends at once."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("chunk", [1, 3])
def test_results_come_in_the_order_of_the_tasks(workers: int, chunk: int) -> None:
    tasks = [(n, 2) for n in range(7)]
    found = list(shared_out(power, tasks, workers, chunk))
    assert [value for value, _ in found] == [n * n for n in range(7)]
    assert (os.getpid() in {who for _, who in found}) == (workers == 1)
    assert list(shared_out(power, [], workers)) == []


def test_a_killed_process_is_one_line() -> None:
    with pytest.raises(IncompleteError, match="was killed"):
        list(shared_out(killed, [(1,), (2,)], 2))


def interrupt_once_there(marks: list[Path]) -> None:
    """Interrupt this process when all tasks say that they run."""
    while not all(mark.is_file() and mark.read_text() for mark in marks):
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)


def test_others_end_where_nobody_waits_for_them(tmp_path: Path) -> None:
    marks = [tmp_path / "one", tmp_path / "two"]
    Thread(target=interrupt_once_there, args=(marks,), daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        list(shared_out(slow, [(str(mark),) for mark in marks], 2))
    processes = [Path(f"/proc/{mark.read_text()}/exe") for mark in marks]
    for _ in range(600):
        if not any(process.exists() for process in processes):
            return
        time.sleep(0.1)
    pytest.fail("a process goes on for a minute after the one that shared its work out was interrupted")
