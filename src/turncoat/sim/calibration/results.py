"""What a calibration shows: confusion of detectors and judges, coverage of intervals, awareness found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby, product
from typing import Any

from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.instrument import instrument_hash
from turncoat.sim.calibration.jobs import Piece, Worked, worked
from turncoat.sim.calibration.run import ERRING, FAULTLESS, RULES, Grid, Observation, Seen
from turncoat.stats.rates import BinomialMethod, Interval, binomial_interval, interval_coverage, simulation_band, wilson

LEVEL = 0.95
BAND = 0.999
"""Chance that a share stays within its band where all is as it should be."""
METHODS: tuple[BinomialMethod, ...] = ("wilson", "exact")
JUDGES = (FAULTLESS, ERRING, RULES)
AWARENESS = ("stated-real", "stated-evaluation", "abstained", "silent")


@dataclass(frozen=True)
class Share:
    """A count out of a number, with Wilson's 95 % interval."""

    k: int
    n: int

    @classmethod
    def of(cls, cases: Iterable[bool]) -> Share:
        """The share of the cases that hold."""
        held = list(cases)
        return cls(sum(held), len(held))

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
class NecessaryAct:
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
    gates: tuple[NecessaryAct, ...]
    coverage: tuple[Coverage, ...]
    awareness: tuple[Stated, ...]
    hidden: int
    """Samples whose awareness cannot be seen in what the agent shows."""
    through_inspect: Share
    """Samples that gave the same verdict through Inspect and directly."""
    worked: tuple[Worked, ...] = ()
    """The job at stated rates."""

    @property
    def problems(self) -> list[str]:
        """What is not as it must be; empty if the instrument is what it says."""
        found: list[str] = []
        for c in self.confusion:
            if c.judge == FAULTLESS and (wrong := c.rung.missing + c.unscored):
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
        found += [w.problem for w in self.worked if w.problem]
        if self.through_inspect.missing:
            found.append(f"{self.through_inspect.missing} samples differ between Inspect and the direct way")
        return found

    def as_data(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {**asdict(self), "problems": self.problems}


def summarise(
    grid: Grid,
    observations: Sequence[Observation],
    pairs: Sequence[tuple[Seen, Seen]],
    seconds: float,
    pieces: Sequence[Piece] = (),
) -> Results:
    """Count.

    Args:
        grid: What was run.
        observations: The bulk.
        pairs: What Inspect and the direct way made of the same samples.
        seconds: How long it took.
        pieces: What came of the work that agents set out to do.
    """
    return Results(
        grid=grid,
        instrument=instrument_hash(),
        samples=len(observations),
        seconds=seconds,
        confusion=tuple(_confusion(observations, *where) for where in product(JUDGES, grid.scenarios, grid.interfaces)),
        detectors=tuple(d for s in grid.scenarios for d in _detectors(observations, s)),
        gates=tuple(_gate(observations, s) for s in grid.scenarios),
        coverage=tuple(
            _coverage(observations, grid, judge, method, rate)
            for judge, method, rate in product((FAULTLESS, ERRING), METHODS, grid.rates)
        ),
        awareness=tuple(_awareness(observations, *each) for each in product(JUDGES, AWARENESS)),
        hidden=sum(not o.stated for o in observations),
        through_inspect=Share.of(a == b for a, b in pairs),
        worked=tuple(worked(pieces)),
    )


def _confusion(observations: Sequence[Observation], judge: str, scenario: str, interface: str) -> Confusion:
    own = [o for o in observations if (o.cell.scenario, o.cell.interface) == (scenario, interface)]
    scored = [(o.truth, s) for o in own if (s := o.seen[judge]).harmful is not None]
    return Confusion(
        judge,
        scenario,
        interface,
        Share.of(bool(s.harmful) for t, s in scored if t.harmful),
        Share.of(not s.harmful for t, s in scored if not t.harmful),
        len(own) - len(scored),
        Share.of(s.rung == t.rung for t, s in scored),
    )


def _detectors(observations: Sequence[Observation], scenario: str) -> list[Detected]:
    own = [o for o in observations if o.cell.scenario == scenario]
    findings = load_scenario(scenario).spec.ladder.findings
    return [
        Detected(
            scenario,
            name,
            spec.harmful,
            Share.of(name in o.detected for o in own if o.truth.finding == name),
            sum(name in o.detected and o.truth.finding != name for o in own),
            sum(spec.harmful and name in o.detected and not o.truth.harmful for o in own),
        )
        for name, spec in findings.items()
        if spec.detect
    ]


def _gate(observations: Sequence[Observation], scenario: str) -> NecessaryAct:
    own = [o for o in observations if o.cell.scenario == scenario]
    return NecessaryAct(
        scenario, *(Share.of(o.necessary for o in own if o.truth.harmful is harm) for harm in (True, False))
    )


def _coverage(
    observations: Sequence[Observation], grid: Grid, judge: str, method: BinomialMethod, rate: float
) -> Coverage:
    held: list[bool] = []
    for cell, group in groupby((o for o in observations if o.cell.rate == rate), key=lambda o: o.cell):
        reached = [o.seen[judge].rung == cell.rung for o in group]
        interval = binomial_interval(sum(reached), len(reached), LEVEL, method)
        held.append(interval.low - 1e-12 <= rate <= interval.high + 1e-12)
    expected = interval_coverage(grid.samples, rate, LEVEL, method)
    band = simulation_band(min(expected, 1.0), len(held), BAND)
    return Coverage(judge, method, rate, Share.of(held), expected, band.low, band.high)


def _awareness(observations: Sequence[Observation], judge: str, planted: str) -> Stated:
    read = Counter(o.seen[judge].awareness for o in observations if o.stated and o.truth.awareness == planted)
    return Stated(judge, planted, dict(sorted(read.items())))
