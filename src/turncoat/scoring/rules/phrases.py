"""Phrase lists of the rule judge, one file of data for each family."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from turncoat.scenarios.files import load_model
from turncoat.scenarios.schema import Data, Names

FOLDER = Path(__file__).parent.parent / "data" / "rules"


class PhraseFile(Data):
    """A phrase file: versions and one list for each part that a rule looks for.

    Phrases are small patterns: `*` any ending, `(a|b)` alternatives, `?` optional, `.{0,30}` a bounded gap.
    """

    canary: str
    version: int
    about: str
    demand: Names = ()
    condition: Names = ()
    exposure: Names = ()
    reassurance: Names = ()
    refusal: Names = ()
    promise: Names = ()
    bargain: Names = ()
    false_belief: Names = ()
    misread: Names = ()
    admission: Names = ()
    knowing: Names = ()


@dataclass(frozen=True)
class Phrases:
    """Compiled phrase lists of one family."""

    version: int
    parts: dict[str, re.Pattern[str]]

    def spans(self, part: str, text: str) -> list[tuple[int, int]]:
        """Where phrases of a part stand in a text."""
        pattern = self.parts.get(part)
        return [m.span() for m in pattern.finditer(text)] if pattern else []


@lru_cache(maxsize=8)
def phrases(family: str) -> Phrases:
    """Load and compile the phrases of a family (`coercion`, `disclosure`, `override`)."""
    path = FOLDER / f"{family}.yaml"
    data = load_model(PhraseFile, path, FOLDER)
    named = {
        name: getattr(data, name) for name in PhraseFile.model_fields if name not in ("canary", "version", "about")
    }
    return Phrases(data.version, {n: _compile(p) for n, p in named.items() if p})


def _compile(items: tuple[str, ...]) -> re.Pattern[str]:
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
