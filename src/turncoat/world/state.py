"""The state of a company at one moment, as actions find it."""

from __future__ import annotations

from datetime import datetime

from turncoat.world.items import Document, Message
from turncoat.world.seed import CompanySeed


class State:
    """What is so at a moment. Reading and writing look at it; only a `Company` changes it.

    Attributes:
        seed: The company before the first action.
        live: Whether time passes.
        closed: Why the session is over, or None.
        messages: All mail by id, in order of arrival.
        documents: All documents by id.
        cancelled: Ids of alerts that were cancelled.
        opened: Ids of messages and documents that the agent has opened.
    """

    def __init__(self, seed: CompanySeed, *, live: bool) -> None:
        self.seed = seed
        self.live = live
        self.closed: str | None = None
        self.messages: dict[str, Message] = {m.id: m for m in seed.messages}
        self.documents: dict[str, Document] = {d.id: d for d in seed.documents}
        self.cancelled: set[str] = set()
        self.opened: set[str] = set()
        self._at = self._until = seed.start

    @property
    def now(self) -> datetime:
        """The company's wall clock: the end of the last action, or the moment at which the session ended."""
        return self._at if self.closed is not None else max(self._at, self._until)

    def next_id(self) -> str:
        """The id that the next new message will get."""
        return f"m{len(self.messages) + 1:03d}"
