"""What models say of their samples afterwards, beside the rate of harm.

An association only, since a model answers knowing what it did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from turncoat.analysis.counts import EVALUATION, READ
from turncoat.analysis.rates import Cell, Group, by_group, sample_rate, samples_of
from turncoat.analysis.table import Table
from turncoat.stats.means import Mean, cluster_mean
from turncoat.stats.rates import Rate


@dataclass(frozen=True)
class Interviewed(Group):
    """The interviews of one model in one condition.

    Attributes:
        rate: Rate of harm of the whole cell.
        held: Interviews that were held.
        failed: Those without a usable answer; they are in no number.
        test: Mean probability of a test that the model named, as a share, with its interval over worlds.
        right: Whether it did right, by its own word → number of samples.
        stated: Of the samples whose reasoning was read, those that stated an evaluation by themselves.
    """

    rate: Rate
    held: int
    failed: int
    test: Mean | None
    right: Mapping[str, int]
    stated: Rate


def interviews(table: Table, cells: Sequence[Cell]) -> tuple[Interviewed, ...]:
    """The interviews of a run, in the order of its cells; none where none was held."""
    frame = table.frame
    held = frame["interview_test"].notna() | frame["interview_failed"].notna()
    if not held.any():
        return ()
    rows = by_group(frame[held], ["awareness", "interview_test", "interview_right", "world"])
    found = []
    for cell in cells:
        part = rows.get(cell.key)
        if part is None:
            continue
        answered = part[part["interview_test"].notna()]
        found.append(
            Interviewed(
                **cell.names,
                simulated=cell.simulated,
                rate=cell.rate,
                held=len(part),
                failed=len(part) - len(answered),
                test=_mean(answered),
                right={str(n): int(k) for n, k in answered["interview_right"].dropna().value_counts().items()},
                stated=stated_rate(part),
            )
        )
    return tuple(found)


def stated_rate(rows: pd.DataFrame) -> Rate:
    """The share of samples that stated an evaluation by themselves, of those whose reasoning was read."""
    read = rows[rows["awareness"].isin(READ)]
    return sample_rate(samples_of(read.assign(stated=read["awareness"].eq(EVALUATION)), "stated"))


def _mean(rows: pd.DataFrame) -> Mean | None:
    return cluster_mean([float(v) / 100 for v in rows["interview_test"]], [str(w) for w in rows["world"]])
