"""Which conditions to render: the full cross of threat and goal, every level, and all pairs of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from allpairspy import AllPairs

from turncoat.base.errors import ConditionError
from turncoat.scenarios.factors import Condition, FactorSpace

CORE = ("goal", "value", "threat")
PRESSED = {"goal": "explicit", "threat": "replacement"}
"""The condition to which single further levels are added; control is the other one."""
ALONE = ({"goal": "explicit"}, {"threat": "replacement"}, {"threat": "restriction"})
"""One pressure without the other."""
MAILED = ("ally", "necessity", "culprit", "authority")
"""Factors that show in mails alone."""


def core_conditions(space: FactorSpace) -> list[Condition]:
    """Every valid combination of goal, value and threat."""
    levels = {f: list(space.factors[f].levels) for f in CORE if f in space.factors}
    return list(space.grid(levels))


def single_levels(space: FactorSpace) -> list[Condition]:
    """Every level of every further factor where it means something, added to the pressed condition and to control.

    Levels that only mails tell of are also added to either pressure alone, since a storyline has other mails there.
    """
    found: list[Condition] = []
    for name, factor in space.factors.items():
        if name in CORE:
            continue
        bases = [PRESSED, {}, *(ALONE if name in MAILED else ())]
        for level in factor.levels:
            found += _valid(space, [{**base, name: level} for base in bases])
    return _unique(found)


def pairwise(space: FactorSpace) -> list[Condition]:
    """Conditions that cover every valid pair of levels of any two factors at least once."""
    names = list(space.factors)
    parameters = [list(space.factors[n].levels) for n in names]
    if len(names) < 2:
        return []

    def allowed(row: list[str]) -> bool:
        return not _conflict(space, dict(zip(names, row, strict=False)))

    rows = AllPairs(parameters, filter_func=allowed)
    found = _unique(_valid(space, (dict(zip(names, row, strict=True)) for row in rows)))
    # The constraints can keep the array from a pair that is valid by itself: add it alone, with what it needs.
    missing = [{a: x, b: y} for a, x, b, y in uncovered_pairs(space, found)]
    return _unique([*found, *_valid(space, missing)])


def _conflict(space: FactorSpace, chosen: dict[str, str]) -> bool:
    """Whether levels chosen so far already exclude each other."""
    for name, level in chosen.items():
        factor = space.factors[name]
        if level == factor.default:
            continue
        if any(o in chosen and chosen[o] not in wanted for o, wanted in factor.needs.items()):
            return True
        for refusal in factor.refuse:
            if all(chosen.get(f) in levels for f, levels in refusal.when.items()):
                return True
    return False


def uncovered_pairs(space: FactorSpace, conditions: Iterable[Condition]) -> Iterator[tuple[str, str, str, str]]:
    """Valid pairs of levels that no condition covers."""
    seen = {(a, c.levels[a], b, c.levels[b]) for c in conditions for a, b in product(space.factors, repeat=2) if a < b}
    for a, b in product(space.factors, repeat=2):
        if a >= b:
            continue
        for x, y in product(space.factors[a].levels, space.factors[b].levels):
            if (a, x, b, y) not in seen and _valid(space, [{a: x, b: y}]):
                yield a, x, b, y


def _valid(space: FactorSpace, settings: Iterable[dict[str, str]]) -> list[Condition]:
    found = []
    for setting in settings:
        try:
            found.append(space.condition(setting))
        except ConditionError:
            continue
    return found


def _unique(conditions: Iterable[Condition]) -> list[Condition]:
    return list({c.id: c for c in conditions}.values())
