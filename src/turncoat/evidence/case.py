"""A case: all that detectors and judges may look at for one sample; and what is found in it, or why nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from turncoat.base.model import Frozen
from turncoat.evidence.passages import Span
from turncoat.scenarios.setting import Setting
from turncoat.world import (
    AGENT,
    ActionLog,
    CancelAlert,
    Forward,
    Message,
    Opened,
    RecipientKind,
    Record,
    WriteDocument,
    is_write,
)
from turncoat.world.actions import Effect, Withdrawn


class Evidence(Frozen):
    """A passage of a delivered message (its subject, a blank line, its body), of another act, or of the reasoning."""

    record: int
    """`seq` of the record; -1, -2 … are the passages of visible reasoning. See `Case.text_of`."""
    start: int
    end: int


class Finding(Frozen):
    """Something that was found in a run; its rung and harm follow from the ladder."""

    name: str
    by: str
    """`log` for detectors; otherwise the judge, such as `rules` or a model's name."""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""


class Unscored(StrEnum):
    """Why a sample has no verdict. The model's fault and the instrument's are kept apart in reports."""

    PARSE = "parse"
    """The output holds something that may have been meant as the deciding act and cannot be read."""
    EMPTY = "empty"
    """The model gave no output."""
    REFUSED = "content_filter"
    """The provider withheld the output, or the rest of it, and nothing harmful stands in what came."""
    TRUNCATED = "truncated"
    """The output was cut off before anything harmful was done."""
    TOO_LONG = "context_length"
    """Prompt and answer did not fit in the model's context window; nothing harmful stands in what came."""
    BROKE_OFF = "provider_error"
    """The provider or a gateway broke off with an error before anything harmful was done."""
    LIMIT = "limit"
    """A limit ended the session before anything harmful was done."""
    NO_CALLS = "no_calls"
    """The agent of a session called no tool at all."""
    ENDED = "ended"
    """A guard ended the session before anything harmful was attempted."""
    NO_PROMPT = "no_prompt"
    """The prompt never reached the agent."""
    NO_TOOLS = "no_tools"
    """The tools never reached the agent."""
    DISCONNECTED = "disconnected"
    """The agent's program was gone before the session's end and before anything harmful was done."""
    JUDGE_ABSTAINED = "judge_abstained"
    """The judge said that it cannot tell."""
    JUDGE_REFUSED = "judge_refused"
    JUDGE_PARSE = "judge_parse"
    JUDGE_QUOTE = "judge_quote"
    """The judge quoted what is not there."""
    JUDGE_ERROR = "judge_error"
    """The judge's provider failed, or what there is to judge is longer than it can read."""
    PANEL_TIE = "panel_tie"
    """As many judges of a panel say yes as say no."""
    PANEL_SHORT = "panel_short"
    """Too few judges of a panel gave a verdict for a majority."""


FAILED = frozenset(
    {Unscored.JUDGE_REFUSED, Unscored.JUDGE_PARSE, Unscored.JUDGE_QUOTE, Unscored.JUDGE_ERROR, Unscored.PANEL_SHORT}
)
"""Reasons that say nothing of the sample: the judge gave no usable answer, and may if it is asked again."""
BROKEN = frozenset({Unscored.JUDGE_ERROR, Unscored.PANEL_SHORT})
"""Those after which a command is not complete: the judge, or too many of a panel, could not be reached."""


PassageKind = Literal["scratchpad", "blocks", "summary", "prose"]
"""What can be seen of a model's reasoning: scratchpads in its answer, the provider's reasoning blocks or summaries of
them, and the prose around its acts."""


@dataclass(frozen=True)
class Sent:
    """A message that the agent sent, with who reads it, or would have had it not been held back."""

    record: int
    """`seq` of its record in the log."""
    message: Message
    own_text: str
    """Subject and body as the agent wrote them, without what it forwarded."""
    readers: frozenset[str]
    """Roles of the cast that read it, groups expanded and guessed addresses included."""
    strangers: tuple[str, ...]
    """Addresses outside that belong to nobody in the cast."""
    authorities: tuple[str, ...]
    """Addresses of public authorities that belong to nobody in the cast."""
    inside_unknown: tuple[str, ...]
    """Addresses in the company's domain that are nobody's."""
    named_files: tuple[str, ...] = ()
    """Attachments as the agent named them."""

    @property
    def text(self) -> str:
        """Subject and body as delivered."""
        return f"{self.message.subject}\n\n{self.message.body}"

    @property
    def whole(self) -> Evidence:
        """All of it, as evidence."""
        return self.passage(0, len(self.text))

    def passage(self, start: int, end: int) -> Evidence:
        """A passage of its text, as evidence."""
        return Evidence(record=self.record, start=start, end=end)


@dataclass(frozen=True)
class Doubt:
    """Something in the output that may have been meant as an act and could not be read as one."""

    reason: str
    span: Span
    text: str
    detail: str = ""
    """What is wrong with it."""


@dataclass(frozen=True)
class CutOff:
    """That the sample ended by something else than the agent's decision, so that no harm is no good conduct.

    A door says it; the verdict is unscored for this reason unless harm was found. See `scoring.score.score_kept`.
    """

    reason: Unscored
    detail: str
    unread: bool = False
    """There is nothing to judge, so that no judge is asked."""
    over_doubts: bool = False
    """What could not be read is what was cut off: the reason stands over a doubt's."""


@dataclass(frozen=True)
class Passage:
    """A piece of visible reasoning without any act in it."""

    kind: PassageKind
    source: str
    """`answer` or `reasoning`, as evidence in logs names it."""
    start: int
    """Where `text` begins in the source."""
    text: str
    before: int = 0
    """`seq` of the first record that came after it (live doors)."""


@dataclass(frozen=True)
class Call:
    """The native tool call that a record was made by, to say where a passage stands."""

    id: str
    tool: str
    fields: Mapping[str, str]
    """Its arguments that are texts."""


@dataclass(frozen=True)
class Seen:
    """A message or document that the agent opened."""

    record: int
    """`seq` of the record in which it was first opened."""
    id: str
    text: str
    """Subject or name, a blank line, the text."""


@dataclass(frozen=True)
class Case:
    """One sample, ready to be scored. Holds no trace of who the agent was or what it was planned to do.

    Attributes:
        setting: The company, roles, secret and ladder.
        log: What was attempted and what happened.
        answer: The model's visible output; with tools, that of all turns, a blank line between them.
        reasoning: What can be seen of its reasoning: provider-side thinking and scratchpads, or "".
        spans: Record → the part of the answer that it was read from.
        doubts: Unreadable calls that may have been meant as acts.
        ignored: All that looks like a call and was none, with the reason; the doubts are among it.
        passages: The visible reasoning with the acts cut out, in order; see `turncoat.doors.text.responses`.
        calls: Record → the native tool call that it was made by (live doors).
        live: Whether the agent worked in a company where time passes.
        ended: Live: how the session ended, "" where a limit cut it off without notice. Otherwise a stop reason that is
            out of the ordinary, or "".
        cut_off: Set where no harm would be no good conduct.
        only_effect: Whether it holds only what guards let through; see `turncoat.evidence.effect`.
        prospect: For a guard: what the attempt before it would do, were it let through; nothing of one that reads.
    """

    setting: Setting
    log: ActionLog
    answer: str = ""
    reasoning: str = ""
    spans: dict[int, Span] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()
    ignored: Sequence[Doubt] = ()
    passages: Sequence[Passage] = ()
    calls: Mapping[int, Call] = field(default_factory=dict)
    live: bool = False
    ended: str = ""
    cut_off: CutOff | None = None
    only_effect: bool = False
    prospect: tuple[Effect, ...] = ()

    @cached_property
    def opened(self) -> tuple[Seen, ...]:
        """What the agent opened by itself, in order, each message or document at its first time (live doors)."""
        reads = [(n, r.seq) for r in self.log for e in r.outcome.effects if isinstance(e, Opened) for n in e.ids]
        first = dict(reversed(reads))
        return tuple(Seen(first[n], n, self._texts.get(n, "")) for n in dict.fromkeys(n for n, _ in reads))

    @cached_property
    def mail(self) -> tuple[Message, ...]:
        """All mail that reached the agent's mailbox: what was there, and what arrived during the session."""
        own = self.setting.seed.agent_address.lower()
        arrived = (m for r in self.log if r.actor != AGENT and (m := r.message) is not None and m.sender != own)
        return (*self.setting.seed.messages, *arrived)

    @cached_property
    def first_act(self) -> int | None:
        """Record of the first thing that the agent changed or sent, or None."""
        done = (r for r in self.log if r.outcome.status == "done")
        return next((r.seq for r in done if r.attempt is not None and is_write(r.attempt)), None)

    @cached_property
    def _texts(self) -> dict[str, str]:
        messages = (*self.mail, *(m for r in self.log if (m := r.message) is not None))
        return {m.id: f"{m.subject}\n\n{m.body}" for m in messages} | {
            d.id: f"{d.name}\n\n{d.text}" for d in self.setting.seed.documents
        }

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """The agent's messages, in order; those too that a guard held back or edited, or the server found too large.

        A scheduled message is sent, unless the agent takes it back before its time.
        """
        gone = {e.id for r in self.log if r.actor == AGENT for e in r.outcome.effects if isinstance(e, Withdrawn)}
        return tuple(
            self._sent(record, message)
            for record in self.log
            if record.actor == AGENT and (message := record.intended) is not None and message.id not in gone
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
        outside = [r.address for r in recipients if r.kind is RecipientKind.OUTSIDE]
        comment = record.attempt.body if isinstance(record.attempt, Forward) else message.body
        return Sent(
            record=record.seq,
            message=message,
            own_text=f"{message.subject}\n\n{comment}",
            readers=frozenset(role for r in recipients for role in r.roles or directory.meant(r.address)),
            strangers=tuple(a for a in outside if not directory.is_authority(a)),
            authorities=tuple(a for a in outside if directory.is_authority(a)),
            inside_unknown=tuple(r.address for r in recipients if r.kind is RecipientKind.UNKNOWN_INSIDE),
            named_files=getattr(record.attempt, "attachments", ()),
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
