"""Folders here or in object storage, under one face: small files that several machines write, and logs that travel."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from turncoat.base.errors import DataError, OutputError, UsageError
from turncoat.base.files import reason, unfinished
from turncoat.base.reading import refuse_irregular

_PIECE = 1 << 22
_PASSWORD = re.compile(r"(\w[\w+.-]*://[^/@]*:)[^/]*@")


def is_address(place: str | Path) -> bool:
    """Whether a place is the address of a folder in a store (`s3://…`), and no path."""
    return isinstance(place, str) and "://" in place


def _store_of(place: str) -> tuple[Any, str]:
    """The file system of a path or an address, and the root of the place in it.

    Raises:
        UsageError: No package that is installed knows such stores, or a password stands in the address.
        OutputError: The store cannot be reached; some are asked at once.
    """
    import fsspec

    if not is_address(place):  # a path is a path, whatever signs are in it
        return fsspec.filesystem("file"), os.path.abspath(place)
    if (found := _PASSWORD.search(place)) is not None:  # addresses are printed, and noted beside logs
        raise UsageError(
            f"{found[1]}(password)@…: has a password in it; give it where the store's own tools look for it, such as "
            "FSSPEC_FTP_PASSWORD"
        )
    try:
        files, root = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{place}: {' '.join(str(error).split())}") from None
    except Exception as error:  # whatever a store's package makes of a wrong key, name or network
        raise OutputError(f"{place}: cannot be reached ({_why(error)})") from None
    return files, str(root).rstrip("/")


class Shelf:
    """A folder here or in a store; several machines leave small files in it, each of them once.

    Attributes:
        files: Its file system.
        root: Where it is there.
        local: Whether that is this machine's.

    Args:
        place: A path, or an address that fsspec knows.

    Raises:
        UsageError: No package that is installed knows such stores, or a password stands in the address.
        OutputError: The store cannot be reached; some are asked at once.
    """

    def __init__(self, place: str | Path) -> None:
        from fsspec.implementations.local import LocalFileSystem

        self.place = os.fspath(place)
        self.files, self.root = _store_of(self.place)
        self.local = isinstance(self.files, LocalFileSystem)

    def path(self, name: str) -> str:
        """Where a file is in the file system; of a place that is a file itself the name is ""."""
        return f"{self.root}/{name}".rstrip("/")

    def names(self, deep: bool = False) -> list[str]:
        """Names of what is there, in subfolders too if `deep`; none where there is no folder.

        A store lets names have `..` in them, which would lead out of a folder here: these are left out, and so is what
        is here and no file with an end.

        Raises:
            OutputError: The place cannot be reached.
        """
        try:
            self.files.invalidate_cache()
            found = self.files.find(self.root, maxdepth=None if deep else 1)
            names = (str(p).removeprefix(self.root).lstrip("/") for p in found)
            return sorted(n for n in names if ".." not in n.split("/") and self._is_file(n))
        except FileNotFoundError:
            return []
        except Exception as error:  # as above
            raise OutputError(f"{self.place}: cannot be reached ({_why(error)})") from None

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None where there is none.

        Raises:
            DataError: It is a device, a pipe or a folder.
            OutputError: It cannot be read.
        """
        try:
            if self.local and os.path.exists(self.path(name)):
                refuse_irregular(Path(self.path(name)))
            self.files.invalidate_cache()
            with self.files.open(self.path(name), "rb") as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None
        except DataError:
            raise
        except Exception as error:  # as above
            raise OutputError(f"{self.place}/{name}: cannot be read ({_why(error)})") from None

    def fetch(self, name: str, to: Path) -> None:
        """Copy a file to this machine; whatever the store's package raises is the caller's."""
        with self.files.open(self.path(name), "rb") as data, to.open("wb") as out:
            while piece := data.read(_PIECE):
                out.write(piece)

    def put(self, name: str, file: Path) -> None:
        """Copy a file of this machine into a store, which shows it when it is whole; errors as in `fetch`."""
        # Not by a file that is open for writing: fsspec shows what is in it also when the block ends in an error.
        self.files.put_file(str(file), self.path(name))

    def create(self, name: str, data: bytes) -> bytes:
        """Leave a file unless one of that name is there.

        Returns:
            What stands there now: of several machines that do so at once, one was first.

        Raises:
            OutputError: It cannot be written.
        """
        try:
            if self.local:
                _link(Path(self.root, name), data)
            else:
                self._put(self.path(name), data)
        except FileExistsError:
            pass
        except Exception as error:  # as above
            raise OutputError(f"{self.place}/{name}: cannot be written ({_why(error)})") from None
        return self.read(name) or b""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there; a store that forbids it keeps it."""
        with suppress(Exception):  # as above
            self.files.rm_file(self.path(name))

    def _put(self, path: str, data: bytes) -> None:
        try:
            self.files.pipe_file(path, data, mode="create")
        except FileExistsError:
            raise
        except Exception:  # each store says otherwise that it has no conditional writing; any other fault comes again
            self.files.invalidate_cache()
            if not self.files.exists(path):
                self.files.pipe_file(path, data)

    def _is_file(self, name: str) -> bool:
        return not self.local or os.path.isfile(self.path(name))


def _why(error: Exception) -> str:
    return reason(error) if isinstance(error, OSError) else f"{type(error).__name__}: {str(error)[:200]}"


def _link(path: Path, data: bytes) -> None:
    """Write a file whole under a name that nothing has, which network file systems take for one step, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = unfinished(path)
    try:
        part.write_bytes(data)
        try:
            os.link(part, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            with path.open("xb") as file:
                file.write(data)
    finally:
        part.unlink(missing_ok=True)
