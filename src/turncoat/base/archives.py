"""Zip archives of strangers: how much they may unpack to, said before anything is unpacked."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import zstandard

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

    `zipfile` gives out no more than a member's stated size, whatever it holds; Inspect's reader does: see `bomb_in`.
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
        with ZipFile(path) as archive, path.open("rb") as file:
            members = archive.infolist()
            if found := bomb(members):
                return found
            lying = (f"its member {i.filename[:80]!r}" for i in members if _holds_more(file, i))
            return next((f"{member} holds more than it states" for member in lying), "")
    except NO_ARCHIVE:
        return ""


_ZSTD = 93
_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Signature, then the lengths of the name and of the extra field; the data follow them (APPNOTE, section 4.3.7)."""
_PIECE = 1 << 20


def _holds_more(file: IO[bytes], info: ZipInfo) -> bool:
    """Whether a member unpacks to more than its stated size; one that cannot be unpacked does not."""
    deflated = info.compress_type == ZIP_DEFLATED
    if info.compress_type != _ZSTD and not (deflated and info.compress_size * MAX_RATIO > MAX_UNSUSPICIOUS):
        return False
    file.seek(info.header_offset)
    _, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    file.seek(name + extra, 1)
    left, found = info.compress_size, 0
    try:
        if not deflated:
            with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as stream:
                while found <= info.file_size and (piece := stream.read(_PIECE)):
                    found += len(piece)
            return found > info.file_size
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        while found <= info.file_size and left > 0 and (packed := file.read(min(left, _PIECE))):
            left -= len(packed)
            while packed and found <= info.file_size:
                found += len(unpacking.decompress(packed, _PIECE))
                packed = unpacking.unconsumed_tail
    except (zlib.error, zstandard.ZstdError):
        return False  # who reads it says what is wrong with it
    return found > info.file_size


def refuse_bomb(path: Path) -> None:
    """See that a file, if it is a zip archive, can be unpacked without filling memory.

    Raises:
        LogError: It cannot.
    """
    if found := bomb_in(path):
        raise LogError(f"{path}: {found}")
