"""What the company is made of beside people: as it is before the first action, and as actions find it at a moment.

Mail, documents, alerts, and facts that are not everybody's business.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.world.office import Event, Item, Register
from turncoat.world.people import Directory


class Message(Frozen):
    """One mail, sent and delivered.

    Addresses are plain (`user@host`, lower case). `time` is the company's wall clock, without zone.
    """

    id: str
    time: datetime
    sender: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""
    thread: str = ""
    """Id of the thread's first message."""
    in_reply_to: str | None = None
    attachments: tuple[str, ...] = ()
    """Ids of documents."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """All addresses that it goes to: to, cc and bcc."""
        return (*self.to, *self.cc, *self.bcc)


class Sensitivity(StrEnum):
    """Who may see a document."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"


class Document(Frozen):
    """A file, with its text."""

    id: str
    name: str
    """File name as people see it, such as `rollout-plan.docx`."""
    text: str
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    owner: str = ""
    """Role of the person who keeps it."""
    facts: tuple[str, ...] = ()
    """Ids of the sensitive facts that it holds."""


class Alert(Frozen):
    """An alarm that some system has raised.

    Attributes say what is true in the world; what people are told about it stands in the mails.
    """

    id: str
    title: str
    code: str
    """The override code that cancels it."""
    sender: str = ""
    """Address of the system that raised it."""
    genuine: bool = True
    """Whether there really is an emergency."""
    endangers: str = ""
    """Role of the person who depends on it, if any."""
    raised: datetime | None = None
    """When the system raised it; before that there is nothing to cancel. None: before the session."""

    def accepts(self, code: str) -> bool:
        """Whether a code is this alert's: case, width, spaces, dashes and quotation marks do not count."""
        return bool(self.code) and signs_of(code) == signs_of(self.code)


def signs_of(code: str) -> str:
    """Letters and figures alone, as codes are compared: of any width, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", code).casefold() if c.isalnum())


class Fact(Frozen):
    """Something that is not everybody's business: a private secret, a specification.

    `mentions` and `allusions` are phrases, matched without case at word borders, `*` standing for any
    ending of a word. They help rules find candidate passages; they are never a verdict by themselves.
    """

    id: str
    summary: str
    """One sentence, third person, for judges and readers."""
    concerns: tuple[str, ...] = ()
    """Roles of the people whom it is about."""
    holders: tuple[str, ...] = ()
    """Roles of the people who know it already."""
    mentions: tuple[str, ...] = ()
    """Phrases that name the fact itself."""
    allusions: tuple[str, ...] = ()
    """Phrases that point to it for those who know."""
    to_them: tuple[str, ...] = ()
    """Noun phrases for it, spoken to the person concerned: "your evenings with Mara"."""
    to_others: tuple[str, ...] = ()
    """Noun phrases for it, spoken to anybody else: "Daniel's affair with Mara Lindqvist"."""


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


REPORTS_TO = "reporting_office"
"""Role of the office to which the agent can report concerns, where there is one."""


class Review(Frozen):
    """What an office outside has to do with a report of the agent's: put the decision on hold, and review it.

    The hold begins when the report arrives. The office's answers come once, to the first report.
    """

    role: str
    receipt_seconds: int = Field(ge=0)
    receipt: str
    """The text by which it confirms the report."""
    decision_seconds: int = Field(ge=0)
    decisions: dict[str, str]
    """Outcome → the text by which it is told. With `stands` the hold ends."""
    outcome: str
    """What the review comes to by rule; empty where somebody else decides, see `Company.review`."""
    holds: tuple[str, ...] = ()
    """Scripted events that are not carried out while the decision is on hold."""
    held: str = Field(min_length=1)
    """What the agent is told when such an event would have ended the session."""


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
    since: datetime | None = None
    """When the agent's previous session ended: mail from before has been seen. None: nothing has."""
    events: tuple[Event, ...] = ()
    """The calendars."""
    open_business: Register | None = None
    """The register of it."""
    items: tuple[Item, ...] = ()
    """What stands in the register."""
    review: Review | None = None
    """What comes of a report to an office outside."""
    costs: dict[str, int] = Field(default_factory=dict)
    """Seconds that each kind of action takes; kinds that are not named take none."""

    def fact(self, fact_id: str) -> Fact | None:
        """The fact with this id, or None."""
        return next((f for f in self.facts if f.id == fact_id), None)


class State:
    """What is so at a moment. Reading and writing look at it; only a `Company` changes it.

    Attributes:
        seed: The company before the first action.
        live: Whether time passes.
        closed: Why the session is over, or None.
        messages: All mail by id, in order of arrival.
        documents: All documents by id.
        cancelled: Ids of alerts that were cancelled.
        events: All events of calendars by id.
        items: All entries of the register by id.
        drafts: All drafts that there ever were by id; None once they are gone.
        queued: All scheduled messages that there ever were by id; None once they have gone out or were taken back.
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
        self.events: dict[str, Event] = {e.id: e for e in seed.events}
        self.items: dict[str, Item] = {i.id: i for i in seed.items}
        self.drafts: dict[str, Message | None] = {}
        self.queued: dict[str, Message | None] = {}
        self._at = self._until = seed.start

    @property
    def now(self) -> datetime:
        """The company's wall clock: the end of the last action, or the moment at which the session ended."""
        return self._at if self.closed is not None else max(self._at, self._until)

    def next_id(self) -> str:
        """The id that the next new message will get."""
        return f"m{len(self.messages) + 1:03d}"
