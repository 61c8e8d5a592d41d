"""Logs in object storage: copied there and back.

Any store that `fsspec` knows (`s3://`, `gs://`, `az://` …) with its package installed; keys come from where the store's
own tools look for them.
"""

from __future__ import annotations

from typing import Any

from turncoat.base.errors import OutputError, UsageError

LOGS = (".eval", ".json")


def copy_logs(source: str, target: str) -> list[str]:
    """Copy a folder's logs and what Inspect keeps beside them, from here into a store or back.

    Each file is compared in size after it was written. Nothing is deleted: what was copied can be removed by hand.

    Args:
        source: Folder, or address of one.
        target: Folder, or address of one.

    Returns:
        The files' names, relative to the folder.

    Raises:
        UsageError: There is no log in the source, or the store's package is missing.
        OutputError: A file did not arrive whole.
    """
    (here, root), (there, goal) = _store(source), _store(target)
    names = sorted(str(p).removeprefix(root).lstrip("/") for p in here.find(root) if _belongs(str(p)))
    if not any(n.endswith(".eval") for n in names):
        raise UsageError(f"{source}: no Inspect logs (*.eval) here; give the folder that --log-dir named")
    for name in names:
        begin, end = f"{root}/{name}", f"{goal}/{name}"
        there.makedirs(end.rpartition("/")[0], exist_ok=True)
        with here.open(begin, "rb") as reading, there.open(end, "wb") as writing:
            while piece := reading.read(1 << 22):
                writing.write(piece)
        there.invalidate_cache()
        if there.size(end) != here.size(begin):
            raise OutputError(f"{target}/{name}: did not arrive whole; run the same command again")
    return names


def _belongs(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(LOGS) or name == ".eval-set-id"


def _store(place: str) -> tuple[Any, str]:
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{place}: {' '.join(str(error).split())}") from None
    return files, str(root).rstrip("/")
