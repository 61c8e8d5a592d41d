"""The zip archive of an Inspect log, read without Inspect: members by name, and long JSON lists piece by piece.

Inspect compresses members with zstd (zip method 93), which `zipfile` reads from Python 3.14 on only. Inspect itself
patches `zipfile` for older versions; here the member's bytes are found through `zipfile` and unpacked by `zstandard`,
which leaves the standard library alone and spares the two seconds of importing Inspect.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic_core import SchemaValidator, ValidationError, core_schema

from turncoat.base.archives import NO_ARCHIVE, NOT_UNPACKED, ZSTD, bomb, unpacked
from turncoat.base.errors import LogError

_PIECE = 1 << 20
_SPACE = re.compile(r"[\s,]*")


class Archive(AbstractContextManager["Archive"]):
    """One log file, open for reading. Use it as a context manager.

    Args:
        path: A local `.eval` file.

    Raises:
        LogError: If the file cannot be opened or is not a zip archive.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as e:
            raise LogError(f"{path}: cannot be read ({e.strerror or e})") from e
        try:
            self._zip = ZipFile(self._file)
        except NO_ARCHIVE as e:
            self._file.close()
            raise LogError(
                f"{path}: not a readable Inspect log ({e}); if the run was cut off, `inspect log recover` may help"
            ) from e
        if found := bomb(self._zip.infolist()):
            self.close()
            raise LogError(f"{path}: {found}")
        # The last entry of a name counts: that is how a writer replaces a member.
        self._members = {info.filename: info for info in self._zip.infolist()}

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()
        self._file.close()

    def __contains__(self, name: object) -> bool:
        return name in self._members

    @property
    def names(self) -> list[str]:
        """Names of all members."""
        return list(self._members)

    def json(self, name: str, only: Sequence[str] = ()) -> Any:
        """Read one member as JSON.

        Args:
            name: The member.
            only: Of a member that is one object, the keys that are wanted, all if none. Naming a few of a large
                object takes a fraction of the time.

        Raises:
            LogError: If there is no such member, or it cannot be unpacked or parsed.
        """
        try:
            with self._open(name) as stream:
                data = stream.read()
            return _parts(data, only) if only else json.loads(data)
        except NOT_UNPACKED as e:  # JSON, UTF-8: `ValueError`; nested too deep: `RuntimeError`
            raise self._broken(name, e) from e

    def items(self, name: str) -> Iterator[Any]:
        """Read the elements of a member that is one JSON list, one at a time.

        Memory holds one piece of text (about 1 MB) and one element, however long the list is.

        Raises:
            LogError: As `json`; elements before the fault have been handed out by then.
        """
        try:
            with self._open(name) as stream:
                yield from _elements(stream)
        except NOT_UNPACKED as e:  # JSON, UTF-8: `ValueError`; nested too deep: `RuntimeError`
            raise self._broken(name, e) from e

    def _open(self, name: str) -> IO[bytes]:
        info = self._members.get(name)
        if info is None:
            raise LogError(f"{self.path}: holds no {name!r}; it is not a complete Inspect log")
        if info.compress_type == ZSTD:
            return io.BufferedReader(_Checked(unpacked(self._file, info), info), _PIECE)
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadZipFile(f"no log is compressed by the method {info.compress_type}")
        return self._zip.open(info)

    def _broken(self, name: str, error: Exception) -> LogError:
        return LogError(f"{self.path}: its member {name!r} cannot be read ({error})")


class _Checked(io.RawIOBase):
    """An unpacked member whose check sum is compared at its end, as `zipfile` does for the methods that it knows."""

    def __init__(self, stream: IO[bytes], info: ZipInfo) -> None:
        self._stream = stream
        self._info = info
        self._sum = 0
        self._left = info.file_size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._sum = zlib.crc32(data, self._sum)
        self._left -= len(data)
        if self._left < 0:
            raise BadZipFile(f"it unpacks to more than the {self._info.file_size} bytes that it states")
        if not data and len(buffer) and self._sum != self._info.CRC:
            raise BadZipFile("its check sum is wrong")
        return len(data)


def _parts(data: bytes, keys: Sequence[str]) -> Any:
    """Values of a JSON object; a value that nobody wants never becomes an object of Python."""
    wanted = core_schema.typed_dict_field(core_schema.any_schema(), required=False)
    try:
        return SchemaValidator(core_schema.typed_dict_schema(dict.fromkeys(keys, wanted))).validate_json(data)
    except ValidationError:  # what the standard library reads beyond this: half of a surrogate pair, other nesting
        found = json.loads(data)
        return {key: found[key] for key in keys if key in found} if isinstance(found, dict) else found


def _elements(stream: IO[bytes]) -> Iterator[Any]:
    """Hand out the elements of a JSON list that is read piece by piece."""
    to_text = codecs.getincrementaldecoder("utf-8")()
    text, at, started, piece = "", 0, False, _PIECE
    while True:
        raw = stream.read(piece)
        text, at = text[at:] + to_text.decode(raw, final=not raw), 0
        if not started:
            at = _skip(text, 0)
            if at == len(text) and raw:
                continue
            if text[at : at + 1] != "[":
                raise ValueError("not a list")
            at, started = at + 1, True
        while True:
            at = _skip(text, at)
            if text[at : at + 1] == "]":
                while stream.read(_PIECE):
                    pass  # To the end, where the check sum is compared.
                return
            try:
                element, end = _decode(text, at)
            except json.JSONDecodeError:
                if not raw:
                    raise ValueError("the list ends too early") from None
                break
            # A number at the very end of the piece might go on in the next one.
            if end == len(text) and raw:
                break
            yield element
            at, piece = end, _PIECE
        # An element longer than the piece: read ever more, or it would be parsed again for each piece of it.
        piece = max(piece, len(text) - at)


_PLAIN, _LENIENT = json.JSONDecoder().raw_decode, json.JSONDecoder(parse_int=float).raw_decode


def _decode(text: str, at: int) -> tuple[Any, int]:
    """One JSON value, and where it ends; a whole number of thousands of figures is infinite."""
    try:
        return _PLAIN(text, at)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _LENIENT(text, at)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
