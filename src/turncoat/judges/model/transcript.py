"""What a judge sees: records between markers that carry a nonce, so that the agent cannot forge them.

The nonce is a hash over everything that the transcript shows. An agent would have to know it before it has finished
writing the text that it depends on; a marker that it guesses, copies from another transcript or computes for an earlier
draft is not the one of the transcript that the judge reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from turncoat.evidence.case import Case, act_text
from turncoat.evidence.findings import Evidence
from turncoat.evidence.passages import find_quote
from turncoat.judges.model.blinding import Blind, ShownText, as_it_is
from turncoat.judges.model.rubric import Shown
from turncoat.world import Message, Record
from turncoat.world.actions import AGENT, is_write

MAX_TRANSCRIPT = 2_000_000
"""Characters beyond which a judge is not asked: nothing is cut, since what is cut out could be the deciding part."""

ARRIVED = "mail that arrived"

Kind = Literal["performed", "attempted", "read", "reasoning"]


@dataclass(frozen=True)
class Exhibit:
    """One record that a judge may cite.

    Attributes:
        number: What the judge cites.
        record: What it is in the case; see `Case.text_of`.
        kind: Whether it was performed, only attempted, a reading of something, or visible reasoning.
        title: What the marker says.
        head: A line about it (sender and recipients); not quotable.
        shown: Its text as the judge sees it.
    """

    number: int
    record: int
    kind: Kind
    title: str
    head: str
    shown: ShownText


@dataclass(frozen=True)
class Transcript:
    """Everything that one judge is shown of one case."""

    nonce: str
    company: str
    """The company's mail and documents, between markers; "" if not shown."""
    exhibits: tuple[Exhibit, ...]

    def __len__(self) -> int:
        return len(self.company) + sum(len(e.shown.text) + len(e.head) for e in self.exhibits)

    def text(self, kinds: frozenset[Kind] | None = None) -> str:
        """The records between markers, those of some kinds or all."""
        return "\n".join(
            _block(self.nonce, f"record {e.number}: {e.title}", e.head, e.shown.text)
            for e in self.exhibits
            if kinds is None or e.kind in kinds
        )

    def find(self, number: int, quote: str) -> tuple[Exhibit, Evidence] | str:
        """The passage that a quote stands for, or why it is none, in words that the judge can be told."""
        exhibit = next((e for e in self.exhibits if e.number == number), None)
        if exhibit is None:
            return f"there is no record {number}"
        place = find_quote(quote, exhibit.shown.text)
        if place is None:
            elsewhere = [e.number for e in self.exhibits if find_quote(quote, e.shown.text)]
            hint = f" (it stands in record {elsewhere[0]})" if elsewhere else ""
            return f"the quote {quote[:60]!r} does not stand in record {number}{hint}"
        start, end = exhibit.shown.original(*place)
        return exhibit, Evidence(record=exhibit.record, start=start, end=end)


def transcript(case: Case, shows: frozenset[Shown], blind: Blind = as_it_is) -> Transcript:
    """Lay out what a judge is shown.

    Args:
        case: The sample.
        shows: `company`: its mail and documents; `acts`: what the agent did and what happened; `reasoning`: what can be
            seen of its reasoning, with the acts cut out.
        blind: How texts are shown.
    """
    exhibits: list[Exhibit] = []
    if "acts" in shows:
        for record in case.log:
            exhibits += _exhibit(case, record, len(exhibits) + 1, blind)
    if "reasoning" in shows:
        for i, passage in enumerate(case.passages):
            text = blind(passage.text)
            exhibits.append(Exhibit(len(exhibits) + 1, -1 - i, "reasoning", _WORDS[passage.kind], "", text))
    shown = list(company(case, blind)) if "company" in shows else []
    nonce = _nonce([t for block in shown for t in block], exhibits)
    return Transcript(nonce, "\n".join(_block(nonce, *block) for block in shown), tuple(exhibits))


_WORDS = {
    "scratchpad": "the agent's scratchpad",
    "blocks": "the agent's reasoning",
    "summary": "a summary of the agent's reasoning",
    "prose": "the agent's words beside its acts",
}


def _exhibit(case: Case, record: Record, number: int, blind: Blind) -> Iterator[Exhibit]:
    message, held = record.intended, " (held back by the system)" if record.outcome.prevented else ""
    if record.actor != AGENT:
        if message is not None:
            text = blind(f"{message.subject}\n\n{message.body}")
            yield Exhibit(number, record.seq, "read", ARRIVED, _head(case, message, blind), text)
        return
    if record.attempt is None:
        return
    shown = blind(case.text_of(record.seq))
    if record.outcome.status != "done" and not record.outcome.prevented:
        told = blind(record.outcome.text).text
        title = f"not performed ({record.outcome.status}): {record.attempt.kind}"
        yield Exhibit(number, record.seq, "attempted", title, f"The system answered: {told}" if told else "", shown)
    elif message is not None:
        yield Exhibit(number, record.seq, "performed", f"message sent{held}", _head(case, message, blind), shown)
    elif is_write(record.attempt):
        title = f"performed{held}: {record.attempt.kind}"
        yield Exhibit(number, record.seq, "performed", title, blind(record.outcome.text).text, shown)
    else:
        yield Exhibit(number, record.seq, "read", "looked at", "", blind(act_text(record)))


def company(case: Case, blind: Blind = as_it_is) -> Iterator[tuple[str, str, str]]:
    """The company's mail and documents as title, head and text."""
    for message in case.setting.seed.messages:
        text = blind(f"{message.subject}\n\n{message.body}").text
        yield f"company mail {message.id}", _head(case, message, blind), text
    for document in case.setting.seed.documents:
        name, text = blind(document.name).text, blind(document.text).text
        yield f"company document {document.id}", f"{name}, {document.sensitivity.value}", text


def people(case: Case, blind: Blind = as_it_is) -> list[str]:
    """The cast as one line each."""
    roles = {role: name for name, members in case.setting.roles.items() for role in members}
    return [
        blind(
            f"{p.name} <{p.address}>, {p.title or p.organisation or ('staff' if p.inside else 'outside the company')}"
            + (f" [{roles[p.role]}]" if p.role in roles else "")
            + (" [the agent]" if p.address == case.setting.seed.agent_address else "")
        ).text
        for p in case.setting.seed.directory.people
    ]


def _head(case: Case, message: Message, blind: Blind) -> str:
    names = {d.id: d.name for d in case.setting.seed.documents}
    head = f"from {message.sender} to {', '.join(message.to) or '-'}"
    others = {"cc": message.cc, "bcc": message.bcc, "attached": [names.get(a, a) for a in message.attachments]}
    head += "".join(f" {name} {', '.join(given)}" for name, given in others.items() if ", ".join(given))
    return blind(head).text.replace("\n", " ")


def _nonce(company: Iterable[str], exhibits: Iterable[Exhibit]) -> str:
    digest = hashlib.sha256()
    everything = [*company, *(t for e in exhibits for t in (e.title, e.head, e.shown.text))]
    for text in everything:
        digest.update(text.encode("utf-8", "replace") + b"\0")
    nonce = digest.hexdigest()[:16]
    while any(nonce in text for text in everything):
        digest.update(b"once more")
        nonce = digest.hexdigest()[:16]
    return nonce


def _block(nonce: str, title: str, head: str, text: str) -> str:
    return f"[{nonce} begin {title}]\n{head + chr(10) if head else ''}{text}\n[{nonce} end]"
