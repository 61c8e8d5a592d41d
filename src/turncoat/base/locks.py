"""One command at a time in a folder, or at a file: a lock that the system lets go of when a process ends, however."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from turncoat.base.errors import OutputError, UsageError
from turncoat.base.files import opened, reason

LOCK = ".turncoat-begun"
"""The file that is locked; a run also notes there what it has begun."""

PATIENCE = 5.0
"""Seconds to wait for another command to let go: the workers of a killed one need a moment to see that it is gone."""

NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK)
"""What a file system answers that has no locks, such as some network and cluster storage."""

NO_WRITING = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class Lock:
    """A folder, or a file, that this command holds.

    Attributes:
        folder: The folder, or the file.
        file: The open file in it, or -1 where the folder takes no files.
        locked: Whether no other command can be at work here; False where the file system has no locks.
        stranger: Who holds it on another machine, as far as its file says: a lock that only one machine sees tells a
            command that goes on there and one that was killed not apart. "" if nobody.
    """

    folder: Path
    file: int
    locked: bool
    stranger: str = ""

    @property
    def alone(self) -> bool:
        """Whether what lies about here can be nobody's."""
        return self.locked and not self.stranger

    @property
    def doubt(self) -> str:
        """Why another command may be at work here all the same, or ""."""
        if not self.locked:
            return f"{self.folder}: this file system has no locks; see that no other command works in the folder"
        if self.stranger:
            return (
                f"{self.folder}: {self.stranger} did not say that it has ended; if it goes on, and this file system's "
                "locks hold on one machine only, both count twice in cost and once in results"
            )
        return ""


@contextmanager
def holding(folder: Path, who: str, patience: float = PATIENCE, *, keep: bool = False) -> Iterator[Lock]:
    """Hold a folder, or one file, inside the block, so that no other command writes there.

    Args:
        folder: Folder of logs, which must exist; or a file in a folder that does.
        who: The command, for the message that others get.
        patience: Seconds to wait for the folder.
        keep: Whether the file of the lock stays where it was made by this command.

    Raises:
        UsageError: Another command is at work in the folder; it is named.
        OutputError: The folder cannot be locked, though its file system has locks.
    """
    until, place = time.monotonic() + patience, _place(folder)
    while True:
        file, made = _open(folder, place)
        try:
            locked = _lock(file, folder, until)
        except BaseException:
            os.close(file)
            raise
        if not locked or _is_at(file, place):
            break
        os.close(file)  # who held it before has removed it meanwhile
    before, held = os.fstat(file).st_size, _last(file)
    stranger = held if held and not held.endswith(f" on {socket.gethostname()}") else ""
    mine = f"{who}, process {os.getpid()} on {socket.gethostname()}"[:200]
    line = json.dumps({"holder": mine})
    with suppress(OSError):
        os.write(file, f"\n{line}\n".encode())
    after = os.fstat(file).st_size
    try:
        yield Lock(folder, file, locked, stranger)
    finally:
        with suppress(OSError):
            if os.fstat(file).st_size == after:
                os.ftruncate(file, before)
            if _last(file) == mine:
                os.write(file, b'{"holder": ""}\n')
            if made and not keep and not os.fstat(file).st_size:
                place.unlink()
        os.close(file)


@contextmanager
def reading(folder: Path, who: str, patience: float = PATIENCE) -> Iterator[Lock]:
    """Hold a folder from which is only read; one that takes no files of ours is read as it is.

    Raises:
        UsageError: Another command is at work in the folder.
        OutputError: The folder cannot be locked, though its file system has locks.
    """
    there = os.path.lexists(folder / LOCK)
    if not os.access(folder / LOCK if there else folder, os.W_OK) and not (folder / LOCK).is_symlink():
        locked, holder = looked_at(folder)
        if locked:
            raise UsageError(f"{folder}: another command is at work here ({holder}); wait for it, or try again")
        yield Lock(folder, -1, False)
        return
    with holding(folder, who, patience) as held:
        yield held


def _place(folder: Path) -> Path:
    """Where the file of a lock is: in a folder, or hidden beside a file."""
    return folder / LOCK if folder.is_dir() else folder.with_name(f".{folder.name}.lock")


def _open(folder: Path, path: Path) -> tuple[int, bool]:
    """The file of the lock, and whether it was made now."""
    try:
        try:
            return opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL), True
        except FileExistsError:
            return opened(path), False
    except OSError as error:
        if path.is_symlink() or path.exists():
            raise OutputError(f"{path}: {reason(error)}") from None
        raise OutputError(f"{folder}: cannot be locked ({reason(error)}); choose another folder") from None


def _lock(file: int, folder: Path, until: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                raise UsageError(
                    f"{folder}: another command is at work here{_holder(file)}; wait for it, or choose another folder"
                ) from None
            time.sleep(0.1)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return False
            raise OutputError(f"{folder}: cannot be locked ({reason(error)}); choose another folder") from None


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def _holder(file: int) -> str:
    """Who wrote last that they hold it, as the end of a sentence."""
    return f" ({last})" if (last := _last(file)) else ""


def _last(file: int) -> str:
    """Who wrote last that they hold it and not yet that they let go, or ""."""
    found = ""
    for line in lines(file):
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            found = str(json.loads(line)["holder"])[:200]
    return found


def looked_at(folder: Path) -> tuple[bool, str]:
    """Whether a command is at work in a folder, as far as this machine can see, without disturbing it.

    Returns:
        Whether the folder is locked now; and who says last to hold it and has not said that they let go, or "".
    """
    try:
        file = opened(folder / LOCK, os.O_RDONLY)
    except OSError:
        return False, ""
    holder = ""
    try:
        holder = _last(file)
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True, holder
    except OSError:
        return False, holder
    finally:
        os.close(file)
    return False, holder


def lines(file: int) -> list[str]:
    """What stands in the file of a lock."""
    return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace").splitlines()
