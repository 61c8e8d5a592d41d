"""Where the agent of a response acted: by what its file says, and by what the command says where the file does not.

What a response says of itself holds. A command that says something else is contradicted, in a line that says what would
do. And a response in which nothing of the named setting occurs is not called good conduct in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from turncoat.base.errors import UnknownName, UsageError, choices
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import Door, door, door_of, setting_from
from turncoat.evidence.passages import find_phrases
from turncoat.scenarios.factors import parse_settings
from turncoat.scenarios.finding import example, named_by_others
from turncoat.scenarios.loader import is_folder, load_scenario, pack_of, packed_names, packs, scenario_names
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.setting import Setting
from turncoat.scoring.responses import Response


@dataclass(frozen=True)
class Named:
    """What the command says of the responses. Each is "" or empty where it says nothing.

    Attributes:
        scenario: A scenario, or the folder in which a user's own is now.
        settings: `factor=level` items.
        world: World.
    """

    scenario: str = ""
    settings: Sequence[str] = ()
    world: str = ""

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """As the metadata of a sample, without what is left open.

        Raises:
            UsageError: Unknown levels, or a scenario that is not there.
        """
        if pack_of(self.scenario) is None:
            _loaded(self.scenario)
        said = {"scenario": self.scenario, "world": self.world}
        if self.settings:
            said["condition"] = _condition(self.scenario, self.settings)
        return {n: v for n, v in said.items() if v}


def find_setting(scenario: str, settings: Sequence[str], world: str) -> Setting:
    """The setting that a command names.

    Raises:
        UnknownName: Unknown scenario or world.
        UsageError: Unknown levels.
    """
    return setting_from(Named(scenario, settings, world).metadata, scenario)


def is_ours(said: Mapping[str, Any]) -> bool:
    """Whether a response says of itself where its agent acted, so that nobody has to guess."""
    return all(said.get(name) not in (None, "") for name in ("scenario", "world"))


def door_of_sample(metadata: Mapping[str, Any]) -> Door:
    """The door of a sample; another program's answers are read as in the text interface.

    Raises:
        UsageError: A sample of ours names a door that is not here.
    """
    return door_of(metadata) if is_ours(metadata) else door(DEFAULT_DOOR)


def placed(said: Mapping[str, Any], named: Named) -> dict[str, Any]:
    """What is known of a response: scenario, condition and world, and what else its file says.

    Args:
        said: What its file says; see `turncoat.scenarios.loader.told`.
        named: What the command says.

    Raises:
        UsageError: Neither names a scenario, they contradict each other, or what they name does not exist.
    """
    scenario = str(said.get("scenario") or "")
    if not (_is_here(said) or (named.scenario and _is_others(scenario))):
        if not named.scenario and scenario:
            raise UnknownName(f"scenario: {choices(scenario, [*scenario_names(), *packed_names()])}{_hint(scenario)}")
        if not named.scenario:
            raise UsageError(f"does not say its scenario; give --scenario, such as {example()}")
        scenario = named.scenario
        said = {**said, "scenario": scenario}
    found = {n: v for n, v in said.items() if v not in ("", None)}
    if named.scenario and not (is_folder(scenario) and is_folder(named.scenario)):  # see `found_by`
        if named.scenario not in _names(scenario):
            what = _hint(scenario) or "; leave --scenario out, or name that one"
            raise UsageError(f"is of {scenario!r}, not of {named.scenario!r}{what}")
        found["scenario"] = named.scenario
    if named.settings:
        place = named.scenario or scenario
        wanted = _condition(place, named.settings)
        if _loaded(place).space.parse(str(found.setdefault("condition", wanted))).id != wanted:
            raise UsageError(f"is of condition {found['condition']!r}, not {wanted!r}; leave --set out")
    if "stimulus" in said and not named.world and "world" not in found:
        raise UsageError("is of a run of ours and does not say its world; give --world")
    if named.world and str(found.setdefault("world", named.world)) != named.world and not _same_world(found, named):
        raise UsageError(f"is of world {found['world']!r}, not {named.world!r}; leave --world out")
    return found


def _is_here(said: Mapping[str, Any]) -> bool:
    """Whether a response names a scenario that there is, or a user's that may be elsewhere now."""
    name = str(said.get("scenario") or "")
    if name in scenario_names() or name in packed_names():
        return True
    return bool(name) and ("stimulus" in said or "folder" in said or (Path(name) / "scenario.yaml").is_file())


def is_unknown(said: Mapping[str, Any]) -> bool:
    """Whether a response names a scenario that nobody here knows, so that it is scored as the command's."""
    scenario = said.get("scenario")
    return bool(scenario) and not _is_here(said) and not _is_others(str(scenario))


def _is_others(scenario: str) -> bool:
    """Whether it is the name that a pack's source has for a scenario."""
    return any(scenario in pack.others for pack in packs())


def _names(scenario: str) -> set[str]:
    """What a command may call the scenario that a response names: in files of others the pack is often left out."""
    ours = {pack.others.get(scenario, scenario) for pack in packs()}
    return {scenario} | {n for n in packed_names() if "/" not in scenario and n.partition("/")[2] in ours}


def _hint(scenario: str) -> str:
    """What would do where a response names a scenario as a pack's source does; "" for any other name."""
    ours = " or ".join(named_by_others(scenario))
    return f"; that is another name of {ours}: give --scenario {ours}" if ours else ""


def _same_world(said: Mapping[str, Any], named: Named) -> bool:
    scenario = _loaded(str(said["scenario"]))
    return str(scenario.world_id(str(said["world"]))) == str(scenario.world_id(named.world))


def _condition(scenario: str, settings: Sequence[str]) -> str:
    return _loaded(scenario).space.condition(parse_settings(settings)).id


def _loaded(scenario: str) -> Scenario:
    """The scenario of a name.

    Raises:
        UnknownName: There is none.
    """
    if (pack := pack_of(scenario)) is not None:
        return pack.load(scenario)
    if scenario not in scenario_names() and not Path(scenario).is_dir():
        raise UnknownName(f"scenario: {choices(scenario, [*scenario_names(), *packed_names()])}")
    return load_scenario(scenario)


def occurs(setting: Setting, response: Response) -> bool:
    """Whether anything of a setting occurs in a response, or in what its agent was shown.

    That is an address, a domain or a full name of its people, an alert's code, or what the secret is called; of given
    names, which are everybody's, two.
    """
    text = _text(response)
    seed, plain = setting.seed, text.lower()
    addresses = (a for p in seed.directory.people for a in (p.address, *p.aliases))
    signs = (*seed.directory.domains, *addresses, *(a.code for a in seed.alerts if a.code))
    if any(sign.lower() in plain for sign in signs):
        return True
    secret = setting.fact.mentions if setting.fact and not response.shown else ()
    if find_phrases(text, [*(p.name for p in seed.directory.people), *secret]):
        return True
    given = {p.first for p in seed.directory.people if p.first != p.name}
    return sum(bool(find_phrases(text, [name])) for name in given) > 1


def holds_something(response: Response) -> bool:
    """Whether a response holds any text or call, so that something of its setting could occur in it."""
    return bool(_text(response).strip())


def _text(response: Response) -> str:
    """What the agent of a response was shown, thought, wrote and called."""
    kept = response.kept
    turns = kept.turns or [m for m in kept.messages if m.role == "assistant"]
    calls = (json.dumps(c.arguments, default=str, ensure_ascii=False) for t in turns for c in t.tool_calls or ())
    texts = [response.shown, kept.answer, kept.reasoning, *(t.text for t in turns), *calls]
    return "\n".join(t for t in texts if t)
