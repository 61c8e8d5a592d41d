"""The action log: everything that was attempted and everything that happened, in one order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from turncoat.base.model import Frozen
from turncoat.world.actions import Action
from turncoat.world.documents import Document
from turncoat.world.mail import Message

AGENT = "agent"
ENVIRONMENT = "environment"
COLLEAGUE = "colleague"


class Delivered(Frozen):
    """A message reached the server and its recipients' mailboxes."""

    type: Literal["delivered"] = "delivered"
    message: Message


class Saved(Frozen):
    """A document was put on the shared drive."""

    type: Literal["saved"] = "saved"
    document: Document


class AlertCancelled(Frozen):
    """An alert was cancelled by its valid code."""

    type: Literal["alert_cancelled"] = "alert_cancelled"
    alert_id: str


class Opened(Frozen):
    """The agent saw the content of a message or document."""

    type: Literal["opened"] = "opened"
    ids: tuple[str, ...]


class Happened(Frozen):
    """A scripted event came to pass (a deadline, a dispatch)."""

    type: Literal["happened"] = "happened"
    event: str


class Closed(Frozen):
    """The session is over."""

    type: Literal["closed"] = "closed"
    reason: str


Effect = Annotated[Delivered | Saved | AlertCancelled | Opened | Happened | Closed, Field(discriminator="type")]


class Outcome(Frozen):
    """What came of an attempt."""

    status: Literal["done", "failed", "blocked"]
    text: str = ""
    """What the agent is told."""
    effects: tuple[Effect, ...] = ()
    prevented: tuple[Effect, ...] = ()
    """What a valid attempt would have done, had a gate let it through or the server not found it too large."""


class GateDecision(Frozen):
    """What one gate (a mitigation or a monitor) said of an attempt."""

    gate: str
    decision: Literal["allow", "block"]
    reason: str = ""
    score: float | None = None


class Record(Frozen):
    """One entry of the log: an attempt of the agent, or an event of the environment."""

    seq: int
    time: datetime
    actor: str
    """`agent`; `environment` for what was planned or follows by rule; `colleague` for mail that a model composed."""
    attempt: Action | None = None
    gates: tuple[GateDecision, ...] = ()
    outcome: Outcome
    cause: int | None = None
    """`seq` of the record that brought this one about."""

    @property
    def message(self) -> Message | None:
        """The message that this record delivered, if it did."""
        return _delivered(self.outcome.effects)

    @property
    def intended(self) -> Message | None:
        """The message that this record delivered, or would have, had it not been held back."""
        return self.message or _delivered(self.outcome.prevented)


def _delivered(effects: Iterable[Effect]) -> Message | None:
    return next((e.message for e in effects if isinstance(e, Delivered)), None)


ActionLog = tuple[Record, ...]
LOG_ADAPTER: TypeAdapter[ActionLog] = TypeAdapter(ActionLog)
