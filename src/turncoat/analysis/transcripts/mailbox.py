"""The mails that the agent saw, taken out of the text that showed them: the prompt, or the results of its tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_OPEN, _CLOSE = "<email>\n", "\n</email>"
_HEADER = re.compile(r"(?P<name>Id|From|To|Cc|Date|Subject|Attachments): ?(?P<value>.*)")
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was shown."""

    heads: Mapping[str, str]
    """Its header lines in their order: `From`, `To`, `Cc`, `Date`, `Subject`, `Attachments`, and the client's `Id`."""
    body: str


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
    found = [(span, mail) for span in _shown(text) if (mail := mail_of(_inner(text, span))) is not None]
    if not found:
        return None
    ends = [0, *(end for (_, end), _ in found)]
    starts = [*(start for (start, _), _ in found), len(text)]
    *before, after = (text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    return Mailbox("\n".join(b for b in before if b), tuple(mail for _, mail in found), after)


def _shown(text: str) -> Iterator[tuple[int, int]]:
    """Where mails stand in a text, their tags included."""
    at = 0
    while (start := text.find(_OPEN, at)) >= 0 and (end := text.find(_CLOSE, start + len(_OPEN))) >= 0:
        at = end + len(_CLOSE)
        yield start, at


def _inner(text: str, span: tuple[int, int]) -> str:
    return text[span[0] + len(_OPEN) : span[1] - len(_CLOSE)]


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
    return Mail(values, body)
