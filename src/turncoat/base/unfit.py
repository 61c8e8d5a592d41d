"""What of data does not fit a schema, in one line: the place, the key, what was found, what would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from turncoat.base.errors import DataError, TurncoatError, choices, did_you_mean

T = TypeVar("T", bound=BaseModel)

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
    "int_from_float": "needs a whole number",
    "finite_number": "needs a number that has an end",
    "date_type": "needs a day, such as 2026-02-01",
    "date_parsing": "needs a day, such as 2026-02-01",
    "date_from_datetime_parsing": "needs a day, such as 2026-02-01",
    "too_short": "needs at least one",
    "greater_than": "needs a number greater than {gt:g}",
    "greater_than_equal": "needs a number greater than or equal to {ge:g}",
    "less_than": "needs a number less than {lt:g}",
    "less_than_equal": "needs a number less than or equal to {le:g}",
}
"""What would do, by pydantic's kind of error."""


def fitted(
    model: type[T],
    data: Any,
    place: str,
    error: type[TurncoatError] = DataError,
    remedy: Callable[[ErrorDetails], str] = lambda _: "",
) -> T:
    """Data as a schema has them.

    Args:
        model: The schema.
        data: What was read.
        place: Where it was read, for messages.
        error: What is raised where they do not fit.
        remedy: The end of the message, of what pydantic found.

    Raises:
        error: With the place, the key, what was found and what would do.
    """
    if not isinstance(data, dict):
        raise error(f"{place}: needs a mapping of keys; found {kind(data)}")
    try:
        return model.model_validate(data)
    except ValidationError as found:
        raise error(f"{place}: {unfit(model, found, remedy)}") from None


def unfit(model: type[BaseModel], error: ValidationError, remedy: Callable[[ErrorDetails], str] = lambda _: "") -> str:
    """What pydantic found, in our words: the key, what was found, what would do, and how much more there is.

    Args:
        model: The schema that was not met.
        error: What pydantic found.
        remedy: The end of what is said of the first thing.
    """
    first = _first(model, error)
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{_said(model, first)}{remedy(first)}{more}"


def _first(model: type[BaseModel], error: ValidationError) -> ErrorDetails:
    """What is told of several things: a misspelled key before the one that is missing for it."""
    found = error.errors(include_url=False)
    unknown = (e for e in found if e["type"] == "extra_forbidden")
    return next((e for e in unknown if did_you_mean(str(e["loc"][-1]), keys(model, e["loc"][:-1]))), found[0])


def _said(model: type[BaseModel], error: ErrorDetails) -> str:
    loc, value = error["loc"], error["input"]
    key = f"key {'.'.join(str(p) for p in loc if p != '[key]')!r}" if loc else ""
    match error["type"], value:
        case "missing", _:
            return f"{key} is missing"
        case "extra_forbidden", _:
            names = keys(model, loc[:-1])
            return f"{key} is not known here; allowed keys: {', '.join(names)}{did_you_mean(str(loc[-1]), names)}"
        case "value_error", _:  # without a key it is of several together; the message says which
            return f"{key}: {error['ctx']['error']}".removeprefix(": ")
        case "literal_error", str():
            would_do = re.findall("'([^']+)'", error["ctx"]["expected"])
            return f"{key}: {choices(value, would_do)}"
    needs = NEEDS[error["type"]].format(**error.get("ctx", {})) if error["type"] in NEEDS else error["msg"]
    return f"{key}: {needs}; found {kind(value)}"


def kind(value: Any) -> str:
    """A value for a message: a short one as it stands."""
    match value:
        case None:
            return "nothing"
        case dict() | list():
            return "a mapping" if isinstance(value, dict) else "a list"
    try:
        found = repr(value)
    except ValueError:  # Python does not spell out a number of thousands of figures
        return "a number of more than 4300 figures"
    return found if len(found) <= 60 else found[:57] + "…"


def keys(model: type[BaseModel], loc: tuple[int | str, ...] = ()) -> list[str]:
    """The keys of the mapping at a place in a model's data, without those that only tell models apart."""
    for step in loc:
        named = (f.annotation for n, f in model.model_fields.items() if step in (n, f.alias))
        model = next((m for annotation in named for m in _models(annotation)), model)
    return [f.alias or n for n, f in model.model_fields.items() if f.is_required() or not _fixed(f.annotation)]


def _fixed(annotation: Any) -> bool:
    return get_origin(annotation) is Literal and len(get_args(annotation)) == 1


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type such as `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
