"""Rates that others report of conditions like a study's own, as its logs say, beside what the study found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from turncoat.analysis.contrasts import levels
from turncoat.analysis.rates import Cell
from turncoat.analysis.table.logs import LogInfo
from turncoat.base.text import plain


@dataclass(frozen=True)
class Beside:
    """A reported rate beside a cell: other words, other worlds and other models, so that only the order compares."""

    cell: Cell
    rate: float
    source: str


def reported(logs: Iterable[LogInfo], cells: Sequence[Cell]) -> tuple[Beside, ...]:
    """The reported rates of a study's logs, in their order, each beside the cells of its condition."""
    found: dict[tuple[object, ...], Beside] = {}
    for item in (item for log in logs for item in log.listed("reported")):
        match item:
            case {"scenario": str(scenario), "condition": str(condition), "rate": float(rate), "source": str(source)}:
                for cell in (c for c in cells if c.scenario == scenario and levels(c.condition) == levels(condition)):
                    found.setdefault((cell.pooled, cell.condition, source), Beside(cell, rate, plain(source)))
    return tuple(found.values())
