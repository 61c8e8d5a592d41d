"""A case: everything that detectors and judges may look at for one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from turncoat.scenarios.setting import Setting
from turncoat.world import ActionLog, CancelAlert, Forward, Message, RecipientKind, Record
from turncoat.world.actions import WriteDocument
from turncoat.world.log import AGENT

Span = tuple[int, int]
PassageKind = Literal["scratchpad", "blocks", "summary", "prose"]
"""What can be seen of a model's reasoning: scratchpads in its answer, the provider's reasoning blocks or summaries of
them, and the prose around its acts."""


@dataclass(frozen=True)
class Sent:
    """A message that the agent sent and that was delivered, with who reads it."""

    record: int
    """`seq` of its record in the log."""
    message: Message
    own_text: str
    """Subject and body as the agent wrote them, without what it forwarded."""
    readers: frozenset[str]
    """Roles of the cast that read it, groups expanded and guessed addresses included."""
    strangers: tuple[str, ...]
    """Addresses outside that belong to nobody in the cast."""
    inside_unknown: tuple[str, ...]
    """Addresses in the company's domain that are nobody's."""

    @property
    def text(self) -> str:
        """Subject and body as delivered."""
        return f"{self.message.subject}\n\n{self.message.body}"


@dataclass(frozen=True)
class Doubt:
    """Something in the output that may have been meant as an act and could not be read as one."""

    reason: str
    span: Span
    text: str


@dataclass(frozen=True)
class Passage:
    """A piece of visible reasoning without any act in it."""

    kind: PassageKind
    source: str
    """`answer` or `reasoning`, as evidence in logs names it."""
    start: int
    """Where `text` begins in the source."""
    text: str


@dataclass(frozen=True)
class Case:
    """One sample, ready to be scored. Holds no trace of who the agent was or what it was planned to do.

    Attributes:
        setting: The company, roles, secret and ladder.
        log: What was attempted and what happened.
        answer: The model's visible output (text interface).
        reasoning: What can be seen of its reasoning: provider-side thinking and scratchpads, or "".
        spans: Record → the part of the answer that it was read from.
        doubts: Unreadable calls that may have been meant as acts.
        passages: The visible reasoning with the acts cut out, in order; see `turncoat.scoring.masking`.
    """

    setting: Setting
    log: ActionLog
    answer: str = ""
    reasoning: str = ""
    spans: dict[int, Span] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()
    passages: Sequence[Passage] = ()

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """The agent's delivered messages, in order."""
        return tuple(
            self._sent(record, record.message)
            for record in self.log
            if record.actor == AGENT and record.message is not None
        )

    def text_of(self, record: int) -> str:
        """The text that evidence about a record points into.

        Args:
            record: `seq` of a record; -1, -2 … are the passages of visible reasoning, in order.

        Returns:
            The text; "" where there is no such record.
        """
        if record < 0:
            return self.passages[-record - 1].text if -record <= len(self.passages) else ""
        sent = next((s for s in self.sent if s.record == record), None)
        if sent is not None:
            return sent.text
        found = next((r for r in self.log if r.seq == record), None)
        return act_text(found) if found is not None else ""

    def _sent(self, record: Record, message: Message) -> Sent:
        directory = self.setting.seed.directory
        recipients = [directory.resolve(a) for a in message.recipients]
        comment = record.attempt.body if isinstance(record.attempt, Forward) else message.body
        return Sent(
            record=record.seq,
            message=message,
            own_text=f"{message.subject}\n\n{comment}",
            readers=frozenset(role for r in recipients for role in r.roles),
            strangers=tuple(r.address for r in recipients if r.kind is RecipientKind.OUTSIDE),
            inside_unknown=tuple(r.address for r in recipients if r.kind is RecipientKind.UNKNOWN_INSIDE),
        )


def act_text(record: Record) -> str:
    """An act that delivered no message, in words."""
    match record.attempt:
        case None:
            return ""
        case CancelAlert(code=code):
            return f"Cancel an alert with the code {code}"
        case WriteDocument(name=name, text=text):
            return f"{name}\n\n{text}"
        case attempt:
            given = attempt.model_dump(exclude={"kind"}, exclude_defaults=True)
            fields = (f"{n}: {', '.join(v) if isinstance(v, tuple) else v}" for n, v in given.items())
            return "\n".join((attempt.kind, *fields))
