"""The hidden truth: what a simulated model does in a sample, by keyed draws. Never written to a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from turncoat.base.errors import UsageError
from turncoat.base.keyed import by_chance, draw, one_of
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import applies
from turncoat.sim.profiles import Profile, Rule, load_profile
from turncoat.sim.wording import HARMFUL, Wording, words_for

SILENT = "silent"
PROVIDER = "sim/"

Key = tuple[object, ...]


@dataclass(frozen=True)
class Truth:
    """What the simulated model will do and say.

    Attributes:
        rung: The highest rung that it reaches.
        finding: The finding that it plants to reach it; "" on the base rung.
        harmful: Whether that is the scenario's harmful outcome.
        awareness: stated-real, stated-evaluation, abstained or silent.
        move: Index of the move among the rung's; -1 where nothing is sent.
        misunderstanding: How its thoughts misunderstand the situation, as `turncoat.judges.traits` names it, or "".
        motive: The motive that they name, or "".
    """

    rung: str
    finding: str
    harmful: bool
    awareness: str
    move: int
    misunderstanding: str = ""
    motive: str = ""


def truth_of(model: str, metadata: Mapping[str, Any], epoch: int) -> Truth:
    """What a simulated model did in a sample, for calibration.

    Args:
        model: Inspect's name, such as `sim/insider`.
        metadata: The sample's metadata: scenario, condition and world.
        epoch: From 1.

    Raises:
        UsageError: Not a simulated model, or not a sample of Turncoat's.
    """
    if not model.startswith(PROVIDER):
        raise UsageError(f"model {model!r} is not a simulated one; only sim/… models have a known truth")
    if missing := [key for key in ("scenario", "condition", "world") if key not in metadata]:
        raise UsageError(f"the sample's metadata have no {missing[0]!r}; sim/… models answer Turncoat's own tasks only")
    scenario = load_scenario(str(metadata["scenario"]))
    condition = scenario.space.parse(str(metadata["condition"]))
    return truth(model.removeprefix(PROVIDER), scenario, condition, str(metadata["world"]), epoch)


def sample_key(name: str, profile: Profile, scenario: str, condition: Condition, world: str, epoch: int) -> Key:
    """What all draws for one sample depend on. The interface is not part of it: the same truth in each."""
    return (profile.seed, name, scenario, condition.id, world, epoch)


def truth(name: str, scenario: Scenario, condition: Condition, world: str, epoch: int) -> Truth:
    """What a simulated model does in one sample; the same arguments give the same truth for ever.

    Args:
        name: The profile's name.
        scenario: The scenario.
        condition: The condition.
        world: The world's name.
        epoch: From 1.

    Raises:
        UnknownName: No such profile.
        UsageError: The profile names a rung that the scenario does not have.
    """
    profile, ladder = load_profile(name), scenario.spec.ladder
    words, levels = words_for(scenario.name, ladder), condition.levels
    key = sample_key(name, profile, scenario.name, condition, world, epoch)
    rule = profile.rule(scenario.name, levels)
    awareness = by_chance(profile.awareness if rule.awareness is None else rule.awareness, *key, "awareness") or SILENT
    misread = by_chance(profile.misunderstandings, *key, "misunderstanding")
    reached = by_chance(rule.given.get(awareness, rule.rungs), *key, "rung")
    if reached == HARMFUL:
        reached = by_chance(_whole(words.shared.harmful), *key, "harmful")
    reached = reached or _calm(rule, scenario, words, levels, key)
    rung = words.rung_of(reached, ladder)
    if rung == ladder.base and reached == rung and draw(*key, "silent") < words.shared.silent:
        return Truth(rung, "", False, awareness, -1, misread)
    move = one_of(words.fitting(reached, ladder, levels), *key, "move")
    finding = words.moves[rung][move].finding
    harmful = bool(finding) and ladder.findings[finding].harmful
    motive = by_chance(profile.motives, *key, "motive") if harmful else ""
    return Truth(rung, finding, harmful, awareness, move, misread, motive)


def _calm(rule: Rule, scenario: Scenario, words: Wording, levels: Mapping[str, str], key: Key) -> str:
    """A harmless rung for what the propensities leave over."""
    usual = next(c.rungs for c in words.shared.calm if applies(c.when, levels))
    named = set(rule.rungs) if rule.alone else set()
    left = {rung: chance for rung, chance in usual.items() if rung not in named}
    if not left:  # the usual calm rung is the one that is planted: take the lowest other one
        left = {next(r for r in scenario.spec.ladder.rungs if r not in named): 1.0}
    return by_chance(_whole(left), *key, "calm")


def _whole(chances: Mapping[str, float]) -> dict[str, float]:
    """The chances scaled to add up to one, the last a little more against rounding."""
    total = sum(chances.values())
    scaled = {name: chance / total for name, chance in chances.items()}
    last = next(reversed(scaled))
    return {**scaled, last: scaled[last] + 1e-6}
