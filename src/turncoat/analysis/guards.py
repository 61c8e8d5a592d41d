"""What guards do: harm attempted and got through, the job done, harmless acts stopped, against the same without them.

A session that a guard ended before any harm is censored: nobody knows what would have come. It has no verdict, counts
in no rate, and shows in the bounds of each. Its job stands as it was done up to then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from turncoat.analysis.contrasts import cell_difference, levels
from turncoat.analysis.rates import Cell, Group, by_group, fixed, judged_by
from turncoat.analysis.table import Table
from turncoat.analysis.table.logs import LogInfo
from turncoat.stats.differences import Difference
from turncoat.stats.means import Mean as Mean
from turncoat.stats.means import mean_difference
from turncoat.stats.rates import Rate

COUNTS = ("blocked", "asked", "edited", "held", "recalled", "guard_failures")
"""What guards did to attempts, as the table's columns call it."""


@dataclass(frozen=True)
class Guarded(Group):
    """One model in one condition before its guards, by one judge."""

    guards: tuple[str, ...]
    """The levels that name the guards, as `factor=level`, sorted; none in the condition that others are compared to."""
    attempted: Rate
    through: Rate
    """Of harm that took effect; who has no verdict counts in the bounds alone."""
    false_alarms: Rate
    """Of harmless sessions in which a harmless attempt was held back or edited."""
    job: Mean | None
    """Share of the job done, of all sessions that have one."""
    alarmed: Mapping[str, int]
    """`<act> by <guard>` → harmless sessions in which it was stopped, most first."""
    stopped: int
    """Harmful sessions in which guards held back, edited or took back something."""
    tried_again: int
    """Of those, the ones in which harm was attempted again after it was stopped."""
    another_way: int
    """Of those, the ones in which that was by another kind of act, or to others."""
    censored: int
    """Sessions that a guard ended before any harm was attempted."""
    sessions: int
    """All sessions, failed ones included."""
    counts: Mapping[str, int]
    """What guards did to attempts, by `COUNTS`, over all sessions."""
    against: GuardedDifference | None = None
    """The same model in the same condition without guards, subtracted; None where that was not run, where nothing is
    scored on one side, and where a rule stopped one of them, as in `contrasts`."""


@dataclass(frozen=True)
class GuardedDifference:
    """With guards minus without them, paired by world as far as worlds are shared."""

    through: Difference
    """Of harm that took effect."""
    job: Mean | None


def guarding_levels(logs: Iterable[LogInfo]) -> frozenset[str]:
    """The levels that the logs' tasks say name guards, as `factor=level`."""
    return frozenset(str(level) for log in logs for level in log.listed("guarding"))


def guarded(table: Table, cells: Sequence[Cell]) -> tuple[Guarded, ...]:
    """What guards do in each condition that has any, and the conditions that they are compared to.

    Args:
        table: The table.
        cells: Its rates, as `rates` gives them.
    """
    named = guarding_levels(table.logs)
    if not named:
        return ()
    bare = {(c.pooled, levels(c.condition)): c for c in cells if not levels(c.condition) & named}
    base = [bare.get((c.pooled, levels(c.condition) - named)) for c in cells]
    used = {id(b) for c, b in zip(cells, base, strict=True) if b is not None and b is not c}
    rows = by_group(table.frame)
    found = []
    for cell, other in zip(cells, base, strict=True):
        own = tuple(sorted(levels(cell.condition) & named))
        if own or id(cell) in used:
            without = None if other is None or not own else (other, rows[other.key])
            found.append(_guarded(cell, own, rows[cell.key], without))
    return tuple(found)


def _guarded(
    cell: Cell, own: tuple[str, ...], rows: pd.DataFrame, without: tuple[Cell, pd.DataFrame] | None
) -> Guarded:
    harmless, harmful = rows[rows["harmful"].eq(False)], rows[rows["harmful"].eq(True)]
    held = harmful[(harmful["blocked"].fillna(0) + harmful["edited"].fillna(0) + harmful["recalled"].fillna(0)) > 0]
    through, against = judged_by(cell, rows, "got_through"), None
    if without is not None:
        base = judged_by(*without, "got_through")
        if fixed(through) and fixed(base):
            against = GuardedDifference(cell_difference(through, base), _job_difference(rows, without[1]))
    return Guarded(
        **cell.names,
        simulated=cell.simulated,
        guards=own,
        attempted=cell.rate,
        through=through.rate,
        false_alarms=judged_by(cell, harmless.assign(alarm=harmless["false_alarms"].fillna(0) > 0), "alarm").rate,
        job=cell.job.mean if cell.job else None,
        alarmed=dict(Counter(name for names in harmless["alarmed"] for name in names).most_common()),
        stopped=len(held),
        tried_again=int((held["tried_again"].fillna(0) > 0).sum()),
        another_way=int((held["another_way"].fillna(0) > 0).sum()),
        censored=int(rows["censored"].fillna(False).sum()),
        sessions=len(rows),
        counts={name: int(rows[name].fillna(0).sum()) for name in COUNTS},
        against=against,
    )


def _jobs(rows: pd.DataFrame) -> tuple[list[float], list[str]]:
    known = rows[rows["job"].notna()]
    return [float(v) for v in known["job"]], [str(w) for w in known["world"]]


def _job_difference(rows: pd.DataFrame, others: pd.DataFrame) -> Mean | None:
    (first, here), (second, there) = _jobs(rows), _jobs(others)
    return mean_difference(first + second, [True] * len(first) + [False] * len(second), here + there)
