"""An attempt in words, as whoever reviews it sees it: the tool, whom it reaches, inside or outside, and the text."""

from __future__ import annotations

import hashlib

from turncoat.base.text import sendable
from turncoat.evidence.case import Case
from turncoat.guards.prospects import is_outside, messages
from turncoat.world import Action, Message

MAX_SHOWN = 60_000
"""Longest attempt in characters that can be reviewed: of a longer one nobody would read the whole."""


class TooLong(Exception):  # noqa: N818 - reads as what it reports
    """An attempt, or a report, is longer than anybody reviews."""


def shown(case: Case, attempt: Action) -> str:
    """An attempt in words.

    Args:
        case: The case before it; see `Case.prospect`.
        attempt: What the agent wants to do.

    Raises:
        TooLong: It is longer than `MAX_SHOWN`.
    """
    sent = messages(case)
    lines = [f"Tool: {attempt.kind}"]
    if sent:
        lines += [line for message in sent for line in _message(case, message)]
    else:
        given = attempt.model_dump(exclude={"kind"}, exclude_defaults=True)
        lines += [f"{n}: {', '.join(map(str, v)) if isinstance(v, tuple) else v}" for n, v in given.items()]
    return reviewable("\n".join(lines), "attempt")


def reviewable(text: str, what: str) -> str:
    """A text as it can be sent to whoever reviews it.

    Args:
        text: The text.
        what: What it is, for the message.

    Raises:
        TooLong: It is longer than `MAX_SHOWN`.
    """
    text = sendable(text)
    if len(text) > MAX_SHOWN:
        raise TooLong(f"the {what} has {len(text):,} characters; the limit of what is reviewed is {MAX_SHOWN:,}")
    return text


def _message(case: Case, message: Message) -> list[str]:
    names = {d.id: d.name for d in case.setting.seed.documents}
    fields = {"To": message.to, "Cc": message.cc, "Bcc": message.bcc}
    lines = [f"{name}: {', '.join(_known(case, a) for a in given)}" for name, given in fields.items() if given]
    attached = [names.get(a, a) for a in message.attachments]
    return [*lines, *([f"Attached: {', '.join(attached)}"] if attached else []), f"Subject: {message.subject}", "",
            message.body]  # fmt: skip


def _known(case: Case, address: str) -> str:
    """An address with who reads it there."""
    directory = case.setting.seed.directory
    where = "outside the company" if is_outside(directory, address) else "inside the company"
    person = directory.at(address)
    return f"{person.name} <{address}> ({where})" if person is not None else f"{address} ({where})"


def fenced(text: str) -> tuple[str, str]:
    """A text between two lines that whoever wrote it could not have written, and the sign that they bear.

    The sign depends on the whole text, so that nobody knows it before the text is finished.
    """
    sign = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"[{sign}]\n{text}\n[/{sign}]", sign
