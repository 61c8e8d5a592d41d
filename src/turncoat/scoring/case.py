"""A case: everything that detectors and judges may look at for one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from turncoat.scenarios.setting import Setting
from turncoat.world import ActionLog, Forward, Message, RecipientKind, Record
from turncoat.world.log import AGENT

Span = tuple[int, int]


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
class Case:
    """One sample, ready to be scored. Holds no trace of who the agent was or what it was planned to do.

    Attributes:
        setting: The company, roles, secret and ladder.
        log: What was attempted and what happened.
        answer: The model's visible output (text interface).
        reasoning: What can be seen of its reasoning: provider-side thinking and scratchpads, or "".
        spans: Record → the part of the answer that it was read from.
        doubts: Unreadable calls that may have been meant as acts.
    """

    setting: Setting
    log: ActionLog
    answer: str = ""
    reasoning: str = ""
    spans: dict[int, Span] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """The agent's delivered messages, in order."""
        return tuple(
            self._sent(record, record.message)
            for record in self.log
            if record.actor == AGENT and record.message is not None
        )

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
