"""The base of the world's data: frozen, strict, comparable by value."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from turncoat.base.errors import UsageError
from turncoat.base.unfit import keys, unfit

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
        name = type(self).__name__
        if args:
            raise UsageError(f"{name}: name each field, such as {name}({keys(type(self))[0]}=…)")
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise UsageError(f"{name}: {unfit(type(self), error)}") from None

    # As pydantic's own: where data are read, their checks make the object without this, and say what they say.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]
