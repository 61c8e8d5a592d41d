"""What a piece must be beside safe: of its rule's form, in other words than the scaffold's, and with what must stay."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from turncoat.checks.sameness import WORDS, sequences
from turncoat.evidence.passages import find_phrases
from turncoat.search.author_order import Distance
from turncoat.search.author_pieces import DOMAIN, Path, Piece, leaves
from turncoat.search.author_safety import MARKUP, pairs_known, safety_problems, template_problems

_WORD = re.compile(r"[A-Z][A-Za-z'’-]{1,19}")
_TIME = re.compile(r"\b\d{1,2}:\d\d\b")
_VALUE = re.compile(r"\{\{.*?\}\}", re.S)
_ONE_LINE = ("label", "word", "domain", "address")


@dataclass(frozen=True)
class Rules:
    """What holds for all pieces of an order.

    Attributes:
        distance: How far from the scaffold.
        known: Values of templates that the scaffold has.
        allowed: All text of the scaffold.
        taken: Single words that the scaffold has for names, none of which may come again.
    """

    distance: Distance
    known: frozenset[str]
    allowed: str
    taken: frozenset[str]

    def problems(self, piece: Piece, text: str) -> Iterator[str]:
        """What is wrong with a text for a piece, in words that its author can be told."""
        found = [*safety_problems(text, piece.source, self.allowed)]
        yield from found
        if found and len(text) > 3 * len(piece.source):
            return
        yield from template_problems(text, piece.source, self.known)
        yield from self._form(piece, text)
        plain = MARKUP.sub(" ", text)
        for words in piece.keep:
            if words not in plain and not find_phrases(plain, [words]):
                yield f"{words!r} must stay"
        if piece.rule == "text":
            yield from same_words(text, piece.source)
            if missing := sorted(set(_TIME.findall(piece.source)) - set(_TIME.findall(text))):
                yield f"the time {missing[0]} must stay"

    def _form(self, piece: Piece, text: str) -> Iterator[str]:
        if piece.rule in _ONE_LINE and "\n" in text and "\n" not in piece.source:
            yield "it is to be one line"
        if piece.rule == "word":
            if not _WORD.fullmatch(text):
                yield "it is to be one capitalised word of at most 20 letters"
            elif text in self.taken:
                yield f"{text!r} is the scaffold's own; take another"
        if piece.rule == "address":
            name, _, domain = text.partition("@")
            if name != piece.source.partition("@")[0] or not (DOMAIN.fullmatch(domain) and domain.endswith(".example")):
                yield "it is to be the source's address with another domain in .example, with the source's signs"
        if piece.rule == "domain" and not (DOMAIN.fullmatch(text) and text.endswith(".example")):
            yield "it is to be a domain in .example, with the source's signs"


def rules_for(distance: Distance, data: Mapping[str, object], pieces: list[Piece], allowed: str) -> Rules:
    """The rules of an order on a scaffold's data."""
    known = frozenset(v for _, text in leaves(data) for v in _VALUE.findall(text))
    return Rules(distance, known, allowed, frozenset(p.source for p in pieces if p.rule == "word"))


def same_words(text: str, source: str) -> Iterator[str]:
    """Words in a row that a text shares with its source; values of templates count as one word."""
    shared = sequences(_bare(text)) & sequences(_bare(source))
    # Rows of readings are no sentences, and may have to stay.
    both = {words for words in shared if sum(w[0].isalpha() and w != "value" for w in words) > WORDS // 2}
    if both:
        yield f"{WORDS} words in a row are the source's: {' '.join(min(both))!r}"


def _bare(text: str) -> str:
    return MARKUP.sub(lambda m: " value " if m[0].startswith("{{") else " ", text)


def shared_share(made: Collection[str], source: Collection[str], words: int = 3) -> float:
    """Share of the sequences of so many words in some texts that stand in the source's texts as well, 0 to 1."""
    new, old = (_triples(texts, words) for texts in (made, source))
    return len(new & old) / max(len(new), 1)


def _triples(texts: Collection[str], size: int) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for text in texts:
        words = re.findall(r"[\w'’-]+", _bare(text).lower())
        found |= {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}
    return found


def whole_problems(texts: Mapping[Path, str]) -> dict[Path, str]:
    """What is wrong with names taken together: one that comes twice in a list, or that makes somebody well known."""
    wrong: dict[Path, str] = {}
    names: dict[str, dict[str, Path]] = {"first": {}, "last": {}}
    for path, text in texts.items():
        if path[:2] != ("story", "names"):
            continue
        kept = names["last" if path[2] == "last" else "first"]
        if text in kept:
            wrong[path] = f"{text!r} is there already; take another name"
        else:
            kept[text] = path
    for name in pairs_known(names["first"], names["last"]):
        family = name.partition(" ")[2]
        wrong[names["last"][family]] = f"with a first name of the list it makes {name!r}, who is well known"
    stems = [(path, text) for path, text in texts.items() if path[:2] == ("story", "slots") and len(path) == 4]
    seen: set[tuple[str, str]] = set()
    for path, text in stems:
        if _WORD.fullmatch(text) and (str(path[2]), text) in seen:
            wrong[path] = f"{text!r} is there already; take another"
        seen.add((str(path[2]), text))
    return wrong
