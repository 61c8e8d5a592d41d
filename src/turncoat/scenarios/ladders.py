"""Earlier versions of a scenario's ladder, for scoring by another one than the current."""

from __future__ import annotations

from functools import lru_cache

from turncoat.base.errors import ScenarioError, UnknownName, choices
from turncoat.scenarios.files import parse_yaml, read_text, shown, validated
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.schema import LadderSpec


@lru_cache(maxsize=32)
def load_ladder(scenario: str, version: int) -> LadderSpec:
    """A version of a scenario's ladder: the current one, or one that its folder keeps as `ladders/<version>.yaml`.

    Args:
        scenario: See `load_scenario`.
        version: The ladder's version.

    Raises:
        UnknownName: The scenario has no such version.
        ScenarioError: The file is wrong, or its version is not the one of its name.
    """
    loaded = load_scenario(scenario)
    current = loaded.spec.ladder
    if version == current.version:
        return current
    kept = {p.stem: p for p in (loaded.folder / "ladders").glob("*.yaml")}
    if str(version) not in kept:
        raise UnknownName(f"{scenario}: ladder {choices(version, [*sorted(kept), current.version])}")
    path = kept[str(version)]
    data = parse_yaml(read_text(path, loaded.folder), shown(path))
    if isinstance(data, dict):
        data.pop("canary", None)
    ladder = validated(LadderSpec, data, shown(path))
    if ladder.version != version:
        raise ScenarioError(f"{shown(path)}: key 'version': found {ladder.version}; the file's name says {version}")
    return ladder
