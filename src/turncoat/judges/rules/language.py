"""What rules read in a text: phrases, from one file of data for each family; sentences; negation; English or not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.base.patterns import later
from turncoat.evidence.passages import Span, words
from turncoat.scenarios.files import load_model
from turncoat.scenarios.terms import Names

FOLDER = Path(__file__).parent.parent / "data" / "rules"
MASK = "ŝ"
"""A letter that stands for each letter of a masked name; it occurs in no language that agents are likely to write."""


class Phrases(Frozen):
    """The phrases of one family: a list for each part that a rule looks for, and the points that the parts are worth.

    Phrases are small patterns: `*` any ending, `(a|b)` alternatives, `?` optional, `.{0,30}` a bounded gap, `{people}`
    the name of somebody of the cast (see `masked`), `{name}` a list of `classes`.
    """

    canary: str
    version: int
    about: str
    parts: dict[str, Names]
    classes: dict[str, str] = Field(default_factory=dict)
    points: dict[str, int] = Field(default_factory=dict)
    harmful_from: int = 0
    open_from: int = 0
    audience_from: int = 0
    common: Names = ()
    """Everyday words, as they are (no patterns)."""

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {name: _compile(tuple(map(self._filled, items))) for name, items in self.parts.items()}

    def _filled(self, item: str) -> str:
        for name, alternatives in self.classes.items():
            item = item.replace(f"{{{name}}}", alternatives)
        return item

    def spans(self, part: str, text: str) -> list[Span]:
        """Where phrases of a part stand in a text, in any case."""
        return [m.span() for m in self._patterns[part].finditer(_small(text))]


@lru_cache(maxsize=8)
def phrases(family: str) -> Phrases:
    """The phrases of a family (`coercion`, `disclosure`, `override`)."""
    return load_model(Phrases, FOLDER / f"{family}.yaml", FOLDER)


def masked(text: str, names: Iterable[str]) -> str:
    """The text with names of people replaced letter for letter, so that places stay what they were."""
    pattern = _any_of(frozenset(n for n in names if len(n) > 1))
    return pattern.sub(lambda m: MASK * len(m.group()), text) if pattern else text


@lru_cache(maxsize=64)
def _any_of(names: frozenset[str]) -> re.Pattern[str] | None:
    wanted = [re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n))]
    return re.compile(rf"\b(?:{'|'.join(wanted)})\b") if wanted else None


def _compile(items: tuple[str, ...]) -> re.Pattern[str]:
    items = tuple(i.replace("{people}", MASK + "+") for i in items)
    parts = [r"\s+".join(re.sub(r"(?<![)\w]\})(?<=[\w)])\*", r"[\\w'’-]*", w) for w in _pieces(i)) for i in items]
    small = re.sub(r"(\\.)|[^\\]+", lambda m: m[1] or _small(m[0]), "|".join(parts))  # `\S` is another class than `\s`
    return re.compile(rf"\b(?:{small})(?!\w)")


_ALSO_SMALL = str.maketrans("İıſ", "iis")
"""What `re.IGNORECASE` takes for letters of ours beside their capitals."""


@lru_cache(maxsize=64)
def _small(text: str) -> str:
    """The text in small letters, place for place: patterns without `re.IGNORECASE` take half the time."""
    return text.lower() if text.isascii() else text.translate(_ALSO_SMALL).lower()


def _pieces(item: str) -> list[str]:
    """Split at blanks that stand outside brackets."""
    depths = accumulate((char == "(") - (char == ")") for char in item)
    cut = ("\n" if char == " " and not depth else char for char, depth in zip(item, depths, strict=True))
    return "".join(cut).strip("\n").split("\n")


MAX_SENTENCE = 600
"""Characters after which a sentence without an end is cut, so that no rule reads further than that."""
HEAD, TAIL = 20_000, 5_000
"""How many characters of a text are read from its beginning and from its end, where it is longer than both."""
BEFORE = 28
"""How far before a phrase (characters) a negation reaches it."""

_TITLES = "".join(rf"(?<!\b{t}\.)" for t in ("Mr", "Ms", "Mrs", "Dr", "St", "No", "p.m", "a.m"))
_END = later(rf"(?<=[.!?;:]){_TITLES}[\"'”’)\]]*\s+|\n\s*\n|\n(?=\s*(?:[-*•\d(]|$))|\s[–—-]\s")
_NUMBER = later(r"\s{0,9}\(?(?:\d{1,3}|[a-zA-Z])[.)]")
_NEGATION = later(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|hardly|cannot|isn['’]t|wasn['’]t|aren['’]t|don['’]t|"
    r"doesn['’]t|didn['’]t|won['’]t|can['’]t|couldn['’]t|wouldn['’]t|shouldn['’]t|haven['’]t|hasn['’]t)\b[^.;:!?,]*$",
    re.I,
)


@dataclass(frozen=True)
class Sentence:
    """A piece of a text, and where it begins."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends in the whole text."""
        return self.start + len(self.text)


def too_long(text: str) -> bool:
    """Whether rules read only the beginning and the end of a text."""
    return len(text) > HEAD + TAIL


def sentences(text: str) -> list[Sentence]:
    """Split a text at sentence ends, blank lines, list items and dashes; long ones are cut.

    Of a very long text (`too_long`) only the beginning and the end are read.
    """
    if too_long(text):
        late = len(text) - TAIL
        return _split(text[:HEAD]) + [Sentence(late + s.start, s.text) for s in _split(text[late:])]
    return _split(text)


def _split(text: str) -> list[Sentence]:
    found: list[Sentence] = []
    at = 0
    for start, end in [*((m.start(), m.end()) for m in _END.finditer(text)), (len(text), len(text))]:
        if _NUMBER.fullmatch(text, at, start):
            continue  # the number of a list belongs to what it counts
        while at < start:
            piece = text[at : min(start, at + MAX_SENTENCE)]
            if piece.strip():
                found.append(Sentence(at, piece))
            at += len(piece)
        at = max(at, end)
    return found


def negated(text: str, span: Span) -> bool:
    """Whether a negation stands shortly before a phrase, with no comma or full stop between."""
    return _NEGATION.search(text[max(0, span[0] - BEFORE) : span[0]]) is not None


_LATIN = later(r"[A-Za-z\u00c0-\u024f]")
_COMMON = frozenset(
    (
        "the be is are was were am been a an and or but not no of to in on at for from with by as it this that "
        "these those i you he she we they me him her us them my your his its our their have has had do does did "
        "will would can could should may might if so what which who when there here all any one up out about "
        "after before then than just only "
    ).split()
)
"""Function words; about two in five words of ordinary English are among these."""
_ENOUGH = 20
"""Words below which nothing can be said of a text."""
_SHARE = 0.1
"""Share of function words below which a text is taken for another language: far below any English prose, and above
what other languages share by chance (German `in`, `am`, `was`, Spanish and French `a`, `me`, `on`)."""


def english(text: str) -> bool:
    """Whether a text reads like English; short ones do, unless most of their words are in other letters."""
    found = [w.lower() for w in words(text) if w[0].isalpha()]
    latin = sum(bool(_LATIN.match(w)) for w in found)
    if 2 * latin < len(found):
        return False
    return len(found) < _ENOUGH or sum(w in _COMMON for w in found) / len(found) >= _SHARE
