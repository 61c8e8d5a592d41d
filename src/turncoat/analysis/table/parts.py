"""Parquet parts beside the logs: what was read of a finished log, found again by the hash of the log's bytes.

A part is named for the SHA-256 of its log and for the code that read it, and each of its pages has a check sum. So it
is found from any copy of the log, says nothing of a log that changed, and is passed over where it is damaged itself.
Readers write at the same time without harm, since a part gets its name when it is whole; where nothing can be written
nothing is. Parts may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from turncoat.analysis.table.logs import LogInfo
from turncoat.analysis.table.rows import SCHEMA, LogRows, read_rows
from turncoat.base.errors import LogError
from turncoat.base.files import fingerprint, unfinished
from turncoat.base.remote import PARTS

WORTH = 2 << 20
"""Bytes of all logs from which on parts are written: what is less is read in about a second."""

_ABOUT = b"turncoat"
_THREADS = 4


def rows_of(paths: Sequence[Path]) -> Iterable[tuple[Path, LogRows | LogError]]:
    """Read logs, or the parts that stand for them; parts that are missing are written where it is worth it.

    Yields:
        Each log with its rows, or with why it cannot be read, in order.
    """
    worth = sum(_size(path) for path in paths) >= WORTH
    with ThreadPoolExecutor(_THREADS) as pool:
        names = list(pool.map(lambda path: _name(path) if worth or (path.parent / PARTS).is_dir() else "", paths))
    written: set[Path] = set()
    for path, name in zip(paths, names, strict=True):
        found = _kept(path, name) if name else None
        if found is not None:
            yield path, found
            continue
        try:
            read = read_rows(path)
        except LogError as error:
            yield path, error
            continue
        if worth and name and read.info.ours and read.info.status != "started" and _name(path) == name:
            if _keep(path, name, read):
                written.add(path.parent)
        yield path, read
    _clear(written, dict(zip(paths, names, strict=True)))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _name(path: Path) -> str:
    """The name of a log's part, or "" where the log cannot be read."""
    try:
        return f"{fingerprint(path)}-{_code()}.parquet"
    except OSError:
        return ""


@cache
def _code() -> str:
    """Hash of all code of this package: what another version read is read again."""
    root, found = Path(__file__).parents[2], hashlib.sha256(pa.__version__.encode())
    for path in sorted(root.rglob("*.py")):
        found.update(f"{path.relative_to(root).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _kept(path: Path, name: str) -> LogRows | None:
    """What a part says of a log, or None where there is none that is whole."""
    part = path.parent / PARTS / name
    try:
        if not part.is_file():
            return None
        rows = pq.read_table(part, page_checksum_verification=True, partitioning=None)
        about = json.loads(rows.schema.metadata[_ABOUT])
        info = LogInfo(path=path, **about["info"])
        notes = tuple((kind, text) for kind, text in about["notes"])
        return LogRows(replace(info, wrong=tuple(info.wrong)), rows.replace_schema_metadata(None).cast(SCHEMA), notes)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def _keep(path: Path, name: str, read: LogRows) -> bool:
    """Write a part; whether it was."""
    folder = path.parent / PARTS
    info = {n: v for n, v in asdict(read.info).items() if n != "path"}
    part = unfinished(folder / name)
    try:
        about = json.dumps({"info": info, "notes": read.notes})
        folder.mkdir(exist_ok=True)
        rows = read.rows.replace_schema_metadata({_ABOUT: about.encode()})
        pq.write_table(rows, part, compression="zstd", write_page_checksum=True)
        part.replace(folder / name)
    except (OSError, TypeError, ValueError, pa.ArrowException):  # no place, or a manifest that is no JSON
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return False
    return True


def _clear(written: Iterable[Path], names: Mapping[Path, str]) -> None:
    """Remove parts of logs that are gone, where all logs of a folder were looked at."""
    for folder in written:
        kept = {name for path, name in names.items() if path.parent == folder}
        if {path.name for path in names if path.parent == folder} < {p.name for p in folder.glob("*.eval")}:
            continue
        for part in (folder / PARTS).glob("*.parquet"):
            if part.name not in kept:
                with suppress(OSError):
                    part.unlink()
