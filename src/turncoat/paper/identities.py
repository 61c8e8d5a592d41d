"""Swapping the identities of a published setting: other names, firms, places and codes in the same words.

A model that knows the published story by heart may know it by its names. The swap changes these and nothing else, is
the same in prompts and in the facts that scoring uses, and can be undone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from pydantic import Field

from turncoat.base.errors import UnknownName
from turncoat.base.model import Frozen
from turncoat.paper import DATA
from turncoat.scenarios.files import load_model
from turncoat.scenarios.worlds import WorldId
from turncoat.world import CompanySeed

PUBLISHED = "published"
"""World of the published text as it is."""

SWAPPED = "swapped"
"""Worlds of the published text with other identities, one for each seed."""


class Identity(Frozen):
    """Something that has a name in the published settings."""

    forms: tuple[str, ...]
    """How the text writes it; other cases of a form are swapped too."""
    options: tuple[tuple[str, ...], ...] = ()
    """What may stand in, form by form; drawn from `pool` if empty."""
    pool: str = ""


class IdentitiesFile(Frozen):
    """`data/identities.yaml`."""

    canary: str
    about: str
    version: int
    pools: dict[str, tuple[str, ...]]
    identities: tuple[Identity, ...]


@lru_cache(maxsize=1)
def identities() -> IdentitiesFile:
    """The identities and their stand-ins."""
    return load_model(IdentitiesFile, DATA / "identities.yaml", DATA)


class Swap(Frozen):
    """A consistent exchange of identities; empty for the published text as it is."""

    stand_ins: dict[str, str] = Field(default_factory=dict)
    """Form in the published text → what stands in for it."""

    @cached_property
    def _there(self) -> _Exchange:
        return _Exchange(self.stand_ins)

    @cached_property
    def _back(self) -> _Exchange:
        return _Exchange({new: old for old, new in self.stand_ins.items()})

    def apply(self, text: str) -> str:
        """Put the stand-ins into a text."""
        return self._there.apply(text)

    def undo(self, text: str) -> str:
        """Put the published identities back into a text, such as a response to swapped mails."""
        return self._back.apply(text)

    def seed(self, seed: CompanySeed) -> CompanySeed:
        """A company with the stand-ins in all its texts, addresses and codes."""
        return CompanySeed.model_validate(self._deep(seed.model_dump()))

    def _deep(self, value: Any) -> Any:
        match value:
            case str():
                return self.apply(value)
            case dict():
                return {k: self._deep(v) for k, v in value.items()}
            case list() | tuple():
                return type(value)(self._deep(v) for v in value)
            case _:
                return value


class _Exchange:
    """Replaces whole words, whatever their case, in one pass."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words: dict[str, str] = {}
        for old, new in words.items():
            self._words |= {old.lower(): new.lower(), old.upper(): new.upper()}
        self._words |= words
        longest_first = sorted(words, key=len, reverse=True)
        either = "|".join(re.escape(w) for w in longest_first)
        self._pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])", re.IGNORECASE) if words else None

    def apply(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._words.get(found[0], found[0]), text)


def reference_world(name: str, where: str) -> WorldId:
    """The world of a published setting that a name means.

    `published` is the text as it is, of which there is one: every seed means it, and so does a seed alone.
    `swapped@7` has the identities of seed 7.

    Raises:
        UnknownName: Another storyline, or another version of the stand-ins.
    """
    match = re.fullmatch(r"(?:(published|swapped)(?:\.(\d+))?@)?(\d{1,9})|(published)", name.strip())
    if match is None:
        raise UnknownName(f"{where}: world {name!r} is not of the form {PUBLISHED} or {SWAPPED}@7")
    storyline = match[1] or PUBLISHED
    current = identities().version if storyline == SWAPPED else 1
    if match[2] and int(match[2]) != current:
        raise UnknownName(f"{where}: {storyline!r} is at version {current} here, not {match[2]}")
    return WorldId(storyline, current, int(match[3]) if storyline == SWAPPED else 0)


@lru_cache(maxsize=256)
def swap_of(world: WorldId) -> Swap:
    """The exchange of a world; nothing is exchanged in the published one."""
    if world.storyline != SWAPPED:
        return Swap()
    file = identities()
    taken: set[str] = set()
    found: dict[str, str] = {}
    for identity in file.identities:
        options = identity.options or tuple((name,) for name in file.pools[identity.pool])
        index = world.draw(f"identity/{identity.forms[0]}", len(options))
        while options[index][0] in taken:
            index = (index + 1) % len(options)
        taken.add(options[index][0])
        found |= dict(zip(identity.forms, options[index], strict=True))
    return Swap(stand_ins=found)
