"""The second layout of a transcript: mail in short form with its times, then acts and words in one sequence.

People stand in the mail by their names; whom an address of the agent's means is said where it is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from turncoat.evidence.case import Case, Passage
from turncoat.evidence.passages import find_phrases
from turncoat.judges.model.transcript import Blind, Exhibit, ShownText, exhibits_of, titled
from turncoat.world import Message, RecipientKind


def sequence(case: Case, blind: Blind, *, acts: bool, words: bool) -> list[Exhibit]:
    """Acts, mail that arrived and words of the agent as records, in the order in which they came about.

    Args:
        case: The sample.
        blind: How texts are shown.
        acts: Whether acts and mail are shown.
        words: Whether reasoning and prose are.
    """
    passages = list(enumerate(case.passages, 1)) if words else []
    found: list[Exhibit] = []
    for record in case.log if acts else ():
        while passages and _comes_before(case, passages[0][1], record.seq):
            found.append(_words(*passages.pop(0), blind))
        time = f", {record.time:%H:%M}"
        for exhibit in exhibits_of(case, record, 0, blind):
            message = record.intended if exhibit.title.startswith(("message", "mail")) else None
            head = _acts_head(case, message, blind) if message else exhibit.head
            found.append(replace(exhibit, title=exhibit.title + time, head=head))
    found += [_words(n, passage, blind) for n, passage in passages]
    return [replace(e, number=n) for n, e in enumerate(found, 1)]


def _comes_before(case: Case, passage: Passage, seq: int) -> bool:
    if case.live:
        return passage.before <= seq
    return passage.source == "reasoning" or passage.start < case.spans.get(seq, (0, 0))[0]


def _words(number: int, passage: Passage, blind: Blind) -> Exhibit:
    shown = blind(passage.text)
    kept = shown.text.rstrip()
    shown = ShownText(kept, shown.places and shown.places[: len(kept)])
    return Exhibit(number, -number, "reasoning", titled(passage), "", shown)


def _acts_head(case: Case, message: Message, blind: Blind) -> str:
    """Sender, recipients and attachments of a message."""
    names = {d.id: d.name for d in case.setting.seed.documents}
    fields = {
        "From": [message.sender],
        "To": [_known(case, a) for a in message.to] or ["nobody"],
        "Cc": [_known(case, a) for a in message.cc],
        "Bcc": [_known(case, a) for a in message.bcc],
        "Attached": [names.get(a, a) for a in message.attachments],
    }
    lines = (f"{name}: {', '.join(values)}".replace("\n", " ") for name, values in fields.items() if values)
    return blind("\n".join(lines)).text


def _known(case: Case, address: str) -> str:
    """An address, with who reads it where the list of people does not say so."""
    directory = case.setting.seed.directory
    found = directory.resolve(address)
    match found.kind:
        case RecipientKind.GUESS:
            person = directory.person(found.roles[0])
            return f"{address} (not listed; spells {person.name if person else found.roles[0]}, and counts as theirs)"
        case RecipientKind.UNKNOWN_INSIDE | RecipientKind.OUTSIDE if meant := directory.meant(address):
            person = directory.person(meant[0])
            return f"{address} (not listed; means {person.name if person else meant[0]}, and counts as theirs)"
        case RecipientKind.UNKNOWN_INSIDE:
            return f"{address} (in the company's domain, nobody's)"
        case RecipientKind.OUTSIDE:
            public = directory.is_authority(address)
            return f"{address} ({'a public body' if public else 'outside, nobody listed'})"
    return address


def company(
    case: Case, blind: Blind, mails: str = "", bears: Collection[str] | None = None, *, brief: bool = False
) -> Iterator[str]:
    """The company's mail and documents, each under a line that says what it is.

    Args:
        case: The sample.
        blind: How texts are shown.
        mails: The mails as the agent was shown them, where the setting's own are summaries.
        bears: Phrases by which a mail bears on what is asked, beside those of the sensitive fact; of others only the
            head line is shown. None: all are shown whole.
        brief: Whether mails of a pack stand in short form too, and of long mails only what bears on it where `bears`
            is given.
    """
    seed = case.setting.seed
    names = {d.id: d.name for d in seed.documents}
    if mails:
        shown = (_shown_piece(case, text, bears, brief=brief) for text in _PIECES.split(mails))
        yield blind("".join(shown)).text.strip()
    for message in () if mails else seed.messages:
        when = f"{message.time:%H:%M}" if message.time.date() == seed.start.date() else f"{message.time:%a %d %b %H:%M}"
        others = {"cc": [_name(case, a) for a in message.cc], "with": [names.get(a, a) for a in message.attachments]}
        more = "".join(f", {name} {', '.join(given)}" for name, given in others.items() if given)
        to = ", ".join(_name(case, a) for a in message.to) or "nobody"
        head = f"=== {message.id}, {when}, {_name(case, message.sender)} to {to}{more}: {message.subject}"
        body = message.body.strip()
        if _among_concerned(case, message):
            yield blind(f"{head}\n{body}").text
        elif _bears(case, f"{head}\n{body}", bears):
            yield blind(f"{head}\n{_bearing(case, body, bears) if brief else body}").text
        else:
            yield blind(head).text
    for document in seed.documents:
        head = f"=== document {document.name}, {document.sensitivity.value}"
        yield blind(f"{head}\n{document.text.strip() or '(the agent knew its name, not its text)'}").text


_PIECES = re.compile(r"(?m)^(?=<email>[ \t]*$)")
"""Between the mails of a pack, as its source writes them."""
_FIELD = re.compile(r"(?m)^(?P<key>From|To|Subject|Timestamp|Attachments):[ \t]*(?P<value>.*)$")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
LONG = 250
"""Characters from which on a mail is shown without the paragraphs that do not bear on the question, in brief layout."""


def _shown_piece(case: Case, text: str, bears: Collection[str] | None, *, brief: bool) -> str:
    """A mail of a pack: whole where it bears on the question, else its head line."""
    full = _bears(case, text, bears)
    if not brief:
        return text if full else _headed(text)
    head = _headed(text, case)
    if not full or head == text:
        return head
    body, end, rest = text.partition("\nBody:")[2].partition("\n</email>")
    return f"{head.rstrip()}\n{_bearing(case, body.strip(), bears)}\n\n{rest.strip() if end else ''}"


def _bearing(case: Case, body: str, bears: Collection[str] | None) -> str:
    """A body; of a long one the paragraphs that bear on the question, those beside them, and signs of the others."""
    paragraphs = _PARAGRAPHS.split(body)
    near = [any(_bears(case, p, bears) for p in paragraphs[max(0, i - 1) : i + 2]) for i in range(len(paragraphs))]
    if bears is None or len(body) < LONG or not any(near):
        return body
    shown = (p if near[i] else "[…]" for i, p in enumerate(paragraphs) if near[i] or i == 0 or near[i - 1])
    return "\n\n".join(shown)


def _bears(case: Case, text: str, bears: Collection[str] | None) -> bool:
    """Whether a mail is shown whole: it touches the sensitive fact, or what the rubric names."""
    fact = case.setting.fact
    if bears is None or fact is None:
        return True
    return bool(find_phrases(text, (*fact.mentions, *fact.allusions, *bears)))


def _among_concerned(case: Case, message: Message) -> bool:
    """Whether only those whom the fact concerns write and read a mail."""
    fact, directory = case.setting.fact, case.setting.seed.directory
    roles = {role for a in (message.sender, *message.recipients) for role in directory.resolve(a).roles}
    return fact is not None and bool(roles) and roles <= set(fact.concerns)


def _headed(text: str, case: Case | None = None) -> str:
    """The head line of a mail of a pack, with names where a case is given; all of it where it has no such head."""
    head, _, body = text.partition("\nBody:")
    said = {m["key"]: m["value"] for m in _FIELD.finditer(head)}
    if not body or not {"From", "To", "Subject"} <= said.keys():
        return text
    when = f"{said['Timestamp'][11:16]}, " if "Timestamp" in said else ""
    if case is None:
        return f"=== {when}{said['From']} to {said['To']}: {said['Subject']}\n\n"
    to = ", ".join(_name(case, a.strip()) for a in said["To"].split(","))
    files = re.findall(r"['\"]([^'\"]+)['\"]", said.get("Attachments", ""))
    more = f", with {', '.join(files)}" if files else ""
    return f"=== {when}{_name(case, said['From'])} to {to}{more}: {said['Subject']}\n\n"


def _name(case: Case, address: str) -> str:
    """A person's name, the agent's included, at an address that is listed; otherwise the address."""
    seed = case.setting.seed
    person = seed.directory.at(address)
    return seed.agent_name if address == seed.agent_address else person.name if person else address


def people(case: Case, blind: Blind, among: str | None = None) -> list[str]:
    """The cast as one line each, with parts and further addresses; then the lists.

    Args:
        case: The sample.
        blind: How texts are shown.
        among: What is shown of it. Given, those are left out who have no part and of whom it says nothing.
    """
    seed, parts = case.setting.seed, _parts(case)
    lines = []

    def told(*names: str) -> bool:
        return among is None or any(name in among for name in names)

    for p in seed.directory.people:
        if p.role not in parts and p.address != seed.agent_address and not told(p.first, p.last, p.address, *p.aliases):
            continue
        about = p.title or p.organisation or ("staff" if p.inside else "outside the company")
        if p.title and p.organisation and not p.inside:
            about = f"{p.title}, {p.organisation}"
        tag = "the agent" if p.address == seed.agent_address else parts.get(p.role, "")
        lines.append(f"{p.name} <{', '.join((p.address, *p.aliases))}>, {about}{f' [{tag}]' if tag else ''}")
    for group in seed.directory.groups:
        if not told(group.address, group.address.partition("@")[0]):
            continue
        readers = "everybody inside" if "*" in group.members else ", ".join(_names(case, group.members))
        lines.append(f"<{group.address}>, a list: {readers}")
    return [blind(line).text for line in lines]


def _parts(case: Case) -> dict[str, str]:
    return {role: name for name, members in case.setting.roles.items() for role in members}


def _names(case: Case, roles: tuple[str, ...]) -> Iterator[str]:
    for role in roles:
        person = case.setting.seed.directory.person(role)
        yield person.name if person else role


def explained(case: Case, parts: Mapping[str, str]) -> list[tuple[str, str]]:
    """The parts that occur among the people, with what they are, in the scenario's order."""
    there = {p.role for p in case.setting.seed.directory.people}
    held = (name for name, members in case.setting.roles.items() if not there.isdisjoint(members))
    return [(name, parts[name]) for name in held if name in parts]
