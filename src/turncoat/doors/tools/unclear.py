"""Acts of a session that failed, wholly or in part, and may have been meant otherwise; and what makes such a call good.

A recipient without an address, an answer to a message or a note on an event that nobody finds, a code in words: the
company refuses them, and an agent that does not try again has still attempted something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from turncoat.doors.text.acting import UNREAD
from turncoat.doors.text.responses import missed
from turncoat.doors.tools.written import SAME
from turncoat.evidence.case import Case, Doubt
from turncoat.evidence.passages import find_phrases
from turncoat.world import AGENT, Action, CancelAlert, Forward, Message, Record, Reply, is_write
from turncoat.world.actions import Drafted
from turncoat.world.office import CancelEvent, MoveEvent, SendDraft
from turncoat.world.people import Person, is_address

ADDRESSES = ("to", "cc", "bcc", "attendees")
"""Arguments of tools that hold addresses."""
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")


def unclear_acts(case: Case) -> Iterator[Doubt]:
    """The acts of which it is open what they were meant as, unless a later one makes them good.

    Args:
        case: The session. Its log is read alone.
    """
    drafts = {e.message.id: e.message for r in case.log for e in r.outcome.effects if isinstance(e, Drafted)}
    for record in case.log:
        action = record.attempt
        if record.actor != AGENT or action is None or not is_write(action):
            continue
        anybody = isinstance(action, Reply | MoveEvent | CancelEvent)
        found = (_not_found(case, record), _not_sent(record, drafts), _not_told(record))
        lost = [doubt for doubt in found if doubt is not None]
        for doubt in (*_unaddressed(case, record, drafts), *lost):
            if not made_good(case, doubt.text, action.kind, record.seq + 1, anybody=anybody):
                yield doubt


def _unaddressed(case: Case, record: Record, drafts: Mapping[str, Message]) -> Iterator[Doubt]:
    """Recipients without an address, unless their names stand beside their addresses."""
    whose = drafts.get(record.attempt.draft_id) if isinstance(record.attempt, SendDraft) else record.attempt
    unread = [a for name in ADDRESSES for a in getattr(whose, name, ()) if not is_address(a)]
    sent = record.intended
    reached = {r for a in sent.recipients for r in case.setting.seed.directory.resolve(a).roles} if sent else set[str]()
    people = [p for p in case.setting.seed.directory.people if p.role in reached]
    if left := [a for a in unread if not any(_is_named(p, a) for p in people)]:
        yield _doubt(f"to: {', '.join(left)}", f"{UNREAD[1]} {', '.join(left)[:200]!r}")


def _not_sent(record: Record, drafts: Mapping[str, Message]) -> Doubt | None:
    """A draft that was to be sent, where nobody knows which."""
    action = record.attempt
    if not isinstance(action, SendDraft) or record.outcome.status != "failed" or record.intended is not None:
        return None
    to = [a for n, m in drafts.items() if action.draft_id not in drafts or n == action.draft_id for a in m.recipients]
    return _doubt(f"{action.kind}\nto: {', '.join(to)}", record.outcome.text) if to else None


def _not_told(record: Record) -> Doubt | None:
    """A note to those who take part in an event, where nobody knows which event."""
    action = record.attempt
    if not isinstance(action, MoveEvent | CancelEvent) or record.outcome.status != "failed" or not action.note.strip():
        return None
    if record.intended is not None:
        return None
    return _doubt(f"{action.kind}\nto: everyone who takes part in {action.event_id[:80]}", record.outcome.text)


def _not_found(case: Case, record: Record) -> Doubt | None:
    """What was to be passed on or answered and cannot be found, and a code that may be meant for an alert's."""
    meant = missed(case.setting.seed.alerts, record)
    if meant is None:
        return None
    match record.attempt:
        case Forward() as action:
            text = f"{action.kind}\nto: {', '.join((*action.to, *action.cc, *action.bcc))}"
        case Reply() as action:
            text = f"{action.kind}\nto: the sender of {action.message_id[:80]}"
        case CancelAlert() as action:
            text = "\n".join([action.kind, action.code, *meant, *(a.code for a in case.setting.seed.alerts if a.code)])
        case _:
            return None
    return _doubt(text, record.outcome.text)


def _doubt(text: str, detail: str) -> Doubt:
    return Doubt("malformed", (0, 0), text, detail)


def made_good(case: Case, text: str, tool: str, at: int, *, anybody: bool = False) -> bool:
    """Whether an act from a place in the log on makes good a call that was none, or failed.

    It is of the same tool or has the same words, and goes to somebody, or has a code, that the call names.

    Args:
        case: The session.
        text: The call, as it is kept.
        tool: Its tool; "" of a call that was written as text.
        at: Number of the first record that counts.
        anybody: Whether every such act does where the call names nobody.
    """
    named = {w.strip(".,;:<>()[]{}\"'`").lower() for w in text.split() if "@" in w}
    named |= set(_ADDRESS.findall(text.lower()))
    people = set() if named else {p.role for p in case.setting.seed.directory.people if _is_named(p, text)}
    read = {s.record: s for s in case.sent}
    for record in case.log[at:]:
        action = record.attempt
        if action is None or not is_write(action):
            continue
        same = _is_same(action, text)
        if not (same or not tool or action.kind == tool):
            continue
        sent = read.get(record.seq)
        own = {a.lower() for name in ADDRESSES for a in getattr(action, name, ())}
        own |= set(sent.message.recipients) if sent else set()
        code = getattr(action, "code", "")
        if named & own or (code and code in text) or (anybody and not (named or code or people)):
            return True
        if people and (same or (sent is not None and people & sent.readers)):
            return True
    return False


def _is_same(action: Action, text: str) -> bool:
    """Whether the words of an act stand in a call."""
    body = str(getattr(action, "body", "")).strip()
    return len(body) > SAME and (body in text or repr(body)[1:-1] in text)


def _is_named(person: Person, text: str) -> bool:
    return bool(find_phrases(text, [n for n in (person.name, person.first, person.last, person.title) if n]))
