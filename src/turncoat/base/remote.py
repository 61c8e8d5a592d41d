"""Logs in object storage, brought here to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from turncoat.base.errors import LogError
from turncoat.base.stores import Shelf, is_address

PARTS = ".turncoat-table"
"""Folder of what was read of logs, beside them."""


@contextmanager
def brought(places: Sequence[str | Path], *, empty: bool = False) -> Iterator[list[Path]]:
    """Files and folders as paths of this machine, inside the block; what has an address is copied here.

    Args:
        places: Paths, and addresses of folders or logs (`s3://…`).
        empty: Whether there may be no log in a folder.

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
            _copied(str(place), Path(scratch, str(number)), empty) if is_address(place) else Path(place)
            for number, place in enumerate(places)
        ]


_LOGS = (".eval", ".json")


def _copied(place: str, folder: Path, empty: bool) -> Path:
    shelf = Shelf(place)
    folder.mkdir()
    if place.endswith(_LOGS):
        log = folder / place.rpartition("/")[2]
        _copy(shelf, "", log)
        if not log.exists():
            raise LogError(f"{place}: does not exist; give the address of a log or of a folder of logs")
        return log
    names = [n for n in shelf.names(deep=True) if _is_wanted(n.split("/"))]
    if not empty and not any(n.endswith(_LOGS) for n in names):
        raise LogError(f"{place}: no Inspect logs (*.eval) here; give the address that --log-dir named")
    for name in names:
        _copy(shelf, name, folder / name)
    return folder


def _is_wanted(parts: list[str]) -> bool:
    hidden = any(part.startswith(".") for part in parts)
    return (parts[-1].endswith(_LOGS) and not hidden) or PARTS in parts[:-1]


def _copy(shelf: Shelf, name: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        shelf.fetch(name, to)
    except FileNotFoundError:
        to.unlink(missing_ok=True)  # a run that goes on has replaced it meanwhile
    except Exception as error:  # whatever a store's package raises
        raise LogError(f"{f'{shelf.place}/{name}'.rstrip('/')}: cannot be read ({error})") from None
