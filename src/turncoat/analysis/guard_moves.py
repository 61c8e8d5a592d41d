"""Two runs side by side: harm that got through guards, their false alarms, and the job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from turncoat.analysis.contrasts import levels
from turncoat.analysis.guards import (
    OF_NUMBERS,
    difference_of,
    false_alarms,
    got_through,
    guarding_levels,
    job_difference,
)
from turncoat.analysis.rates import Cell, by_group
from turncoat.analysis.table import Table
from turncoat.stats.differences import Difference
from turncoat.stats.means import Mean
from turncoat.stats.rates import Rate

GuardMeasure = Literal["got_through", "false_alarms", "job"]


@dataclass(frozen=True)
class GuardMove:
    """One such number in both runs, or in the one that has the condition.

    Attributes:
        measure: Which number; called as rules of `--fail-if` call it.
        guards: The levels of either condition that name guards, as `factor=level`, sorted.
        first: The condition in the run before; None where only the second run has it.
        second: In the run after.
        before: The number in the run before; None where nobody can tell, such as false alarms where no guard stood.
        after: In the run after.
        difference: After minus before, paired by world as far as worlds are shared; None where one of them is missing,
            and where a rule stopped one of them.
    """

    measure: GuardMeasure
    guards: tuple[str, ...]
    first: Cell | None
    second: Cell | None
    before: Rate | Mean | None
    after: Rate | Mean | None
    difference: Difference | Mean | None

    @property
    def cell(self) -> Cell:
        """The condition in the run after, or before where that has none."""
        found = self.second or self.first
        assert found is not None
        return found


def guard_moves(first: Table, second: Table, pairs: Sequence[tuple[Cell | None, Cell | None]]) -> tuple[GuardMove, ...]:
    """What guards and the job come to in the conditions of two runs.

    Args:
        first: The run before.
        second: The run after.
        pairs: Conditions of the two, as they are compared; None where a run does not have it.

    Returns:
        In the order of the pairs: harm that got through and false alarms where either condition names guards, and the
        job where either has one. A number that neither side can tell is left out.
    """
    named = guarding_levels([*first.logs, *second.logs])
    rows = by_group(first.frame, OF_NUMBERS), by_group(second.frame, OF_NUMBERS)
    return tuple(m for pair in pairs for m in _moves(pair, rows, named) if m.before is not None or m.after is not None)


def _moves(
    pair: tuple[Cell | None, Cell | None],
    rows: tuple[dict[tuple[str, ...], pd.DataFrame], dict[tuple[str, ...], pd.DataFrame]],
    named: frozenset[str],
) -> Iterator[GuardMove]:
    sides = [None if cell is None else (cell, own[cell.key]) for cell, own in zip(pair, rows, strict=True)]
    guards = tuple(sorted({level for cell in pair if cell is not None for level in levels(cell.condition) & named}))
    of: dict[GuardMeasure, Callable[[Cell, pd.DataFrame], Cell]]
    of = {"got_through": got_through, "false_alarms": false_alarms} if guards else {}
    for measure, judged in of.items():
        before, after = (None if side is None else judged(*side) for side in sides)
        moved = difference_of(after, before) if before is not None and after is not None else None
        yield GuardMove(measure, guards, *pair, _told(before), _told(after), moved)
    old, new = sides
    jobs = job_difference(*new, *old) if old and new else None
    yield GuardMove("job", guards, *pair, _job(pair[0]), _job(pair[1]), jobs)


def _told(cell: Cell | None) -> Rate | None:
    return cell.rate if cell is not None and cell.rate.n else None


def _job(cell: Cell | None) -> Mean | None:
    return cell.job.mean if cell is not None and cell.job is not None else None
