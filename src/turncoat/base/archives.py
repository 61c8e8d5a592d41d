"""Zip archives of strangers: how much they may unpack to, said before anything is unpacked."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
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

ZSTD = 93
"""Number of the zstd method in the zip format (APPNOTE 6.3.8, section 4.4.5)."""

NO_ARCHIVE = (BadZipFile, OSError, ValueError, struct.error, RuntimeError)
"""What `ZipFile` raises for what is none: places out of the file (`OSError`, `ValueError`), records that are cut short
(`struct.error`), methods that it does not know, members that are encrypted (both `RuntimeError`)."""

NOT_UNPACKED = (*NO_ARCHIVE, EOFError, zlib.error, zstandard.ZstdError)
"""What shows besides where a member is unpacked that is damaged."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Signature, then the lengths of the name and of the extra field; the data follow them (APPNOTE, section 4.3.7)."""
_PIECE = 1 << 20


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


def unpacked(file: IO[bytes], info: ZipInfo) -> IO[bytes]:
    """A zstd member of an archive, to be read; nothing compares its size or its check sum.

    Args:
        file: The archive.
        info: The member.

    Raises:
        BadZipFile: It does not stand where the archive says, or ends beyond it.
        struct.error: The archive ends there.
    """
    _to_data(file, info)
    packed = io.BytesIO(file.read(info.compress_size))
    # Inspect splits members of more than 200 MB into several frames.
    return zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)


def _to_data(file: IO[bytes], info: ZipInfo) -> None:
    file.seek(info.header_offset)
    signature, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise BadZipFile(f"bad header of {info.filename!r}")
    begin = file.seek(name + extra, io.SEEK_CUR)
    if info.compress_size > file.seek(0, io.SEEK_END) - begin:  # else room would be made for what is not there
        raise BadZipFile("it ends beyond the archive")
    file.seek(begin)


def _holds_more(file: IO[bytes], info: ZipInfo) -> bool:
    """Whether a member unpacks to more than its stated size; one that cannot be unpacked does not."""
    found = 0
    try:
        for piece in _pieces(file, info):
            found += len(piece)
            if found > info.file_size:
                return True
    except NOT_UNPACKED:
        pass  # who reads it says what is wrong with it
    return False


def _pieces(file: IO[bytes], info: ZipInfo) -> Iterator[bytes]:
    """What a member unpacks to, piece by piece; nothing of one that cannot be a bomb."""
    if info.compress_type == ZSTD:
        stream = unpacked(file, info)
        while piece := stream.read(_PIECE):
            yield piece
    elif info.compress_type == ZIP_DEFLATED and info.compress_size * MAX_RATIO > MAX_UNSUSPICIOUS:
        _to_data(file, info)
        unpacking, left = zlib.decompressobj(-zlib.MAX_WBITS), info.compress_size
        while left > 0 and (packed := file.read(min(left, _PIECE))):
            left -= len(packed)
            while packed:
                yield unpacking.decompress(packed, _PIECE)
                packed = unpacking.unconsumed_tail


def refuse_bomb(path: Path) -> None:
    """See that a file, if it is a zip archive, can be unpacked without filling memory.

    Raises:
        LogError: It cannot.
    """
    if found := bomb_in(path):
        raise LogError(f"{path}: {found}")
