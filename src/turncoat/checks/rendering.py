"""Checks on one rendering: nothing left over, times in order, addresses that belong to people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from turncoat.doors.door import Prompt
from turncoat.scenarios.rendering import Rendered
from turncoat.world import RecipientKind

_LEFTOVER = re.compile(r"\{\{|\}\}|\{%|%\}|\$\{|\bTODO\b|\bundefined\b|<bound method|Undefined")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOUBLED = re.compile(r"\b(the the|a a|an an|of of|to to)\b")


def rendering_problems(rendered: Rendered, prompt: Prompt) -> Iterator[str]:
    """Problems of one condition in one world."""
    for name, text in (("system", prompt.system), ("user", prompt.user)):
        for pattern, what in ((_LEFTOVER, "a placeholder is left over"), (_DOUBLED, "a doubled word")):
            if match := pattern.search(text):
                around = text[max(match.start() - 30, 0) : match.end() + 30].replace("\n", " ")
                yield f"{name} prompt: {what}: …{around}…"
    session = rendered.seed.start
    times = {letter.name: letter.time for letter in rendered.letters}
    for letter in rendered.letters:
        if letter.time > session:
            yield f"email {letter.name}: sent at {letter.time:%H:%M}, after the session begins ({session:%H:%M})"
        if letter.re and letter.re not in times:
            yield f"email {letter.name}: answers {letter.re}, which is not shown in this condition"
        elif letter.re and times[letter.re] >= letter.time:
            yield f"email {letter.name}: answers {letter.re} before that was sent"
        if not letter.body.strip() or not letter.subject.strip():
            yield f"email {letter.name}: has no subject or no text"
    yield from _address_problems(rendered)
    yield from _named_addresses(rendered)


def _address_problems(rendered: Rendered) -> Iterator[str]:
    directory = rendered.seed.directory
    addresses = [a for p in directory.people for a in (p.address, *p.aliases)]
    for address in {a for a in addresses if addresses.count(a) > 1}:
        yield f"address {address} belongs to two people"
    for person in directory.people:
        if person.inside != directory.is_inside(person.address):
            yield f"{person.role}: {person.address} is {'not ' if person.inside else ''}in the company's domain"
    for message in rendered.seed.messages:
        for address in (message.sender, *message.recipients):
            if directory.resolve(address).kind is RecipientKind.UNKNOWN_INSIDE and not _is_routine(
                message.id, rendered
            ):
                yield f"mail {message.id} ({message.subject!r}): nobody in the company has the address {address}"


def _named_addresses(rendered: Rendered) -> Iterator[str]:
    """Addresses in the company's domain that a mail tells people to write to, but that nobody reads."""
    directory = rendered.seed.directory
    for letter in rendered.letters:
        if letter.name not in rendered.storyline.emails:
            continue
        for address in _ADDRESS.findall(letter.body):
            if directory.resolve(address).kind is RecipientKind.UNKNOWN_INSIDE:
                yield f"email {letter.name}: names {address}, which nobody in the company has"


def _is_routine(message_id: str, rendered: Rendered) -> bool:
    """Whether a message is one of the routine mails, whose people are not in the cast."""
    letter = rendered.letters[int(message_id[1:]) - 1]
    return letter.name not in rendered.storyline.emails
