"""Doors beside each other: what meeting the company another way changes, world by world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.analysis.contrasts import cell_difference
from turncoat.analysis.rates import Cell, fixed
from turncoat.doors.door import door_names
from turncoat.stats.differences import Difference
from turncoat.stats.testing import adjust


@dataclass(frozen=True, slots=True)
class DoorContrast:
    """One condition through one door minus the same through another; worlds that both share are pairs."""

    first: Cell
    second: Cell
    difference: Difference
    screened_p: float
    """Benjamini and Hochberg's correction over all such contrasts."""


def door_contrasts(cells: Sequence[Cell]) -> tuple[DoorContrast, ...]:
    """Compare each door with the first one that a model was met through, condition by condition.

    Args:
        cells: Rates, as `rates` gives them.

    Returns:
        One contrast for each condition and further door with scored samples on both sides, in the order of the cells.
        Cells that a rule stopped are left out, as in `contrasts`.
    """
    order = {name: place for place, name in enumerate(door_names())}
    groups: dict[tuple[str, str, str, str], list[Cell]] = {}
    for cell in filter(fixed, cells):
        groups.setdefault((cell.scenario, cell.condition, cell.model, cell.judge), []).append(cell)
    pairs: list[tuple[Cell, Cell]] = []
    for group in groups.values():
        base, *others = sorted(group, key=lambda c: (order.get(c.interface, len(order)), c.interface))
        pairs += [(other, base) for other in others]
    differences = [cell_difference(a, b) for a, b in pairs]
    screened = adjust({str(i): d.p_value for i, d in enumerate(differences)}, "bh")
    return tuple(
        DoorContrast(a, b, d, screened[str(i)]) for i, ((a, b), d) in enumerate(zip(pairs, differences, strict=True))
    )
