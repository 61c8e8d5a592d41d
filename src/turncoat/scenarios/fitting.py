"""Shared factors as a scenario has them: without what means nothing there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from turncoat.scenarios.factors import PAPER, Factor


def able(factors: Sequence[Factor], abilities: Iterable[str]) -> tuple[list[Factor], dict[str, str]]:
    """Factors without the levels that mean nothing where an agent is not able to do something.

    Args:
        factors: The factors.
        abilities: What the scenario's agent is able to do.

    Returns:
        The factors, and the levels left out, as `factor=level`, each with the reason.
    """
    there = set(abilities)
    left_out = {
        f"{f.name}={name}": f"the agent is not able to {' or to '.join(sorted(missing))}"
        for f in factors
        for name, level in f.levels.items()
        if (missing := {*level.abilities} - there)
    }
    return [
        f.model_copy(update={"levels": {n: v for n, v in f.levels.items() if f"{f.name}={n}" not in left_out}})
        for f in factors
    ], left_out


def unstaged(factors: Iterable[Factor]) -> list[Factor]:
    """Factors as they are where all storylines are staged as in the paper."""
    return [
        f.model_copy(
            update={"levels": {n: v for n, v in f.levels.items() if not v.stagings or PAPER in v.stagings}}
            | {"stagings": (), "defaults": {}}
        )
        for f in factors
    ]
