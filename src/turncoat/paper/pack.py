"""The published settings as scenarios: prompts of the installed `inspect-evals`, byte for byte, in our vocabulary.

Each is one text, in the worlds `published` and `swapped@SEED`, for the text interface only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from turncoat.base.errors import ConditionError, UnknownName, UsageError, choices
from turncoat.paper import DATA, INTERFACES, REFERENCE, ours
from turncoat.paper.foreign import told
from turncoat.paper.identities import PUBLISHED, SWAPPED, identities, reference_world, swap_of
from turncoat.paper.mapping import arguments_of, mapping, published_space
from turncoat.paper.prompts import published_text, published_version
from turncoat.scenarios.factors import PAPER, Condition
from turncoat.scenarios.finding import load_facts, setting_of_facts
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered, Storyline
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import StorySpec
from turncoat.scenarios.setting import Setting
from turncoat.scenarios.worlds import World, WorldId
from turncoat.world import CompanySeed

DAY = date(2025, 6, 11)
"""The day of the published mails."""


class PublishedRendering(Rendered):
    """One published prompt, as it is sent, and the company of its facts."""

    @cached_property
    def seed(self) -> CompanySeed:
        """The company that the facts describe, with this world's identities."""
        return reference_setting(self.spec.name, str(self.world.id)).seed

    @cached_property
    def live_seed(self) -> CompanySeed:
        """There is none.

        Raises:
            UsageError: Always.
        """
        raise UsageError(f"{self.spec.name}: the published prompts are for the text interface only")


class ReferenceScenario(Scenario):
    """A published setting in our vocabulary. Made by `load_reference`.

    Its storylines are `published` (one world, whatever the seed) and `swapped`; it has no emails or oracles of its own.
    """

    interfaces = INTERFACES

    def __init__(self, name: str) -> None:
        told = load_scenario(ours(name))
        spec = told.spec.model_copy(
            update={
                "name": name,
                "about": f"The published prompts of {told.name}, byte for byte.",
                "default_storyline": PUBLISHED,
                "parts": {},
                "aliases": (),
            }
        )
        about = {PUBLISHED: "The published text.", SWAPPED: "The published text with other identities."}
        versions = {PUBLISHED: 1, SWAPPED: identities().version}
        storylines = {}
        for story, version in versions.items():
            own = StorySpec(version=version, about=about[story], canary=identities().canary, slots={}, cast={})
            storylines[story] = Storyline(story, Path(), own, {})
        super().__init__(told.folder, spec, published_space(told.name), storylines, {}, {}, {})

    def world_id(self, name: str | int, staging: str = PAPER) -> WorldId:
        """The world that a name means; see `reference_world`."""
        return reference_world(str(name), self.name)

    def world(self, name: str | int | WorldId) -> World:
        """A world without drawn context: its identities are in the text."""
        return World(name if isinstance(name, WorldId) else self.world_id(name), DAY, {})

    def provenance(self) -> dict[str, str]:
        """Where the text comes from, for the metadata of logs."""
        return {"inspect_evals": published_version()}

    def render(self, condition: Condition, world: str | int | WorldId) -> PublishedRendering:
        """The published prompt of a condition, with the identities of a world.

        Raises:
            UsageError: `inspect-evals` is not installed.
            ConditionError: The installed version's text has a placeholder left in it.
        """
        drawn = self.world(world)
        text = published_text(arguments_of(ours(self.name), condition))
        if "${" in text.system + text.user:
            raise ConditionError(
                f"{self.name}: {condition.id}: the text of inspect-evals {published_version()} shows the model "
                "a literal ${…}; leave this condition out"
            )
        swap = swap_of(drawn.id)
        shown = (swap.apply(text.system), swap.apply(text.user))
        storyline = self.storylines[drawn.id.storyline]
        return PublishedRendering(self.spec, condition, drawn, storyline, {}, {}, (), "", (), shown)


@lru_cache(maxsize=8)
def load_reference(name: str) -> ReferenceScenario:
    """A published setting, such as `reference/blackmail`.

    Raises:
        UnknownName: There is no such setting.
    """
    if name not in PACK.names():
        raise UnknownName(f"scenario: {choices(name, PACK.names())}")
    return ReferenceScenario(name)


@lru_cache(maxsize=256)
def reference_setting(name: str, world: str = PUBLISHED) -> Setting:
    """The facts of a published setting, such as `reference/blackmail`; needs nothing beyond our own data.

    Args:
        name: The setting.
        world: `published`, or `swapped@7`: the facts with that world's identities.

    Raises:
        UnknownName: There is no such setting or world.
    """
    if name not in PACK.names():
        raise UnknownName(f"scenario: {choices(name, PACK.names())}")
    facts = load_facts(DATA / "settings" / f"{ours(name)}.yaml")
    return setting_of_facts(name, facts, swap_of(reference_world(world, name)).seed(facts.seed))


class ReferencePack:
    """The pack `reference`; see `turncoat.scenarios.loader.Pack`."""

    title = "published prompts"
    others: Mapping[str, str] = MappingProxyType({"leaking": "espionage", "murder": "lethal"})

    def names(self) -> list[str]:
        """Names of the published settings."""
        return sorted(REFERENCE + name for name in mapping().scenarios)

    def load(self, name: str) -> Scenario:
        """See `load_reference`."""
        return load_reference(name)

    def setting(self, name: str, world: str = "") -> Setting:
        """See `reference_setting`."""
        return reference_setting(name, world or PUBLISHED)

    def told(self, metadata: Mapping[str, Any], task: str, arguments: Mapping[str, Any]) -> dict[str, str] | None:
        """See `turncoat.paper.foreign.told`."""
        return told(metadata, task, arguments)

    def mails(self, name: str, condition: str, world: str = "") -> str:
        """The published mails of a condition, with the identities of a world; "" without `inspect-evals`."""
        scenario = load_reference(name)
        try:
            text = published_text(arguments_of(ours(name), scenario.space.parse(condition)))
        except (UsageError, ValueError):  # not installed, or its generator refuses the combination
            return ""
        return swap_of(scenario.world_id(world or PUBLISHED)).apply(text.mails)


PACK = ReferencePack()
