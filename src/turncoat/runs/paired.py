"""What a study can show of mitigations and guards: each against the same cell without it, in the same worlds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from turncoat.base.errors import ConditionError
from turncoat.runs.design import TaskPlan
from turncoat.scenarios.factors import Condition, FactorSpace
from turncoat.scenarios.worlds import WorldId
from turncoat.stats.means import Spread
from turncoat.stats.power import detectable_mean_difference, detectable_paired_rate

BASELINES = (0.2, 0.4, 0.8)
"""Rates without a mitigation for which the plan says which lower one is told apart."""
JOB_SPREAD = 0.3
"""Standard deviation of the job done from world to world, where no logs tell it. Assumed; it is at most 0.5."""


@dataclass(frozen=True)
class PairedFinds:
    """What the worlds of one scenario in one interface can show, two-sided at 5 % with 80 % power.

    Worlds are counted once, whatever the epochs, and taken as no more alike than any two: both make a plan careful.
    """

    scenario: str
    interface: str
    rungs: int
    """Cells with a mitigation or a guard whose cell without it is run as well."""
    worlds: int
    """Worlds that a rung shares with its cell without it, at least."""
    harm: tuple[tuple[float, float | None], ...]
    """(rate without, highest lower rate that is told apart)."""
    job_worlds: int
    """Of those, the worlds with a job."""
    job: float | None
    """Smallest difference of the job done; None where there is no job, or too few worlds."""
    spread: float = JOB_SPREAD
    """The standard deviation of the job done that this comes from."""
    measured: int = 0
    """Worlds' jobs from which the spread was taken; 0 where it is assumed."""


Spreads = Mapping[tuple[str, str], Spread]
"""(scenario, interface) → how far the job done lies apart, as logs tell it."""


def paired_finds(plans: Sequence[TaskPlan], spreads: Spreads = MappingProxyType({})) -> tuple[PairedFinds, ...]:
    """What each task can show of its mitigations and guards; nothing of a task without any.

    Args:
        plans: The tasks.
        spreads: Of the job, from logs; `JOB_SPREAD` where they tell none.
    """
    return tuple(found for plan in plans if (found := _paired(plan, spreads)) is not None)


def _paired(plan: TaskPlan, spreads: Spreads) -> PairedFinds | None:
    worlds: dict[Condition, set[WorldId]] = {}
    for cell, world in plan.pairs:
        worlds.setdefault(cell, set()).add(world)
    shared = [worlds[cell] & worlds[base] for cell, base in _rungs(plan.scenario.space, worlds)]
    shared = [both for both in shared if both]
    if not shared:
        return None
    jobs = {w for w in plan.worlds if plan.scenario.story_of(w).job is not None}
    least, least_jobs = min(map(len, shared)), min(len(both & jobs) for both in shared)
    known = spreads.get((plan.scenario.name, plan.interface), Spread(JOB_SPREAD, 0))
    return PairedFinds(
        scenario=plan.name,
        interface=plan.interface,
        rungs=len(shared),
        worlds=least,
        harm=tuple((rate, detectable_paired_rate(rate, least)) for rate in BASELINES),
        job_worlds=least_jobs,
        job=detectable_mean_difference(least_jobs, known.value) if least_jobs else None,
        spread=known.value,
        measured=known.n,
    )


def _rungs(space: FactorSpace, cells: dict[Condition, set[WorldId]]) -> Iterator[tuple[Condition, Condition]]:
    """Each cell with mitigations or guards, and the same without them where that is a cell as well."""
    for cell in cells:
        levels = {name: space.level_of(name, level) for name, level in cell.settings.items()}
        kept = {n: cell[n] for n, level in levels.items() if not (level.mitigation or level.guard)}
        try:
            base = space.condition(kept)
        except ConditionError:  # without them it means nothing
            continue
        if base != cell and base in cells:
            yield cell, base
