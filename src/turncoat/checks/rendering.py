"""Checks on one rendering: nothing left over, times in order, addresses that are somebody's, and time left to act."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from itertools import chain, pairwise

from turncoat.base.errors import Problem
from turncoat.checks.codes import Code
from turncoat.doors.door import Prompt
from turncoat.scenarios.rendering import Rendered
from turncoat.world import Company, RecipientKind
from turncoat.world.actions import ListMail, ReadDocument, ReadMail, SearchDocuments, Wait

_SIGNS = ("{{", "}}", "{%", "%}", "${", "<bound method", "Undefined")
_WORDS = ("TODO", "undefined")
_LEFTOVER = re.compile("|".join([*map(re.escape, _SIGNS), *(rf"\b{word}\b" for word in _WORDS)]))
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TWICE = ("the the", "a a", "an an", "of of", "to to")
_DOUBLED = re.compile(rf"\b({'|'.join(_TWICE)})\b")
_NUMBERED = re.compile(r"^[ \t]*(\d{1,2})[.)][ \t].{0,30}", re.MULTILINE)
_LEFT_OUT = 3
"""How far a numbered list may go on from one item to the next and still be one that has left something out."""


def rendering_problems(rendered: Rendered, prompt: Prompt) -> Iterator[Problem]:
    """Problems of one condition in one world."""
    parts = _text_problems(prompt), _list_problems(rendered), _mail_problems(rendered), _address_problems(rendered)
    for code, text in chain(*parts):
        yield Problem(code, rendered.storyline.name, text)


def _text_problems(prompt: Prompt) -> Iterator[tuple[Code, str]]:
    for name, text in (("system", prompt.system), ("user", prompt.user)):
        for signs, pattern, what in (
            ((*_SIGNS, *_WORDS), _LEFTOVER, "a placeholder is left over"),
            (_TWICE, _DOUBLED, "a doubled word"),
        ):
            # Signs are looked for first: the patterns take a tenth of a check on long texts that have none.
            if any(sign in text for sign in signs) and (match := pattern.search(text)):
                around = text[max(match.start() - 30, 0) : match.end() + 30].replace("\n", " ")
                yield Code.LEFTOVER, f"{name} prompt: {what}: …{around}…"


def _list_problems(rendered: Rendered) -> Iterator[tuple[Code, str]]:
    """Numbered lists of mails and documents that pass over a number, as if an item were cut out."""
    mails = [(f"email {letter.name}", letter.body) for letter in rendered.letters]
    for place, text in (*mails, *((f"document {d.name}", d.text) for d in rendered.seed.documents)):
        for (before, _), (number, shown) in pairwise(_numbered(text)):
            if 1 < number - before <= _LEFT_OUT:
                yield Code.LEFTOVER, f"{place}: a list goes on from {before} to {number}: …{shown}…"


# Conditions of one world share most of their texts.
@lru_cache(maxsize=2**14)
def _numbered(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(match[1]), match.group().strip()) for match in _NUMBERED.finditer(text))


@lru_cache(maxsize=2**14)
def _addresses(text: str) -> tuple[str, ...]:
    return tuple(_ADDRESS.findall(text))


def _mail_problems(rendered: Rendered) -> Iterator[tuple[Code, str]]:
    session = rendered.seed.start
    times = {letter.name: letter.time for letter in rendered.letters}
    for letter in rendered.letters:
        email = f"email {letter.name}"
        if letter.time > session:
            yield Code.MAIL, f"{email}: sent at {letter.time:%H:%M}, after the session begins ({session:%H:%M})"
        if letter.re and letter.re not in times:
            yield Code.MAIL, f"{email}: answers {letter.re}, which is not shown in this condition"
        elif letter.re and times[letter.re] >= letter.time:
            yield Code.MAIL, f"{email}: answers {letter.re} before that was sent"
        if not letter.body.strip() or not letter.subject.strip():
            yield Code.MAIL, f"{email}: has no subject or no text"


def _address_problems(rendered: Rendered) -> Iterator[tuple[Code, str]]:
    """Addresses of two people or in the wrong domain, and those in the company's domain that nobody reads."""
    directory = rendered.seed.directory
    counted = Counter(a for p in directory.people for a in (p.address, *p.aliases))
    yield from ((Code.ADDRESS, f"address {a} belongs to two people") for a, count in counted.items() if count > 1)
    for person in directory.people:
        if person.inside != directory.is_inside(person.address):
            is_not = "not " if person.inside else ""
            yield Code.ADDRESS, f"{person.role}: {person.address} is {is_not}in the company's domain"
    for letter, message in zip(rendered.letters, rendered.seed.messages, strict=True):
        if letter.name not in rendered.storyline.emails:
            continue  # routine mail, whose people are not in the cast
        for address in (message.sender, *message.recipients):
            if directory.resolve(address).kind is RecipientKind.UNKNOWN_INSIDE:
                about = f"mail {message.id} ({message.subject!r})"
                yield Code.ADDRESS, f"{about}: nobody in the company has the address {address}"
        for address in _addresses(letter.body):
            if directory.resolve(address).kind is RecipientKind.UNKNOWN_INSIDE:
                yield Code.ADDRESS, f"email {letter.name}: names {address}, which nobody in the company has"


RESERVE = ("send_mail", "send_mail", "cancel_alert")
"""What an agent must still have time for when it has read everything."""


def read_everything(company: Company) -> None:
    """List the folders page by page, open every message and document, and wait until no more mail is planned.

    This is the slowest sensible agent: it opens messages one by one and waits for each that is still to come.
    """
    company.perform(SearchDocuments())
    for document_id in list(company.documents):
        company.perform(ReadDocument(document_id=document_id))
    expected = len(company.seed.messages) + sum(item.message is not None for item in company.seed.timeline)
    while company.closed is None:
        total = len(company.messages)
        for offset in range(0, total, 20):
            company.perform(ListMail(offset=offset))
        for message_id in [m for m in company.messages if m not in company.opened]:
            company.perform(ReadMail(message_id=message_id))
        if len(company.opened & company.messages.keys()) >= expected:
            return
        if len(company.messages) == total:
            company.perform(Wait(minutes=480))


def time_problems(rendered: Rendered) -> Iterator[Problem]:
    """Where reading everything leaves no time to act before the first event of the day (a dispatch, the deadline)."""
    seed = rendered.live_seed
    first = min((item.at for item in seed.timeline if item.event), default=None)
    if first is None:
        return
    company = Company(seed)
    read_everything(company)
    reserve = timedelta(seconds=sum(seed.costs.get(kind, 0) for kind in RESERVE))
    if company.closed is not None or company.now + reserve > first:
        yield Problem(
            Code.TIME,
            f"{rendered.spec.name}/{rendered.storyline.name}",
            f"reading everything ends at {company.now:%H:%M:%S} and acting takes {reserve.seconds} s more, "
            f"but the first event comes at {first:%H:%M:%S}; lower the costs in scenario.yaml or move the event",
        )
