"""Runs into object storage: logs are written here and carried to the store whenever they have grown.

A store has neither locks nor renaming, and Inspect writes a log anew whenever it grows. So a run works in a folder of
its own on this machine's disk and a thread carries each whole log to the store, one at a time; what a kill takes is
what was not carried yet. Names of logs are unique, so that two machines never write to the same one.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize

from pydantic import ValidationError

from turncoat.base.errors import OutputError
from turncoat.base.model import Frozen
from turncoat.base.stores import Shelf

PAUSE = 1.0
"""Seconds between two looks at what has grown."""

MARK = "running-"
"""Begin of the name of the file that says who is at work."""


class Mark(Frozen):
    """Who is at work on logs in a store."""

    holder: str = ""
    """In words."""
    machine: str = ""
    """Where its processes are counted; see `_machine`."""
    process: int = 0

    @property
    def gone(self) -> bool:
        """Whether the process is known to have ended: it ran on this machine, and nobody has its number now."""
        if not self.machine or self.machine != _machine() or self.process <= 0:
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):  # it is another user's, or no process could have this number
            pass
        return False


def _machine() -> str:
    """This machine since it was started, and whose processes it counts together (a container counts its own).

    "" where the system does not say it; then nothing is known of a process that another command names.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}-{os.stat('/proc/self/ns/pid').st_ino}"
    except (OSError, UnicodeError):
        return ""


def mark_in(data: bytes) -> Mark:
    """A mark as its file says it; one of which nothing is known where it cannot be read."""
    try:
        return Mark.model_validate_json(data)
    except ValidationError:
        return Mark()


class Scratch:
    """A folder on this machine that goes when nobody holds this object any more, or with the process."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="turncoat-run-"))
        self._going = finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def keep(self) -> None:
        """Let the folder stay."""
        self._going.detach()


class Carrier:
    """Carries logs between a folder here and a folder of a store.

    Args:
        here: The folder on this machine.
        place: The address.
    """

    def __init__(self, here: Path, place: str) -> None:
        self.here, self.shelf = here, Shelf(place)
        self._sent: dict[str, tuple[int, int]] = {}
        self._brought: set[str] = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep_on, daemon=True)
        self._mark = f"{MARK}{secrets.token_hex(6)}.json"

    def bring(self) -> None:
        """Bring the logs that are there, subfolders apart.

        Raises:
            OutputError: The store cannot be reached.
        """
        for name in self.shelf.names():
            if name.endswith(".eval"):
                try:
                    self.shelf.fetch(name, self.here / name)
                except Exception as error:  # whatever a store's package raises
                    raise OutputError(f"{self.shelf.place}/{name}: cannot be brought here ({error})") from None
                self._sent[name] = _seen(self.here / name)
                self._brought.add(name)

    def begin(self) -> None:
        """Say who is at work, take away what killed commands of this machine said of it, and begin to carry.

        Raises:
            OutputError: The store takes no files.
        """
        for name in self.shelf.names():
            if name.startswith(MARK) and mark_in(self.shelf.read(name) or b"").gone:
                self.shelf.remove(name)
        holder = f"turncoat run, process {os.getpid()} on {socket.gethostname()}"
        mine = Mark(holder=holder[:200], machine=_machine(), process=os.getpid())
        self.shelf.create(self._mark, mine.model_dump_json().encode())
        self._thread.start()

    def end(self) -> None:
        """Carry what is left, and take away the logs that the run has gone on from and removed.

        Raises:
            OutputError: A log could not be carried; it is still here.
        """
        self._end.set()
        self._thread.join()
        if failed := self._carry():
            raise OutputError(
                f"{self.shelf.place}: logs could not be written ({failed}); they are in {self.here}: copy them with "
                "`turncoat copy-logs`, or give the same command again"
            )
        for name in self._brought:
            if not (self.here / name).exists():
                self.shelf.remove(name)

    def leave(self) -> None:
        """Say that nobody is at work any more."""
        self.shelf.remove(self._mark)

    def _keep_on(self) -> None:
        while not self._end.wait(PAUSE):
            self._carry()

    def _carry(self) -> str:
        """Carry each log that has grown; why one could not be, or ""."""
        failed = ""
        for path in sorted(self.here.glob("*.eval")):
            with suppress(FileNotFoundError):  # gone meanwhile
                now = _seen(path)
                if self._sent.get(path.name) != now and not path.name.startswith("."):
                    try:
                        self.shelf.put(path.name, path)
                        self._sent[path.name] = now
                    except FileNotFoundError:
                        raise
                    except Exception as error:  # whatever a store's package raises; the next round tries again
                        failed = f"{type(error).__name__}: {str(error)[:200]}"
        return failed


def _seen(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


@contextmanager
def at_hand(place: str) -> Iterator[Scratch]:
    """A folder of a store as a folder here, inside the block; what is written there goes to the store.

    Args:
        place: The address.

    Yields:
        The folder; it is there as long as somebody holds it.

    Raises:
        OutputError: The store cannot be reached or takes no files, or at the end a log could not be carried; then
            the folder stays.
    """
    scratch = Scratch()
    carrier = Carrier(scratch.folder, place)
    carrier.bring()
    carrier.begin()
    try:
        yield scratch
    finally:
        try:
            carrier.end()
        except OutputError:
            scratch.keep()  # the only copy of these logs
            raise
        finally:
            carrier.leave()
