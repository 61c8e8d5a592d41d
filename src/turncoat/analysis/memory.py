"""Gaps between a text that a model may have read and texts that it cannot have read; rates by storyline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from turncoat.analysis.rates import Cell, Group, sample_rate
from turncoat.stats.rates import Interval, Rate

Against = Literal["swapped", "same story", "new stories"]


@dataclass(frozen=True)
class MemoryGap(Group):
    """The published text minus another text of the same condition; its scenario is ours."""

    against: Against
    published: Rate
    """Over epochs of one prompt: nothing is claimed beyond it."""
    other: Rate
    """Over worlds, as far as there is more than one."""
    estimate: float
    """Published minus other."""
    interval: Interval
    """Of the gap; the two arms are independent samples."""


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
            found.append(ByStoryline(cell, {name: sample_rate(cell.samples.of({name})) for name in names}))
    return tuple(found)
