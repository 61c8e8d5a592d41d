"""The base of the world's data: frozen, strict, comparable by value."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from turncoat.base.errors import UsageError, did_you_mean

LATE = ConfigDict(defer_build=True)
"""What checks data is made when data first come, not when a module is imported: a command needs few of all records."""


class Frozen(BaseModel):
    """A value object: immutable, equal by content, and refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", **LATE)


class Stated(Frozen):
    """A value object that people also write by hand, in a notebook or a guard: what is wrong with it is one line."""

    def __init__(self, /, *args: Any, **data: Any) -> None:
        """Check what is given.

        Raises:
            UsageError: A field that is unknown, missing or of another kind.
        """
        name, fields = type(self).__name__, [n for n in type(self).model_fields if n != "kind"]
        if args:
            raise UsageError(f"{name}: name each field, such as {name}({fields[0]}=…)")
        try:
            super().__init__(**data)
        except ValidationError as error:
            found = error.errors(include_url=False)  # a misspelled field comes before the one that is missing for it
            first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
            place = f"{name}: {'.'.join(map(str, first['loc']))}".removesuffix(": ")
            if first["type"] == "extra_forbidden":
                strange = str(first["loc"][-1])
                said = f"there is no such field; there are: {', '.join(fields)}{did_you_mean(strange, fields)}"
            elif first["type"] == "missing":
                said = "is missing"
            elif first["type"] == "value_error":
                said = str(first["ctx"]["error"])
            else:
                said = f"{first['msg'][0].lower()}{first['msg'][1:]}, found {first['input']!r}"
            raise UsageError(f"{place}: {said}") from None

    # As pydantic's own: where data are read, their checks make the object without this, and say what they say.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]
