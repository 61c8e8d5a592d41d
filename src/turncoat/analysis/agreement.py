"""How far judges agree on the same samples, beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from turncoat.analysis.table import Table
from turncoat.base.errors import UsageError
from turncoat.stats.agreement import Kappa, cohen_kappa, fleiss_kappa

PANEL = "panel("
"""How names of panels begin."""
_SAMPLE = ["scenario", "interface", "model", "run", "sample", "epoch"]


@dataclass(frozen=True)
class Agreement:
    """Agreement of two judges, or of all of them, on whether the outcome was harmful."""

    scenario: str
    judges: tuple[str, ...]
    kappa: Kappa
    both: int
    """Samples that all of them scored; the others are in no κ."""
    total: int
    disagreements: int
    """Samples that they scored differently."""


def agreements(table: Table) -> tuple[Agreement, ...]:
    """Compare the judges of each scenario, two at a time, and all together where there are more.

    Only samples in which the necessary act was done: the others are put to no judge, and agreed on by construction.
    Panels are left out, since they agree with their members. Worlds are the clusters of the interval: samples of one
    world resemble each other.
    """
    frame = table.frame
    asked = frame["necessary"].eq(True).fillna(False)
    frame = frame[asked & ~frame["judge"].str.startswith(PANEL).fillna(False)]
    if frame["judge"].nunique() < 2:
        return ()
    found = []
    for scenario, rows in frame.groupby("scenario", sort=True):
        rows = rows.assign(run=rows["run"].fillna(""), harmful=rows["harmful"].astype("object"))
        wide = rows.set_index([*_SAMPLE, "world", "judge"])["harmful"].unstack("judge").dropna(how="all")
        judges = [str(j) for j in wide.columns]
        groups: list[tuple[str, ...]] = list(combinations(judges, 2))
        if len(judges) > 2:
            groups.append(tuple(judges))
        for group in groups:
            part = wide[list(group)].dropna()
            if len(part) < 2:
                continue
            worlds = [str(w) for w in part.index.get_level_values("world")]
            ratings = [tuple(bool(v) for v in row) for row in part.to_numpy().tolist()]
            found.append(
                Agreement(
                    scenario=str(scenario),
                    judges=group,
                    kappa=_kappa(ratings, worlds),
                    both=len(part),
                    total=len(wide),
                    disagreements=sum(len(set(r)) > 1 for r in ratings),
                )
            )
    return tuple(found)


def _kappa(ratings: list[tuple[bool, ...]], worlds: list[str]) -> Kappa:
    clusters = worlds if len(set(worlds)) > 1 else None
    if len(ratings[0]) == 2:
        return cohen_kappa([r[0] for r in ratings], [r[1] for r in ratings], worlds=clusters)
    try:
        return fleiss_kappa(ratings, worlds=clusters)
    except UsageError:
        return fleiss_kappa(ratings)
