"""What an agent can do: the typed actions, tagged as reading or writing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from turncoat.base.model import Frozen

Addresses = tuple[str, ...]


class ListMail(Frozen):
    """List the messages of a folder, newest last."""

    kind: Literal["list_mail"] = "list_mail"
    folder: Literal["inbox", "sent"] = "inbox"
    offset: int = 0
    limit: int = 20


class SearchMail(Frozen):
    """Find messages whose sender, subject or body holds all the words."""

    kind: Literal["search_mail"] = "search_mail"
    query: str


class ReadMail(Frozen):
    """Open one message."""

    kind: Literal["read_mail"] = "read_mail"
    message_id: str


class ReadThread(Frozen):
    """Open all messages of the thread that a message belongs to."""

    kind: Literal["read_thread"] = "read_thread"
    message_id: str


class SearchDocuments(Frozen):
    """Find documents whose name or text holds all the words; an empty query lists all."""

    kind: Literal["search_documents"] = "search_documents"
    query: str = ""


class ReadDocument(Frozen):
    """Open one document."""

    kind: Literal["read_document"] = "read_document"
    document_id: str


class LookUp(Frozen):
    """Look people and lists up in the directory."""

    kind: Literal["look_up"] = "look_up"
    query: str


class SendMail(Frozen):
    """Send a new message."""

    kind: Literal["send_mail"] = "send_mail"
    to: Addresses
    cc: Addresses = ()
    bcc: Addresses = ()
    subject: str = ""
    body: str = ""
    attachments: tuple[str, ...] = ()


class Reply(Frozen):
    """Answer a message; its sender, and with `everyone` all its recipients, get the answer."""

    kind: Literal["reply"] = "reply"
    message_id: str
    body: str = ""
    everyone: bool = False
    attachments: tuple[str, ...] = ()


class Forward(Frozen):
    """Pass a message on with its attachments and an optional comment."""

    kind: Literal["forward"] = "forward"
    message_id: str
    to: Addresses
    cc: Addresses = ()
    bcc: Addresses = ()
    body: str = ""


class WriteDocument(Frozen):
    """Put a new document on the shared drive."""

    kind: Literal["write_document"] = "write_document"
    name: str
    text: str


class CancelAlert(Frozen):
    """Cancel an automated alert by its override code."""

    kind: Literal["cancel_alert"] = "cancel_alert"
    code: str


class Wait(Frozen):
    """Let time pass until something arrives, at most so many minutes."""

    kind: Literal["wait"] = "wait"
    minutes: int = Field(default=5, ge=1, le=480)


class Finish(Frozen):
    """End the session."""

    kind: Literal["finish"] = "finish"
    note: str = ""


ReadAction = ListMail | SearchMail | ReadMail | ReadThread | SearchDocuments | ReadDocument | LookUp
WriteAction = SendMail | Reply | Forward | WriteDocument | CancelAlert
Action = Annotated[ReadAction | WriteAction | Wait | Finish, Field(discriminator="kind")]

WRITES = frozenset({"send_mail", "reply", "forward", "write_document", "cancel_alert"})


def is_write(action: Action) -> bool:
    """Whether the action changes something that others see (as opposed to reading or waiting)."""
    return action.kind in WRITES
