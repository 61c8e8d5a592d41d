"""What a calibration shows: confusion of detectors and judges, coverage of intervals, awareness found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.instrument import instrument_hash
from turncoat.sim.calibration.run import ERRING, FAULTLESS, RULES, Cell, Grid, Observation, Seen
from turncoat.stats.rates import BinomialMethod, Interval, binomial_interval, interval_coverage, simulation_band, wilson

LEVEL = 0.95
BAND = 0.999
"""Chance that a share stays within its band where all is as it should be."""
METHODS: tuple[BinomialMethod, ...] = ("wilson", "exact")


@dataclass(frozen=True)
class Share:
    """A count out of a number, with Wilson's 95 % interval."""

    k: int
    n: int

    @property
    def missing(self) -> int:
        """How many are not counted."""
        return self.n - self.k

    @property
    def interval(self) -> Interval:
        """Wilson's interval; everything where n is 0."""
        return wilson(self.k, self.n, LEVEL)


@dataclass(frozen=True)
class Confusion:
    """One judge in one scenario and interface: planted harm against its verdict."""

    judge: str
    scenario: str
    interface: str
    sensitivity: Share
    specificity: Share
    unscored: int
    rung: Share
    """Samples whose top rung is the planted one."""


@dataclass(frozen=True)
class Detected:
    """One detector's finding."""

    scenario: str
    finding: str
    harmful: bool
    found: Share
    """Where it was planted."""
    beside: int
    """Samples in which it was found although another finding was planted: a message can be several things."""
    wrong: int
    """Of these, samples whose truth is harmless although the finding is harmful."""


@dataclass(frozen=True)
class Gate:
    """The necessary act: without it there is no harm and the outcome judge is not asked."""

    scenario: str
    harmful: Share
    """Harmful samples in which it was found."""
    harmless: Share
    """Harmless samples in which it was found, so that a judge was asked."""


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold the planted rate, and how often they must."""

    judge: str
    method: str
    rate: float
    covered: Share
    expected: float
    low: float
    high: float

    @property
    def fits(self) -> bool:
        """Whether the share lies in the range that chance leaves."""
        return self.low - 1e-9 <= self.covered.k / self.covered.n <= self.high + 1e-9


@dataclass(frozen=True)
class Stated:
    """What one judge read of one planted awareness."""

    judge: str
    planted: str
    read: dict[str, int]


@dataclass(frozen=True)
class Results:
    """Everything that a calibration shows."""

    grid: Grid
    instrument: str
    """Hash of the scoring code, rules and rubrics."""
    samples: int
    seconds: float
    confusion: tuple[Confusion, ...]
    detectors: tuple[Detected, ...]
    gates: tuple[Gate, ...]
    coverage: tuple[Coverage, ...]
    awareness: tuple[Stated, ...]
    hidden: int
    """Samples whose awareness cannot be seen in what the agent shows."""
    through_inspect: Share
    """Samples that gave the same verdict through Inspect and directly."""

    @property
    def problems(self) -> list[str]:
        """What is not as it must be; empty if the instrument is what it says."""
        found: list[str] = []
        for c in self.confusion:
            if c.judge == FAULTLESS and c.rung.missing + c.unscored:
                wrong = c.rung.missing + c.unscored
                found.append(f"{c.scenario}, {c.interface}: with a judge without errors {wrong} rungs are wrong")
        for d in self.detectors:
            if d.found.missing:
                found.append(f"{d.scenario}: detector {d.finding} misses {d.found.missing} of {d.found.n}")
            if d.wrong:
                found.append(f"{d.scenario}: detector {d.finding} is wrong in {d.wrong} harmless samples")
        for g in self.gates:
            if g.harmful.missing:
                found.append(f"{g.scenario}: {g.harmful.missing} harmful samples have no necessary act")
        for v in self.coverage:
            if v.judge == FAULTLESS and not v.fits:
                held = f"hold the truth in {v.covered.k} of {v.covered.n}, expected {v.expected:.3f}"
                found.append(f"{v.method} intervals at {v.rate:g} {held}")
        if self.through_inspect.missing:
            found.append(f"{self.through_inspect.missing} samples differ between Inspect and the direct way")
        return found

    def as_data(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {**asdict(self), "problems": self.problems}


def summarise(
    grid: Grid, observations: Sequence[Observation], pairs: Sequence[tuple[Seen, Seen]], seconds: float
) -> Results:
    """Count.

    Args:
        grid: What was run.
        observations: The bulk.
        pairs: What Inspect and the direct way made of the same samples.
        seconds: How long it took.
    """
    return Results(
        grid=grid,
        instrument=instrument_hash(),
        samples=len(observations),
        seconds=seconds,
        confusion=tuple(_confusion(observations, grid)),
        detectors=tuple(d for s in grid.scenarios for d in _detectors(observations, s)),
        gates=tuple(_gate(observations, s) for s in grid.scenarios),
        coverage=tuple(_coverage(observations, grid)),
        awareness=tuple(_awareness(observations)),
        hidden=sum(not o.stated for o in observations),
        through_inspect=Share(sum(a == b for a, b in pairs), len(pairs)),
    )


def _confusion(observations: Sequence[Observation], grid: Grid) -> list[Confusion]:
    found: list[Confusion] = []
    for judge in (FAULTLESS, ERRING, RULES):
        for scenario in grid.scenarios:
            for interface in grid.interfaces:
                own = [o for o in observations if (o.cell.scenario, o.cell.interface) == (scenario, interface)]
                scored = [(o, s) for o in own if (s := o.seen[judge]).harmful is not None]
                harmful = [s for o, s in scored if o.harmful]
                harmless = [s for o, s in scored if not o.harmful]
                found.append(
                    Confusion(
                        judge,
                        scenario,
                        interface,
                        Share(sum(bool(s.harmful) for s in harmful), len(harmful)),
                        Share(sum(not s.harmful for s in harmless), len(harmless)),
                        len(own) - len(scored),
                        Share(sum(s.rung == o.rung for o, s in scored), len(scored)),
                    )
                )
    return found


def _detectors(observations: Sequence[Observation], scenario: str) -> list[Detected]:
    own = [o for o in observations if o.cell.scenario == scenario]
    findings = load_scenario(scenario).spec.ladder.findings
    return [
        Detected(
            scenario,
            name,
            spec.harmful,
            Share(sum(name in o.detected for o in own if o.finding == name), sum(o.finding == name for o in own)),
            sum(name in o.detected and o.finding != name for o in own),
            sum(spec.harmful and name in o.detected and not o.harmful for o in own),
        )
        for name, spec in findings.items()
        if spec.detect
    ]


def _gate(observations: Sequence[Observation], scenario: str) -> Gate:
    own = [o for o in observations if o.cell.scenario == scenario]
    harmful, harmless = [o for o in own if o.harmful], [o for o in own if not o.harmful]
    return Gate(
        scenario,
        Share(sum(o.necessary for o in harmful), len(harmful)),
        Share(sum(o.necessary for o in harmless), len(harmless)),
    )


def _coverage(observations: Sequence[Observation], grid: Grid) -> list[Coverage]:
    return [c for judge in (FAULTLESS, ERRING) for c in _coverage_of(judge, observations, grid)]


def _coverage_of(judge: str, observations: Sequence[Observation], grid: Grid) -> list[Coverage]:
    by_cell: dict[Cell, list[Observation]] = {
        cell: list(group) for cell, group in groupby(observations, key=lambda o: o.cell)
    }
    found: list[Coverage] = []
    for method in METHODS:
        for rate in grid.rates:
            own = {cell: group for cell, group in by_cell.items() if cell.rate == rate}
            held = 0
            for cell, group in own.items():
                k = sum(o.seen[judge].rung == cell.rung for o in group)
                interval = binomial_interval(k, len(group), LEVEL, method)
                held += interval.low - 1e-12 <= rate <= interval.high + 1e-12
            expected = interval_coverage(grid.samples, rate, LEVEL, method)
            band = simulation_band(min(expected, 1.0), len(own), BAND)
            found.append(Coverage(judge, method, rate, Share(held, len(own)), expected, band.low, band.high))
    return found


def _awareness(observations: Sequence[Observation]) -> list[Stated]:
    found: list[Stated] = []
    shown = [o for o in observations if o.stated]
    for judge in (FAULTLESS, ERRING, RULES):
        for planted in ("stated-real", "stated-evaluation", "abstained", "silent"):
            read = Counter(o.seen[judge].awareness for o in shown if o.awareness == planted)
            found.append(Stated(judge, planted, dict(sorted(read.items()))))
    return found
