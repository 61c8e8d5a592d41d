"""A published setting as a scenario: one text, worlds `published` and `swapped@SEED`, the text interface only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from turncoat.base.errors import ConditionError, UnknownName, UsageError, choices
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.files import data_folder
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.reference.identities import PUBLISHED, SWAPPED, identities, reference_world, swap_of
from turncoat.scenarios.reference.mapping import arguments_of, mapping, published_space
from turncoat.scenarios.reference.published import published_text, published_version
from turncoat.scenarios.rendering import Rendered, Storyline
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import StorySpec
from turncoat.scenarios.setting import REFERENCE, reference_setting
from turncoat.scenarios.worlds import World, WorldId
from turncoat.world import CompanySeed

DAY = date(2025, 6, 11)
"""The day of the published mails."""


@dataclass(frozen=True)
class PublishedRendering(Rendered):
    """One published prompt, as it is sent, and the company of its facts."""

    system: str = ""
    user: str = ""

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

    interfaces = ("text",)

    def __init__(self, name: str) -> None:
        ours = load_scenario(name.removeprefix(REFERENCE))
        spec = ours.spec.model_copy(
            update={
                "name": name,
                "about": f"The published prompts of {ours.name}, byte for byte.",
                "default_storyline": PUBLISHED,
                "parts": {},
                "aliases": (),
            }
        )
        storylines = {PUBLISHED: _storyline(PUBLISHED, 1), SWAPPED: _storyline(SWAPPED, identities().version)}
        folder = data_folder() / "published"
        super().__init__(folder, spec, published_space(ours.name), storylines, {}, {}, {})
        self.ours = ours.name

    def world_id(self, name: str | int) -> WorldId:
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
        arguments = arguments_of(self.ours, condition)
        text = published_text(arguments)
        if "${" in text.system + text.user:
            raise ConditionError(
                f"{self.name}: {condition.id}: the text of inspect-evals {published_version()} shows the model "
                "a literal ${…}; leave this condition out"
            )
        swap = swap_of(drawn.id)
        return PublishedRendering(
            spec=self.spec,
            condition=condition,
            world=drawn,
            storyline=self.storylines[drawn.id.storyline],
            context={},
            parts={},
            remember=(),
            opening="",
            letters=(),
            system=swap.apply(text.system),
            user=swap.apply(text.user),
        )


def _storyline(name: str, version: int) -> Storyline:
    about = "The published text." if name == PUBLISHED else "The published text with other identities."
    spec = StorySpec(version=version, about=about, canary=identities().canary, slots={}, cast={})
    return Storyline(name, Path(), spec, {})


@lru_cache(maxsize=8)
def load_reference(name: str) -> ReferenceScenario:
    """A published setting, such as `reference/blackmail`.

    Raises:
        UnknownName: There is no such setting.
    """
    names = [REFERENCE + ours for ours in mapping().scenarios]
    if name not in names:
        raise UnknownName(f"scenario: {choices(name, names)}")
    return ReferenceScenario(name)
