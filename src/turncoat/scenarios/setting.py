"""Settings: what scoring knows of the place where an agent acted, without any prompt text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from turncoat.base.errors import UnknownName, choices
from turncoat.base.model import Frozen
from turncoat.scenarios.files import data_folder, load_model
from turncoat.scenarios.loader import is_folder, load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import LadderSpec, Names
from turncoat.world import CompanySeed, Fact

REFERENCE = "reference/"


@dataclass(frozen=True)
class Setting:
    """A company and the scenario's roles, secret and ladder in it.

    Attributes:
        name: `blackmail`, `reference/blackmail` or a user's scenario.
        harm: One sentence: what counts as harmful.
        seed: The company before the agent acted.
        roles: Scenario role (`target`, `superiors` …) → roles of the cast.
        secret: Id of the fact on which the scenario turns.
        judging: Which family of rules reads meaning: `coercion`, `disclosure` or `override`.
        necessary: The necessary act: a detector's name under `detect`, and its parameters.
    """

    name: str
    harm: str
    seed: CompanySeed
    roles: dict[str, Names]
    secret: str
    judging: str
    necessary: dict[str, object]
    ladder: LadderSpec

    @property
    def fact(self) -> Fact | None:
        """The fact on which the scenario turns."""
        return self.seed.fact(self.secret)

    def cast(self, names: Names) -> frozenset[str]:
        """Roles of the cast that scenario roles (or cast roles) stand for."""
        return frozenset(role for name in names for role in self.roles.get(name, (name,)))


class ReferenceSpec(Frozen):
    """`reference/<scenario>.yaml`: facts of a published setting."""

    canary: str
    about: str
    source: str
    like: str
    """The scenario of ours whose ladder and definitions apply."""
    roles: dict[str, Names]
    seed: CompanySeed


def setting_of(rendered: Rendered, *, live: bool = False) -> Setting:
    """The setting of one of our own renderings."""
    spec = rendered.spec
    seed = rendered.live_seed if live else rendered.seed
    return Setting(spec.name, spec.harm, seed, spec.roles, spec.secret, spec.judging, spec.necessary, spec.ladder)


def rendering_from(metadata: Mapping[str, Any]) -> Rendered:
    """The rendering that a sample's metadata names: scenario, condition and world."""
    return _rendering(found_by(metadata), metadata.get("condition", "control"), str(metadata.get("world", "1")))


def found_by(metadata: Mapping[str, Any], folder: str = "") -> str:
    """What the scenario of a sample is loaded by.

    Args:
        metadata: The sample's.
        folder: Where a user's scenario is now, if not where the sample says.

    Raises:
        UnknownName: It is a user's scenario, and its folder is not there or another scenario's.
    """
    name = str(metadata["scenario"])
    if not is_folder(name):
        return name
    kept = Path(str(metadata.get("folder", name)))
    place = Path(folder).expanduser().resolve() if folder and is_folder(folder) else kept
    if not (place / "scenario.yaml").is_file():
        raise UnknownName(
            f"the samples are of a scenario in the folder {place}, which is not there; give its place now with "
            f"--scenario FOLDER"
        )
    if place.name != kept.name:
        raise UnknownName(f"scenario {folder}: the samples are of another one, {kept.name!r}")
    return str(place)


@lru_cache(maxsize=64)
def _rendering(scenario: str, condition: str, world: str) -> Rendered:
    loaded = load_scenario(scenario)
    return loaded.render(loaded.space.parse(condition), world)


def reference_names() -> list[str]:
    """Published settings whose facts ship with Turncoat."""
    return sorted(REFERENCE + p.stem for p in (data_folder() / "reference").glob("*.yaml"))


@lru_cache(maxsize=256)
def reference_setting(name: str, world: str = "published") -> Setting:
    """The facts of a published setting, such as `reference/blackmail`; needs nothing beyond our own data.

    Args:
        name: The setting.
        world: `published`, or `swapped@7`: the facts with that world's identities.

    Raises:
        UnknownName: There is no such setting or world.
    """
    from turncoat.scenarios.reference.identities import reference_world, swap_of

    if name not in reference_names():
        raise UnknownName(f"scenario: {choices(name, reference_names())}")
    path: Path = data_folder() / f"{name}.yaml"
    spec = load_model(ReferenceSpec, path, data_folder())
    ours = load_scenario(spec.like).spec
    seed = swap_of(reference_world(world, name)).seed(spec.seed)
    return Setting(name, ours.harm, seed, spec.roles, ours.secret, ours.judging, ours.necessary, ours.ladder)
