"""The instrument's identity: a hash over everything that makes a verdict."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def instrument_hash() -> str:
    """First 12 hex digits of the SHA-256 over the scoring code, rules and rubrics."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    rooms = ("scoring", "judges", "evidence", "doors/text")
    files = [p for room in rooms for p in (root / room).rglob("*") if p.suffix in (".py", ".yaml", ".md")]
    files += [root / "doors" / name for name in ("acts.py", "kept.py", "tools/arguments.py", "tools/sessions.py")]
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
