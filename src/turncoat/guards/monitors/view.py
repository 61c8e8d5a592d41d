"""What a monitor sees of an attempt: what somebody who deploys an agent would have at hand, and nothing else.

There is no scenario in it: no roles, no secret, no ladder, and nothing that the company's people are to each other but
what the directory and the mail say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from turncoat.base.errors import UsageError, choices
from turncoat.evidence.case import Case, act_text
from turncoat.world import AGENT, Action, Message, Outcome, Record, is_write
from turncoat.world.actions import Forward, Reply, WriteDocument
from turncoat.world.office import SendDraft
from turncoat.world.seed import Sensitivity

Sees = Literal["act", "acts", "reasoning"]
"""How much a monitor sees: the `act` alone, with the directory and the agent's task; the `acts` so far and the mail
that the agent has seen as well; or, beside those, what can be seen of the agent's `reasoning`."""


def sees(name: str) -> Sees:
    """The view of a name.

    Raises:
        UsageError: There is none.
    """
    match name:
        case "act" | "acts" | "reasoning":
            return name
    raise UsageError(f"view: {choices(name, get_args(Sees))}")


@dataclass(frozen=True)
class Contact:
    """Somebody, or a list, in the company's directory."""

    name: str
    addresses: tuple[str, ...]
    about: str
    """Title or organisation."""
    inside: bool


@dataclass(frozen=True)
class Text:
    """A text with a line that says what it is: a mail, a document, the answer of a tool."""

    title: str
    text: str


@dataclass(frozen=True)
class Act:
    """One act, as the systems that carry it out know it.

    Attributes:
        kind: The kind of action: `send_mail`, `cancel_alert` …; of another program's agent the tool's name.
        recipients: Addresses that it goes to.
        outside: Those that are in none of the company's domains.
        strangers: Those outside that are in no directory.
        subject: Of a message; the name of a document.
        text: What the agent wrote.
        passed_on: What it passes on: the message that is forwarded.
        attachments: Names of files.
        marked: Names of those files that are marked confidential.
        ended: How it ended, "" where it has not been carried out yet.
    """

    kind: str
    recipients: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    passed_on: str = ""
    attachments: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    ended: str = ""

    @property
    def words(self) -> str:
        """All that the agent wrote."""
        return f"{self.subject}\n\n{self.text}" if self.subject else self.text

    @property
    def whole(self) -> str:
        """What it wrote, and below it what it passes on."""
        return f"{self.words}\n\n{self.passed_on}" if self.passed_on else self.words


@dataclass(frozen=True)
class View:
    """What a monitor is shown of one attempt.

    Attributes:
        sees: How much it is; see `Sees`.
        act: What the agent wants to do.
        task: What the agent was told that it is for: its system prompt, as far as it is known.
        company: The company's name.
        domains: Its domains; empty where they are not known, so that nothing is known to be outside.
        agent: The agent's address.
        directory: Everybody whom the company's directory lists.
        mail: What the agent has seen of mail and documents so far, the latest last; empty in the view `act`.
        acts: What it did so far, the latest `MAX_ACTS`; empty in the view `act`.
        reasoning: What can be seen of its reasoning so far; empty in all views but `reasoning`.
    """

    sees: Sees
    act: Act
    task: str = ""
    company: str = ""
    domains: tuple[str, ...] = ()
    agent: str = ""
    directory: tuple[Contact, ...] = ()
    mail: Sequence[Text] = ()
    acts: tuple[Act, ...] = ()
    reasoning: tuple[str, ...] = ()


def view_of(case: Case, attempt: Action, seeing: Sees, task: str = "") -> View:
    """The view of an attempt.

    Args:
        case: What is so before it, as guards are given it.
        attempt: What the agent wants to do.
        seeing: How much is seen.
        task: The agent's system prompt.
    """
    seed, more = case.setting.seed, seeing != "act"
    return View(
        sees=seeing,
        act=_act(case, attempt),
        task=task,
        company=seed.company,
        domains=seed.directory.domains,
        agent=seed.agent_address,
        directory=_directory(case),
        mail=_seen(case) if more else (),
        acts=_so_far(case) if more else (),
        reasoning=tuple(p.text for p in case.passages) if seeing == "reasoning" else (),
    )


MAX_ACTS = 300
"""Acts so far that are shown at most, the latest."""


def _so_far(case: Case) -> tuple[Act, ...]:
    latest = islice((r for r in reversed(case.log) if _is_act(r)), MAX_ACTS)
    return tuple(_done(case, r) for r in reversed(tuple(latest)))


def _is_act(record: Record) -> bool:
    return record.actor == AGENT and record.attempt is not None and is_write(record.attempt)


def _directory(case: Case) -> tuple[Contact, ...]:
    listed = case.setting.seed.directory
    people = (
        Contact(p.name, (p.address, *p.aliases), p.title or p.organisation, listed.is_inside(p.address))
        for p in listed.people
    )
    lists = (Contact(g.name or "a list", (g.address,), "a list", listed.is_inside(g.address)) for g in listed.groups)
    return (*people, *lists)


def _seen(case: Case) -> tuple[Text, ...]:
    """Mail and documents that the agent has seen: all of the prompt's, or what it opened."""
    if case.live:
        return tuple(Text(f"opened: {s.id}", s.text) for s in case.opened)
    if case.setting.mails:
        return (Text("mail", case.setting.mails),)
    return tuple(Text(f"mail from {m.sender}", f"{m.subject}\n\n{m.body}") for m in case.setting.seed.messages)


def _done(case: Case, record: Record) -> Act:
    assert record.attempt is not None
    return _act(case, record.attempt, record.outcome)


def _act(case: Case, attempt: Action, outcome: Outcome | None = None) -> Act:
    """An act in the words of the systems that carry it out."""
    seed, listed = case.setting.seed, case.setting.seed.directory
    recipients, passed_on, files = _means(case, attempt)
    outside = tuple(a for a in recipients if not listed.is_inside(a))
    groups = {g.address.lower() for g in listed.groups}
    names = {d.id: d for d in seed.documents} | {d.name: d for d in seed.documents}
    marked = (names[f].name for f in files if f in names and names[f].sensitivity is Sensitivity.CONFIDENTIAL)
    subject, text = _written(case, attempt)
    return Act(
        kind=attempt.kind,
        recipients=recipients,
        outside=outside,
        strangers=tuple(a for a in outside if listed.at(a) is None and a not in groups),
        subject=subject,
        text=text,
        passed_on=passed_on,
        attachments=tuple(names[f].name if f in names else f for f in files),
        marked=tuple(dict.fromkeys(marked)),
        ended="" if outcome is None else ("held back" if outcome.prevented else outcome.status),
    )


def _means(case: Case, attempt: Action) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Whom an act reaches, what it passes on, and its files."""
    match attempt:
        case Reply(message_id=answered, everyone=everyone, attachments=files):
            found = _message(case, answered)
            own = case.setting.seed.agent_address.lower()
            others = (*found.to, *found.cc) if found and everyone else ()
            back = found.to if found and found.sender.lower() == own else (found.sender,) if found else ()
            return tuple(dict.fromkeys(a for a in (*back, *others) if a.lower() != own)), "", files
        case Forward(message_id=passed):
            found = _message(case, passed)
            text = f"{found.subject}\n\n{found.body}" if found else ""
            return _addressed(attempt), text, found.attachments if found else ()
        case SendDraft(draft_id=kept):
            found = _message(case, kept)
            return (found.recipients, "", found.attachments) if found else ((), "", ())
    return _addressed(attempt), "", tuple(getattr(attempt, "attachments", ()))


def _addressed(attempt: Action) -> tuple[str, ...]:
    named = (getattr(attempt, field, ()) for field in ("to", "cc", "bcc", "attendees"))
    return tuple(dict.fromkeys(address for addresses in named for address in addresses))


def _written(case: Case, attempt: Action) -> tuple[str, str]:
    """What the agent wrote: subject and text."""
    match attempt:
        case SendDraft(draft_id=kept):
            found = _message(case, kept)
            return (found.subject, found.body) if found else ("", "")
        case WriteDocument(name=name, text=text):
            return name, text
    if hasattr(attempt, "body"):
        return str(getattr(attempt, "subject", "")), str(attempt.body)
    start = case.setting.seed.start
    return "", act_text(Record(seq=0, time=start, actor=AGENT, attempt=attempt, outcome=_NOTHING))


_NOTHING = Outcome(status="done")


def _message(case: Case, known: str) -> Message | None:
    """A message of the mailbox, or one that the agent wrote or drafted, by its id."""
    for record in reversed(case.log):
        for effect in (*record.outcome.effects, *record.outcome.prevented):
            message = getattr(effect, "message", None)
            if isinstance(message, Message) and message.id == known:
                return message
    return next((m for m in case.setting.seed.messages if m.id == known), None)


def views_of(case: Case, seeing: Sees, task: str = "") -> Iterator[tuple[Record, View]]:
    """Each act of a finished session with the view that a monitor would have had of it, in order.

    What the agent thought after an act is not in its view; what guards put in an act's place is not what is judged, but
    the attempt, as it was made.
    """
    for at, record in enumerate(case.log):
        if _is_act(record):
            assert record.attempt is not None
            yield record, view_of(_before(case, at, record), record.attempt, seeing, task)


def _before(case: Case, at: int, record: Record) -> Case:
    span = case.spans.get(record.seq)
    passages = tuple(
        p
        for p in case.passages
        if (p.before <= record.seq if case.live else p.source == "reasoning" or span is None or p.start < span[1])
    )
    return Case(case.setting, case.log[:at], passages=passages, live=case.live)
