"""Logs in object storage, brought here to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from turncoat.base.errors import LogError
from turncoat.base.stores import Shelf, is_address, pour

PARTS = ".turncoat-table"
"""Folder of what was read of logs, beside them."""


@contextmanager
def brought(places: Sequence[str | Path]) -> Iterator[list[Path]]:
    """Files and folders as paths of this machine, inside the block; what has an address is copied here.

    Args:
        places: Paths, and addresses of folders or logs (`s3://…`).

    Raises:
        UsageError: No package that is installed knows such a store.
        OutputError: A store cannot be reached.
        LogError: There is no log at an address, or one cannot be read.
    """
    if not any(is_address(place) for place in places):
        yield [Path(place) for place in places]
        return
    with TemporaryDirectory(prefix="turncoat-read-") as scratch:
        yield [
            _copied(str(place), Path(scratch, str(number))) if is_address(place) else Path(place)
            for number, place in enumerate(places)
        ]


def _copied(place: str, folder: Path) -> Path:
    shelf = Shelf(place)
    folder.mkdir()
    if place.endswith((".eval", ".json")):
        _copy(shelf, "", folder / place.rpartition("/")[2])
        return folder / place.rpartition("/")[2]
    for name in shelf.names(deep=True):
        hidden = any(part.startswith(".") for part in name.split("/"))
        if (name.endswith((".eval", ".json")) and not hidden) or PARTS in name.split("/")[:-1]:
            _copy(shelf, name, folder / name)
    return folder


def _copy(shelf: Shelf, name: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with shelf.files.open(f"{shelf.root}/{name}".rstrip("/"), "rb") as data, to.open("wb") as out:
            pour(data, out)
    except FileNotFoundError:
        to.unlink(missing_ok=True)  # a run that goes on has replaced it meanwhile
    except Exception as error:  # whatever a store's package raises
        raise LogError(f"{shelf.place}/{name}: cannot be read ({error})") from None
