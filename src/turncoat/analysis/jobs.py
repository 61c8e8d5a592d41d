"""The harmless work: how much of it models did, beside the rates of harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from turncoat.stats.means import Mean, cluster_mean

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


def job_done(rows: pd.DataFrame) -> JobDone | None:
    """The work in some rows of the table; None where no job is scored."""
    scored = rows[rows["job"].notna()]
    mean = cluster_mean([float(j) for j in scored["job"]], [str(w) for w in scored["world"]])
    if mean is None:
        return None
    pieces = scored["job_done"].explode().dropna().value_counts()
    return JobDone(mean, {str(n): int(k) for n, k in sorted(pieces.items())})
