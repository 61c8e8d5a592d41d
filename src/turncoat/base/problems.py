"""A problem as data: what is wrong, where, and in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong that does not end the work. `str()` is its line for people."""

    code: str
    """Which kind of problem, from the closed set of who reports it."""
    place: str
    """File and key, or the path of a log; "" if the text says it."""
    text: str
    """What was found, and what would do."""
    seen: str = ""
    """Where it was seen first, if it is a matter of condition and world."""

    def __str__(self) -> str:
        seen = f" [first in {self.seen}]" if self.seen else ""
        return f"{self.place}: {self.text}{seen}" if self.place else f"{self.text}{seen}"
