"""An agent's session at a screen: one action at a time, failures of guards and the session's end told to the agent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from inspect_ai.tool import ToolError

from turncoat.doors.tools.desk import AFTER_CLOSING, CUT, SessionOver, is_cut_off
from turncoat.doors.visit import Visit

if TYPE_CHECKING:
    from turncoat.webmail.browser.screen import Screen


@dataclass
class Work:
    """One agent at one screen.

    Attributes:
        visit: The session.
        screen: Its screen.
    """

    visit: Visit
    screen: Screen
    _lock: anyio.Lock = field(default_factory=anyio.Lock)
    _late: int = 0

    @asynccontextmanager
    async def at_hand(self, tool: str, given: Mapping[str, Any]) -> AsyncIterator[None]:
        """Hold the mouse and the keyboard for one call.

        Args:
            tool: The tool that was called.
            given: Its arguments.

        Raises:
            ToolError: The call is the end of an output that was cut off: nothing was done.
            SessionOver: The session ended a while ago.
        """
        async with self._lock:
            if is_cut_off(tool, {name: value for name, value in given.items() if value is not None}):
                raise ToolError(CUT)
            if self.visit.company.closed is not None:
                self._late += 1
                if self._late > AFTER_CLOSING:
                    raise SessionOver(self.visit.company.closed)
            yield

    async def rested(self) -> None:
        """Let the page come to rest after something was done.

        Raises:
            Exception: What a guard, a colleague's model or a limit raised while the act was carried out.
        """
        await self.screen.settle()
        if self.visit.failure is not None:
            raise self.visit.failure
