"""Moves: what may be changed of a candidate by rule, a level, a pair of levels or the storyline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import combinations

from turncoat.base.errors import ConditionError, UsageError, choices
from turncoat.runs.design import TaskPlan
from turncoat.scenarios.factors import STAGING, Condition, FactorSpace
from turncoat.scenarios.loader import load_scenario
from turncoat.search.record import Candidate

STORYLINE = "storyline"
"""What `--vary` calls the move to another storyline."""
Key = tuple[str, str, str, str]


def starts(plans: Sequence[TaskPlan]) -> list[Candidate]:
    """The cells of a study, one candidate for each interface and storyline."""
    found: dict[Key, Candidate] = {}
    for plan in plans:
        for condition, world in plan.pairs:
            key = (plan.name, plan.interface, world.storyline, condition.id)
            if key not in found:
                found[key] = Candidate(
                    number=len(found),
                    scenario=key[0],
                    interface=key[1],
                    storyline=key[2],
                    condition=key[3],
                )
    return list(found.values())


def condition_of(candidate: Candidate) -> Condition:
    """Its condition in its scenario's space."""
    return load_scenario(candidate.scenario).space.parse(candidate.condition)


def levels_of(candidate: Candidate) -> dict[str, str]:
    """Where it stands in the space that is searched: its scenario, interface, storyline, and all levels."""
    place = {"": candidate.scenario, " ": candidate.interface, STORYLINE: candidate.storyline}
    return {**place, **condition_of(candidate).levels}


def vectors(candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """The same of several, as tuples over all factors that any of them has; "" where one has not."""
    levels = [levels_of(c) for c in candidates]
    names = list(dict.fromkeys(name for found in levels for name in found))
    return [tuple(found.get(name, "") for name in names) for found in levels]


def worlds_of(candidate: Candidate, seeds: Iterable[int]) -> tuple[str, ...]:
    """The worlds of its storyline with these seeds."""
    version = load_scenario(candidate.scenario).storylines[candidate.storyline].spec.version
    return tuple(f"{candidate.storyline}.{version}@{seed}" for seed in seeds)


def see_vary(vary: Iterable[str], candidates: Sequence[Candidate]) -> None:
    """See that the factors that may be varied are there.

    Raises:
        UsageError: One is in no scenario that is searched.
    """
    there = {n for c in candidates for n in load_scenario(c.scenario).space.factors if n != STAGING}
    if wrong := next((name for name in vary if name not in {*there, STORYLINE}), None):
        raise UsageError(f"--vary: factor {choices(wrong, [*sorted(there), STORYLINE])}")


def single_moves(candidate: Candidate, vary: Sequence[str] = ()) -> Iterator[tuple[str, str, str]]:
    """What one move makes of a candidate.

    Args:
        candidate: The candidate.
        vary: Factors that may change, `storyline` among them; all but the staging if none.

    Yields:
        Storyline, condition id, and the move in words.
    """
    space, condition = load_scenario(candidate.scenario).space, condition_of(candidate)
    for factor, level in _changes(space, condition, vary):
        if (made := _changed(space, condition, {factor: level})) is not None:
            yield candidate.storyline, made, words_of(condition, {factor: level})
    if not vary or STORYLINE in vary:
        for other in load_scenario(candidate.scenario).staged(condition.staging):
            if other != candidate.storyline:
                yield other, candidate.condition, f"storyline: {candidate.storyline} → {other}"


def pair_moves(candidate: Candidate, vary: Sequence[str] = ()) -> Iterator[tuple[str, str, str]]:
    """What a change of two factors at once makes of a candidate; as `single_moves`."""
    space, condition = load_scenario(candidate.scenario).space, condition_of(candidate)
    for (a, x), (b, y) in combinations(list(_changes(space, condition, vary)), 2):
        if a != b and (made := _changed(space, condition, {a: x, b: y})) is not None:
            yield candidate.storyline, made, words_of(condition, {a: x, b: y})


def _changes(space: FactorSpace, condition: Condition, vary: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, factor in space.factors.items():
        if name != STAGING and (not vary or name in vary):
            yield from ((name, level) for level in factor.levels if level != condition[name])


def _changed(space: FactorSpace, condition: Condition, change: dict[str, str]) -> str | None:
    """The id of the condition with these changes; None where it has no meaning."""
    with suppress(ConditionError):
        return space.condition({**condition.settings, **change}).id
    return None


def words_of(condition: Condition, change: dict[str, str]) -> str:
    """A change of a condition's levels, in words."""
    return ", ".join(f"{name}: {condition[name]} → {level}" for name, level in change.items())
