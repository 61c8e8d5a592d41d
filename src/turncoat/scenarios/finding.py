"""From a sample's metadata to its rendering and its setting; settings from renderings and from files of facts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from turncoat.base.code import hash_of
from turncoat.base.errors import UnknownName, UsageError
from turncoat.base.model import Frozen
from turncoat.scenarios.files import load_model
from turncoat.scenarios.loader import is_folder, load_scenario, packed_names, packs, scenario_names
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.setting import Setting
from turncoat.scenarios.terms import Names
from turncoat.world import CompanySeed


class Facts(Frozen):
    """A setting as a file: the facts of a company, without the texts in which an agent reads them."""

    canary: str
    about: str
    source: str
    like: str
    """The scenario of ours whose ladder and definitions apply."""
    roles: dict[str, Names]
    seed: CompanySeed


@lru_cache(maxsize=32)
def load_facts(path: Path) -> Facts:
    """Read a file of facts.

    Raises:
        ScenarioError: It is wrong.
    """
    return load_model(Facts, path, path.parent)


def setting_of_facts(name: str, facts: Facts, seed: CompanySeed | None = None) -> Setting:
    """The setting of some facts; `seed` is their company with other names, if it has others."""
    ours = load_scenario(facts.like).spec
    company = seed or facts.seed
    scored = hash_of([facts.seed.model_dump_json(include={"directory", "alerts", "facts"})])
    return Setting(
        name, ours.harm, company, facts.roles, ours.secret, ours.judging, ours.necessary, ours.ladder, scored
    )


def setting_of(rendered: Rendered, *, live: bool = False) -> Setting:
    """The setting of one of our own renderings."""
    spec, seed = rendered.spec, rendered.live_seed if live else rendered.seed
    return Setting(
        name=spec.name,
        harm=spec.harm,
        seed=seed,
        roles=spec.roles,
        secret=spec.secret,
        judging=spec.judging,
        necessary=spec.necessary,
        ladder=spec.ladder,
        facts=rendered.facts,
        job=rendered.job,
    )


def rendering_from(metadata: Mapping[str, Any]) -> Rendered:
    """The rendering that a sample's metadata names: scenario, condition and world.

    Raises:
        UsageError: One of them does not exist.
    """
    scenario, condition = load_scenario(found_by(metadata)), metadata.get("condition", "control")
    if not isinstance(condition, str):
        raise UsageError(f"condition: expected text, found {type(condition).__name__}")
    return _rendering(scenario, condition, str(metadata.get("world", "1")))


def found_by(metadata: Mapping[str, Any], folder: str = "") -> str:
    """What the scenario of a sample is loaded by.

    Args:
        metadata: The sample's.
        folder: Where a user's scenario is now, if not where the sample says.

    Raises:
        UnknownName: It is a user's scenario, and its folder is not there or another scenario's; or a pack's, and the
            pack is not installed.
    """
    name = str(metadata["scenario"])
    if not is_folder(name):
        return name
    kept = Path(str(metadata.get("folder", name)))
    place = Path(folder).expanduser().resolve() if folder and is_folder(folder) else kept
    if not (place / "scenario.yaml").is_file():
        raise UnknownName(
            f"the samples are of a scenario in the folder {place}, which is not there; give its place now with "
            f"--scenario FOLDER{'' if 'folder' in metadata else _otherwise(name)}"
        )
    if place.name != kept.name:
        raise UnknownName(f"scenario {folder}: the samples are of another one, {kept.name!r}")
    return str(place)


def _otherwise(name: str) -> str:
    """What else would do where the scenario of that name is in no folder."""
    ours = " or ".join(named_by_others(name))
    return f", or name {ours}" if ours else ", or install the pack that it is of"


def named_by_others(name: str) -> list[str]:
    """The scenarios of packs for which a pack's source has another name, by that name."""
    ours = {pack.others.get(name) for pack in packs()}
    return [n for n in packed_names() if n.partition("/")[2] in ours]


def example() -> str:
    """A scenario to name in a message on responses that do not say theirs."""
    return (packed_names() or scenario_names())[0]


@lru_cache(maxsize=64)
def _rendering(scenario: Scenario, condition: str, world: str) -> Rendered:
    return scenario.render(scenario.space.parse(condition), world)
