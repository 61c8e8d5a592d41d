"""Worlds: which names, firm, dates and details a storyline takes for a seed.

Every drawn value depends on (storyline and its version, seed, slot) alone, by SHA-256: not on the
condition, not on other slots, not on the platform. The same world therefore pairs across conditions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from turncoat.base.errors import UsageError
from turncoat.base.keyed import indices

_NAME = re.compile(r"(?:(?P<story>[a-z][a-z0-9_-]*)(?:\.(?P<version>\d+))?@)?(?P<seed>\d{1,9})")


@dataclass(frozen=True, order=True)
class WorldId:
    """Names one rendering of the company: `storyline.version@seed`."""

    storyline: str
    version: int
    seed: int

    def __str__(self) -> str:
        return f"{self.storyline}.{self.version}@{self.seed}"

    @cached_property
    def index(self) -> Callable[[bytes, int], int]:
        """Draws for a slot's name in bytes and a size, as `draw`; made once, since a world takes dozens."""
        return indices(f"{self.storyline}.{self.version}/{self.seed}/")


def parse_world(text: str) -> tuple[str | None, int | None, int]:
    """Read a world's name: `7`, `affair@7` or `affair.1@7`.

    Returns:
        Storyline and version (None where not said), and the seed.

    Raises:
        UsageError: It is of another form.
    """
    match = _NAME.fullmatch(str(text).strip())
    if match is None:
        raise UsageError(f"world {text!r} is not of the form 7, affair@7 or affair.1@7")
    version = match["version"]
    return match["story"], int(version) if version else None, int(match["seed"])


def draw(world: WorldId, slot: str, size: int) -> int:
    """An index below `size`, keyed by storyline version, seed and slot."""
    return world.index(slot.encode(), size)


class Voice(NamedTuple):
    """A drawn person as templates see them: `{{ target.first }}`, `{{ target.he }}`. A tuple, as worlds hold many."""

    role: str
    name: str
    first: str
    last: str
    title: str
    email: str
    he: str
    him: str
    his: str
    mr: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class World:
    """What was drawn: the template context that all conditions share.

    `letters` keeps the letters that were written for this world, by email and the levels that it reads, so that
    conditions share them; it goes when the world goes.
    """

    id: WorldId
    day: date
    context: dict[str, Any]
    letters: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "đ": "d", "æ": "ae", " ": "."})


@lru_cache(maxsize=4096)
def ascii_local(text: str) -> str:
    """A name as the local part of an address: ASCII letters, digits, dots and hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return re.sub(r"[^a-z0-9.-]", "", plain)
