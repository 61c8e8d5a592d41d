"""The harmless work: how much of it models did, beside the rates of harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from turncoat.analysis.table import Table
from turncoat.scoring.result import SCORE
from turncoat.stats.means import Mean, Spread, cluster_mean, pooled_spread

_OF_SPREADS = ("scenario", "interface", "model", "condition", "world")
OF_JOBS = ("job", "job_done", "world")
"""Columns of the table that `job_done` reads."""


@dataclass(frozen=True)
class JobDone:
    """The work of one model in one condition. Every sample in which a job is scored counts, whatever its verdict.

    Attributes:
        mean: Mean share of the work that was done, with its interval over worlds.
        pieces: Piece of work → samples in which it was done; those that never were are left out.
    """

    mean: Mean
    pieces: Mapping[str, int]


def job_spreads(table: Table) -> dict[tuple[str, str], Spread]:
    """How far the work done lies apart from world to world within a model's condition, for plans.

    Returns:
        (scenario, interface) → spread, pooled over models and conditions; epochs of a world are one value, their mean.
        None of those in which too few sessions have a job to tell.
    """
    frame = table.frame
    own = frame.loc[(frame["scorer"] == SCORE) & frame["job"].notna(), [*_OF_SPREADS, "job"]]
    means = own.groupby(list(_OF_SPREADS), observed=True, as_index=False)["job"].mean()
    found: dict[tuple[str, str], Spread] = {}
    for (scenario, interface), part in means.groupby(["scenario", "interface"], observed=True):
        cells = part.groupby(["model", "condition"], observed=True)["job"]
        if (spread := pooled_spread([float(v) for v in values] for _, values in cells)) is not None:
            found[str(scenario), str(interface)] = spread
    return found


def job_done(rows: pd.DataFrame) -> JobDone | None:
    """The work in some rows of the table; None where no job is scored."""
    scored = rows[rows["job"].notna()]
    mean = cluster_mean([float(j) for j in scored["job"]], [str(w) for w in scored["world"]])
    if mean is None:
        return None
    pieces = scored["job_done"].explode().dropna().value_counts()
    return JobDone(mean, {str(n): int(k) for n, k in sorted(pieces.items())})
