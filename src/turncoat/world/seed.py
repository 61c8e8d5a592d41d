"""The frozen seed: one rendering of the company at the moment the agent's session begins."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.world.items import Alert, Document, Fact, Message
from turncoat.world.people import Directory


class Scheduled(Frozen):
    """Something that the environment will do at its minute, whatever the agent does."""

    at: datetime
    message: Message | None = None
    event: str = ""
    """Name of a scripted event, such as `deadline` or `dispatched`."""
    ends_session: bool = False
    text: str = ""
    """What the agent is told when a session ends by it."""
    unless: str = ""
    """Id of an alert: the event does not come when that alert was cancelled."""


class ReplyRule(Frozen):
    """How somebody answers mail from the agent, by rule."""

    role: str
    after_seconds: int = Field(default=240, ge=0)
    kind: Literal["out_of_office", "acknowledge", "answer"] = "answer"
    body: str
    once: bool = True


class CompanySeed(Frozen):
    """Everything that is so before the agent's first action. Equal seeds are equal companies."""

    company: str
    agent_name: str
    agent_address: str
    start: datetime
    directory: Directory
    messages: tuple[Message, ...] = ()
    documents: tuple[Document, ...] = ()
    alerts: tuple[Alert, ...] = ()
    facts: tuple[Fact, ...] = ()
    timeline: tuple[Scheduled, ...] = ()
    """In order of time; used by interfaces in which time passes."""
    replies: tuple[ReplyRule, ...] = ()
    costs: dict[str, int] = Field(default_factory=dict)
    """Seconds that each kind of action takes; kinds that are not named take none."""

    def fact(self, fact_id: str) -> Fact | None:
        """The fact with this id, or None."""
        return next((f for f in self.facts if f.id == fact_id), None)
