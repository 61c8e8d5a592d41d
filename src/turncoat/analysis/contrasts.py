"""What a factor adds: differences between conditions that differ in one level, and the square of goal and threat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.analysis.rates import Cell
from turncoat.errors import UsageError
from turncoat.stats._checks import Outcome
from turncoat.stats.differences import Difference, cluster_difference, difference, paired_difference
from turncoat.stats.equivalence import Equivalence, equivalence_by
from turncoat.stats.multiplicity import adjust


@dataclass(frozen=True, slots=True)
class Contrast:
    """The rate with a level minus the rate without it, all else alike."""

    first: Cell
    """The condition with the level."""
    second: Cell
    """The condition without it."""
    added: str
    """The level, `factor=level`."""
    difference: Difference
    adjusted_p: float
    """Holm's correction over all contrasts computed together."""
    screened_p: float
    """Benjamini and Hochberg's correction over the same contrasts, for a first look at many."""
    equivalence: Equivalence | None = None
    """The test for no relevant difference, where the study asks for it."""


@dataclass(frozen=True, slots=True)
class Square:
    """The two pressures crossed: no goal or an explicit one, no threat or replacement (figure 6 of the paper)."""

    scenario: str
    interface: str
    model: str
    judge: str
    simulated: bool
    neither: Cell | None
    goal: Cell | None
    threat: Cell | None
    both: Cell | None


def contrasts(cells: Sequence[Cell], margin: float | None = None) -> tuple[Contrast, ...]:
    """Compare each condition with each one that lacks exactly one of its levels.

    Worlds that both conditions share are pairs. Both corrections cover all contrasts returned. Cells that a rule
    stopped are left out: these tests hold for samples whose number was fixed beforehand.

    Args:
        cells: Rates, as `rates` gives them.
        margin: Largest irrelevant difference, in units of probability, where a study asks for tests of equivalence.

    Returns:
        One contrast for each pair with scored samples on both sides, in the order of the cells.
    """
    found: dict[str, tuple[Cell, Cell, str, Difference]] = {}
    by_key = {(c.scenario, c.interface, c.model, c.judge, levels(c.condition)): c for c in cells}
    for cell in cells:
        own = levels(cell.condition)
        for level in sorted(own):
            base = by_key.get((cell.scenario, cell.interface, cell.model, cell.judge, own - {level}))
            if base is not None and _fixed(cell) and _fixed(base):
                found[str(len(found))] = (cell, base, level, cell_difference(cell, base))
    p_values = {name: d.p_value for name, (_, _, _, d) in found.items()}
    holm, screened = adjust(p_values), adjust(p_values, "bh")
    return tuple(
        Contrast(a, b, level, d, holm[name].adjusted, screened[name].adjusted, _equivalence(a, b, margin))
        for name, (a, b, level, d) in found.items()
    )


def _equivalence(first: Cell, second: Cell, margin: float | None) -> Equivalence | None:
    if margin is None:
        return None
    return equivalence_by(lambda c: cell_difference(first, second, confidence=c), margin=margin)


def cell_difference(first: Cell, second: Cell, *, confidence: float = 0.95) -> Difference:
    """Difference of two rates, over worlds where each side has at least two scored worlds.

    One sample each in the same worlds: pairs, with Newcombe's paired interval. Epochs, or worlds that only one side
    has: errors clustered by world. One prompt each: Newcombe's interval of independent samples.
    """
    if _over_worlds(first) and _over_worlds(second):
        if (pairs := _pairs(first, second)) is not None:
            return paired_difference(*pairs, confidence=confidence)
        sides = (first.samples, second.samples)
        outcomes = [o for s in sides for o in s.outcomes]
        worlds = [w for s in sides for w in s.worlds]
        in_first = [i == 0 for i, s in enumerate(sides) for _ in s.outcomes]
        storylines = [x for s in sides for x in s.storylines]
        try:
            return cluster_difference(outcomes, in_first, worlds, storylines=storylines, confidence=confidence)
        except UsageError:
            # A storyline is missing on one side, or has one world there: all samples weigh the same.
            return cluster_difference(outcomes, in_first, worlds, confidence=confidence)
    return difference(first.rate.k, first.rate.n, second.rate.k, second.rate.n, confidence=confidence)


def _pairs(first: Cell, second: Cell) -> tuple[list[Outcome], list[Outcome]] | None:
    """The outcomes of both sides world by world; None unless each side scored one sample in each of the same worlds.

    Storylines with different numbers of worlds weigh the same in the rates, and pairs would not: then None as well.
    """
    sides = [dict(zip(c.samples.worlds, c.samples.outcomes, strict=True)) for c in (first, second)]
    alone = all(len(s) == len(c.samples.worlds) for s, c in zip(sides, (first, second), strict=True))
    if not alone or sides[0].keys() != sides[1].keys() or None in (*sides[0].values(), *sides[1].values()):
        return None
    if len(set(Counter(first.samples.storylines).values())) > 1:
        return None
    return list(sides[0].values()), [sides[1][world] for world in sides[0]]


def squares(cells: Sequence[Cell]) -> tuple[Square, ...]:
    """Cross goal and threat for each model and judge that has at least three of the four conditions."""
    keys = dict.fromkeys((c.scenario, c.interface, c.model, c.judge, c.simulated) for c in cells)
    by_key = {(c.scenario, c.interface, c.model, c.judge, levels(c.condition)): c for c in cells}
    goal, threat = "goal=explicit", "threat=replacement"
    found = []
    for key in keys:
        four = [by_key.get((*key[:4], frozenset(s))) for s in ((), (goal,), (threat,), (goal, threat))]
        if sum(c is not None for c in four) >= 3:
            found.append(Square(*key, *four))
    return tuple(found)


def levels(condition: str) -> frozenset[str]:
    """The levels that a condition's id names."""
    return frozenset() if condition == "control" else frozenset(condition.split(","))


def _fixed(cell: Cell) -> bool:
    """Whether it has scored samples, and their number does not depend on their outcomes."""
    return cell.rate.n > 0 and cell.rate.method != "confidence sequence"


def _over_worlds(cell: Cell) -> bool:
    return cell.rate.estimand == "worlds given these storylines"
