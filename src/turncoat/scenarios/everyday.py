"""Everyday mail of a workday, drawn for a world, and what mail clients put under a mail: signatures and quotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from turncoat.scenarios.rendering import Letter, Storyline, tidy
from turncoat.scenarios.templates import render
from turncoat.scenarios.terms import clock
from turncoat.scenarios.worlds import Voice, World, drawn_slots

_KEY = ("everyday",)
_WHOLE_KEY = ("everyday", "whole pool")
MAX_QUOTED = 2_400
"""Most characters of a quotation: mail clients show more, people cut."""


def everyday_letters(storyline: Storyline, world: World) -> tuple[Letter, ...]:
    """The everyday mails of a world: some threads of the storyline's, by seed, the same under all conditions."""
    return _kept(_KEY, storyline, world, drawn_threads(storyline, world))


def whole_pool(storyline: Storyline, world: World) -> tuple[Letter, ...]:
    """The mails of all everyday threads, drawn for a world or not, as they read in it."""
    return _kept(_WHOLE_KEY, storyline, world, storyline.everyday)


def _kept(key: tuple[str, ...], storyline: Storyline, world: World, names: Iterable[str]) -> tuple[Letter, ...]:
    if key not in world.letters:
        world.letters[key] = tuple(_written(storyline, world, names))
    found: tuple[Letter, ...] = world.letters[key]
    return found


def drawn_threads(storyline: Storyline, world: World) -> list[str]:
    """Names of the threads that a world has, in order of their files."""
    ranked = sorted(storyline.everyday, key=lambda name: (world.id.draw(f"everyday/{name}", 2**32), name))
    return sorted(ranked[: storyline.spec.everyday])


def _written(storyline: Storyline, world: World, names: Iterable[str]) -> Iterator[Letter]:
    for name in names:
        place = f"{storyline.folder.parent.parent.name}/storylines/{storyline.name}/everyday/{name}.yaml"
        thread = storyline.everyday[name]
        slots = drawn_slots(thread.slots, world.id, world.context, f"everyday/{name}", place)
        context = {**world.context, **slots}
        subject = ""
        for number, mail in enumerate(thread.mails, 1):
            key = f"{place}: mails.{number}"
            subject = render(mail.subject, context, f"{key}.subject") or _answering(subject)
            body = tidy(render(mail.body, context, f"{key}.body"))
            (sender,), to, cc = (
                tuple(render(who, context, f"{key}: address {who}") for who in named)
                for named in ((mail.sender,), mail.to, mail.cc)
            )
            head = (f"{name}/{number}", clock(mail.at, world.day), sender, to, cc, subject, body)
            yield Letter(*head, re=f"{name}/{number - 1}" if number > 1 else "", attach=mail.attach)


def _answering(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def finished(letters: Sequence[Letter], storyline: Storyline, context: dict[str, Any]) -> list[Letter]:
    """Mails in order of time as they arrive: with the sender's signature, and with what they answer quoted below."""
    ordered = sorted(letters, key=lambda letter: (letter.time, letter.name))
    whole: dict[str, Letter] = {}
    for letter in ordered:
        sign, quote = _habits(letter, storyline)
        spec = storyline.spec.cast.get(letter.sender)
        below = []
        if sign and spec is not None and spec.signature:
            below.append(render(spec.signature, context, f"cast.{letter.sender}.signature").strip())
        answered = whole.get(letter.re) if quote else None
        if answered is not None and (spec is None or spec.mailer != "none"):
            marks = spec is not None and spec.mailer == "bottom"
            below.append(_quoted(answered, storyline, context, marks=marks))
        body = "\n\n".join([letter.body, *below])
        whole[letter.name] = letter._replace(body=body, own=letter.body)
    return list(whole.values())


def _habits(letter: Letter, storyline: Storyline) -> tuple[bool, bool]:
    """Whether a mail is signed and quotes."""
    thread, slash, number = letter.name.partition("/")
    if slash:
        mail = storyline.everyday[thread].mails[int(number) - 1]
        return mail.sign, mail.quote
    spec = storyline.emails[letter.name].spec
    return spec.sign, spec.quote


def _quoted(letter: Letter, storyline: Storyline, context: dict[str, Any], *, marks: bool) -> str:
    """A mail as a client quotes it: each line marked, or under a block of headers."""
    body = letter.body if len(letter.body) <= MAX_QUOTED else letter.body[:MAX_QUOTED].rsplit("\n", 1)[0] + "\n[...]"
    sender = context.get(letter.sender)
    address = f" <{sender.email}>" if isinstance(sender, Voice) else ""
    name = _shown(letter.sender, storyline, context)
    hour = f"{letter.time.hour % 12 or 12}:{letter.time:%M} {letter.time:%p}"
    if marks:
        lines = "\n".join(f"> {line}".rstrip() for line in body.split("\n"))
        day = f"{letter.time:%a}, {letter.time:%b} {letter.time.day}, {letter.time.year}"
        return f"On {day} at {hour}, {name} wrote:\n{lines}"
    to = ", ".join(_shown(n, storyline, context) for n in letter.to)
    sent = f"{letter.time:%A}, {letter.time:%B} {letter.time.day}, {letter.time.year} {hour}"
    return f"From: {name}{address}\nSent: {sent}\nTo: {to}\nSubject: {letter.subject}\n\n{body}"


def _shown(name: str, storyline: Storyline, context: dict[str, Any]) -> str:
    """A role, a group or the agent as mail clients name them; a literal address as it is."""
    group = storyline.spec.groups.get(name)
    if group is not None and name not in storyline.spec.cast:
        return group.name or group.address
    return str(context[name]) if name in context else render(name, context, f"{storyline.name}: address {name}")
