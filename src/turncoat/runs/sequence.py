"""Sequential stopping of one task on one model: which cells have been measured well enough.

Answers come in the order in which they are finished, and refusals are short: what is finished first is not a fair
sample. So outcomes count in the order of the worlds that was fixed beforehand, and only as far as it has no gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from turncoat.runs.schema import Stopping
from turncoat.stats._checks import Harm
from turncoat.stats.sequential import Looked, look, look_at_difference


@dataclass
class Column:
    """The outcomes of one cell by the world's position."""

    found: dict[int, Harm] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    """Positions of the worlds in which the cell is run."""

    def prefix(self) -> list[Harm]:
        """Outcomes up to the first world that is not finished."""
        outcomes: list[Harm] = []
        for position in self.order:
            if position not in self.found:
                break
            outcomes.append(self.found[position])
        return outcomes


class Sequences:
    """Decides, as outcomes come in, which cells need no further samples.

    Args:
        stopping: The study's rule.
        contrasts: Pairs of cells; they matter if the rule is of contrasts.
        samples: Cell and position of every planned sample.
    """

    def __init__(
        self, stopping: Stopping, contrasts: Sequence[tuple[str, str]], samples: Sequence[tuple[str, int]]
    ) -> None:
        self._stopping = stopping
        self._columns: dict[str, Column] = {}
        for cell, position in sorted(set(samples), key=lambda s: s[1]):
            self._columns.setdefault(cell, Column()).order.append(position)
        self._pairs = list(contrasts) if stopping.of == "contrasts" else []
        self.decided: dict[str, Looked] = {}
        """Cell, or `first - second` of a contrast → where it stopped."""

    def note(self, cell: str, position: int, outcome: Harm) -> None:
        """Take in a finished sample; a failed one counts as unscored."""
        column = self._columns[cell]
        if column.found.get(position, "new") == outcome:
            return
        column.found[position] = outcome
        if self._stopping.of == "cells":
            if cell not in self.decided:
                self._look(cell, look(column.prefix(), self._stopping.rule))
            return
        for first, second in self._pairs:
            name = f"{first} - {second}"
            if cell in (first, second) and name not in self.decided:
                columns = [self._columns[c].prefix() for c in (first, second)]
                self._look(name, look_at_difference(columns[0], columns[1], self._stopping.rule))

    def _look(self, name: str, looked: Looked) -> None:
        if looked.decision:
            self.decided[name] = looked

    def stopped(self, cell: str) -> str:
        """Why a cell needs no further samples, or ""."""
        if self._stopping.of == "cells":
            return self.decided[cell].decision if cell in self.decided else ""
        names = [f"{a} - {b}" for a, b in self._pairs if cell in (a, b)]
        if not names or any(n not in self.decided for n in names):
            return ""
        return ", ".join(self.decided[n].decision for n in names)

    def summary(self) -> dict[str, JsonValue]:
        """Where each cell or contrast stopped."""
        return {
            name: {"decision": at.decision, "worlds": at.seen, "low": at.interval.low, "high": at.interval.high}
            for name, at in self.decided.items()
        }
