"""Writing to the terminal and to files: whole or not at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from turncoat.base.errors import OutputError
from turncoat.base.text import inert, inert_json


def check_writable(path: Path | None) -> None:
    """See before anything is spent that a file can be written.

    Raises:
        OutputError: It cannot.
    """
    if path is None:
        return
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist")
    if not _can_write(path):
        raise OutputError(f"{path}: cannot be written; choose another place")


def _can_write(path: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return True
    except OSError:
        return False


def say(text: str) -> None:
    """Print a line, inert: models and files of strangers wrote parts of it."""
    sys.stdout.write(inert(text) + "\n")


def print_json(data: Any) -> None:
    """Print data for programs."""
    sys.stdout.write(inert_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n")


def complain(text: str) -> None:
    """Print a line on the error stream, inert."""
    sys.stderr.write(inert(text) + "\n")
