"""What modules say, kept beside Python's bytecode, so that a command parses none that it has read before.

Entries are found by the SHA-256 of a module's bytes, and the file by that of what reads them: nothing in it can be out
of date. Where Python keeps no bytecode, or cannot, nothing is kept either.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import cache_from_source
from pathlib import Path

from turncoat.base import code
from turncoat.base.code import Said, said
from turncoat.base.files import unfinished

MOST = 500
"""Entries of a file. One that has more, of modules that were edited often, is begun anew."""


@contextmanager
def remembering() -> Iterator[Callable[[bytes], Said]]:
    """Read modules as `turncoat.base.code.said` does, but each only once in all processes."""
    place = _place()
    known = _known(place)
    before = len(known)

    def read(source: bytes) -> Said:
        digest = hashlib.sha256(source).hexdigest()
        if digest not in known:
            known[digest] = said(source)
        return known[digest]

    yield read
    if len(known) > before and not sys.dont_write_bytecode:
        _keep(place, known if before < MOST else {})


def _place() -> Path:
    """Beside the bytecode of the module that reads, and named for what that module says."""
    source = Path(code.__file__)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return Path(cache_from_source(str(source))).with_name(f"said-{digest[:16]}.json")


def _known(place: Path) -> dict[str, Said]:
    try:
        data = json.loads(place.read_bytes())
        return {str(d): Said(str(of), tuple(map(str, imports))) for d, (of, imports) in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # none is there, or it is damaged
        return {}


def _keep(place: Path, known: dict[str, Said]) -> None:
    """Write all whole; several processes may, and the last one stays."""
    part = unfinished(place)
    with suppress(OSError):
        part.write_text(json.dumps(known), encoding="utf-8")
        os.replace(part, place)
    with suppress(OSError):
        part.unlink(missing_ok=True)
