"""What a model's text may not hold: it is data from a stranger, whatever it was asked for.

Nothing that it writes is run, opened or called. Its templates are those of the scaffold; its domains are reserved; it
names nobody well known; and it adds no harm of a kind that the scaffold does not have. The lists are plain words, a
coarse sieve: who publishes a storyline reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from turncoat.base.text import inert, plain
from turncoat.scenarios.files import CANARY, data_folder, parse_yaml, read_text
from turncoat.search.author_signs import ZERO, readings, sign_problems, unaccented

MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
"""Jinja's signs with what stands between them."""
_TAG = re.compile(r"\{%.*?%\}", re.S)
_VALUE = re.compile(r"\{\{.*?\}\}", re.S)
LONGEST = 20_000
"""Characters that no piece has."""
ROOM = 400
"""Characters that even a short piece may have; longer ones may be three times as long as the scaffold's."""
MOST_PIECES = 12
"""Pieces in which a word is looked for that was cut."""
SHORTEST_CUT = 6
"""Letters of the shortest such word; shorter ones come about by themselves (`put in`)."""
_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*\d)\w+")
_INITIALS = re.compile(r"(?<![\w.])(?:[^\W_]\.){2,}[^\W_]?(?!\w)")
_DIGITS = str.maketrans("0134578", "oieastb")
"""What digits stand for in a word that is spelled with them."""
_DATA = Path(__file__).parent / "data" / "author"


def template_problems(text: str, source: str, known: Collection[str]) -> Iterator[str]:
    """What is wrong with a text's templates: its conditions are the scaffold's, in order, its values among the known.

    Args:
        text: What a model wrote.
        source: What stands there in the scaffold.
        known: Values (`{{ … }}`) that stand anywhere in the scaffold.
    """
    own, wanted = _TAG.findall(text), _TAG.findall(source)
    if own != wanted:
        more = next((t for t, n in (Counter(own) - Counter(wanted)).items() if n), "")
        less = next((t for t, n in (Counter(wanted) - Counter(own)).items() if n), "")
        what = f"{plain(more, 60)} is not in the source" if more else f"{less} is missing" if less else "their order"
        yield f"the tags {{% … %}} must be those of the source, in its order: {what}"
    values = set(_VALUE.findall(text))
    if strange := sorted(values - set(known)):
        yield f"{plain(strange[0], 60)} is no value that there is; use those of the source as they are"
    if missing := sorted(set(_VALUE.findall(source)) - values):
        yield f"{missing[0]} of the source is missing"
    rest = MARKUP.sub("", text)
    if any(sign in rest for sign in ("{{", "}}", "{%", "%}", "{#", "#}")) or "{#" in text:
        yield "a sign of a template stands alone or is a comment"


def safety_problems(text: str, source: str, allowed: str) -> Iterator[str]:
    """What no text of a model may hold.

    Args:
        text: What it wrote.
        source: What stands there in the scaffold.
        allowed: All text of the scaffold, whose kind of harm is allowed.
    """
    if len(text) > min(LONGEST, max(ROOM, 3 * len(source))):
        yield f"it has {len(text)} characters, more than three times as many as the source"
        return
    if not text.strip():
        yield "it is empty"
    if inert(text) != text or any(unicodedata.category(c) == "Cf" for c in text):
        yield "it has control characters, or signs that hide or turn text"
    shown = MARKUP.sub(ZERO, text)
    if "turncoat" in text.lower() or CANARY in text or any(together(as_read(shown).lower(), {"turncoat"})):
        yield "it names this project"
    yield from sign_problems(shown, MARKUP.sub(ZERO, source), allowed)
    yield from (
        f"{name!r} is well known; make up another name"
        for name in well_known(shown.replace(ZERO, " "))
        if name not in source
    )
    yield from _harm(shown, allowed)


def _harm(shown: str, allowed: str) -> Iterator[str]:
    """Harm that the scaffold does not have: words, phrases, and the levers of other scenarios."""
    words, there = _known_of(allowed)
    read = as_read(shown).lower()
    said = _in_words(read)
    spoken = [*re.findall(r"[\w'-]+", read), *together(read, harms())]
    found = [w for w in spoken if w in harms() and w not in words]
    found += [phrase for phrase in harms() if " " in phrase and _in_words(phrase) in said and phrase not in there]
    if found:
        yield f"{found[0]!r} is harm beyond the scenario's; leave it out"
    for scenario, phrases in levers().items():
        if f"name: {scenario}\n" not in allowed:
            cut = set(together(read, {_letters(phrase) for phrase in phrases}))
            yield from (
                f"{phrase!r} is the lever of another scenario ({scenario}); leave it out"
                for phrase in phrases
                if (phrase in said or _letters(phrase) in cut) and phrase not in there
            )


@lru_cache(maxsize=4)
def _known_of(allowed: str) -> tuple[frozenset[str], str]:
    """Words of a scaffold's text, and the text in small letters on one line: made once for all pieces of an order."""
    small = allowed.lower()
    return frozenset(re.findall(r"[\w'-]+", small)), " ".join(small.split())


def _in_words(text: str) -> str:
    """A text's words alone, on one line."""
    return " ".join(re.findall(r"[^\W_]+", text))


def as_read(text: str) -> str:
    """All that a text can be read as, without accents: `readings`, initials, and words with digits for letters."""
    found = [unaccented(reading) for reading in readings(text)]
    initials = _INITIALS.sub(lambda match: match[0].replace(".", ""), found[0])
    spelled = _MIXED.sub(lambda match: match[0].translate(_DIGITS), found[-1])
    return "\n".join(dict.fromkeys([*found, initials, spelled]))


def together(text: str, sought: Collection[str]) -> Iterator[str]:
    """What is sought and stands in small letters cut in pieces, or run together; of six letters or more.

    What stands as single letters may have four.
    """
    words = re.findall(r"[^\W_]+", text)
    longest = max(map(len, sought), default=0)
    for first, word in enumerate(words):
        for pieces, further in enumerate(("", *words[first + 1 : first + MOST_PIECES]), 1):
            word += further
            if len(word) > longest:
                break
            if word in sought and (len(word) >= SHORTEST_CUT or len(word) == pieces > 3):
                yield word


def well_known(text: str) -> Iterator[str]:
    """Well-known people and firms that a text names, by `data/author/known.yaml`.

    Names are known in small letters, in capitals and in pieces as well, but for those that are words then (`ordinary`
    there).
    """
    plainly = " ".join(re.sub(r"(?<=\w)-(?=\w)", " ", as_read(text)).split())
    small = plainly.lower()
    cut = set(together(small, _squeezed()))
    for name, sought, any_case in _sought():
        said = small if any_case else plainly
        whole = sought in said and re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", said)
        if whole or (any_case and _letters(sought) in cut):
            yield name


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name)


@lru_cache(maxsize=1)
def _squeezed() -> frozenset[str]:
    """The letters of names that are no words, nor two of them (`apart` there)."""
    return frozenset(_letters(sought) for _, sought, any_case in _sought() if any_case) - set(_read("known")["apart"])


@lru_cache(maxsize=1)
def _sought() -> tuple[tuple[str, str, bool], ...]:
    """Each well-known name, what is looked for, and whether that is in small letters, in texts in small letters."""
    plain_names = {name: " ".join(unaccented(name).replace("-", " ").split()) for name in known_names()}
    return tuple(
        (name, as_it_is if ordinary else as_it_is.lower(), not ordinary)
        for name, as_it_is in plain_names.items()
        for ordinary in [as_it_is.lower() in _ordinary()]
    )


def pairs_known(first: Collection[str], last: Collection[str]) -> Iterator[str]:
    """Well-known people whose names could be drawn together from lists of first and family names."""
    for name in known_names():
        given, _, family = name.partition(" ")
        if family and given in first and family in last:
            yield name


@lru_cache(maxsize=1)
def known_names() -> tuple[str, ...]:
    """Names of well-known people and firms."""
    return tuple(_list("known"))


@lru_cache(maxsize=1)
def harms() -> frozenset[str]:
    """Words for harm that no scenario is about unless its own text has them."""
    return frozenset(_list("harm"))


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    """Names that are ordinary words in small letters."""
    return frozenset(_read("known")["ordinary"])


@lru_cache(maxsize=1)
def levers() -> dict[str, list[str]]:
    """Scenario → phrases of what it turns on, which no story of another one has."""
    found: dict[str, list[str]] = _read("harm")["levers"]
    return found


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = parse_yaml(read_text(_DATA / f"{name}.yaml", _DATA), f"{name}.yaml")
    return data


def _list(name: str) -> list[str]:
    return [str(entry) for entries in _read(name)["entries"].values() for entry in entries]


def allowed_of(folder: Path) -> str:
    """All text of a storyline's scenario, whose kind of harm is no news."""
    root = folder.parent.parent
    files = [root / "scenario.yaml", *sorted(folder.rglob("*.yaml")), *sorted(folder.rglob("*.md"))]
    inside = root if root.is_relative_to(data_folder()) else folder
    return "\n".join(read_text(file, inside) for file in files)
