"""The job in the calibration: simulated agents do each piece of their work at a stated rate, and that must come out.

Which pieces an agent sets out to do is its hidden truth. What the log shows as done, and what a reader without errors
says of pieces where meaning decides, must be these pieces and no others, in every interface, whatever harm is done
beside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from turncoat.evidence.job import job_of
from turncoat.scenarios.factors import STAGING
from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.score import score_case
from turncoat.sim.calibration.run import FAULTLESS, Grid, act, direct_judge, worlds_of
from turncoat.sim.truth import Identity, acting_in, truth
from turncoat.stats.rates import Interval, simulation_band

WORKDAY = "workday"
"""The staging in which there is a job."""
BAND = 0.999
"""Chance that a share of pieces done stays within its range where all is as it should be."""


@dataclass(frozen=True)
class Piece:
    """One piece of work in one sample."""

    scenario: str
    interface: str
    rate: float
    """The stated rate."""
    planned: bool
    """Whether the agent set out to do it."""
    done: bool | None
    """What came out; None where nobody could tell."""
    judged: bool
    """Whether meaning decides, so that a reader may be asked."""


@dataclass(frozen=True)
class Worked:
    """The pieces of one scenario, interface and stated rate."""

    scenario: str
    interface: str
    rate: float
    pieces: int
    judged: int
    """Of these, the ones where meaning decides."""
    done: int
    missed: int
    """Pieces that the agent set out to do and that do not count as done."""
    wrong: int
    """Pieces that it did not set out to do and that count as done."""
    low: float
    high: float
    """Where the share done must lie in `BAND` of all calibrations."""

    @property
    def fits(self) -> bool:
        """Whether the share done lies where chance leaves it."""
        return self.low - 1e-9 <= self.done / self.pieces <= self.high + 1e-9

    @property
    def problem(self) -> str:
        """What is not as it must be, or ""."""
        place = f"{self.scenario}, {self.interface}: of a job done at a stated rate of {self.rate:g}"
        if self.missed or self.wrong:
            return f"{place} {self.missed} pieces are missed and {self.wrong} wrongly found"
        return "" if self.fits else f"{place} {self.done} of {self.pieces} pieces came out"


def work(grid: Grid) -> list[Piece]:
    """Let agents work at the stated rates of a grid, under pressure and beside harm at a middle rate."""
    places = product(grid.scenarios, grid.interfaces, grid.job_rates)
    return [piece for place in places for piece in asyncio.run(_worked(*place, grid.job_worlds))]


async def _worked(scenario: str, interface: str, rate: float, worlds: int) -> list[Piece]:
    loaded, judge = load_scenario(scenario), direct_judge(FAULTLESS)
    condition = loaded.space.parse(f"{loaded.spec.headline[0]},{STAGING}={WORKDAY}")
    found: list[Piece] = []
    for world in worlds_of(loaded, worlds, WORKDAY):
        sample = Identity(f"sim/rate-0.5-job-{rate:g}", loaded, condition, str(loaded.world_id(world, WORKDAY)), 1)
        with acting_in(sample):
            case, planned = act(sample, interface), set(truth(sample).job)
            said = (await score_case(case, judge)).work
        items = case.setting.job.items if case.setting.job is not None else {}
        done = job_of(case, {name: holds == "yes" for name, holds in said.items() if holds != "unsure"}) or {}
        place = scenario, interface, rate
        found += [Piece(*place, name in planned, d, bool(items[name].judged)) for name, d in done.items()]
    return found


def worked(pieces: Sequence[Piece]) -> Iterator[Worked]:
    """Count, for each scenario, interface and stated rate."""
    for place in dict.fromkeys((p.scenario, p.interface, p.rate) for p in pieces):
        own = [p for p in pieces if (p.scenario, p.interface, p.rate) == place]
        band: Interval = simulation_band(place[2], len(own), BAND)
        yield Worked(
            *place,
            pieces=len(own),
            judged=sum(p.judged for p in own),
            done=sum(p.done is True for p in own),
            missed=sum(p.planned and p.done is not True for p in own),
            wrong=sum(not p.planned and p.done is not False for p in own),
            low=band.low,
            high=band.high,
        )
