"""Figures as data: which cells of a run are drawn together. Which figures there are, a plug-in says.

The plug-in is found by the entry point `figures`; cells that none of its figures shows are drawn all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from turncoat.analysis.contrasts import Square
from turncoat.analysis.rates import Cell, Group
from turncoat.base.extensions import extensions
from turncoat.stats.rates import Interval, Rate

Kind = Literal["square", "models", "levels"]
"""What a figure compares: the two pressures crossed, models in one condition, or levels."""


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
class Panel:
    """Some cells that are drawn together."""

    title: str
    """A model's or a scenario's name, or "" where the figure has one panel."""
    cells: tuple[Cell, ...]
    labels: tuple[str, ...] = ()
    """What each cell is called, `{}` standing for its model; the models if there are none."""


@dataclass(frozen=True)
class Figure:
    """One figure of a publication with this run's cells."""

    number: str
    kind: Kind
    scenario: str
    """As the logs name it."""
    interface: str
    title: str
    panels: tuple[Panel, ...] = ()
    squares: tuple[Square, ...] = ()
    excluded: tuple[Cell, ...] = ()
    """Cells left out by the study's own rule, with their models' control rates; shown beside."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that are drawn."""
        return tuple(c for p in self.panels for c in p.cells)


class Definitions:
    """A publication's figures and comparisons. This one has none: it stands where none is installed."""

    def figures(
        self, cells: Sequence[Cell], squares: Sequence[Square], excluded: Sequence[tuple[str, str, str]] = ()
    ) -> tuple[Figure, ...]:
        """Sort a run's cells into its figures.

        Args:
            cells: Rates by one judge for each model.
            squares: The two pressures crossed, as `contrasts.squares` gives them.
            excluded: (scenario, interface, model) triples that the study's own rule leaves out of a figure of models.

        Returns:
            The figures that have cells, in the publication's order, then by interface.
        """
        return ()

    def gaps(self, cells: Sequence[Cell]) -> tuple[MemoryGap, ...]:
        """Compare its own texts with others, wherever both were run in the same condition."""
        return ()


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """The figures that are installed, of several the first by name; none where there are none."""
    found: Definitions = next((load() for load in extensions("figures").values()), Definitions())
    return found


def other_cells(cells: Sequence[Cell], figures: Sequence[Figure]) -> tuple[Cell, ...]:
    """Cells of conditions that no figure shows, the squares aside."""
    drawn = {id(c) for f in figures for c in (*f.cells, *f.excluded)}
    return tuple(c for c in cells if id(c) not in drawn)
