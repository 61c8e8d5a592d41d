"""Copying a folder of logs into a store or back, so that nothing at the other end is lost by it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile

from turncoat.analysis.table.archive import Archive
from turncoat.base.errors import LogError, OutputError, UsageError
from turncoat.base.files import fingerprint, reason, whole
from turncoat.base.locks import holding, reading
from turncoat.base.stores import is_local, pour, store_of

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
        UsageError: There is no log in the source, another command is at work in one of the folders, a log in the target
            holds what that of the source lacks, or the store's package is missing.
        OutputError: A file could not be written, or did not arrive whole; what was there before is as it was.
    """
    (here, root), (there, goal) = store_of(source), store_of(target)
    if type(here) is type(there) and os.path.realpath(root) == os.path.realpath(goal):
        raise UsageError(f"{target}: is the folder that is copied; name another")
    names = sorted(n for p in here.find(root) if _kept(n := str(p).removeprefix(root).lstrip("/")))
    if not any(n.endswith(".eval") for n in names):
        raise UsageError(f"{source}: no Inspect logs (*.eval) here; give the folder that --log-dir named")
    folders = sorted({"", *(n.rpartition("/")[0] for n in names)})
    with ExitStack() as held:
        for folder in folders:
            if is_local(here):
                held.enter_context(reading(Path(root, folder), _WHO))
        try:
            for folder in folders:
                there.makedirs(f"{goal}/{folder}".rstrip("/"), exist_ok=True)
        except OSError as error:
            raise OutputError(f"{target}: cannot be made ({reason(error)})") from None
        for folder in folders:
            if is_local(there):
                held.enter_context(holding(Path(goal, folder), _WHO))
        left = [n for n in names if _to_write(here, f"{root}/{n}", there, f"{goal}/{n}", f"{target}/{n}")]
        for name in left:
            _copy(here, f"{root}/{name}", there, f"{goal}/{name}", f"{target}/{name}")
    return names


def _kept(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last == _SET or (last.endswith(_KEPT) and not last.startswith("."))


def _copy(here: Any, begin: str, there: Any, end: str, place: str) -> None:
    try:
        if is_local(there):
            with here.open(begin, "rb") as data, whole(Path(end)) as part, part.open("wb") as out:
                pour(data, out)
        else:
            with here.open(begin, "rb") as data, there.open(end, "wb") as out:
                pour(data, out)
        there.invalidate_cache()
        arrived = there.size(end) == here.size(begin)
    except OSError as error:
        raise OutputError(f"{place}: {reason(error)}; what was there before is as it was") from None
    if not arrived:
        raise OutputError(f"{place}: did not arrive whole; run the same command again")


def _to_write(here: Any, begin: str, there: Any, end: str, place: str) -> bool:
    """Whether a file has to be copied, where something of its name may be there already.

    Raises:
        UsageError: What is there would be lost.
    """
    if not there.exists(end):
        return True
    with _brought(here, begin) as new, _brought(there, end) as old:
        if fingerprint(new) == fingerprint(old):
            return False
        if Path(end).name in _LISTINGS or (end.endswith(".eval") and holds(new, old)):
            return True
    raise UsageError(f"{place}: is there already and holds what its copy would lack; name another folder")


@contextmanager
def _brought(files: Any, path: str) -> Iterator[Path]:
    """A file as one of this machine, inside the block."""
    if is_local(files):
        yield Path(path)
        return
    with TemporaryDirectory(prefix="turncoat-") as folder:
        copy = Path(folder) / "x.eval"
        with files.open(path, "rb") as data, copy.open("wb") as out:
            pour(data, out)
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
    except (BadZipFile, LogError, OSError, ValueError, KeyError, NotImplementedError, AttributeError):
        return False


def _grown(new: Archive, old: dict[str, Any], name: str) -> bool:
    """Whether a sample is the same, with more scores at most; one that failed may have been run again."""
    if name not in new:
        return False
    if old.get("error"):
        return True
    found = new.json(name)
    scores = found.get("scores") or {}
    return all(found.get(k) == old.get(k) for k in _SAME) and all(
        scores.get(k) == v for k, v in (old.get("scores") or {}).items()
    )
