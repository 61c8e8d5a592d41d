"""Guards of somebody's own, by `module:function`: one that behaves well, and the ways in which one may fail."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio

from turncoat.base.errors import UsageError
from turncoat.evidence.case import Case
from turncoat.world import Action, Decision

WAYS = ("pass", "raise", "sleep", "cancel", "exit", "late", "nonsense", "sync", "nan", "end", "ask")


class Odd:
    """Does what it is told."""

    name = "odd"

    def __init__(self, does: str) -> None:
        self._does = does

    @staticmethod
    def made() -> Odd:
        """One that lets everything pass."""
        return Odd("pass")

    def review(self, case: Case, attempt: Action) -> Any:
        """A decision, or what passes for one."""
        return 7 if self._does == "sync" else self._reviewed()

    async def _reviewed(self) -> Any:
        match self._does:
            case "raise":
                raise RuntimeError("odd")
            case "sleep":
                await anyio.sleep(60)
            case "cancel":
                raise asyncio.CancelledError
            case "exit":
                raise SystemExit(3)
            case "late":
                raise TimeoutError("their own")
            case "nonsense":
                return 7
            case "nan":
                return Decision(guard=self.name, decision="block", score=float("nan"))
            case "end" | "ask" as decision:
                return Decision(guard=self.name, decision=decision, reason="Odd.")
        return Decision(guard=self.name, decision="allow")


def odd(does: str = "pass") -> Odd:
    """Make one."""
    if does not in WAYS:
        raise UsageError(f"odd: {does!r} is not one of: {', '.join(WAYS)}")
    return Odd(does)


def broken() -> Odd:
    """Fail to make one."""
    raise ValueError("no\nroom")


def none() -> None:
    """Make nothing."""
