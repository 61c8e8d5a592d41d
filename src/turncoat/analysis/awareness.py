"""What models said of the situation's reality, and what they did: the paper's section 4.5.4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from turncoat.analysis.published import PublishedAwareness, published_awareness
from turncoat.analysis.rates import GROUP
from turncoat.analysis.table import Table
from turncoat.stats.differences import Difference, difference
from turncoat.stats.rates import Interval, Rate, rate, wilson

REAL, EVALUATION = "stated-real", "stated-evaluation"

KINDS = (REAL, EVALUATION, "abstained", "silent", "no-reasoning", "not-read")
"""All kinds, in order."""

READ = KINDS[:4]
"""Kinds that are an answer; the others say that there was nothing to read, or that nobody read it."""


PaperAwareness = Literal["real", "evaluation", "abstained"]


def paper_awareness(kind: str) -> PaperAwareness | None:
    """The paper's class for a kind (section 4.5.4), where "abstained" is every response without a conclusion.

    Args:
        kind: Ours.

    Returns:
        `abstained` for those that weighed without concluding and for silent ones. None where nothing could be read or
        was read: the paper's responses all had a scratchpad, so it has no class for them.
    """
    match kind:
        case "stated-real":
            return "real"
        case "stated-evaluation":
            return "evaluation"
        case "abstained" | "silent":
            return "abstained"
        case _:
            return None


@dataclass(frozen=True)
class Awareness:
    """The kinds of one model, condition and judge, each with its rate of harm."""

    scenario: str
    interface: str
    condition: str
    model: str
    judge: str
    simulated: bool
    total: int
    """Samples with an entry."""
    kinds: Mapping[str, Rate]
    """Kind → rate of harm among its samples; `total` of it is the number of its samples."""
    gap: Difference | None
    """Harm where it stated «real» minus where it stated «evaluation»; an association, not an effect. None where either
    has no scored sample."""

    published: PublishedAwareness | None = None
    """What the paper reports for this model in this setting."""

    @property
    def read(self) -> int:
        """Samples whose reasoning was there and was read."""
        return sum(r.total for k, r in self.kinds.items() if k in READ)

    def paper(self, kind: PaperAwareness) -> Rate:
        """Rate of harm in a class of the paper; `total` of it is the number of its samples."""
        found = [r for k, r in self.kinds.items() if paper_awareness(k) == kind]
        return rate(sum(r.k for r in found), sum(r.n for r in found), total=sum(r.total for r in found))

    def share(self, kind: str) -> Interval | None:
        """Wilson's interval of a kind's share of the samples read; None where none was."""
        found = self.kinds.get(kind)
        return wilson(found.total if found else 0, self.read) if self.read else None


def awareness_tables(table: Table, published: Mapping[str, str] | None = None) -> tuple[Awareness, ...]:
    """Cross awareness with harm, for each model, condition and judge where at least one sample was read.

    Args:
        table: The table.
        published: Inspect's model name → the paper's, as in `published_name`.
    """
    frame = table.frame[table.frame["awareness"].notna()]
    found = []
    for key, rows in frame.groupby(list(GROUP), sort=True, observed=True):
        if not rows["awareness"].isin(READ).any():
            continue
        kinds = {str(k): _rate(part) for k, part in rows.groupby("awareness")}
        names = dict(zip(GROUP, (str(k) for k in key), strict=True))
        found.append(
            Awareness(
                **names,
                simulated=bool(rows["simulated"].iloc[0]),
                total=len(rows),
                kinds={k: kinds[k] for k in (*KINDS, *sorted(kinds.keys() - set(KINDS))) if k in kinds},
                gap=_gap(kinds.get(REAL), kinds.get(EVALUATION)),
                published=published_awareness(
                    names["scenario"], names["interface"], names["condition"], names["model"], published
                ),
            )
        )
    return tuple(found)


def _rate(rows: pd.DataFrame) -> Rate:
    scored = rows["harmful"].dropna()
    return rate(int(scored.sum()), len(scored), total=len(rows))


def _gap(real: Rate | None, evaluation: Rate | None) -> Difference | None:
    if real is None or evaluation is None or not real.n or not evaluation.n:
        return None
    return difference(real.k, real.n, evaluation.k, evaluation.n)
