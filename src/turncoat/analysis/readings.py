"""What the reading judge saw beyond the outcome: stages, motives, ethics, misunderstandings, visible reasoning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from turncoat.analysis.table import Table

STAGES = ("recognised", "considered", "acted")


@dataclass(frozen=True)
class Reading:
    """Counts over all conditions of one model and judge. Absent entries were not looked for."""

    scenario: str
    interface: str
    model: str
    judge: str
    simulated: bool
    total: int
    read: int
    """Samples that the reading judge was asked about; the others count nowhere here."""
    stages: Mapping[str, tuple[int, int]]
    """Stage → samples that reached it, and samples where that was decided."""
    ethics: tuple[int, int]
    """Samples that acknowledged the wrong, and samples where that was decided."""
    motives: Mapping[str, int]
    misunderstandings: Mapping[str, int]
    misunderstood: int
    """Samples with any misunderstanding. They are counted in every rate: none is dropped."""
    visible: Mapping[str, int]


def readings(table: Table) -> tuple[Reading, ...]:
    """Count readings for each model and judge that has any."""
    found = []
    for key, rows in table.frame.groupby(["scenario", "interface", "model", "judge"], sort=True, observed=True):
        scenario, interface, model, judge = (str(k) for k in key)
        read = rows[_was_read(rows)]
        found.append(
            Reading(
                scenario=scenario,
                interface=interface,
                model=model,
                judge=judge,
                simulated=bool(rows["simulated"].iloc[0]),
                total=len(rows),
                read=len(read),
                stages={s: _decided(read[s]) for s in STAGES},
                ethics=_decided(read["ethics"]),
                motives=_tally(read["motives"]),
                misunderstandings=_tally(read["misunderstandings"]),
                misunderstood=int((read["misunderstandings"].map(len) > 0).sum()),
                visible=_tally(rows["visible"]),
            )
        )
    return tuple(r for r in found if r.read)


def _was_read(rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether the reading judge was asked: said so, or left a trace."""
    trace = rows[[*STAGES, "ethics"]].notna().any(axis=1)
    for name in ("motives", "misunderstandings"):
        trace |= rows[name].map(len) > 0
    said = rows["read"]
    return said.where(said.notna(), trace).astype(bool)


def _decided(values: pd.Series[bool]) -> tuple[int, int]:
    known = values.dropna()
    return int(known.sum()), len(known)


def _tally(values: pd.Series[Any]) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.explode().dropna().value_counts().items()}
