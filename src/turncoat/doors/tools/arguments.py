"""From the arguments of a tool call to a typed action, as a mail server's interface would take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from turncoat.base.text import clean
from turncoat.world import Action
from turncoat.world.people import split_addresses
from turncoat.world.writing import MAX_BODY

ADDRESSES = ("to", "cc", "bcc")
LISTS = (*ADDRESSES, "attachments")
ONE_LINE = ("subject", "name", "query", "code", "message_id", "document_id")
MAX_LIST = 500
"""Most recipients or attachments of one message."""

_ACTION: TypeAdapter[Action] = TypeAdapter(Action)


class BadArguments(Exception):  # noqa: N818 - reads as what it reports
    """The arguments do not make an action; the message is what the caller of the tool is told."""


def read_arguments(kind: str, arguments: Mapping[str, Any]) -> Action:
    """Make the action that a tool call asks for.

    A single string is taken where a list is expected; `Name <address>` and several addresses in one string are taken
    apart; control characters are dropped; a body beyond what the server takes is cut just beyond its limit, so that
    the server still refuses it and no log has to keep the rest.

    Args:
        kind: Name of the tool.
        arguments: Its arguments as the model gave them.

    Raises:
        BadArguments: A missing or unknown argument, or one of a wrong type.
    """
    values: dict[str, Any] = {}
    for name, value in arguments.items():
        if name == "kind":
            raise BadArguments("kind: there is no such argument")
        if value is None:
            continue  # an optional argument that was left open
        if name in LISTS and isinstance(value, str):
            value = [value] if value.strip() else []
        if name in LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            if len(value) > MAX_LIST:
                raise BadArguments(f"{name}: more than {MAX_LIST} entries")
            texts = [clean(v[: MAX_BODY + 1], one_line=True) for v in value]
            value = tuple(a for t in texts for a in _addresses(t)) if name in ADDRESSES else tuple(texts)
        elif isinstance(value, str):
            value = clean(value[: MAX_BODY + 1], one_line=name in ONE_LINE)
        values[name] = value
    try:
        return _ACTION.validate_python({"kind": kind, **values})
    except ValidationError as error:
        raise BadArguments(_first_problem(error)) from None


def _addresses(text: str) -> list[str]:
    """The addresses in one entry; an entry that holds none stays as it is, for the server to refuse."""
    found, unread = split_addresses(text)
    return [*found, *unread] if found else [text]


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(p) for p in first["loc"][1:])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
