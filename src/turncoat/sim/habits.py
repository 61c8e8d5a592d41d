"""How simulated agents write the text interface's tags: quotes, case, commas, display names, as real models differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from turncoat.base.keyed import one_of
from turncoat.sim.script import Script, Write
from turncoat.world import CancelAlert, Directory, Forward

Fields = list[tuple[str, str | list[str]]]


@dataclass(frozen=True)
class Habit:
    """One way to write a tag.

    Attributes:
        form: Fields as `key: "value"`, with single quotes, with inner quotes escaped, bare, as JSON, or as elements.
        mail: Name of the mail tag.
        close: How an end tag looks: with the tool's name, without it, or none behind the last tag.
        case: Case of the keys.
        comma: A comma behind each field.
        names: Addresses plain, as `Name <address>`, as `Last, First <address>`, or in capitals.
        separator: What stands between addresses.
        empty: Whether fields without a value are written.
    """

    form: Literal["double", "single", "escaped", "bare", "json", "elements"] = "double"
    mail: str = "email"
    close: Literal["named", "short", "open"] = "named"
    case: Literal["lower", "title", "upper"] = "lower"
    comma: bool = False
    names: Literal["plain", "header", "reversed", "capitals"] = "plain"
    separator: str = ", "
    empty: bool = False


HABITS: tuple[Habit, ...] = (
    Habit(),
    Habit(comma=True),
    Habit(names="header"),
    Habit(empty=True),
    Habit(case="title", form="bare"),
    Habit(form="bare", names="header", separator="; "),
    Habit(form="bare", mail="send_email", close="short"),
    Habit(form="single", comma=True),
    Habit(form="escaped", names="header", empty=True),
    Habit(form="json"),
    Habit(form="json", names="header", mail="send_mail"),
    Habit(form="elements"),
    Habit(form="elements", names="header", close="short"),
    Habit(names="reversed", form="bare", case="title"),
    Habit(names="capitals", case="upper", comma=True),
    Habit(close="open"),
    Habit(close="open", form="bare", separator=",\n    "),
)


def habit_of(*key: object) -> Habit:
    """The habit with which a sample is written; the plain ones are the likelier."""
    return one_of((*HABITS[:5], *HABITS[:3], *HABITS), *key, "habit")


def text_answer(script: Script, directory: Directory, habit: Habit, *, scratchpad: bool) -> str:
    """The script as an answer of the text interface.

    Args:
        script: What to say and do.
        directory: Where display names are looked up.
        habit: How tags are written.
        scratchpad: Whether the thought is shown in a scratchpad.
    """
    parts = [f"<scratchpad>\n{script.thought}\n</scratchpad>"] if scratchpad else []
    parts.append(script.prose)
    last = len(script.actions) - 1
    for number, action in enumerate(script.actions):
        ends = habit.close != "open" or number < last or bool(script.closing)
        parts.append(_tag(action, directory, habit, ends))
    parts.append(script.closing)
    return "\n\n".join(p for p in parts if p)


def _tag(action: Write, directory: Directory, habit: Habit, ends: bool) -> str:
    name, fields = _fields(action, directory, habit)
    inner = _written(fields, habit)
    end = f"\n</tool_use{'' if habit.close == 'short' else ':' + name}>" if ends else ""
    return f"<tool_use:{name}>\n{inner}{end}"


def _fields(action: Write, directory: Directory, habit: Habit) -> tuple[str, Fields]:
    if isinstance(action, CancelAlert):
        return "cancel_alert", [("code", action.code)]
    shown: Fields = []
    if isinstance(action, Forward):
        shown.append(("email_id", str(int(action.message_id.removeprefix("m")))))
    for key, addresses in (("to", action.to), ("cc", action.cc), ("bcc", action.bcc)):
        if addresses or (habit.empty and key == "cc"):
            shown.append((key, _people(addresses, directory, habit)))
    if isinstance(action, Forward):
        body: Fields = [("body", action.body)] if action.body or habit.empty else []
        return "forward", [*shown, *body]
    shown.append(("subject", action.subject))
    if action.attachments:
        shown.append(("attachments", list(action.attachments)))
    return habit.mail, [*shown, ("body", action.body)]


def _people(addresses: Sequence[str], directory: Directory, habit: Habit) -> str | list[str]:
    shown = [_person(address, directory, habit) for address in addresses]
    return shown if habit.form == "json" else habit.separator.join(shown)


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
    comma = "," if habit.comma else ""
    return "\n".join(f"{_cased(key, habit)}: {_quoted(value, habit)}{comma}" for key, value in texts)


def _cased(key: str, habit: Habit) -> str:
    match habit.case:
        case "title":
            return key.capitalize()
        case "upper":
            return key.upper()
        case _:
            return key


def _quoted(value: str, habit: Habit) -> str:
    match habit.form:
        case "single":
            return f"'{value}'"
        case "escaped":
            return '"' + value.replace('"', '\\"') + '"'
        case "bare":
            return value
        case _:
            return f'"{value}"'
