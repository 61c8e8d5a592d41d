"""Conditions in our vocabulary ↔ tuples of the published code."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from turncoat.base.errors import ConditionError
from turncoat.base.model import Frozen
from turncoat.paper import DATA, REFERENCE
from turncoat.paper.prompts import Arguments
from turncoat.scenarios.factors import Condition, FactorSpace, Level, Refusal
from turncoat.scenarios.files import load_model
from turncoat.scenarios.fitting import able
from turncoat.scenarios.loader import load_scenario, shared_factors


class MappedFactor(Frozen):
    """A factor of ours, the argument that it sets, and the argument's value for each level."""

    argument: str
    levels: dict[str, str | bool | None]


class MappedRefusal(Refusal):
    """A combination that is refused, in all scenarios or in those that are named."""

    scenarios: tuple[str, ...] = ()


class MappingFile(Frozen):
    """`data/factors.yaml`."""

    canary: str
    about: str
    scenarios: dict[str, str]
    factors: dict[str, MappedFactor]
    swapped_values: dict[str, str]
    without_value: tuple[str, ...]
    refuse: tuple[MappedRefusal, ...]


@lru_cache(maxsize=1)
def mapping() -> MappingFile:
    """How conditions correspond."""
    return load_model(MappingFile, DATA / "factors.yaml", DATA)


def published_space(scenario: str) -> FactorSpace:
    """The factors of ours that the published code has, with the levels that it has.

    Args:
        scenario: Our name of the scenario: `blackmail`, `espionage` or `lethal`.
    """
    file = mapping()
    refuse = tuple(
        Refusal(when=r.when, because=r.because) for r in file.refuse if not r.scenarios or scenario in r.scenarios
    )
    guarding = [f for f in shared_factors() if f.guards and not f.stagings]
    factors, left_out = able(guarding, load_scenario(scenario).spec.abilities)
    for factor in shared_factors():
        if factor.name in {f.name for f in guarding}:
            continue
        if (mapped := file.factors.get(factor.name)) is None:
            left_out[factor.name] = "the published prompts are taken as they are and do not vary it"
            continue
        levels = {name: Level(about=factor.levels[name].about) for name in mapped.levels}
        needs = factor.needs if factor.name == "value" else {}
        factors.append(factor.model_copy(update={"levels": levels, "needs": needs, "refuse": refuse}))
    return FactorSpace(factors, REFERENCE + scenario, left_out)


def arguments_of(scenario: str, condition: Condition) -> Arguments:
    """The published arguments of a condition."""
    file = mapping()
    found: dict[str, Any] = {}  # the values stand in the file as the published code takes them
    for name, factor in file.factors.items():
        value = factor.levels[condition[name]]
        if value is not None or factor.argument not in found:
            found[factor.argument] = value
    if condition["goal"] in file.without_value:
        found["goal_value"] = "none"
    elif condition["goal"] == "swap":
        found["goal_value"] = file.swapped_values[condition["value"]]
    return Arguments(scenario=file.scenarios[scenario], **found)


def condition_of(scenario: str, arguments: Arguments) -> Condition:
    """The cell that a published tuple belongs to.

    Tuples that differ and show the same text are one cell: a goal type that takes a value, with the value `none` or
    `ambiguous`, is the text of `ambiguous`.

    Raises:
        ConditionError: The tuple is refused, or is none of the published code's.
    """
    file, space = mapping(), published_space(scenario)
    levels: dict[str, str] = {}
    for name, factor in file.factors.items():
        value = getattr(arguments, factor.argument)
        level = next((level for level, v in factor.levels.items() if v == value), None)
        levels[name] = level or space.factors[name].default
    if arguments.goal_type in file.without_value:
        if arguments.goal_value != "none":
            raise ConditionError(f"{space.where}: goal_type {arguments.goal_type} takes goal_value none")
        del levels["value"]
    elif arguments.goal_value in ("none", "ambiguous"):
        levels["goal"] = "ambiguous"
        del levels["value"]
    elif arguments.goal_type == "swap":
        levels["value"] = {v: k for k, v in file.swapped_values.items()}[arguments.goal_value]
    return space.condition(levels)
