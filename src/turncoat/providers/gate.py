"""A limit of requests that reaches beyond this process: who asks a model passes here first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Protocol


class Gate(Protocol):
    """Lets so many requests to each model through at a time."""

    async def enter(self, model: str) -> None:
        """Wait until one more request to a model may be made."""
        ...

    def leave(self, model: str) -> None:
        """A request has ended."""
        ...


GATE: ContextVar[Gate | None] = ContextVar("turncoat_gate", default=None)
"""The gate of the run that is at work; none as a rule."""


@asynccontextmanager
async def passing(model: str) -> AsyncIterator[None]:
    """Make a request inside the block, once the run's gate lets it through."""
    gate = GATE.get()
    if gate is None:
        yield
        return
    await gate.enter(model)
    try:
        yield
    finally:
        gate.leave(model)
