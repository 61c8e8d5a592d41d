"""Arguments are held against annotations: what fits comes in one form, what does not is one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pytest

from turncoat.base.arguments import checked
from turncoat.base.errors import UsageError


class Speaker(Protocol):
    """Has a name and speaks."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def speak(self) -> str:
        """Say something."""
        ...


class Dog:
    name = "dog"

    def speak(self) -> str:
        return "woof"


@checked
def take(
    text: str = "",
    number: int = 0,
    share: float = 0.5,
    sure: bool = False,
    place: str | Path | None = None,
    places: str | Path | Iterable[str | Path] = (),
    names: str | Sequence[str] | None = (),
    roles: Mapping[str, str] | None = None,
    listener: Callable[[int], None] | None = None,
    speakers: Sequence[Speaker] = (),
    **levels: str,
) -> dict[str, Any]:
    """Take everything.

    Args:
        text: A text, such as `a`. And more.
        number: A number.
        **levels: Levels by
            factor.
    """
    return {**locals()}


call: Any = take
HOME = Path.home()
DOG = Dog()

FITS: list[tuple[str, Any, Any]] = [
    ("text", np.str_("a"), "a"),
    ("text", None, ""),
    ("number", np.int64(3), 3),
    ("number", None, 0),
    ("share", 1, 1.0),
    ("share", np.float32(0.25), 0.25),
    ("share", float("inf"), float("inf")),
    ("sure", np.bool_(True), True),
    ("place", Path("~") / "x", HOME / "x"),
    ("place", "~/x", f"{HOME}/x"),
    ("place", "s3://bucket/x", "s3://bucket/x"),
    ("place", None, None),
    ("places", (Path(p) for p in "ab"), [Path("a"), Path("b")]),
    ("places", [Path("a"), "~/b"], [Path("a"), f"{HOME}/b"]),
    ("names", pd.Series(["a", "b"]), ["a", "b"]),
    ("names", np.array(["a"]), ["a"]),
    ("names", {"a": 1}.keys(), ["a"]),
    ("names", [], []),
    ("roles", pd.Series({"a": "b"}), {"a": "b"}),
    ("listener", print, print),
    ("speakers", (DOG,), [DOG]),
]
WRONG: list[tuple[str, Any, str]] = [
    ("text", 5, "take: text: expected a text, found 5 (A text, such as `a`)"),
    ("text", b"x", "expected a text, found b'x'"),
    ("text", Path("x"), "expected a text, found the path 'x'"),
    ("text", ["a"], "expected a text, found list"),
    ("number", 2.5, "expected a whole number, found 2.5 (A number)"),
    ("number", np.float64(2.5), "expected a whole number, found 2.5 (float64)"),
    ("number", True, "expected a whole number, found True"),
    ("number", "3", "expected a whole number, found '3'"),
    ("share", float("nan"), "expected a number, found nan"),
    ("share", "y" * 100, f"expected a number, found '{'y' * 58}…"),
    ("sure", "no", "expected True or False, found 'no'"),
    ("sure", 1, "expected True or False, found 1"),
    ("place", 5, "expected a text, a path or None, found 5"),
    ("place", "a\0b", "found 'a\\x00b' (no name of a file)"),
    ("place", Path("\ud83d"), "(no name of a file)"),
    ("text", "\ud83d", "(half of a character"),
    ("places", ["\ud83d"], "(no name of a file) at [0]"),
    ("place", Path("s3://bucket/x"), "give the address s3://… as a text"),
    ("places", ["a", 5], "expected a text, a path or a list of texts or paths, found 5 at [1]"),
    ("places", pd.DataFrame({"a": [1]}), "found DataFrame"),
    ("names", {"a": 1}, "expected a text, a list of texts or None, found dict"),
    ("names", pd.Series([1.5]), "found 1.5 at [0]"),
    ("names", np.array([["a"]]), "found ndarray"),
    ("roles", {"a": 1}, "expected a mapping or None, found 1 at ['a']"),
    ("roles", [("a", "b")], "expected a mapping or None, found list"),
    ("listener", "f", "expected a function or None, found 'f'"),
    ("speakers", [Dog], "expected a list of Speakers (an object with `speak`), found the class Dog at [0]"),
    ("speakers", DOG, "found Dog"),
    ("goal", 1, "take: goal: expected a text, found 1 (Levels by factor)"),
]


@pytest.mark.parametrize(("name", "given", "taken"), FITS)
def test_what_fits_comes_in_one_form(name: str, given: Any, taken: Any) -> None:
    found = call(**{name: given})[name]
    assert found == taken and type(found) is type(taken)


@pytest.mark.parametrize(("name", "given", "said"), WRONG)
def test_what_does_not_fit_is_one_line(name: str, given: Any, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        call(**{name: given})
    assert said in str(raised.value) and str(raised.value).startswith(f"take: {name}: ")
    assert "\n" not in str(raised.value)


def test_what_is_missing_or_unknown_is_said() -> None:
    @checked
    def give(model: str) -> str:
        return model

    one: Any = give
    with pytest.raises(UsageError, match="give: missing a required argument: 'model'"):
        one()
    with pytest.raises(UsageError, match="give: there is no argument 'modell'; did you mean 'model'"):
        one(modell="x")
    assert one("x") == "x"
