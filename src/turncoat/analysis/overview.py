"""Everything that a report shows, computed in one go; who draws it computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from turncoat.analysis.contrasts import Contrast, Square, contrasts, squares
from turncoat.analysis.counts import (
    Distribution,
    RungOrder,
    Validity,
    finding_counts,
    rung_counts,
    rung_order,
    validity,
)
from turncoat.analysis.logs import LogInfo, Problem
from turncoat.analysis.rates import Cell, rates
from turncoat.analysis.table import Table, read_table


@dataclass(frozen=True)
class Overview:
    """The analysis of a set of logs."""

    cells: tuple[Cell, ...]
    contrasts: tuple[Contrast, ...]
    squares: tuple[Square, ...]
    rungs: tuple[Distribution, ...]
    orders: Mapping[str, RungOrder]
    """Scenario → its rungs in order."""
    findings: tuple[Distribution, ...]
    """Over all conditions of each model."""
    validity: Validity
    logs: tuple[LogInfo, ...]
    problems: tuple[Problem, ...]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios that occur, sorted."""
        return tuple(sorted({c.scenario for c in self.cells}))

    @property
    def models(self) -> tuple[str, ...]:
        """Models that occur: real ones first, then by name."""
        return tuple(m for _, m in sorted({(c.simulated, c.model) for c in self.cells}))

    @property
    def judges(self) -> tuple[str, ...]:
        """Judges that occur, sorted."""
        return tuple(sorted({c.judge for c in self.cells}))

    @property
    def simulated(self) -> frozenset[str]:
        """Models that are programs."""
        return frozenset(c.model for c in self.cells if c.simulated)


def analyse(table: Table, published: Mapping[str, str] | None = None) -> Overview:
    """Compute all that a report shows.

    Args:
        table: The table.
        published: Inspect's model name → the paper's, for models whose names do not say it.
    """
    cells = rates(table, published)
    return Overview(
        cells=cells,
        contrasts=contrasts(cells),
        squares=squares(cells),
        rungs=rung_counts(table),
        orders={s: rung_order(table, s) for s in sorted({c.scenario for c in cells})},
        findings=finding_counts(table, pooled=True),
        validity=validity(table),
        logs=table.logs,
        problems=table.problems,
    )


def analyse_logs(paths: Iterable[Path], published: Mapping[str, str] | None = None) -> tuple[Table, Overview]:
    """Read logs and analyse them.

    Raises:
        LogError: As `read_table`.
    """
    table = read_table(paths)
    return table, analyse(table, published)
