"""What a command has begun in a folder of logs, so that the next one knows what a kill took; one command at a time."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from pathlib import Path
from types import TracebackType

from turncoat.base.errors import OutputError, UsageError

Key = tuple[str, str, str, int]
"""Task name, model, sample id, epoch."""

NAME = ".turncoat-begun"
PATIENCE = 5.0
"""Seconds to wait for another command to let go: the workers of a killed one need a moment to see that it is gone."""

NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK)
"""What a file system answers that has no locks, such as some network and cluster storage."""


class Ledger:
    """The open ledger of a folder. Use it as a context manager: what ends without an error leaves it empty.

    A line is added when a sample begins. What a killed command has begun and did not log is thus known. The operating
    system lets go of the lock when the process ends, however it ends.

    Args:
        folder: Folder of logs; it must exist.
        patience: Seconds to wait for the folder.

    Raises:
        UsageError: Another command is at work in the folder.
        OutputError: The folder cannot be locked, though its file system has locks.
    """

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            self.locked = _lock(self._file, folder, patience)
        except BaseException:
            os.close(self._file)
            raise
        """Whether no other command can be at work here; False where the file system has no locks."""
        self.begun = _read(self._file)
        """What an earlier command had begun when it was cut off."""

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            os.ftruncate(self._file, 0)
        os.close(self._file)

    def begin(self, key: Key) -> None:
        """Note that a sample begins. A full disk is no reason to stop here: the log will say it."""
        try:
            os.write(self._file, (json.dumps(key) + "\n").encode())
        except OSError:
            pass


def _lock(file: int, folder: Path, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                raise UsageError(
                    f"{folder}: another command is at work here; wait for it, or choose another folder"
                ) from None
            time.sleep(0.1)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return False
            raise OutputError(f"{folder}: cannot be locked ({error.strerror}); choose another folder") from None


def _read(file: int) -> set[Key]:
    found: set[Key] = set()
    text = os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")
    for line in text.splitlines():
        try:
            task, model, sample, epoch = json.loads(line)
            found.add((str(task), str(model), str(sample), int(epoch)))
        except (ValueError, TypeError):
            continue  # cut off in the middle of the line
    return found
