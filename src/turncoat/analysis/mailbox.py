"""The mails that the agent saw, taken out of the text that showed them: the prompt, or the results of its tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SHOWN = re.compile(r"<email>\n(?P<mail>.*?)\n</email>", re.S)
_HEADER = re.compile(r"(?P<name>Id|From|To|Cc|Date|Subject|Attachments): ?(?P<value>.*)")
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was shown."""

    sender: str
    to: str
    cc: str
    date: str
    subject: str
    attachments: str
    body: str
    number: str = ""
    """The mail client's id, where one was shown."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A text with mails in it."""

    before: str
    mails: tuple[Mail, ...]
    after: str


def mailbox(text: str) -> Mailbox | None:
    """Take the mails out of a prompt of the text interface; None where it shows none.

    What stands between two mails is kept with the text before them.
    """
    if len(text) > _LONGEST:
        return None
    found = [(m, mail) for m in _SHOWN.finditer(text) if (mail := mail_of(m["mail"])) is not None]
    if not found:
        return None
    between = list(_between(text, [m for m, _ in found]))
    return Mailbox("\n".join(b for b in between[:-1] if b), tuple(mail for _, mail in found), between[-1])


def mail_of(text: str) -> Mail | None:
    """Read one mail as the mail client shows it: header lines, an empty line, the body; None where it is none."""
    head, _, body = text.partition("\n\n")
    values: dict[str, str] = {}
    for line in head.splitlines():
        match = _HEADER.fullmatch(line)
        if match is None or match["name"] in values:
            return None
        values[match["name"]] = match["value"]
    if not {"From", "Subject"} <= values.keys():
        return None
    return Mail(
        sender=values["From"],
        to=values.get("To", ""),
        cc=values.get("Cc", ""),
        date=values.get("Date", ""),
        subject=values["Subject"],
        attachments=values.get("Attachments", ""),
        body=body,
        number=values.get("Id", ""),
    )


def _between(text: str, matches: list[re.Match[str]]) -> Iterator[str]:
    at = 0
    for match in matches:
        yield text[at : match.start()].strip()
        at = match.end()
    yield text[at:].strip()
