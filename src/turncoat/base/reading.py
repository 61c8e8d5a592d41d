"""Reading what strangers hand over: files with an end, in a folder, of a bounded length."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from turncoat.base.errors import DataError
from turncoat.base.files import reason

MAX_LINE = 1 << 26
"""Longest line of a file of lines, and longest file of one JSON value, in bytes."""


def walked(folder: Path) -> tuple[list[Path], dict[Path, str]]:
    """What lies in a folder and in its subfolders; links to folders are not followed.

    Args:
        folder: The folder, which must exist.

    Returns:
        All that is no folder, in no order; and the folders that cannot be looked into, each with the reason. What
        vanishes meanwhile is in neither.
    """
    found: list[Path] = []
    shut: dict[Path, str] = {}

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            shut[Path(error.filename)] = reason(error)

    for place, folders, names in os.walk(folder, onerror=note):
        if os.access(place, os.X_OK):
            found += [Path(place, name) for name in names]
        else:
            shut[Path(place)] = os.strerror(errno.EACCES)
            folders.clear()
    return found, shut


def refuse_irregular(path: Path, inside: Path | None = None) -> None:
    """See that a path is a file with an end: no device, no pipe; and, where a folder is named, one within it.

    Raises:
        DataError: It is not.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{path}: is a device, a pipe or a folder, not a file")
        if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
            raise DataError(f"{path}: leads out of its folder {inside}")
    except (OSError, RuntimeError) as error:
        raise DataError(f"{path}: {reason(error) if isinstance(error, OSError) else error}") from None


def read_bounded(path: Path, inside: Path | None = None) -> bytes:
    """The content of a file, as `refuse_irregular` and of `MAX_LINE` bytes at most.

    Raises:
        DataError: It is none, or longer.
    """
    refuse_irregular(path, inside)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_LINE + 1)
    except OSError as error:
        raise DataError(f"{path}: {reason(error)}") from None
    if len(content) > MAX_LINE:
        raise DataError(f"{path}: is longer than {MAX_LINE:,} bytes")
    return content


def bounded_lines(file: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of a file; None for one of more than `MAX_LINE` bytes, which is passed over in pieces."""
    while line := file.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield None


def not_json(error: Exception) -> str:
    """What reading JSON came to, in words and with its place; everything that `json.loads` raises."""
    match error:
        case json.JSONDecodeError():
            return f"not JSON: {_broken(error)}"
        case UnicodeDecodeError():
            return f"not JSON: not UTF-8 text (byte {error.start})"
        case RecursionError():
            return "not JSON: nested too deeply"
        case _:  # a number of thousands of figures
            return "not JSON: a number is too long"


def _broken(error: json.JSONDecodeError) -> str:
    place, end = f"line {error.lineno}, column {error.colno}", len(error.doc.rstrip())
    if not end:
        return "it is empty"
    if error.msg == "Extra data":
        return f"its value ends before {place}"
    return f"it breaks off at {place}" if error.pos >= end else f"it cannot be read from {place} on"
