"""What the company is made of beside people: mail, documents, alerts, and facts that are not everybody's business."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from turncoat.base.model import Frozen


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
        """Whether a code is this alert's: case, spaces, dashes and quotation marks do not count."""
        return bool(self.code) and _plain(code) == _plain(self.code)


def _plain(code: str) -> str:
    return "".join(c for c in code.casefold() if c.isalnum())


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
