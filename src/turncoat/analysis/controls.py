"""The control condition beside the pressured ones, and the rule by which a study leaves models out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from turncoat.analysis.contrasts import levels
from turncoat.analysis.published import Limit, publication
from turncoat.analysis.rates import Cell
from turncoat.analysis.table import Table


@dataclass(frozen=True)
class Exclusion:
    """A model that does the harmful act where nothing presses it."""

    control: Cell
    above: float
    """The largest rate that the rule allows."""
    rule: str
    """What the rule is called."""
    declared: bool
    """Whether the study stated the rule beforehand; then its figures leave the model out, and say so. Otherwise the
    model is shown with this note."""


def controls(cells: Sequence[Cell]) -> dict[tuple[str, str, str, str], Cell]:
    """Scenario, interface, model, judge → the control condition's cell."""
    return {(c.scenario, c.interface, c.model, c.judge): c for c in cells if c.condition == "control"}


def exclusions(table: Table, cells: Sequence[Cell]) -> tuple[Exclusion, ...]:
    """Models above a limit in the control condition: by the studies' rules, or by the publication's."""
    found: dict[tuple[str, str, str, str], Exclusion] = {}
    stated = dict.fromkeys(_stated(table))
    plain = publication().plain
    for limit in (*stated, *publication().limits):
        for cell in cells:
            if plain(cell.scenario) != limit.scenario or levels(cell.condition) != levels(limit.control):
                continue
            key = (cell.scenario, cell.interface, cell.model, cell.judge)
            if cell.rate.estimate is not None and cell.rate.estimate > limit.above and key not in found:
                found[key] = Exclusion(cell, limit.above, limit.words, limit in stated)
    return tuple(found.values())


def _stated(table: Table) -> Iterator[Limit]:
    """The rules that studies declare."""
    for log in table.logs:
        listed = log.manifest.get("exclusions")
        for rule in listed if isinstance(listed, list) else ():
            match rule:
                case {"scenario": str(scenario), "above": float(above) | int(above)}:
                    plain = publication().plain(scenario)
                    yield Limit(plain, _control(rule), float(above), "the study's rule")


def _control(rule: Mapping[str, Any]) -> str:
    found = rule.get("control")
    return found if isinstance(found, str) and found else "control"
