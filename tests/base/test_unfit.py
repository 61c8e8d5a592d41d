"""What of data does not fit a schema is said in one line, in the same words wherever the data come from."""

from typing import Any, Literal

import pytest
from pydantic import Field, model_validator

from turncoat.base.errors import DataError, TranscriptError, UsageError
from turncoat.base.model import Frozen, Stated
from turncoat.base.unfit import fitted, keys


class Part(Frozen):
    at: int = Field(ge=0)
    colour: Literal["red", "green"] = "red"


class Whole(Stated):
    kind: Literal["whole"] = "whole"
    name: str
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _is_named(self) -> "Whole":
        if not self.name:
            raise ValueError("name or leave it")
        return self


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "key 'name' is missing"),
        ({"name": 3}, "key 'name': needs a text; found 3"),
        ({"name": None}, "key 'name': needs a text; found nothing"),
        ({"nmae": "a"}, "key 'nmae' is not known here; allowed keys: name, parts; did you mean 'name'? (and 1 more)"),
        ({"name": "a", "parts": "b"}, "key 'parts': needs a list; found 'b'"),
        ({"name": "a", "parts": [{"at": "x" * 80}]}, f"key 'parts.0.at': needs a whole number; found '{'x' * 56}…"),
        ({"name": "a", "parts": [{"at": -1}]}, "key 'parts.0.at': needs a number greater than or equal to 0; found -1"),
        (
            {"name": "a", "parts": [{"at": 1, "color": "red"}]},
            "key 'parts.0.color' is not known here; allowed keys: at, colour; did you mean 'colour'?",
        ),
        (
            {"name": "a", "parts": [{"at": 1, "colour": "gren"}]},
            "key 'parts.0.colour': 'gren' is not one of: red, green; did you mean 'green'?",
        ),
        ({"name": ""}, "name or leave it"),
    ],
)
def test_data_and_what_is_written_by_hand_are_told_alike(data: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as of_data:
        fitted(Whole, data, "a place")
    assert str(of_data.value) == f"a place: {said}"
    with pytest.raises(UsageError) as by_hand:
        Whole(**data)
    assert str(by_hand.value) == f"Whole: {said}"


def test_the_error_is_of_the_kind_that_the_caller_names() -> None:
    with pytest.raises(TranscriptError, match=r"^a place: needs a mapping of keys; found a list$"):
        fitted(Whole, [], "a place", TranscriptError)
    with pytest.raises(DataError, match=r"missing; of input \{\}$"):
        fitted(Whole, {}, "a place", remedy=lambda first: f"; of input {first['input']}")


def test_the_keys_are_those_that_somebody_may_write() -> None:
    assert keys(Whole) == ["name", "parts"]
    assert keys(Whole, ("parts", 0)) == ["at", "colour"]
