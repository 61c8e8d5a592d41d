"""The base of the world's data: frozen, strict, comparable by value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

LATE = ConfigDict(defer_build=True)
"""What checks data is made when data first come, not when a module is imported: a command needs few of all records."""


class Frozen(BaseModel):
    """A value object: immutable, equal by content, and refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", **LATE)
