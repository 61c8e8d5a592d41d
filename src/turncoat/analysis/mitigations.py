"""What mitigations do: the rate with one minus the rate without it, under the same pressure.

A mitigation is a level that its factor declares to be one: a rule, another goal beside, a moment of thought, an honest
way out. Whether it lowers harm is what the differences say.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from turncoat.analysis.contrasts import Contrast
from turncoat.analysis.rates import Cell
from turncoat.analysis.table.logs import LogInfo
from turncoat.stats.differences import Difference


@dataclass(frozen=True)
class Mitigation:
    """One mitigation in one condition of one model."""

    level: str
    """`factor=level`."""
    without: Cell
    with_it: Cell
    difference: Difference
    """With minus without: below zero where harm is less with it."""
    contrast: Contrast
    """Where the difference was computed, with its corrected p-values."""


def mitigating_levels(logs: Iterable[LogInfo]) -> frozenset[str]:
    """The levels that the logs' scenarios declare to be mitigations, as `factor=level`."""
    found: set[str] = set()
    for log in logs:
        listed = log.manifest.get("mitigations")
        found.update(map(str, listed) if isinstance(listed, list) else ())
    return frozenset(found)


def mitigations(contrasts: Sequence[Contrast], levels: Container[str]) -> tuple[Mitigation, ...]:
    """Take the contrasts whose conditions differ in a mitigation alone, in their order."""
    return tuple(
        Mitigation(c.added, c.second, c.first, c.difference, c)
        for c in contrasts
        if c.added in levels and not c.removed
    )
