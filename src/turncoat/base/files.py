"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from turncoat.base.errors import OutputError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """The place where a file is to be written, which then takes the place of `path`, safely on disk.

    Whatever is raised within, `path` is as it was and nothing is left behind.

    Args:
        path: The file; what stands there is replaced.

    Returns:
        A hidden file beside it, of the same ending.

    Raises:
        OutputError: It cannot be written.
    """
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: {reason(error)}; nothing was written") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    r"""Write a file whole or not at all; what UTF-8 cannot hold is written as `\udc80`.

    Raises:
        OutputError: It cannot be written.
    """
    with whole(path) as part:
        part.write_bytes(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error) or type(error).__name__)
