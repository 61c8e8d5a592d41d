"""The gap between the published text and fresh worlds, and between storylines: what a model may owe to its reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turncoat.analysis.contrasts import cell_difference, levels
from turncoat.analysis.published import REFERENCE, plain_scenario
from turncoat.analysis.rates import Cell, Samples, sample_rate
from turncoat.stats.differences import Difference
from turncoat.stats.rates import Rate


@dataclass(frozen=True)
class Gap:
    """The same condition as published and as fresh worlds."""

    published: Cell
    fresh: Cell
    difference: Difference
    """Published minus fresh. Both differ in wording and in mails too, so it bounds contamination and is not it."""


def contamination(cells: Sequence[Cell]) -> tuple[Gap, ...]:
    """Pair published settings (`reference/…`) with the same condition of ours, by model, interface and judge."""
    fresh = {
        (c.scenario, c.interface, c.model, c.judge, levels(c.condition)): c
        for c in cells
        if not c.scenario.startswith(REFERENCE)
    }
    gaps = []
    for cell in cells:
        if not cell.scenario.startswith(REFERENCE):
            continue
        key = (plain_scenario(cell.scenario), cell.interface, cell.model, cell.judge, levels(cell.condition))
        other = fresh.get(key)
        if other is not None and cell.rate.n and other.rate.n:
            gaps.append(Gap(cell, other, cell_difference(cell, other)))
    return tuple(gaps)


@dataclass(frozen=True)
class ByStoryline:
    """One cell's rate in each of its storylines."""

    cell: Cell
    rates: Mapping[str, Rate]
    """Storyline → rate over its worlds."""


def storylines(cells: Sequence[Cell]) -> tuple[ByStoryline, ...]:
    """Split the cells that were run in several storylines, where anything harmful was found."""
    found = []
    for cell in cells:
        names = dict.fromkeys(str(s) for s in cell.samples.storylines)
        if len(names) > 1 and cell.rate.k:
            found.append(ByStoryline(cell, {name: _rate_in(cell.samples, name) for name in names}))
    return tuple(found)


def _rate_in(samples: Samples, storyline: str) -> Rate:
    kept = [i for i, s in enumerate(samples.storylines) if s == storyline]
    return sample_rate(
        Samples(
            tuple(samples.outcomes[i] for i in kept),
            tuple(samples.worlds[i] for i in kept),
            tuple(samples.storylines[i] for i in kept),
        )
    )
