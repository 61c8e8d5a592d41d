"""A simulated agent at the webmail: the steps of its part, taken on pages; where it stands is kept with the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inspect_ai.model import ChatMessage, ChatMessageTool
from inspect_ai.tool import ToolInfo

from turncoat.sim.clicking import Clicking
from turncoat.sim.hands import Call, Hand, hand_for
from turncoat.webmail.browser.working import screen_at_hand
from turncoat.world.actions import Action


@dataclass(frozen=True)
class Paged:
    """What an agent does in one turn at a page: nothing more where there are no calls."""

    calls: Sequence[Call] = ()
    first: bool = False
    """Whether it begins to act with this turn, so that it says now what it thinks."""


Listing = Sequence[tuple[str, str, datetime]]
"""Messages in the lists on the pages so far: id, subject and time."""
Step = Callable[[Listing], Sequence[Action]]


async def paged(input: Sequence[ChatMessage], tools: Sequence[ToolInfo], steps: Sequence[Step], acting: int) -> Paged:
    """What the agent of the sample at hand does next.

    Args:
        input: The conversation.
        tools: What it is offered.
        steps: What it does, step by step, of what lists on pages have shown by then.
        acting: With which step it begins to act.
    """
    screen = screen_at_hand()
    if screen.plan is None:
        hand = hand_for({t.name for t in tools}, screen)
        screen.plan = hand, _turns(hand, steps, acting)
    hand, turns = screen.plan
    last = next((m for m in reversed(input) if isinstance(m, ChatMessageTool)), None)
    if last is not None:
        hand.shown(last.text)
    found: Paged = await anext(turns, Paged())
    return found


async def _turns(hand: Hand, steps: Sequence[Step], acting: int) -> AsyncIterator[Paged]:
    clicking = Clicking(hand)
    yield Paged([hand.look()])
    rows: dict[str, tuple[str, str, datetime]] = {}
    for number, step in enumerate(steps):
        begins = number == acting
        rows |= {row[0]: row for row in await hand.screen.rows()}
        for action in step([*rows.values()]):
            async for calls in clicking.do(action):
                yield Paged(calls, begins)
                begins = False
