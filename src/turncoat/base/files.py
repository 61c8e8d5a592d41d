"""Files that are there whole or not at all, and folders under names that every library reads alike."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from turncoat.base.errors import OutputError, UsageError

UNFINISHED = ".part"
"""Ending of what is being written: no command takes it for a log or a report."""

_PLAIN = re.compile(r"[A-Za-z0-9 _.,=+@~/-]*")
"""Paths that mean the same as a path, as an address and as a pattern; `#`, `?`, `%` and `*` do not."""

_READ = (".eval", ".json")
"""Endings of what commands read in folders: logs, and responses in JSON."""

_SPELLED = re.compile(rb"\\(?:x([89a-f][0-9a-f])|\\)")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """The place where a file is to be written, which then takes the place of `path`, safely on disk.

    Whatever is raised within, `path` is as it was and nothing is left behind; after a kill a hidden file that ends in
    `.part` is.

    Args:
        path: The file; what stands there is replaced.

    Returns:
        A hidden file beside it, of a name that no other command has.

    Raises:
        OutputError: It cannot be written.
    """
    part = unfinished(path)
    try:
        if path.exists() and not path.is_file():  # renaming would put a file in the place of /dev/stdout
            raise OSError(errno.EINVAL, "is a device, a pipe or a folder; name a file")
        yield part
        _settle(part, path)
    except OSError as error:
        raise OutputError(f"{path}: {reason(error)}; nothing was written") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def unfinished(path: Path) -> Path:
    """A hidden name beside a file under which it can be written; a new one each time."""
    return path.parent / f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}"


def _settle(part: Path, target: Path) -> None:
    """Bring what was written to disk, then to its name, then the name to disk."""
    with part.open("r+b") as file:
        with suppress(OSError):  # who may read the old one may read the new one
            os.fchmod(file.fileno(), target.stat().st_mode & 0o7777)
        os.fsync(file.fileno())
    part.replace(target)
    with suppress(OSError):  # not every file system has folders that can be synced
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_whole(path: Path, content: str | bytes) -> None:
    r"""Write a file whole or not at all; what UTF-8 cannot hold is written as `\udc80`.

    Raises:
        OutputError: It cannot be written.
    """
    with whole(path) as part:
        part.write_bytes(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)


def refuse_input(out: Path | None, *inputs: Path | str) -> None:
    """See that what is to be written takes the place of nothing that is read for it, however it is spelled.

    Args:
        out: The file to write; nothing is looked at if None.
        inputs: Files and folders that are read. In a folder these are its logs, and whatever is one object of JSON.
            What is no path (an address, a monitor's name) is passed over.

    Raises:
        UsageError: It would.
    """
    if out is None or not out.exists():
        return
    for given in map(Path, inputs):
        try:
            same = out.samefile(given) or (out.resolve().is_relative_to(given.resolve()) and _is_read(out))
        except (OSError, ValueError):
            continue
        if same:
            raise UsageError(f"{out}: is what is read here, and would be lost; name another file")


MARKDOWN = (".md", ".markdown")
TEXT = (*MARKDOWN, ".txt")
"""Endings of what is only written as Markdown, which is plain text too."""
PAGE = (".html", ".htm")
"""Endings of a page for a browser."""


def ending_of(out: Path, endings: Sequence[str]) -> str:
    """The ending of a file that is to be written, in small letters.

    Args:
        out: The file.
        endings: Those of the forms in which it can be written, such as `.csv`.

    Raises:
        UsageError: It has another, or none.
    """
    if (ending := out.suffix.lower()) not in endings:
        *others, last = endings
        forms = f"{', '.join(others)} or {last}" if others else last
        raise UsageError(f"{out}: ends in {out.suffix or 'nothing'!r}; name a file that ends in {forms}")
    return ending


def _is_read(path: Path) -> bool:
    if path.suffix != ".json" or not path.is_file():
        return path.suffix in _READ
    with path.open("rb") as file:
        return file.read(100).lstrip().startswith(b"{")


def opened(path: Path, flags: int = os.O_RDWR | os.O_APPEND | os.O_CREAT) -> int:
    """Open a file that commands keep for themselves. It is never waited for, and nothing behind a link is touched.

    Args:
        path: The file.
        flags: As `os.open`; what is made here may be read and written by whoever the system lets.

    Raises:
        OSError: It cannot be opened, or is a link, a device, a pipe or a folder.
    """
    try:
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise OSError(error.errno, "is a link, which no command of ours makes; remove it") from None
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "is a device, a pipe or a folder; remove it")
    return file


def add_lines(path: Path, *lines: str) -> None:
    """Add lines to a file, safely on disk before it returns; one that a kill has cut off ends before them.

    Args:
        path: The file; made if it is not there.
        lines: The lines, without ends; what UTF-8 cannot hold is spelled out. None only shows that it can be done.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        file = opened(path)
        try:
            size = os.fstat(file).st_size
            begin = "\n" if size and os.pread(file, 1, size - 1) != b"\n" else ""
            with os.fdopen(os.dup(file), "wb") as out:
                out.write("".join([begin, *(f"{line}\n" for line in lines)]).encode("utf-8", "backslashreplace"))
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise OutputError(f"{path}: {reason(error)}") from None


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes, read piece by piece.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def plainly(path: Path) -> Iterator[Path]:
    """A file or folder under a name that libraries take for a path, whatever signs its own name has.

    What has `#`, `?`, `%20`, `*`, a new line or bytes that are no UTF-8 in its name is reached by a link in the
    system's folder for temporary files, inside the block.

    Raises:
        UsageError: There is no place for such a link.
    """
    here = path.absolute()
    if _PLAIN.fullmatch(os.fspath(here)) and ".." not in here.parts:
        yield here
        return
    try:
        place = TemporaryDirectory(prefix="turncoat-")
        link = Path(place.name) / f"logs{here.suffix if _PLAIN.fullmatch(here.suffix) else ''}"
        link.symlink_to(here.resolve(), target_is_directory=here.is_dir())
    except OSError as error:
        raise UsageError(f"{path}: its name cannot be used ({reason(error)}); choose another") from None
    with place:
        if not _PLAIN.fullmatch(os.fspath(link)):
            raise UsageError(f"{path}: its name cannot be used, nor that of {link}; choose letters and digits")
        yield link


def path_text(path: Path) -> str:
    r"""A path as text that UTF-8 can hold; see `path_of`.

    Where its name is no UTF-8, the bytes that are none are spelled `\xff`, and a backslash is doubled.
    """
    name = os.fsencode(path)
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def path_of(text: str) -> Path:
    """The path that a text of `path_text` stands for."""
    path = Path(text)
    if path.exists() or "\\x" not in text:
        return path
    name = _SPELLED.sub(lambda found: bytes.fromhex(found[1].decode()) if found[1] else b"\\", os.fsencode(text))
    return Path(os.fsdecode(name))


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    if isinstance(error, shutil.Error):  # of a whole folder: a list of what failed
        return "; ".join(dict.fromkeys(str(why) for *_, why in error.args[0][:1])) or "not copied"
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error) or type(error).__name__)
