"""What a run in several processes is a part of: limits and decisions that are of the whole study."""

from __future__ import annotations

from typing import Protocol

from pydantic import JsonValue

from turncoat.providers.gate import Gate
from turncoat.runs.progress import Ending, Progress


class Whole(Protocol):
    """The study that a process runs a share of, as that process knows it."""

    @property
    def gate(self) -> Gate | None:
        """Who limits requests over all processes, if anybody does."""
        ...

    def note(self, task: str, model: str, cell: str, position: int, ending: Ending) -> None:
        """A sample is finished, now or by an earlier command."""
        ...

    async def decided(self, task: str, model: str, cell: str) -> str:
        """Why a cell needs no further samples, or ""."""
        ...

    async def summary(self, task: str, model: str) -> dict[str, JsonValue]:
        """Where each cell or contrast stopped."""
        ...

    async def would_exceed(self, limit: float, progress: Progress, again: bool) -> bool:
        """Whether one more sample, or one of those under way again, would probably cost more than all may spend."""
        ...
