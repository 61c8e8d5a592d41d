"""Copying a folder of logs into a store or back, so that nothing at the other end is lost by it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

from turncoat.analysis.table.archive import Archive
from turncoat.base.archives import NO_ARCHIVE
from turncoat.base.errors import IncompleteError, LogError, OutputError, UsageError
from turncoat.base.files import fingerprint, reason, whole
from turncoat.base.locks import holding, reading
from turncoat.base.reading import walked
from turncoat.base.stores import Shelf

_KEPT = (".eval", ".json")
"""Ends of the names of logs and of what Inspect keeps beside them."""

_SET = ".eval-set-id"
_LISTINGS = ("eval-set.json", "logs.json", _SET)
"""What Inspect writes anew beside logs, and what may be replaced."""

_WHO = "turncoat copy-logs"

_SAME = ("id", "epoch", "uuid", "input", "messages", "output", "store", "metadata")
"""What of a sample stays as it is when scores are added."""


def copy_logs(source: str, target: str) -> list[str]:
    """Copy a folder's logs and what Inspect keeps beside them, from here into a store or back.

    Any store that `fsspec` knows (`s3://`, `gs://`, `az://` …) with its package installed; keys come from where the
    store's own tools look for them.

    Each file is written under another name first (a store keeps it back until it is whole) and compared in size.
    Nothing is deleted. A log at the other end is replaced only by one that holds all its samples and scores.

    Args:
        source: Folder, or address of one.
        target: Folder, or address of one.

    Returns:
        The files' names, relative to the folder.

    Raises:
        IncompleteError: All was copied but what lies in subfolders that cannot be looked into; the first is named.
        UsageError: There is no log in the source, another command is at work in one of the folders, a log in the target
            holds what that of the source lacks, or the store's package is missing.
        OutputError: A store cannot be reached, a file could not be written, or did not arrive whole; what was there
            before is as it was.
    """
    here, there = Shelf(source), Shelf(target)
    if here.files == there.files and _within(there, here):
        raise UsageError(f"{target}: is the folder that is copied, or lies in it; name another")
    shut = walked(Path(here.root))[1] if here.local and os.path.isdir(here.root) else {}
    if (root := Path(here.root)) in shut:
        raise UsageError(f"{source}: cannot be read ({shut[root]})")
    names = [n for n in here.names(deep=True) if _kept(n)]
    if not any(n.endswith(".eval") for n in names):
        raise UsageError(f"{source}: no Inspect logs (*.eval) here; give the folder that --log-dir named")
    folders = sorted({"", *(n.rpartition("/")[0] for n in names)})
    with ExitStack() as held:
        for folder in folders:
            if here.local:
                held.enter_context(reading(Path(here.root, folder), _WHO))
        try:
            for folder in folders:
                there.files.makedirs(there.path(folder), exist_ok=True)
        except OSError as error:
            raise OutputError(f"{target}: cannot be made ({reason(error)})") from None
        for folder in folders:
            if there.local:
                held.enter_context(holding(Path(there.root, folder), _WHO))
        left = [n for n in names if _to_write(here, there, n)]
        for name in left:
            _copy(here, there, name)
    if shut:
        place, why = min(shut.items())
        raise IncompleteError(f"{place}: cannot be looked into ({why}); the {len(names)} other files are copied")
    return names


def _within(inner: Shelf, outer: Shelf) -> bool:
    """Whether a folder is another, or lies in it, however both are spelled."""
    if not outer.local:
        return f"{inner.root}/".startswith(f"{outer.root}/")
    place, folder = Path(os.path.realpath(inner.root)), Path(outer.root)
    return any(p.exists() and folder.exists() and p.samefile(folder) for p in (place, *place.parents))


def _kept(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last == _SET or (last.endswith(_KEPT) and not last.startswith("."))


def _copy(here: Shelf, there: Shelf, name: str) -> None:
    place, begin, end = f"{there.place}/{name}", here.path(name), there.path(name)
    try:
        if there.local:
            with whole(Path(end)) as part:
                here.fetch(name, part)
        else:
            with _brought(here, name) as file:
                there.put(name, file)
        there.files.invalidate_cache()
        arrived = there.files.size(end) == here.files.size(begin)
    except OSError as error:
        raise OutputError(f"{place}: {reason(error)}; what was there before is as it was") from None
    if not arrived:
        raise OutputError(f"{place}: did not arrive whole; run the same command again")


def _to_write(here: Shelf, there: Shelf, name: str) -> bool:
    """Whether a file has to be copied, where something of its name may be there already.

    Raises:
        UsageError: What is there would be lost.
    """
    if not there.files.exists(there.path(name)):
        return True
    if there.local and not Path(there.path(name)).is_file():
        raise UsageError(f"{there.place}/{name}: is there already and is no file; name another folder")
    with _brought(here, name) as new, _brought(there, name) as old:
        if fingerprint(new) == fingerprint(old):
            return False
        if name.rpartition("/")[2] in _LISTINGS or (name.endswith(".eval") and holds(new, old)):
            return True
    raise UsageError(f"{there.place}/{name}: is there already and holds what its copy would lack; name another folder")


@contextmanager
def _brought(shelf: Shelf, name: str) -> Iterator[Path]:
    """A file as one of this machine, inside the block."""
    if shelf.local:
        yield Path(shelf.path(name))
        return
    with TemporaryDirectory(prefix="turncoat-") as folder:
        copy = Path(folder) / "x.eval"
        shelf.fetch(name, copy)
        yield copy


def holds(new: Path, old: Path) -> bool:
    """Whether a log holds all samples of another that ended without an error, and all their scores."""
    try:
        with ZipFile(new) as first, ZipFile(old) as second:
            have = {m.filename: (m.CRC, m.file_size) for m in first.infolist()}
            wanted = {m.filename: (m.CRC, m.file_size) for m in second.infolist() if m.filename.startswith("samples/")}
        with Archive(new) as there, Archive(old) as before:
            return all(
                have.get(name) == sums or _grown(there, before.json(name), name) for name, sums in wanted.items()
            )
    except (*NO_ARCHIVE, LogError):
        return False


def _grown(new: Archive, old: Any, name: str) -> bool:
    """Whether a sample is the same, with more scores at most; one that failed may have been run again."""
    if name not in new or not isinstance(old, dict):
        return False
    if old.get("error"):
        return True
    match new.json(name), old.get("scores") or {}:
        case {**found}, {**scores}:
            now = found.get("scores") or {}
            same = all(found.get(k) == old.get(k) for k in _SAME)
            return same and isinstance(now, dict) and all(now.get(k) == v for k, v in scores.items())
    return False
