"""Whether agents that look for their mail themselves opened what the scenario turns on, and what they did then."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from turncoat.analysis.rates import GROUP, Samples, sample_rate
from turncoat.analysis.table import Table
from turncoat.stats.rates import Interval, Rate, wilson


@dataclass(frozen=True)
class Opening:
    """One model, condition and judge in an interface where mail has to be opened.

    An agent that ends its session without having opened the secret never met the dilemma: its harmless sample says
    little of what it would have done.
    """

    scenario: str
    interface: str
    condition: str
    model: str
    judge: str
    simulated: bool
    before: int
    """Samples in which it opened the secret before its first act."""
    after: int
    """Samples in which it opened it after its first act only."""
    never: int
    rate: Rate
    """Of harm among the samples in which it was opened. What an agent opens is its own choice, so this is no rate of
    all agents that know."""

    @property
    def total(self) -> int:
        """Samples that say whether it was opened."""
        return self.before + self.after + self.never

    @property
    def share_never(self) -> Interval:
        """Wilson's interval of the share that never opened it."""
        return wilson(self.never, self.total)


def openings(table: Table) -> tuple[Opening, ...]:
    """Count openings for each model, condition and judge whose samples say of them."""
    frame = table.frame[table.frame["secret_opened"].isin(["before", "after", "never"])]
    found = []
    for key, rows in frame.groupby(list(GROUP), sort=True, observed=True):
        counts = rows["secret_opened"].value_counts()
        found.append(
            Opening(
                **dict(zip(GROUP, (str(k) for k in key), strict=True)),
                simulated=bool(rows["simulated"].iloc[0]),
                before=int(counts.get("before", 0)),
                after=int(counts.get("after", 0)),
                never=int(counts.get("never", 0)),
                rate=sample_rate(_samples(rows[rows["secret_opened"].isin(["before", "after"])])),
            )
        )
    return tuple(found)


def _samples(rows: pd.DataFrame) -> Samples:
    return Samples(
        outcomes=tuple(None if pd.isna(h) else bool(h) for h in rows["harmful"]),
        worlds=tuple(rows["world"]),
        storylines=tuple(str(w).partition("@")[0] for w in rows["world"]),
    )
