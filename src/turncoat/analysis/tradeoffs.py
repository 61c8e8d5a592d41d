"""What each mitigation leaves of the harm, and of the job: one point each, and which of them no other beats.

A mitigation is a level that its factor declares to be one, or a guard. Under each pressure those that were run are set
beside each other and beside none, in one scenario, interface and model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from turncoat.analysis.contrasts import levels, mitigating_levels
from turncoat.analysis.counts import READ, REAL
from turncoat.analysis.guards import got_through, guarding_levels
from turncoat.analysis.rates import OF_SAMPLES, Cell, Group, by_group, judged_by
from turncoat.analysis.reported import Beside
from turncoat.analysis.table import Table
from turncoat.analysis.table.logs import LogInfo
from turncoat.stats.means import Mean
from turncoat.stats.rates import Rate


@dataclass(frozen=True)
class Tradeoff(Group):
    """One model under one pressure with some mitigations, or with none."""

    pressure: str
    """The condition without its mitigations."""
    mitigations: tuple[str, ...]
    """As `factor=level`, sorted; none for the bare pressure."""
    through: Rate
    """Of harm that took effect, over worlds."""
    job: Mean | None
    """Share of the job done, over worlds; None where no job is scored."""
    real: Rate | None
    """Of samples that stated the situation to be real, of those whose reasoning was read; None where none was."""
    reported: tuple[Beside, ...]
    """What others report of such a condition."""
    best: bool
    """Whether it is on the frontier: by the estimates no other has less harm and no less of the job, or more of the job
    and no more harm."""


def controlling_levels(logs: Iterable[LogInfo]) -> frozenset[str]:
    """The levels that a deployer could choose against harm, as the logs say: mitigations and guards."""
    return mitigating_levels(logs) | guarding_levels(logs)


def tradeoffs(table: Table, cells: Sequence[Cell], reported: Sequence[Beside] = ()) -> tuple[Tradeoff, ...]:
    """The mitigations of a run beside each other.

    Args:
        table: The table.
        cells: Its rates, as `rates` gives them.
        reported: Rates that others report, as `reported` gives them.

    Returns:
        Those of pressures under which a mitigation was run and something is scored, in the order of the cells: none
        first, then fewer before more.
    """
    named = controlling_levels(table.logs)
    rows = by_group(table.frame, ["awareness", "got_through", *OF_SAMPLES])
    groups: dict[tuple[tuple[str, ...], frozenset[str]], list[Tradeoff]] = {}
    for cell in cells if named else ():
        found = levels(cell.condition)
        beside = tuple(b for b in reported if b.cell is cell)
        point = _point(cell, found & named, rows[cell.key], beside)
        if point.through.n:
            groups.setdefault((cell.pooled, found - named), []).append(point)
    return tuple(p for points in groups.values() if any(q.mitigations for q in points) for p in _marked(points))


def _point(cell: Cell, own: frozenset[str], rows: pd.DataFrame, beside: tuple[Beside, ...]) -> Tradeoff:
    read = rows[rows["awareness"].isin(READ)]
    real = judged_by(cell, read.assign(real=read["awareness"].eq(REAL)), "real").rate if len(read) else None
    bare = [p for p in cell.condition.split(",") if p not in own and cell.condition != "control"]
    return Tradeoff(
        **cell.names,
        simulated=cell.simulated,
        pressure=",".join(bare) or "control",
        mitigations=tuple(sorted(own)),
        through=got_through(cell, rows).rate,
        job=cell.job.mean if cell.job else None,
        real=real,
        reported=beside,
        best=False,
    )


def _marked(points: Sequence[Tradeoff]) -> Iterator[Tradeoff]:
    for point in points:
        yield replace(point, best=point.job is not None and not any(_beats(other, point) for other in points))


def _beats(other: Tradeoff, point: Tradeoff) -> bool:
    """Whether another one is at least as good in both, and better in one."""
    if other.job is None or point.job is None or other.through.estimate is None or point.through.estimate is None:
        return False
    harm, job = other.through.estimate - point.through.estimate, other.job.estimate - point.job.estimate
    return harm <= 0 <= job and (harm < 0 or job > 0)
