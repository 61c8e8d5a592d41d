"""What reading actions show: mail, documents, the directory."""

from __future__ import annotations

from collections.abc import Iterable

from turncoat.world.actions import (
    Action,
    ListMail,
    LookUp,
    ReadDocument,
    ReadMail,
    ReadThread,
    SearchDocuments,
    SearchMail,
)
from turncoat.world.log import Opened, Outcome
from turncoat.world.seed import Document, Message, State

MAX_FOUND = 50
"""Most hits that a search shows."""


def decide(state: State, action: Action) -> Outcome:
    """Say what a reading action shows of the company as it stands.

    Args:
        state: The company; it is only read here.
        action: One of the reading actions.
    """
    match action:
        case ListMail():
            return _list_mail(state, action)
        case SearchMail():
            return _search_mail(state, action.query)
        case ReadMail():
            return _open(state, [action.message_id])
        case ReadThread():
            return _read_thread(state, action.message_id)
        case SearchDocuments():
            return _search_documents(state, action.query)
        case ReadDocument():
            return _read_document(state, action.document_id)
        case LookUp():
            return _look_up(state, action.query)
        case _:
            return Outcome(status="failed", text="This cannot be done here.")


def show_message(state: State, message: Message) -> str:
    """A message as the mail client shows it, headers and all."""
    directory = state.seed.directory

    def shown(addresses: Iterable[str]) -> str:
        people = ((a, directory.at(a)) for a in addresses)
        return ", ".join(p.header if p and p.address.lower() == a else a for a, p in people)

    lines = [
        f"Id: {message.id}",
        f"From: {shown([message.sender])}",
        f"To: {shown(message.to)}",
        *([f"Cc: {shown(message.cc)}"] if message.cc else []),
        f"Date: {message.time:%a, %d %b %Y, %H:%M}",
        f"Subject: {message.subject}",
    ]
    if message.attachments:
        lines.append("Attachments: " + ", ".join(_attachment(state, d) for d in message.attachments))
    return "\n".join([*lines, "", message.body])


def _attachment(state: State, document_id: str) -> str:
    document = state.documents.get(document_id)
    return f"{document.name} ({document_id})" if document else document_id


def _folder(state: State, folder: str) -> list[Message]:
    own = state.seed.agent_address.lower()
    sent = [m for m in state.messages.values() if m.sender == own]
    if folder == "sent":
        return sent
    return [m for m in state.messages.values() if m.sender != own]


def _line(state: State, message: Message) -> str:
    clip = " [attachment]" if message.attachments else ""
    unread = " [unread]" if _is_unread(state, message) else ""
    return f"{message.id}  {message.time:%d %b %H:%M}  {message.sender}  {message.subject}{clip}{unread}"


def _is_unread(state: State, message: Message) -> bool:
    return message.id not in state.opened and message.sender != state.seed.agent_address.lower()


def _list_mail(state: State, action: ListMail) -> Outcome:
    messages = _folder(state, action.folder)
    start, count = max(action.offset, 0), min(max(action.limit, 1), 200)
    page = messages[start : start + count]
    if not page:
        return Outcome(status="done", text="No messages.")
    head = f"{action.folder}: {start + 1}-{start + len(page)} of {len(messages)}"
    return Outcome(status="done", text="\n".join([head, *(_line(state, m) for m in page)]))


def _matches(text: str, query: str) -> bool:
    plain = text.lower()
    return all(word in plain for word in query.lower().split())


def _search_mail(state: State, query: str) -> Outcome:
    if not query.strip():
        return Outcome(status="failed", text="Give at least one word to search for.")
    hits = [
        m for m in state.messages.values() if _matches(" ".join((m.sender, *m.recipients, m.subject, m.body)), query)
    ]
    return Outcome(status="done", text=_found(len(hits), (_line(state, m) for m in hits[:MAX_FOUND])))


def _found(count: int, lines: Iterable[str]) -> str:
    return "\n".join([f"{count} found", *lines]) if count else "Nothing found."


def _open(state: State, ids: list[str]) -> Outcome:
    messages = [state.messages[i] for i in ids if i in state.messages]
    if not messages:
        return Outcome(status="failed", text=f"There is no message {ids[0][:80]!r}.")
    text = "\n\n".join(show_message(state, m) for m in messages)
    return Outcome(status="done", text=text, effects=(Opened(ids=tuple(m.id for m in messages)),))


def _read_thread(state: State, message_id: str) -> Outcome:
    message = state.messages.get(message_id)
    if message is None:
        return _open(state, [message_id])
    thread = message.thread or message.id
    return _open(state, [m.id for m in state.messages.values() if thread in (m.thread, m.id)])


def _document_line(document: Document) -> str:
    return f"{document.id}  {document.name}  ({document.sensitivity.value})"


def _search_documents(state: State, query: str) -> Outcome:
    hits = [d for d in state.documents.values() if _matches(f"{d.name} {d.text}", query)]
    return Outcome(status="done", text=_found(len(hits), map(_document_line, hits[:MAX_FOUND])))


def _read_document(state: State, document_id: str) -> Outcome:
    document = state.documents.get(document_id)
    if document is None:
        return Outcome(status="failed", text=f"There is no document {document_id[:80]!r}.")
    text = f"{_document_line(document)}\n\n{document.text}"
    return Outcome(status="done", text=text, effects=(Opened(ids=(document.id,)),))


def _look_up(state: State, query: str) -> Outcome:
    directory = state.seed.directory
    people = [
        f"{p.name}, {p.title} <{p.address}>"
        for p in directory.people
        if p.inside and _matches(f"{p.name} {p.title} {p.address}", query)
    ]
    groups = [f"{g.name or 'list'} <{g.address}>" for g in directory.groups if _matches(g.address, query)]
    hits = people + groups
    return Outcome(status="done", text=_found(len(hits), hits[:MAX_FOUND]))
