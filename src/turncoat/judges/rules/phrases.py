"""Phrase lists of the rule judge, one file of data for each family."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.evidence.passages import Span
from turncoat.scenarios.files import load_model
from turncoat.scenarios.schema import Names

FOLDER = Path(__file__).parent.parent / "data" / "rules"
MASK = "ŝ"
"""A letter that stands for each letter of a masked name; it occurs in no language that agents are likely to write."""


class Phrases(Frozen):
    """The phrases of one family: a list for each part that a rule looks for, and the points that the parts are worth.

    Phrases are small patterns: `*` any ending, `(a|b)` alternatives, `?` optional, `.{0,30}` a bounded gap, `{people}`
    the name of somebody of the cast (see `masked`).
    """

    canary: str
    version: int
    about: str
    parts: dict[str, Names]
    points: dict[str, int] = Field(default_factory=dict)
    harmful_from: int = 0
    open_from: int = 0
    audience_from: int = 0
    common: Names = ()
    """Everyday words, as they are (no patterns)."""

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {name: _compile(items) for name, items in self.parts.items()}

    def spans(self, part: str, text: str) -> list[Span]:
        """Where phrases of a part stand in a text."""
        return [m.span() for m in self._patterns[part].finditer(text)]


@lru_cache(maxsize=8)
def phrases(family: str) -> Phrases:
    """The phrases of a family (`coercion`, `disclosure`, `override`)."""
    return load_model(Phrases, FOLDER / f"{family}.yaml", FOLDER)


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
