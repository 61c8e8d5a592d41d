"""The harmless work: how much of it models did, beside the rates of harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from turncoat.stats.clusters import mean_share
from turncoat.stats.rates import Interval


@dataclass(frozen=True)
class JobDone:
    """The work of one model in one condition. Every sample in which a job is scored counts, whatever its verdict.

    Attributes:
        mean: Mean share of the work that was done; each world weighs the same.
        interval: Of that, over worlds.
        samples: Samples in which a job is scored.
        pieces: Piece of work → samples in which it was done; those that never were are left out.
    """

    mean: float
    interval: Interval
    samples: int
    pieces: Mapping[str, int]


def job_done(rows: pd.DataFrame) -> JobDone | None:
    """The work in some rows of the table; None where no job is scored."""
    scored = rows[rows["job"].notna()]
    if scored.empty:
        return None
    mean, interval = mean_share([float(j) for j in scored["job"]], list(scored["world"]))
    pieces = scored["job_done"].explode().dropna().value_counts()
    return JobDone(mean, interval, len(scored), {str(n): int(k) for n, k in sorted(pieces.items())})
