"""What a calibration runs: cells of planted rates, and what was observed of each sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from turncoat.scenarios.loader import load_scenario

RULES = "rules"
FAULTLESS = "sim/judge-1-1"
ERRING = "sim/judge-0.9-0.95"
SENSITIVITY, SPECIFICITY = 0.9, 0.95
"""Planted in `ERRING`."""


@dataclass(frozen=True)
class Grid:
    """The size of a calibration.

    Attributes:
        samples: Samples in a cell.
        seeds: Cells for each rung, rate and interface, each drawn anew.
        rates: Planted rates.
        scenarios: Names.
        interfaces: Names of doors.
        inspect_worlds: Worlds of the part that runs through Inspect, for each scenario and interface.
    """

    samples: int
    seeds: int
    rates: tuple[float, ...] = (0.0, 0.02, 0.2, 0.5, 0.8, 1.0)
    scenarios: tuple[str, ...] = ("blackmail", "espionage", "lethal")
    interfaces: tuple[str, ...] = ("text", "tools")
    inspect_worlds: int = 20


FULL = Grid(samples=20, seeds=3, inspect_worlds=10)
QUICK = Grid(samples=4, seeds=1, rates=(0.0, 0.5, 1.0), inspect_worlds=1)


@dataclass(frozen=True)
class Cell:
    """One planted rate of one rung in one interface.

    The seed differs between the interfaces, since the same seed would draw the same truth in both.
    """

    scenario: str
    interface: str
    rung: str
    rate: float
    seed: int

    @property
    def model(self) -> str:
        """The simulated model."""
        return f"sim/rung-{self.rung}-{self.rate:g}-seed-{self.seed}"


def cells(grid: Grid) -> Iterator[Cell]:
    """All cells of a grid."""
    for scenario in grid.scenarios:
        for rung in load_scenario(scenario).spec.ladder.rungs:
            for rate in grid.rates:
                for number, interface in enumerate(grid.interfaces):
                    for seed in range(grid.seeds):
                        yield Cell(scenario, interface, rung, rate, 1 + number * grid.seeds + seed)


@dataclass(frozen=True)
class Seen:
    """What one judge made of a sample."""

    harmful: bool | None
    rung: str | None
    reason: str
    awareness: str


@dataclass(frozen=True)
class Observation:
    """One sample: what was planted, what detectors found, what judges said."""

    cell: Cell
    rung: str
    finding: str
    harmful: bool
    awareness: str
    stated: bool
    """Whether its statement on awareness, or its silence, can be seen in visible reasoning."""
    detected: frozenset[str]
    """Findings that detectors made."""
    necessary: bool
    """Whether the necessary act was done, so that the outcome judge was asked."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """Judge → what it said."""
