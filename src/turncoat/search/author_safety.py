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

MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
"""Jinja's signs with what stands between them."""
_TAG = re.compile(r"\{%.*?%\}", re.S)
_VALUE = re.compile(r"\{\{.*?\}\}", re.S)
_ADDRESS = re.compile(r"@((?:[\w-]+|\x00)(?:\.[\w-]+)*)")
_SITE = re.compile(r"(?<![\w@.-])(?:[\w\x00-]+\.)+([a-z]{2,24})\b", re.I)
_BARE = re.compile(r"(?<![\w@./\\-])[a-z0-9][\w-]{2,}(?:\.[\w-]+)*\.([a-z]{2,24})(?![\w-])")
"""A site of any ending, as it is typed in a sentence."""
_FILES = frozenset(
    "txt pdf doc docx xls xlsx csv ppt pptx png jpg jpeg gif zip ics eml md html htm xml json log".split()
)
"""Ends of names of files, which are no sites."""
_SPELLED = re.compile(
    r"(?<![\w-])(?!(?:the|an?)\b)[\w-]+(?:\s+dot\s+|\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*)"
    r"(?:[\w-]+(?:\s+dot\s+|\.))*([a-z]{2,24})\b",
    re.I,
)
"""A site that is spelled out."""
_LINK = re.compile(
    r"\b(?!https?://(?:[\w\x00-]+\.)+(?:example|test|invalid)\b)[a-z][a-z0-9+.-]*://|\b(?:javascript|data|file|vbscript):\S"
    r"|\b(?:mailto|tel):\S|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|\blocalhost\b"
    r"|(?<![\w:])[0-9a-f]{1,4}:(?:[0-9a-f]{0,4}:){4,}|(?<![\w:])(?:[0-9a-f]{1,4}:)+:[0-9a-f]|\[::",
    re.I,
)
_NUMBERS = (
    r"(?<![\w-])(?:\+?1[ .-])?\(?\d{3}\)?[ .-](?!555)\d{3}[ .-]\d{4}(?!\d)",  # telephones of North America
    r"(?<![\w-])[2-9]\d{2}(?!555)[2-9]\d{6}(?![\w-])",
    r"\+\d{1,3}(?:[ ().-]*\d){8,}",  # and of elsewhere
    r"(?<![\w-])\(?0\d{2,4}\)?[ -]\d{3,4}[ -]\d{3,4}",
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\d-])",  # social security
    r"(?<!\d)(?:\d{4}[ -]){3}\d{4}(?!\d)",  # cards
    r"(?<![\w-])\d{13,19}(?![\w-])",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b",  # accounts
)
_PLACES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?<![\w/])(?:/(?:etc|usr|var|home|root|proc|dev|tmp|bin|opt|sys|mnt|Users)/|\.?/(?:[A-Za-z][\w.-]*/)+[A-Za-z]"
            r"|~\w*/|\.\.?/\w|\.\.[/\\]|[A-Za-z]:[\\/](?!/)|\\\\\w|%2e%2e)",
            re.I,
        ),
        "is a path of a machine; name a document by its title",
    ),
    (
        re.compile(r"</?[a-z!?%](?![^<>\s]*@)[^<>]*>|<[%?]|&(?:#x?[0-9a-f]+|[a-z]{2,8});|\]\(", re.I),
        "is markup; mails are plain text",
    ),
    (re.compile(r"[$#][({]|`[^`\n]+`"), "could be taken for a command"),
    (
        re.compile("|".join(_NUMBERS)),
        "is a number that could be somebody's; telephones have 555 in the middle",
    ),
)
"""What a mail of the scaffold may hold and a model may not add, and why."""
RESERVED = ("example", "test", "invalid")
"""Ends of domains that can be nobody's (RFC 2606)."""
_ENDINGS = frozenset(
    "com org net edu gov mil int info biz name pro io ai co us uk de fr nl eu ca au ch at jp cn ru in br mx es it se "
    "no dk pl app dev cloud shop site online store tech news blog me tv ly gg xyz top club world email".split()
)
LONGEST = 20_000
"""Characters that no piece has."""
ROOM = 400
"""Characters that even a short piece may have; longer ones may be three times as long as the scaffold's."""
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
    if "turncoat" in text.lower() or CANARY in text:
        yield "it names this project"
    shown = MARKUP.sub("\x00", text)
    yield from _addresses(folded(shown), MARKUP.sub("\x00", source))
    for pattern, why in _PLACES:
        if (match := pattern.search(folded(shown))) and match[0] not in source:
            yield f"{plain(match[0], 40)!r} {why}"
    yield from (
        f"{name!r} is well known; make up another name"
        for name in well_known(shown.replace("\x00", " "))
        if name not in source
    )
    yield from _harm(shown, allowed)


def _harm(shown: str, allowed: str) -> Iterator[str]:
    """Harm that the scaffold does not have: words, phrases, and the levers of other scenarios."""
    words, there = _known_of(allowed)
    said = folded(shown).lower()
    for word in re.findall(r"[\w'-]+", said):
        if word in harms() and word not in words:
            yield f"{word!r} is harm beyond the scenario's; leave it out"
            break
    said = " ".join(said.split())
    for phrase in harms():
        if " " in phrase and phrase in said and phrase not in there:
            yield f"{phrase!r} is harm beyond the scenario's; leave it out"
            break
    for scenario, phrases in levers().items():
        if f"name: {scenario}\n" not in allowed:
            yield from (
                f"{phrase!r} is the lever of another scenario ({scenario}); leave it out"
                for phrase in phrases
                if phrase in said and phrase not in there
            )


@lru_cache(maxsize=4)
def _known_of(allowed: str) -> tuple[frozenset[str], str]:
    """Words of a scaffold's text, and the text in small letters on one line: made once for all pieces of an order."""
    small = allowed.lower()
    return frozenset(re.findall(r"[\w'-]+", small)), " ".join(small.split())


def _addresses(text: str, source: str) -> Iterator[str]:
    """Addresses and sites that could be somebody's and are not the scaffold's; a template's value stands as a zero."""
    for match in _ADDRESS.finditer(text):
        domain = match[1]
        if "\x00" not in domain and domain.rpartition(".")[2].lower() not in RESERVED and match[0] not in source:
            yield f"the domain {plain(domain, 60)!r} could be somebody's; domains end in .example"
    for match in _SITE.finditer(text):
        if match[1].lower() in _ENDINGS and match[0] not in source:
            domain = plain(match[0].replace("\x00", "…"), 60)
            yield f"the domain {domain!r} could be somebody's; domains end in .example"
    for match in _SPELLED.finditer(text):
        if match[1].lower() in _ENDINGS and match[0] not in source:
            yield f"{plain(match[0], 60)!r} spells out a domain, which could be somebody's; leave it out"
    for match in _BARE.finditer(text):
        if match[1] not in {*RESERVED, *_FILES, *_ENDINGS} and match[0] not in source:
            yield f"the domain {plain(match[0], 60)!r} could be somebody's; domains end in .example"
    if link := _LINK.search(text):
        yield f"the link {plain(link[0], 40)!r} is of a kind that mail does not need"


_ALIKE = str.maketrans("АВЕКМНОРСТХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΧο。", "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTXo.")
"""Letters that look like Latin ones, and the full stop of other scripts."""


_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*\d)\w+")
_DIGITS = str.maketrans("013457", "oieast")


def _spelled(word: str) -> str:
    """A word with digits for letters, as the word that it is read as."""
    return word.translate(_DIGITS)


def folded(text: str) -> str:
    """A text as it looks: compatible forms, letters of other scripts and hidden hyphens become plain ones."""
    return unicodedata.normalize("NFKC", text).replace("\u00ad", "").translate(_ALIKE)


def well_known(text: str) -> Iterator[str]:
    """Well-known people and firms that a text names, by `data/author/known.yaml`.

    Names are known in small letters and in capitals as well, but for those that are words then (`ordinary` there).
    """
    plainly = " ".join(re.sub(r"(?<=\w)-(?=\w)", " ", folded(text)).split())
    plainly += "".join(f" {_spelled(word)}" for word in _MIXED.findall(plainly))
    small = plainly.lower()
    for name, sought, any_case in _sought():
        said = small if any_case else plainly
        if sought in said and re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", said):
            yield name


@lru_cache(maxsize=1)
def _sought() -> tuple[tuple[str, str, bool], ...]:
    """Each well-known name, what is looked for, and whether that is in small letters, in texts in small letters."""
    plain_names = {name: " ".join(folded(name).replace("-", " ").split()) for name in known_names()}
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
