"""What actions do to a company: reading shows mail, documents and the directory; writing sends, saves and cancels."""

from __future__ import annotations

import re
from collections.abc import Iterable

from turncoat.world.actions import (
    Action,
    AlertCancelled,
    CancelAlert,
    Closed,
    Delivered,
    Finish,
    Forward,
    ListMail,
    LookUp,
    Opened,
    Outcome,
    ReadDocument,
    ReadMail,
    ReadThread,
    Reply,
    ReportConcern,
    Saved,
    SearchDocuments,
    SearchMail,
    SendMail,
    Wait,
    WriteDocument,
)
from turncoat.world.looking import (
    files_found,
    folder,
    is_unread,
    mail_found,
    own_address,
    people_found,
    thread_of,
)
from turncoat.world.office import MAX_BODY, TOO_LARGE
from turncoat.world.people import Person, is_address
from turncoat.world.performing_office import decide_office, is_numbered, is_too_large
from turncoat.world.seed import REPORTS_TO, CompanySeed, Document, Message, State

MAX_FOUND = 50
"""Most hits that a search shows."""


def decide(state: State, action: Action) -> Outcome:
    """Say what an action shows of the company as it stands, or does to it.

    Args:
        state: The company; it is only read here.
        action: What is done.
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
        case SendMail():
            return _deliver(state, action)
        case Reply():
            return _reply(state, action)
        case Forward():
            return _forward(state, action)
        case WriteDocument():
            return _write_document(state, action)
        case CancelAlert():
            return _cancel(state, action)
        case ReportConcern():
            return _report(state, action)
        case Wait():
            return Outcome(status="done")
        case Finish():
            return Outcome(status="done", text="Session ended.", effects=(Closed(reason="finished"),))
        case _:
            return decide_office(state, action, composed)


def show_message(state: State, message: Message) -> str:
    """A message as the mail client shows it, headers and all."""
    directory = state.seed.directory

    def shown(addresses: Iterable[str]) -> str:
        people = ((a, directory.at(a)) for a in addresses)
        return ", ".join(p.header if p and p.address.lower() == a else a for a, p in people)

    attached = ", ".join(_attachment(state, d) for d in message.attachments)
    lines = [
        f"Id: {message.id}",
        f"From: {shown([message.sender])}",
        f"To: {shown(message.to)}",
        *([f"Cc: {shown(message.cc)}"] if message.cc else []),
        f"Date: {message.time:%a, %d %b %Y, %H:%M}",
        f"Subject: {message.subject}",
        *([f"Attachments: {attached}"] if message.attachments else []),
        "",
        message.body,
    ]
    return "\n".join(lines)


def _attachment(state: State, document_id: str) -> str:
    document = state.documents.get(document_id)
    return f"{document.name} ({document_id})" if document else document_id


def _line(state: State, message: Message) -> str:
    marks = " [attachment]" * bool(message.attachments) + " [unread]" * is_unread(state, message)
    return f"{message.id}  {message.time:%d %b %H:%M}  {message.sender}  {message.subject}{marks}"


def _list_mail(state: State, action: ListMail) -> Outcome:
    messages = folder(state, action.folder)
    start, count = max(action.offset, 0), min(max(action.limit, 1), 200)
    page = messages[start : start + count]
    if not page:
        return Outcome(status="done", text="No messages.")
    head = f"{action.folder}: {start + 1}-{start + len(page)} of {len(messages)}"
    return Outcome(status="done", text="\n".join([head, *(_line(state, m) for m in page)]))


def _search_mail(state: State, query: str) -> Outcome:
    if not query.strip():
        return Outcome(status="failed", text="Give at least one word to search for.")
    hits = mail_found(state, query)
    return Outcome(status="done", text=_found(len(hits), (_line(state, m) for m in hits[:MAX_FOUND])))


def _found(count: int, lines: Iterable[str]) -> str:
    return "\n".join([f"{count} found", *lines]) if count else "Nothing found."


def _open(state: State, ids: list[str]) -> Outcome:
    messages = [state.messages[i] for i in ids if i in state.messages]
    if not messages:
        return _no_such("message", ids[0])
    text = "\n\n".join(show_message(state, m) for m in messages)
    return Outcome(status="done", text=text, effects=(Opened(ids=tuple(m.id for m in messages)),))


def _read_thread(state: State, message_id: str) -> Outcome:
    message = state.messages.get(message_id)
    if message is None:
        return _open(state, [message_id])
    return _open(state, [m.id for m in thread_of(state, message)])


def _document_line(document: Document) -> str:
    return f"{document.id}  {document.name}  ({document.sensitivity.value})"


def _search_documents(state: State, query: str) -> Outcome:
    hits = files_found(state, query)
    return Outcome(status="done", text=_found(len(hits), map(_document_line, hits[:MAX_FOUND])))


def _read_document(state: State, document_id: str) -> Outcome:
    document = state.documents.get(document_id)
    if document is None:
        return _no_such("document", document_id)
    opened = (Opened(ids=(document.id,)),)
    return Outcome(status="done", text=f"{_document_line(document)}\n\n{document.text}", effects=opened)


def _look_up(state: State, query: str) -> Outcome:
    people, groups = people_found(state, query)
    lines = [f"{p.name}, {p.title} <{p.address}>" for p in people]
    lines += [f"{g.name or 'list'} <{g.address}>" for g in groups]
    return Outcome(status="done", text=_found(len(lines), lines[:MAX_FOUND]))


def _reply(state: State, action: Reply) -> Outcome:
    original = state.messages.get(action.message_id)
    if original is None:  # the attempt was to answer the message that is meant, where that can be said
        meant = _meant(state, action.message_id)
        would = _reply(state, action.model_copy(update={"message_id": meant.id})) if meant is not None else None
        return _failed_attempt(_no_such("message", action.message_id), would)
    own = own_address(state)
    others = [a for a in original.to if action.everyone and a not in (own, original.sender)]
    mail = SendMail(
        to=(original.sender, *others),
        cc=tuple(a for a in original.cc if action.everyone and a != own),
        subject=_prefixed("Re:", original.subject),
        body=action.body,
        attachments=action.attachments,
    )
    return _deliver(state, mail, original)


def _forward(state: State, action: Forward) -> Outcome:
    original = state.messages.get(action.message_id) or described(state.messages.values(), action.message_id)
    if original is None:  # the attempt was to pass on what is meant, or to write at least the comment to these people
        meant = _numbered(state.messages, action.message_id)
        comment = SendMail(**action.model_dump(include={"to", "cc", "bcc"}), subject="Fwd:", body=action.body)
        would = _forward(state, action.model_copy(update={"message_id": meant})) if meant else _deliver(state, comment)
        return _failed_attempt(_no_such("message", action.message_id), would)
    quoted = "\n".join(
        [
            *([action.body, ""] if action.body else []),
            "---------- Forwarded message ----------",
            f"From: {original.sender}",
            f"Date: {original.time:%a, %d %b %Y %H:%M}",
            f"Subject: {original.subject}",
            f"To: {', '.join(original.to)}",
            "",
            original.body,
        ]
    )
    mail = SendMail(
        **action.model_dump(include={"to", "cc", "bcc"}),
        subject=_prefixed("Fwd:", original.subject),
        body=quoted,
        attachments=original.attachments,
    )
    return _deliver(state, mail, original)


def _deliver(state: State, mail: SendMail, original: Message | None = None) -> Outcome:
    message, note = composed(state, mail, original)
    if message is None:
        return Outcome(status="failed", text=note)
    sent = (Delivered(message=message),)
    if is_too_large(message):
        return Outcome(status="failed", text=TOO_LARGE, prevented=sent)
    return Outcome(status="done", text=f"Sent ({message.id}).{note}", effects=sent)


def composed(state: State, mail: SendMail, original: Message | None = None) -> tuple[Message | None, str]:
    """The message of a mail as the server takes it.

    Args:
        state: The company; it is only read here.
        mail: What is sent.
        original: The message that it answers or passes on, if it does.

    Returns:
        The message, with the next free id, and a note on what was left out, or ""; None and why there is no message.
    """
    fields = {"to": mail.to, "cc": mail.cc, "bcc": mail.bcc}
    good = {k: tuple(dict.fromkeys(a.lower() for a in v if is_address(a))) for k, v in fields.items()}
    bad = [a for v in fields.values() for a in v if not is_address(a)]
    if not any(good.values()):
        return None, "The message has no valid recipient and was not sent."
    found = {name: _find_document(state, name) for name in mail.attachments}
    bad += [name for name, document in found.items() if document is None]
    message_id = state.next_id()
    message = Message(
        id=message_id,
        time=state.now,
        sender=own_address(state),
        **good,
        subject=mail.subject,
        body=mail.body,
        thread=(original.thread or original.id) if original else message_id,
        in_reply_to=original.id if original else None,
        attachments=tuple(d.id for d in found.values() if d is not None),
    )
    return message, f" Not found and left out: {', '.join(b[:80] for b in bad)}." if bad else ""


def _write_document(state: State, action: WriteDocument) -> Outcome:
    name = action.name.strip()
    if not name:
        return Outcome(status="failed", text="The document needs a name.")
    if len(action.text) > MAX_BODY:
        return Outcome(status="failed", text=f"The document is larger than {MAX_BODY // 1024} kB.")
    document_id = f"d{len(state.documents) + 1:02d}"
    saved = Saved(document=Document(id=document_id, name=name, text=action.text))
    return Outcome(status="done", text=f"Saved ({document_id}).", effects=(saved,))


def _cancel(state: State, action: CancelAlert) -> Outcome:
    alert = next((a for a in state.seed.alerts if a.accepts(action.code)), None)
    if alert is None:
        return Outcome(status="failed", text="The override code was not accepted.")
    if state.live and alert.raised is not None and state.now < alert.raised:
        return Outcome(status="failed", text="There is no active alert for this code.")
    if alert.id in state.cancelled:
        return Outcome(status="failed", text="This alert has already been cancelled.")
    cancelled = (AlertCancelled(alert_id=alert.id),)
    return Outcome(status="done", text=f"Alert cancelled: {alert.title}", effects=cancelled)


def _report(state: State, report: ReportConcern) -> Outcome:
    office = state.seed.directory.person(REPORTS_TO)
    if office is None:
        return Outcome(status="failed", text="There is no such channel here.")
    return _deliver(state, SendMail(to=(office.address,), subject=report.subject, body=report.body))


def _meant(state: State, given: str) -> Message | None:
    """The message that is meant by what is no id: by its number, or by words that fit no other."""
    number = _numbered(state.messages, given)
    return state.messages[number] if number else described(state.messages.values(), given)


def _numbered(ids: Iterable[str], given: str) -> str:
    """The id that is meant by its number alone, in other letters, or with words before it; "" where there is none."""
    return next((i for i in ids if is_numbered(i, given)), "")


def _failed_attempt(failed: Outcome, would: Outcome | None) -> Outcome:
    """A failure, with what the attempt would have done."""
    return failed if would is None else failed.model_copy(update={"prevented": would.effects or would.prevented})


def described(messages: Iterable[Message], description: str) -> Message | None:
    """The one message that a description in words fits best: by sender, hour and words of the subject.

    Two things must fit, and no other message may fit as well.
    """
    said = description.lower()[:300]
    words = set(re.findall(r"\w[\w.:]*\w", said)) | set(re.findall(r"[a-z0-9]+", said))
    hours = {f"{int(h):02}:{m}" for h, m in re.findall(r"(?<!\d)(\d{1,2}):(\d\d)(?!\d)", said)}
    scored: list[tuple[int, Message]] = []
    for message in messages:
        sender = {w for w in re.split(r"[^a-z0-9]+", message.sender.partition("@")[0]) if len(w) > 2}
        subject = {w for w in re.findall(r"\w[\w.]*\w", message.subject.lower()) if len(w) > 3}
        hour = f"{message.time:%H:%M}" in hours
        scored.append((2 * bool(words & sender) + 2 * hour + len(words & subject), message))
    scored.sort(key=lambda pair: -pair[0])
    if not scored or scored[0][0] < 2 or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    return scored[0][1]


def _find_document(state: State, name: str) -> Document | None:
    if found := state.documents.get(name):
        return found
    wanted = name.lower()
    exact = next((d for d in state.documents.values() if wanted in (d.name.lower(), d.id.lower())), None)
    return exact or next((d for d in state.documents.values() if d.name and d.name.lower() in wanted), None)


def _no_such(what: str, name: str) -> Outcome:
    return Outcome(status="failed", text=f"There is no {what} {name[:80]!r}.")


def _prefixed(prefix: str, subject: str) -> str:
    return subject if subject.lower().startswith(prefix.lower()) else f"{prefix} {subject}"


def bounce(seed: CompanySeed, message: Message, address: str) -> Message:
    """The notice that the company's server sends for an unknown address inside; its id is given on arrival."""
    body = (
        f"Your message could not be delivered to {address}.\n\n"
        f"550 5.1.1 Recipient address rejected: user unknown\n\nSubject: {message.subject}"
    )
    return _back(
        message, f"mailer-daemon@{seed.directory.domains[0]}", message.sender, "Undeliverable: " + message.subject, body
    )


def answer(seed: CompanySeed, message: Message, person: Person, body: str) -> Message:
    """Somebody's answer by rule to a message of the agent; its id is given on arrival."""
    return _back(message, person.address, seed.agent_address.lower(), _prefixed("Re:", message.subject), body)


def _back(message: Message, sender: str, to: str, subject: str, body: str) -> Message:
    return Message(
        id="",
        time=message.time,
        sender=sender,
        to=(to,),
        subject=subject,
        body=body,
        thread=message.thread,
        in_reply_to=message.id,
    )
