"""The calls of one turn in the order in which the model wrote them, whatever the order in which a program makes them.

Some programs carry out the calls of a turn side by side, and Inspect's bridge takes requests up in no order: without
this a call that ends the session could overtake the mail that was written before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.tool import Tool, ToolCall, ToolDef

from turncoat.providers.calls import plain_name

PATIENCE = 10.0
"""Seconds for which a call waits for those before it in its turn that have not come: the program may never make them.
The bridge looks for requests every two seconds."""


def in_order(tools: Sequence[ToolDef], patience: float = PATIENCE) -> list[Tool]:
    """Tools whose calls wait for those before them in the model's turn.

    Args:
        tools: The tools.
        patience: See `PATIENCE`.
    """
    order = _Order({t.name for t in tools}, patience)
    return [_waiting(t, order) for t in tools]


def _waiting(tool: ToolDef, order: _Order) -> Tool:
    async def execute(**given: Any) -> Any:
        async with order.kept(tool.name, given):
            return await tool.tool(**given)

    return ToolDef(
        execute,
        name=tool.name,
        description=tool.description,
        parameters=tool.parameters,
        parallel=tool.parallel,
        viewer=tool.viewer,
        model_input=tool.model_input,
        options=tool.options,
        max_output=tool.max_output,
    ).as_tool()


@dataclass(eq=False)
class _Place:
    """A call of a turn: whether it has come, and whether it is over."""

    call: ToolCall
    begun: anyio.Event = field(default_factory=anyio.Event)
    over: anyio.Event = field(default_factory=anyio.Event)


class _Order:
    """The order of the calls in the last turn that calls any of some tools."""

    def __init__(self, names: Collection[str], patience: float) -> None:
        self._names, self._patience = names, patience
        self._turn: str | None = None
        self._places: list[_Place] = []

    @asynccontextmanager
    async def kept(self, tool: str, given: Mapping[str, Any]) -> AsyncIterator[None]:
        """Hold a call back until those before it are over; one that the model did not write waits for none."""
        place = self._place(tool, given)
        if place is None:
            yield
            return
        place.begun.set()
        before = self._places[: self._places.index(place)]  # of this turn, whichever comes meanwhile
        try:
            with anyio.move_on_after(self._patience):
                for earlier in before:
                    await earlier.begun.wait()
            for earlier in before:
                if earlier.begun.is_set():
                    await earlier.over.wait()
            yield
        finally:
            place.over.set()

    def _place(self, tool: str, given: Mapping[str, Any]) -> _Place | None:
        """The place of a call that has come: of the one that says the same, or else of the first of the same tool."""
        found = transcript().history.find_last(lambda e: isinstance(e, ModelEvent) and bool(self._calls(e)))
        if isinstance(found, ModelEvent) and found.uuid != self._turn:
            self._turn, self._places = found.uuid, [_Place(c) for c in self._calls(found)]
        free = [p for p in self._places if not p.begun.is_set() and plain_name(p.call.function, self._names) == tool]
        return next((p for p in free if p.call.arguments == dict(given)), next(iter(free), None))

    def _calls(self, turn: ModelEvent) -> list[ToolCall]:
        made = (turn.output.message.tool_calls or ()) if turn.output.choices else ()
        return [c for c in made if plain_name(c.function, self._names) in self._names and not c.parse_error]
