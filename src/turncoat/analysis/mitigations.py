"""What mitigations do: the rate with one minus the rate without it, under the same pressure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.analysis.contrasts import Contrast
from turncoat.analysis.rates import Cell
from turncoat.stats.differences import Difference

MITIGATIONS = frozenset(
    {
        "instruction=direct",
        "overriding=benign",
        "deliberation=notice",
        "agency=off",
        "ally=reachable",
        "authority=reachable",
        "necessity=open",
    }
)
"""Levels that somebody who deploys an agent could choose, and that might lower harm: a rule, another goal beside, a
moment of thought, no question about itself, and honest ways out. Whether they do is what the differences say."""


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


def mitigations(contrasts: Sequence[Contrast]) -> tuple[Mitigation, ...]:
    """Take the contrasts whose conditions differ in a mitigation alone, in their order."""
    return tuple(
        Mitigation(c.added, c.second, c.first, c.difference, c)
        for c in contrasts
        if c.added in MITIGATIONS and not c.removed
    )
