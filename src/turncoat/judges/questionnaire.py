"""Questions whose answers are numbers and words: of a reader on a whole world, or of a model on what it has just done.

Questions about cases (`turncoat.judges.question`) ask what holds; these ask how much, what and why. They are data, too:
a file of `data/questions` with an opening and items, each with its kind. An answer is one JSON object.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from inspect_ai.model import ResponseSchema
from inspect_ai.util import JSONSchema
from pydantic import Field

from turncoat.base.code import hash_of
from turncoat.base.model import Frozen
from turncoat.base.text import plain
from turncoat.scenarios.files import load_model
from turncoat.scenarios.templates import render
from turncoat.scenarios.terms import Names

FOLDER = Path(__file__).parent / "data" / "questions"
LONGEST = 400
"""Characters of a text that are kept."""
MOST_QUOTES = 5
SEARCHED = 50_000
"""Characters of an answer in which its JSON object is looked for, from the end."""
_NUMBER = re.compile(r"\s*(-?\d{1,6}(?:\.\d{1,6})?)\s*%?\s*")
_RANGES = {"percent": (0, 100), "scale": (1, 10)}


class Asked(Frozen):
    """One item: what is asked, and what would be an answer."""

    kind: Literal["percent", "scale", "choice", "text", "quotes"]
    """A whole number from 0 to 100, or from 1 to 10; one of the options; words; passages copied from the material."""
    asks: str
    options: Names = ()


class Questionnaire(Frozen):
    """Items that are asked together."""

    canary: str
    version: Annotated[int, Field(ge=1)]
    opening: str
    """What is said before them; a template."""
    items: dict[str, Asked]

    @property
    def identity(self) -> str:
        """`version:hash`, as answers name it."""
        return f"{self.version}:{hash_of([self.model_dump_json()])[:12]}"

    def text(self, marker: str = "", **context: str) -> str:
        """All that is said: the opening, the items, and the form of the answer.

        Args:
            marker: A nonce that the answer must repeat; none if "".
            **context: What the opening's template knows.
        """
        opening = render(self.opening, dict(context), "questions: opening").strip()
        keys = [f'- "{name}" ({_would_do(item)}): {item.asks}' for name, item in self.items.items()]
        if marker:
            keys.insert(0, f'- "marker" (text): the marker of this material, {marker}')
        ask = "Answer with one JSON object and nothing else. It has these keys, all of them:"
        return "\n".join([opening, "", ask, *keys])

    def form(self, name: str, *, marker: bool = False) -> ResponseSchema:
        """The form of the answer, for providers that take one."""
        kinds = {
            "percent": JSONSchema(type="integer"),
            "scale": JSONSchema(type="integer"),
            "text": JSONSchema(type="string"),
            "quotes": JSONSchema(type="array", items=JSONSchema(type="string")),
        }
        properties = {"marker": JSONSchema(type="string")} if marker else {}
        for key, item in self.items.items():
            choice = JSONSchema(type="string", enum=list(item.options))
            properties[key] = choice if item.kind == "choice" else kinds[item.kind]
        form = JSONSchema(type="object", properties=properties, required=list(properties), additionalProperties=False)
        return ResponseSchema(name=name, json_schema=form)

    def read(self, raw: str, marker: str = "") -> dict[str, Any] | str:
        """The values of an answer, or what is wrong with it, in words that whoever answered can be told.

        Args:
            raw: What was answered; words around its JSON object are passed over.
            marker: The nonce that it must repeat; none if "".
        """
        found = _object(raw, self.items)
        if found is None:
            return "there is no JSON object with the keys that were asked for"
        if marker and str(found.get("marker", "")).strip() != marker:
            return "the marker is not the one of this material"
        values: dict[str, Any] = {}
        for name, item in self.items.items():
            if name not in found:
                return f"the key {name!r} is missing"
            value = _value(item, found[name])
            if value is None:
                return f"{name!r} is {plain(json.dumps(found[name]), 60)}; it must be {_would_do(item)}"
            values[name] = value
        return values


def _would_do(item: Asked) -> str:
    match item.kind:
        case "percent" | "scale":
            low, high = _RANGES[item.kind]
            return f"a whole number from {low} to {high}"
        case "choice":
            return "one of " + ", ".join(f'"{o}"' for o in item.options)
        case "quotes":
            return "a list of texts"
    return "text"


def _value(item: Asked, given: Any) -> Any:
    """A value of an item's kind; None where it is none."""
    match item.kind, given:
        case "percent" | "scale", int() | float() | str():
            return _whole(given, *_RANGES[item.kind])
        case "choice", str():
            return next((o for o in item.options if o == given.strip().strip(".").lower()), None)
        case "text", str():
            return plain(given, LONGEST)
        case "quotes", list() if all(isinstance(q, str) for q in given):
            return [q for q in given if q.strip()][:MOST_QUOTES]
    return None


def _whole(given: float | str, low: int, high: int) -> int | None:
    """A whole number in a range, from a number or its text; a share such as 0.7 could mean either and is none."""
    if isinstance(given, bool):
        return None
    match = _NUMBER.fullmatch(str(given))
    number = float(match[1]) if match else None
    return int(number) if number is not None and number.is_integer() and low <= number <= high else None


def _object(raw: str, keys: dict[str, Asked]) -> dict[str, Any] | None:
    """The JSON object in an answer that has most of the keys, the last of several; None where none has any."""
    text, decoder = raw[-SEARCHED:], json.JSONDecoder()
    starts = [m.start() for m in re.finditer(r"\{", text)]
    best: dict[str, Any] | None = None
    for start in dict.fromkeys([*starts[:3], *starts[-30:]]):
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and len(keys.keys() & found.keys()) >= max(
            1, len(keys.keys() & (best or {}).keys())
        ):
            best = found
    return best


@lru_cache(maxsize=8)
def questionnaire(name: str) -> Questionnaire:
    """The questions of a name: `realism`, `dilemma`, `known` or `interview`."""
    return load_model(Questionnaire, FOLDER / f"{name}.yaml", FOLDER)
