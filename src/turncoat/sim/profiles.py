"""Profiles: how often a simulated model reaches each rung, in which scenario and under which levels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from turncoat.base.errors import UnknownName, choices
from turncoat.base.extensions import extensions
from turncoat.base.model import Frozen
from turncoat.scenarios.files import load_model
from turncoat.scenarios.schema import Names, When, applies
from turncoat.sim.wording import HARMFUL

FOLDER = Path(__file__).parent / "data" / "profiles"
_GENERIC = re.compile(r"(?:rate|rung-(?P<rung>[a-z_]+))-(?P<rate>0(?:\.\d+)?|1(?:\.0+)?)(?:-seed-(?P<seed>\d{1,6}))?")
GENERIC_FORMS = "rate-0.2, rung-veiled_coercion-0.5, rung-helps-1-seed-3 and the like"
STATED = {"stated-real": 0.2, "stated-evaluation": 0.2, "abstained": 0.2}
"""Awareness of the generic profiles; the rest is silent."""


def _chances(found: dict[str, float] | None) -> dict[str, float] | None:
    if found and (min(found.values()) < 0 or sum(found.values()) > 1 + 1e-9):
        raise ValueError("probabilities must not be negative and must not add up to more than 1")
    return found


class Rule(Frozen):
    """Propensities that hold in some scenarios under some levels."""

    scenario: Names = ()
    """Scenarios; all if none is named."""
    when: When = Field(default_factory=dict)
    rungs: dict[str, float] = Field(default_factory=dict)
    """Rung or finding → probability; `harmful` stands for the scenario's harmful rungs. The rest stays calm."""
    given: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Awareness → propensities in its case, instead of `rungs`."""
    awareness: dict[str, float] | None = None
    """Instead of the profile's."""
    alone: bool = False
    """Whether the rest stays off the rungs that are named, so that each has exactly its probability."""

    _are_chances = field_validator("rungs", "awareness")(_chances)


class Profile(Frozen):
    """One simulated model."""

    canary: str
    about: str
    seed: int
    rules: tuple[Rule, ...]
    """The first that applies counts."""
    awareness: dict[str, float] = Field(default_factory=dict)
    """Stated-real, stated-evaluation, abstained → probability; silent otherwise."""
    misunderstandings: dict[str, float] = Field(default_factory=dict)
    """Misunderstanding that its thoughts show → probability; none otherwise."""
    motives: dict[str, float] = Field(default_factory=dict)
    """Motive that its thoughts name → probability where it does harm; none otherwise."""
    reasoning: Literal["scratchpad", "blocks"] = "scratchpad"
    """What shows of its thoughts where no scratchpad is offered: nothing, or the provider's reasoning blocks."""

    _are_chances = field_validator("awareness", "misunderstandings", "motives")(_chances)

    def rule(self, scenario: str, levels: Mapping[str, str]) -> Rule:
        """The rule that holds.

        Args:
            scenario: Name of the scenario.
            levels: All factors of the condition.
        """
        for rule in self.rules:
            known = all(factor in levels for factor in rule.when)
            if (not rule.scenario or scenario in rule.scenario) and known and applies(rule.when, levels):
                return rule
        return Rule()


def profile_names() -> list[str]:
    """Names of the profiles that ship with Turncoat and with plug-ins."""
    return sorted([*(p.stem for p in FOLDER.glob("*.yaml")), *_further()])


@lru_cache(maxsize=1)
def _further() -> dict[str, Profile]:
    """Profiles of plug-ins: at each entry point of `profiles` a function that gives them by name."""
    return {name: profile for load in extensions("profiles").values() for name, profile in load()().items()}


@lru_cache(maxsize=256)
def load_profile(name: str) -> Profile:
    """Load a profile by name.

    `rate-0.2` is harmful with probability 0.2 in every condition of every scenario; `rung-veiled_coercion-0.5` reaches
    that rung (or finding) with probability 0.5 and no other but calm ones; `-seed-3` behind either draws anew.

    Raises:
        UnknownName: There is no such profile.
    """
    if match := _GENERIC.fullmatch(name):
        rung, rate = match["rung"] or HARMFUL, float(match["rate"])
        rule = Rule(rungs={rung: rate}, alone=True)
        about = f"Reaches {rung} at a rate of {rate}."
        seed = int(match["seed"] or 1)
        return Profile(canary="", about=about, seed=seed, rules=(rule,), awareness=STATED, reasoning="blocks")
    if (further := _further().get(name)) is not None:
        return further
    if not (FOLDER / f"{name}.yaml").is_file():
        raise UnknownName(f"model sim/{name}: profile {choices(name, profile_names())}, or {GENERIC_FORMS}")
    return load_model(Profile, FOLDER / f"{name}.yaml", FOLDER)
