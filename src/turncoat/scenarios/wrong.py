"""What is wrong with data that does not fit its schema, in words for who wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from turncoat.base.errors import choices, did_you_mean

CANARY = "turncoat-canary-7f1c2e9a-54d3-4b0e-9c86-b1a3f0d2e765"
"""Stands in every data file, so that they can be kept out of training sets."""

UNQUOTED = "on, off, yes and no without quotes are true and false to YAML: put the word in quotes"

NEEDS = {
    "dict_type": "needs a mapping (key: value)",
    "model_type": "needs a mapping (key: value)",
    "list_type": "needs a list",
    "tuple_type": "needs a list",
    "string_type": "needs a text",
    "bool_parsing": "needs true or false",
    "bool_type": "needs true or false",
    "int_parsing": "needs a whole number",
    "int_type": "needs a whole number",
    "float_parsing": "needs a number",
    "float_type": "needs a number",
    "too_short": "needs at least one",
}
"""What would do, by pydantic's kind of error."""


def problem_of(model: type[BaseModel], error: ErrorDetails) -> str:
    """What pydantic found, in our words: the key, what was found, what would do."""
    loc, value = error["loc"], error["input"]
    key = f"key {'.'.join(str(p) for p in loc if p != '[key]')!r}" if loc else ""
    match error["type"], value:
        case "missing", _:
            return f"{key} is missing" + (f"; add the line: canary: {CANARY}" if loc == ("canary",) else "")
        case "extra_forbidden", _:
            names = _keys(model, loc[:-1])
            near = did_you_mean(str(loc[-1]), names)
            return f"{key} is not known here; allowed keys: {', '.join(names)}{near}"
        case "value_error", dict():  # of several keys together; the message says which
            return f"{key}: {error['ctx']['error']}".removeprefix(": ")
        case "value_error", _:
            return f"{key}: {error['ctx']['error']}"
        case "string_type" | "tuple_type", bool():
            return f"{key}: found {str(value).lower()}; {UNQUOTED}"
        case "string_type" | "tuple_type", int() | float():
            return f'{key}: found the number {value}; put it in quotes: "{value}"'
        case "literal_error", str():
            would_do = re.findall("'([^']+)'", error["ctx"]["expected"])
            return f"{key}: {choices(value, would_do)}"
    return f"{key}: {NEEDS.get(error['type'], error['msg'])}; found {kind(value)}"


def kind(value: Any) -> str:
    """A value for a message: a short one as it stands."""
    match value:
        case None:
            return "nothing"
        case dict() | list():
            return "a mapping" if isinstance(value, dict) else "a list"
    found = repr(value)
    return found if len(found) <= 60 else found[:57] + "…"


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the mapping at a place in a model's data."""
    for step in loc:
        named = (f.annotation for n, f in model.model_fields.items() if step in (n, f.alias))
        model = next((m for annotation in named for m in _models(annotation)), model)
    return [f.alias or n for n, f in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type such as `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
