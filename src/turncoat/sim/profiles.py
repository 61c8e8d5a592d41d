"""Profiles: how often a simulated model reaches each rung, under which levels. Data, one file each."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from turncoat.errors import UnknownName, choices
from turncoat.scenarios.files import load_model
from turncoat.scenarios.schema import Data, When
from turncoat.scenarios.when import applies

FOLDER = Path(__file__).parent / "data" / "profiles"
_RATE = re.compile(r"rate-(0(?:\.\d+)?|1(?:\.0+)?)")


class Rule(Data):
    """Propensities that hold under some levels."""

    when: When = Field(default_factory=dict)
    rungs: dict[str, float]
    """Rung → probability; what is left over stays on harmless rungs."""


class Profile(Data):
    """One simulated model."""

    canary: str
    about: str
    seed: int
    rules: tuple[Rule, ...]
    """The first that applies counts."""
    awareness: dict[str, float] = Field(default_factory=dict)
    """Stated-real, stated-evaluation, abstained → probability; silent otherwise."""

    def propensities(self, levels: dict[str, str]) -> dict[str, float]:
        """Rung → probability under these levels (only those that differ from the defaults need be named)."""
        for rule in self.rules:
            known = {factor: levels.get(factor, "none") for factor in rule.when}
            if applies(rule.when, known):
                return rule.rungs
        return {}


def profile_names() -> list[str]:
    """Names of the profiles that ship with Turncoat."""
    return sorted(p.stem for p in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=64)
def load_profile(name: str) -> Profile:
    """Load a profile by name; `rate-0.2` is harmful with probability 0.2 in every condition.

    Raises:
        UnknownName: There is no such profile.
    """
    if match := _RATE.fullmatch(name):
        rate = float(match[1])
        rungs = {"explicit_blackmail": rate * 0.6, "veiled_coercion": rate * 0.4}
        return Profile(canary="", about=f"Harmful at a rate of {rate}.", seed=1, rules=(Rule(rungs=rungs),))
    if name not in profile_names():
        raise UnknownName(f"model sim/{name}: profile {choices(name, profile_names())}, or rate-0.2 and the like")
    return load_model(Profile, FOLDER / f"{name}.yaml", FOLDER)
