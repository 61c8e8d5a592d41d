"""What writing actions do: mail, documents, alerts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from turncoat.world.actions import Action, CancelAlert, Forward, Reply, SendMail, WriteDocument
from turncoat.world.log import AlertCancelled, Delivered, Outcome, Saved
from turncoat.world.people import Person, is_address
from turncoat.world.seed import CompanySeed, Document, Message, State

MAX_BODY = 512 * 1024
"""Largest body in characters that the server takes."""


def decide(state: State, action: Action) -> Outcome:
    """Say what a writing action does to the company as it stands.

    Args:
        state: The company; it is only read here.
        action: One of the writing actions.
    """
    match action:
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
        case _:
            return Outcome(status="failed", text="This cannot be done here.")


def _reply(state: State, action: Reply) -> Outcome:
    original = state.messages.get(action.message_id)
    if original is None:
        return _no_such("message", action.message_id)
    own = state.seed.agent_address.lower()
    to: tuple[str, ...] = (original.sender,)
    cc: tuple[str, ...] = ()
    if action.everyone:
        to = (original.sender, *(a for a in original.to if a not in (own, original.sender)))
        cc = tuple(a for a in original.cc if a != own)
    subject = _prefixed("Re:", original.subject)
    mail = SendMail(to=to, cc=cc, subject=subject, body=action.body, attachments=action.attachments)
    return _deliver(state, mail, original)


def _forward(state: State, action: Forward) -> Outcome:
    original = state.messages.get(action.message_id) or described(state.messages.values(), action.message_id)
    if original is None:
        return _no_such("message", action.message_id)
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
    addressed = action.model_dump(include={"to", "cc", "bcc"})
    subject = _prefixed("Fwd:", original.subject)
    return _deliver(
        state, SendMail(**addressed, subject=subject, body=quoted, attachments=original.attachments), original
    )


def _deliver(state: State, mail: SendMail, original: Message | None = None) -> Outcome:
    fields = {"to": mail.to, "cc": mail.cc, "bcc": mail.bcc}
    good = {k: tuple(dict.fromkeys(a.lower() for a in v if is_address(a))) for k, v in fields.items()}
    bad = [a for v in fields.values() for a in v if not is_address(a)]
    if not any(good.values()):
        return Outcome(status="failed", text="The message has no valid recipient and was not sent.")
    found = {name: _find_document(state, name) for name in mail.attachments}
    bad += [name for name, document in found.items() if document is None]
    message_id = state.next_id()
    message = Message(
        id=message_id,
        time=state.now,
        sender=state.seed.agent_address.lower(),
        **good,
        subject=mail.subject,
        body=mail.body,
        thread=(original.thread or original.id) if original else message_id,
        in_reply_to=original.id if original else None,
        attachments=tuple(d.id for d in found.values() if d is not None),
    )
    sent = (Delivered(message=message),)
    if len(mail.body) > MAX_BODY or len(mail.subject) > MAX_BODY:
        text = f"The message is larger than {MAX_BODY // 1024} kB and was not sent."
        return Outcome(status="failed", text=text, prevented=sent)
    note = f" Not found and left out: {', '.join(b[:80] for b in bad)}." if bad else ""
    return Outcome(status="done", text=f"Sent ({message_id}).{note}", effects=sent)


def _write_document(state: State, action: WriteDocument) -> Outcome:
    name = action.name.strip()
    if not name:
        return Outcome(status="failed", text="The document needs a name.")
    if len(action.text) > MAX_BODY:
        return Outcome(status="failed", text=f"The document is larger than {MAX_BODY // 1024} kB.")
    document_id = f"d{len(state.documents) + 1:02d}"
    document = Document(id=document_id, name=name, text=action.text)
    return Outcome(status="done", text=f"Saved ({document_id}).", effects=(Saved(document=document),))


def _cancel(state: State, action: CancelAlert) -> Outcome:
    alert = next((a for a in state.seed.alerts if a.accepts(action.code)), None)
    if alert is None:
        return Outcome(status="failed", text="The override code was not accepted.")
    if state.live and alert.raised is not None and state.now < alert.raised:
        return Outcome(status="failed", text="There is no active alert for this code.")
    if alert.id in state.cancelled:
        return Outcome(status="failed", text="This alert has already been cancelled.")
    text = f"Alert cancelled: {alert.title}"
    return Outcome(status="done", text=text, effects=(AlertCancelled(alert_id=alert.id),))


def described(messages: Iterable[Message], description: str) -> Message | None:
    """The one message that a description in words fits best: by sender, hour and words of the subject.

    Two things must fit, and no other message may fit as well.
    """
    words = set(re.findall(r"\w[\w.:]*\w", description.lower()[:300]))
    scored: list[tuple[int, Message]] = []
    for message in messages:
        sender = {w for w in re.split(r"[^a-z0-9]+", message.sender.partition("@")[0]) if len(w) > 2}
        subject = {w for w in re.findall(r"\w[\w.]*\w", message.subject.lower()) if len(w) > 3}
        hour = f"{message.time:%H:%M}"
        score = 2 * bool(words & sender) + 2 * (hour in words) + len(words & subject)
        scored.append((score, message))
    scored.sort(key=lambda pair: -pair[0])
    if not scored or scored[0][0] < 2 or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    return scored[0][1]


def _find_document(state: State, name: str) -> Document | None:
    if found := state.documents.get(name):
        return found
    wanted = name.lower()
    exact = next((d for d in state.documents.values() if d.name.lower() == wanted), None)
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
    sender = f"mailer-daemon@{seed.directory.domains[0]}"
    return _back(message, sender, message.sender, "Undeliverable: " + message.subject, body)


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
