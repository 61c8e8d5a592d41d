"""Zip archives of strangers: how much they may unpack to, said before anything is unpacked."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from turncoat.base.errors import LogError

MAX_MEMBER = 1 << 30
"""Largest member, unpacked, in bytes."""
MAX_UNSUSPICIOUS = 1 << 26
"""So many bytes may unpack from however few: a model's answer can repeat itself."""
MAX_RATIO = 1000
"""Beyond that, bytes that may come of one byte of the archive."""

NO_ARCHIVE = (BadZipFile, OSError, ValueError, NotImplementedError, struct.error, RuntimeError)
"""What `ZipFile` raises for what is none."""


def bomb(members: Iterable[ZipInfo]) -> str:
    """Why an archive must not be unpacked, by the sizes that it states; "" if it may.

    `zipfile` gives out no more than a member's stated size, whatever it holds.
    """
    members = list(members)
    for info in members:
        if info.file_size > MAX_MEMBER:
            return f"its member {info.filename[:80]!r} unpacks to {info.file_size:,} bytes; the limit is {MAX_MEMBER:,}"
    for name, packed, unpacked in (
        *((f"its member {i.filename[:80]!r}", i.compress_size, i.file_size) for i in members),
        ("it", sum(i.compress_size for i in members), sum(i.file_size for i in members)),
    ):
        if unpacked > MAX_UNSUSPICIOUS and unpacked > MAX_RATIO * max(packed, 1):
            return f"{name} unpacks from {packed:,} to {unpacked:,} bytes; no log does"
    return ""


def bomb_in(path: Path) -> str:
    """Why a file must not be unpacked; "" if it may, or is no archive: whoever reads it says what it is then."""
    try:
        with ZipFile(path) as archive:
            return bomb(archive.infolist())
    except NO_ARCHIVE:
        return ""


def refuse_bomb(path: Path) -> None:
    """See that a file, if it is a zip archive, can be unpacked without filling memory.

    Raises:
        LogError: It cannot.
    """
    if found := bomb_in(path):
        raise LogError(f"{path}: {found}")
