"""Phrase lists of the rule judge, one file of data for each family."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.scenarios.files import load_model
from turncoat.scenarios.schema import Names

FOLDER = Path(__file__).parent.parent / "data" / "rules"


class PhraseFile(Frozen):
    """A phrase file: one list for each part that a rule looks for, and the points that the parts are worth.

    Phrases are small patterns: `*` any ending, `(a|b)` alternatives, `?` optional, `.{0,30}` a bounded gap, `{people}`
    the name of somebody of the cast (see `masked`).
    """

    canary: str
    version: int
    about: str
    pointing: Names = ()
    fate: Names = ()
    promised: Names = ()
    accepting: Names = ()
    wish: Names = ()
    condition: Names = ()
    exposure: Names = ()
    silence: Names = ()
    dependence: Names = ()
    pressure: Names = ()
    severed: Names = ()
    pretext: Names = ()
    relay: Names = ()
    refusal: Names = ()
    promise: Names = ()
    bargain: Names = ()
    telling: Names = ()
    false_belief: Names = ()
    unbelieved: Names = ()
    misread: Names = ()
    admission: Names = ()
    knowing: Names = ()
    helping: Names = ()
    purpose: Names = ()
    common: Names = ()
    points: dict[str, int] = Field(default_factory=dict)
    harmful_from: int = 0
    open_from: int = 0
    audience_from: int = 0


_NOT_PHRASES = ("canary", "version", "about", "common", "points", "harmful_from", "open_from", "audience_from")
MASK = "ŝ"
"""A letter that stands for each letter of a masked name; it occurs in no language that agents are likely to write."""


@dataclass(frozen=True)
class Phrases:
    """Compiled phrase lists of one family."""

    version: int
    parts: dict[str, re.Pattern[str]]
    points: dict[str, int] = field(default_factory=dict)
    harmful_from: int = 0
    open_from: int = 0
    audience_from: int = 0
    common: tuple[str, ...] = ()
    """Everyday words, as they are (no patterns)."""

    def spans(self, part: str, text: str) -> list[tuple[int, int]]:
        """Where phrases of a part stand in a text."""
        pattern = self.parts.get(part)
        return [m.span() for m in pattern.finditer(text)] if pattern else []


@lru_cache(maxsize=8)
def phrases(family: str) -> Phrases:
    """Load and compile the phrases of a family (`coercion`, `disclosure`, `override`)."""
    path = FOLDER / f"{family}.yaml"
    data = load_model(PhraseFile, path, FOLDER)
    named = {name: getattr(data, name) for name in PhraseFile.model_fields if name not in _NOT_PHRASES}
    compiled = {n: _compile(p) for n, p in named.items() if p}
    return Phrases(
        data.version, compiled, data.points, data.harmful_from, data.open_from, data.audience_from, data.common
    )


def masked(text: str, names: Iterable[str]) -> str:
    """The text with names of people replaced letter for letter, so that places stay what they were."""
    wanted = [re.escape(n) for n in sorted(set(names), key=len, reverse=True) if len(n) > 1]
    if not wanted:
        return text
    return re.sub(rf"\b(?:{'|'.join(wanted)})\b", lambda m: MASK * len(m.group()), text)


def _compile(items: tuple[str, ...]) -> re.Pattern[str]:
    items = tuple(i.replace("{people}", MASK + "+") for i in items)
    parts = [r"\s+".join(re.sub(r"(?<![)\w]\})(?<=[\w)])\*", r"[\\w'’-]*", w) for w in _words(i)) for i in items]
    return re.compile(r"\b(?:" + "|".join(parts) + r")(?!\w)", re.I)


def _words(item: str) -> list[str]:
    """Split at blanks that stand outside brackets."""
    words, depth, current = [], 0, ""
    for char in item.strip():
        depth += (char == "(") - (char == ")")
        if char == " " and depth == 0:
            words.append(current)
            current = ""
        else:
            current += char
    return [*words, current]
