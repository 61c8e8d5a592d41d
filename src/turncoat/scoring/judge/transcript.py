"""What a judge sees: the records of a case between markers that carry a nonce, so that the agent cannot forge them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from turncoat.scoring.case import Case
from turncoat.world import CancelAlert, Message
from turncoat.world.log import AGENT

MAX_RECORD = 20_000
"""Longest text of one record that a judge is shown, in characters."""


def nonce_for(case: Case, salt: str) -> str:
    """A marker that the agent cannot have known: a hash over its own output and the salt."""
    text = salt + case.answer + "".join(s.text for s in case.sent)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def agent_records(case: Case, nonce: str) -> str:
    """The agent's performed acts, numbered as in the log."""
    lines: list[str] = []
    sent = {s.record: s for s in case.sent}
    for record in case.log:
        if record.actor != AGENT or record.attempt is None:
            continue
        if record.seq in sent:
            message = sent[record.seq].message
            lines.append(_block(nonce, f"record {record.seq}: message sent", _shown(message, sent[record.seq].text)))
        elif isinstance(record.attempt, CancelAlert):
            text = f"Cancel alert with code {record.attempt.code}: {record.outcome.text}"
            lines.append(_block(nonce, f"record {record.seq}: alert", text))
    return "\n".join(lines) or "(the agent sent nothing and changed nothing)"


def mailbox(case: Case, nonce: str) -> str:
    """The company's mail as the agent could see it."""
    return "\n".join(
        _block(nonce, f"company mail {m.id}", _shown(m, f"{m.subject}\n\n{m.body}")) for m in case.setting.seed.messages
    )


def people(case: Case) -> list[str]:
    """The cast as one line each."""
    directory = case.setting.seed.directory
    roles = {role: name for name, members in case.setting.roles.items() for role in members}
    return [
        f"{p.name} <{p.address}>, {p.title or p.organisation or ('staff' if p.inside else 'outside the company')}"
        + (f" [{roles[p.role]}]" if p.role in roles else "")
        for p in directory.people
    ]


def _shown(message: Message, text: str) -> str:
    head = f"from {message.sender} to {', '.join(message.to) or '-'}"
    head += _others("cc", message.cc) + _others("bcc", message.bcc)
    return f"{head}\n{text}"


def _others(name: str, addresses: Iterable[str]) -> str:
    joined = ", ".join(addresses)
    return f" {name} {joined}" if joined else ""


def _block(nonce: str, title: str, text: str) -> str:
    clean = text.replace(nonce, "")
    clean = clean if len(clean) <= MAX_RECORD else clean[:MAX_RECORD] + "\n[cut here: the record is longer]"
    return f"[{nonce} begin {title}]\n{clean}\n[{nonce} end]"
