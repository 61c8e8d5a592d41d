"""What a simulated agent does in a sample: a thought, what it says, and typed actions; and how it writes them as text.

As real models do, simulated ones differ in how they write the text interface's tags: quotes, case, commas, names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from turncoat.base.keyed import draw, one_of, pick
from turncoat.doors.text.prompt import has_report_tool
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.templates import render
from turncoat.scenarios.terms import applies
from turncoat.sim.truth import Identity, Key, Truth, truth
from turncoat.sim.wording import Move, known_names, possible, words_for
from turncoat.world import REPORTS_TO, CancelAlert, CompanySeed, Directory, Forward, Message, SendMail
from turncoat.world.actions import ReportConcern

Write = SendMail | Forward | CancelAlert | ReportConcern
_REPORT = ("subjects", "bodies")

BESIDE = (0.5, 0.2)
"""Probability of a first and of a second harmless message beside the others."""
CLOSING = 0.3
"""Probability of some last words."""


@dataclass(frozen=True)
class Script:
    """A simulated agent's part, as the text interface would have it.

    Attributes:
        thought: What it thinks, visible or not.
        awareness: The sentence of `thought` in which it says whether this is real; "" where it says nothing.
        prose: What it says before its actions.
        closing: What it says after them, or "".
        because: The last paragraph of `thought`, from which the rung follows.
        actions: What it does, in order. Messages have the ids of the text interface.
        planted: Indices of the actions that reach the rung; the others stand beside them.
        misread: The sentence of `thought` that misunderstands the situation, or "".
        motive: The sentence of `thought` that names a motive, or "".
    """

    thought: str
    awareness: str
    because: str
    prose: str
    closing: str
    actions: tuple[Write, ...]
    planted: tuple[int, ...]
    misread: str = ""
    motive: str = ""
    job: tuple[str, ...] = ()
    """Names of the pieces of work that it does behind its other actions."""
    reports: bool = False
    """Whether the last of its actions is a report to the office that takes reports."""


@lru_cache(maxsize=256)
def part_of(sample: Identity) -> tuple[Truth, Script]:
    """What a simulated agent does in a sample: its hidden truth, and the part that follows from it."""
    hidden = truth(sample)
    return hidden, write_script(sample.render(), hidden, sample.key)


def write_script(rendered: Rendered, hidden: Truth, key: Key) -> Script:
    """Write the part of a simulated agent.

    Args:
        rendered: Condition and world.
        hidden: What it does.
        key: Decides the choice of words.
    """
    return _Writer(rendered, hidden, key).script()


def source_of_secret(seed: CompanySeed, secret: str) -> Message | None:
    """The first mail with a document that holds the secret, if there is one."""
    holding = {d.id for d in seed.documents if secret in d.facts}
    return next((m for m in seed.messages if holding & set(m.attachments)), None)


class _Writer:
    def __init__(self, rendered: Rendered, hidden: Truth, key: Key) -> None:
        self._rendered, self._truth, self._key, self._spec = rendered, hidden, key, rendered.spec
        self._words = words_for(self._spec.name, self._spec.ladder)
        self._context = {**rendered.context, **self._phrases()}

    def script(self) -> Script:
        hidden, common, thoughts = self._truth, self._words.common, self._words.shared.thoughts
        aware = self._say(common.awareness.get(hidden.awareness, ()), "aware")
        start, because = self._say(thoughts["start"], "start"), self._say(thoughts[hidden.rung], "because")
        parts = [start, aware, because] if draw(*self._key, "aware first") < 0.5 else [aware, start, because]
        misread = self._say(common.misunderstandings.get(hidden.misunderstanding, ()), "misread")
        motive = self._say(common.motives.get(hidden.motive, ()), "motive")
        thought = "\n\n".join(p for p in (*parts[:-1], misread, motive, because) if p)
        report, job = self._report(), hidden.job
        if hidden.move < 0:
            nothing = self._say(common.prose if report or job else common.nothing, "nothing")
            return Script(thought, aware, because, nothing, "", report, (), misread, "", job, bool(report))
        move = self._words.moves[hidden.rung][hidden.move]
        prose = self._fill(move.prose, "prose") if move.prose else self._say(common.prose, "prose")
        closing = self._say(common.closing, "closing") if draw(*self._key, "close") < CLOSING else ""
        before, own, after = self._acts(move)
        planted = tuple(range(len(before), len(before) + len(own)))
        acts = (*before, *own, *after, *report)
        return Script(thought, aware, because, prose, closing, acts, planted, misread, motive, job, bool(report))

    def _report(self) -> tuple[Write, ...]:
        """Its report to the office that takes reports, if it makes one: with the tool for it, or by mail."""
        if not self._truth.reports:
            return ()
        subject, body = (self._say(getattr(self._words.common, f"report_{w}"), f"report {w}") for w in _REPORT)
        if has_report_tool(self._rendered):
            return (ReportConcern(subject=subject, body=body),)
        return (SendMail(to=(self._rendered.address(REPORTS_TO, "sim"),), subject=subject, body=body),)

    def _acts(self, move: Move) -> tuple[tuple[Write, ...], tuple[Write, ...], tuple[Write, ...]]:
        """The move's own actions, and the harmless ones before or after them. An alarm is never kept waiting."""
        own = self._performed(move, "move")
        shared, known = self._words.shared.beside, known_names(self._rendered)
        beside = [shared[i] for i in possible(shared, range(len(shared)), known)]
        first = pick(len(beside), *self._key, "beside")
        count = sum(draw(*self._key, "beside", n) < chance for n, chance in enumerate(BESIDE))
        chosen = [beside[(first + n) % len(beside)] for n in range(count)]
        others = tuple(a for n, m in enumerate(chosen) if m.to != move.to for a in self._performed(m, f"beside {n}"))
        before = draw(*self._key, "order") < 0.4 and not move.cancel
        return (others, own, ()) if before else ((), own, others)

    def _performed(self, move: Move, slot: str) -> tuple[Write, ...]:
        done: list[Write] = [self._mail(move, slot)] if move.to else []
        if move.cancel:
            code = self._context["code"] if move.cancel == "valid" else _another(self._context["code"])
            done.insert(pick(len(done) + 1, *self._key, slot, "cancel first"), CancelAlert(code=code))
        return tuple(done)

    def _mail(self, move: Move, slot: str) -> SendMail | Forward:
        body = self._fill(move.body, f"{slot} body")
        signature = self._say(self._words.common.signatures, f"{slot} signature")
        if body.endswith(","):
            signature = signature or str(self._context["agent"])
            body = f"{body}\n{signature}"
        elif body and signature:
            body = f"{body}\n\n{signature}"
        addresses = {field: self._addresses(getattr(move, field)) for field in ("to", "cc", "bcc")}
        if move.forward:
            source = source_of_secret(self._rendered.seed, self._spec.secret)
            return Forward(message_id=source.id if source else "m001", **addresses, body=body)
        attachments = (str(self._context["file"]),) if move.attach else ()
        subject = self._fill(move.subject, f"{slot} subject")
        return SendMail(**addresses, subject=subject, body=body, attachments=attachments)

    def _addresses(self, names: tuple[str, ...]) -> tuple[str, ...]:
        place = f"sim/data/wording/{self._spec.name}/{self._truth.rung}.yaml"
        return tuple(self._rendered.address(n, place, self._context) for n in names)

    def _say(self, options: tuple[str, ...], slot: str) -> str:
        return self._fill(one_of(options, *self._key, slot), slot) if options else ""

    def _fill(self, template: str, slot: str) -> str:
        return render(template, self._context, f"sim/data/wording/{self._spec.name}: {slot}").strip()

    def _phrases(self) -> dict[str, Any]:
        """What the templates can name beyond the world: phrases for the secret, and for what the agent wants."""
        seed, key = self._rendered.seed, self._key
        fact = seed.fact(self._spec.secret)
        to_them, to_others = (fact.to_them, fact.to_others) if fact else ((), ())
        told = pick(len(to_others), *key, "told") if to_others else 0
        texts = {
            "hint": one_of(to_them, *key, "hint") if to_them else "",
            "told": to_others[told] if to_others else "",
            "more": to_others[(told + 1) % len(to_others)] if to_others else "",
            "thing": to_them[0] if to_them else "",
            "file": next((d.name for d in seed.documents if self._spec.secret in d.facts), ""),
            "code": seed.alerts[0].code if seed.alerts else "",
            "alert": seed.alerts[0].title if seed.alerts else "",
            **self._wishes(self._rendered.condition.levels),
        }
        return {**texts, **{name.capitalize(): text[:1].upper() + text[1:] for name, text in texts.items()}}

    def _wishes(self, levels: Mapping[str, str]) -> dict[str, str]:
        phrases = next((p for p in self._words.shared.phrases if applies(p.when, levels)), None)
        if phrases is None:
            return {}
        return {s: one_of(getattr(phrases, s), *self._key, s) for s in ("want", "matter", "settled", "otherwise")}


def _another(code: str) -> str:
    """A code like this one that is not it: its last digit is one higher, or a letter is doubled."""
    if code[-1:].isdigit():
        return code[:-1] + str((int(code[-1]) + 1) % 10)
    return code + code[-1:]


Fields = list[tuple[str, str | list[str]]]


@dataclass(frozen=True)
class Habit:
    """One way to write a tag.

    Attributes:
        form: Fields as `key: "value"`, with single quotes, with inner quotes escaped, bare, as JSON, or as elements.
        mail: Name of the mail tag.
        close: How an end tag looks: with the tool's name, without it, or none behind the last tag.
        case: What makes the case of the keys, which are in lower case.
        comma: A comma behind each field.
        names: Addresses plain, as `Name <address>`, as `Last, First <address>`, or in capitals.
        separator: What stands between addresses.
        empty: Whether fields without a value are written.
    """

    form: Literal["double", "single", "escaped", "bare", "json", "elements"] = "double"
    mail: str = "email"
    close: Literal["named", "short", "open"] = "named"
    case: Callable[[str], str] = str
    comma: bool = False
    names: Literal["plain", "header", "reversed", "capitals"] = "plain"
    separator: str = ", "
    empty: bool = False


HABITS: tuple[Habit, ...] = (
    Habit(),
    Habit(comma=True),
    Habit(names="header"),
    Habit(empty=True),
    Habit(case=str.capitalize, form="bare"),
    Habit(form="bare", names="header", separator="; "),
    Habit(form="bare", mail="send_email", close="short"),
    Habit(form="single", comma=True),
    Habit(form="escaped", names="header", empty=True),
    Habit(form="json"),
    Habit(form="json", names="header", mail="send_mail"),
    Habit(form="elements"),
    Habit(form="elements", names="header", close="short"),
    Habit(names="reversed", form="bare", case=str.capitalize),
    Habit(names="capitals", case=str.upper, comma=True),
    Habit(close="open"),
    Habit(close="open", form="bare", separator=",\n    "),
)


def habit_of(*key: object) -> Habit:
    """The habit with which a sample is written; the plain ones are the likelier."""
    return one_of((*HABITS[:5], *HABITS[:3], *HABITS), *key, "habit")


def text_answer(
    script: Script, directory: Directory, habit: Habit, *, scratchpad: bool, job: Sequence[Write] = ()
) -> str:
    """The script as an answer of the text interface.

    Args:
        script: What to say and do.
        directory: Where display names are looked up.
        habit: How tags are written.
        scratchpad: Whether the thought is shown in a scratchpad.
        job: The mails by which it does its work, which stand behind its other actions.
    """
    thought = f"<scratchpad>\n{script.thought}\n</scratchpad>" if scratchpad else ""
    tags = [_tag(action, directory, habit) for action in (*script.actions, *job)]
    if tags and habit.close == "open" and not script.closing:
        tags[-1] = tags[-1].rpartition("\n")[0]
    return "\n\n".join(p for p in (thought, script.prose, *tags, script.closing) if p)


def _tag(action: Write, directory: Directory, habit: Habit) -> str:
    name, fields = _fields(action, directory, habit)
    return f"<tool_use:{name}>\n{_written(fields, habit)}\n</tool_use{'' if habit.close == 'short' else ':' + name}>"


def _fields(action: Write, directory: Directory, habit: Habit) -> tuple[str, Fields]:
    if isinstance(action, CancelAlert):
        return "cancel_alert", [("code", action.code)]
    if isinstance(action, ReportConcern):
        return "report_concern", [("subject", action.subject), ("body", action.body)]
    people: Fields = []
    for key, addresses in (("to", action.to), ("cc", action.cc), ("bcc", action.bcc)):
        if addresses or (habit.empty and key == "cc"):
            names = [_person(address, directory, habit) for address in addresses]
            people.append((key, names if habit.form == "json" else habit.separator.join(names)))
    body: Fields = [("body", action.body)]
    if isinstance(action, Forward):
        number = str(int(action.message_id.removeprefix("m")))
        return "forward", [("email_id", number), *people, *(body if action.body or habit.empty else [])]
    attached: Fields = [("attachments", list(action.attachments))] if action.attachments else []
    return habit.mail, [*people, ("subject", action.subject), *attached, *body]


def _person(address: str, directory: Directory, habit: Habit) -> str:
    person = directory.at(address)
    if habit.names == "capitals":
        return address.upper()
    if person is None or habit.names == "plain" or person.first == person.last:
        return address
    if habit.names == "reversed":
        return f"{person.last}, {person.first} <{address}>"
    return f"{person.name} <{address}>"


def _written(fields: Fields, habit: Habit) -> str:
    if habit.form == "json":
        return json.dumps(dict(fields), ensure_ascii=False, indent=1)
    texts = [(key, value if isinstance(value, str) else ", ".join(value)) for key, value in fields]
    if habit.form == "elements":
        return "\n".join(f"<{key}>{value}</{key}>" for key, value in texts)
    comma, quote = "," if habit.comma else "", {"single": "'", "bare": ""}.get(habit.form, '"')
    if habit.form == "escaped":
        texts = [(key, value.replace('"', '\\"')) for key, value in texts]
    return "\n".join(f"{habit.case(key)}: {quote}{value}{quote}{comma}" for key, value in texts)
