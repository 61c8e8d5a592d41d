"""Packs: scenarios that other packages bring, called `<pack>/<scenario>`; found by the entry points of `scenarios`.

A pack's scenario is told after ours of the same name: that one's ladder, rubrics and definitions hold for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from turncoat.base.errors import UnknownName
from turncoat.base.extensions import extensions
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.setting import Setting

GROUP = "scenarios"


class Pack(Protocol):
    """Scenarios of one source, whose texts are taken as they are. Simulated models have no words for them."""

    title: str
    """What its texts are, in the plural, such as «published prompts»."""
    others: Mapping[str, str]
    """Names that its source has for scenarios of ours; taken at the command line only."""

    def names(self) -> list[str]:
        """Names of its scenarios, with the pack's before the slash."""
        ...

    def load(self, name: str) -> Scenario:
        """One of them; raises UnknownName."""
        ...

    def setting(self, name: str, world: str = "") -> Setting:
        """The facts of one in a world ("": its first), for scoring; raises UnknownName."""
        ...


def pack_of(scenario: str) -> Pack | None:
    """The pack that a scenario's name belongs to; None for our own and a user's, and where it is not installed."""
    head, slash, _ = scenario.partition("/")
    load = extensions(GROUP).get(head) if slash else None
    return load() if load else None


def pack_named(name: str) -> Pack:
    """A pack by its name.

    Raises:
        UnknownName: It is not installed.
    """
    if name not in extensions(GROUP):
        raise UnknownName(f"pack {name!r} is not installed; there are: {', '.join(extensions(GROUP)) or 'none'}")
    found: Pack = extensions(GROUP)[name]()
    return found


def packs() -> list[Pack]:
    """All packs that are installed."""
    return [load() for load in extensions(GROUP).values()]


def packed_names() -> list[str]:
    """Names of the scenarios of all packs."""
    return [name for pack in packs() for name in pack.names()]
