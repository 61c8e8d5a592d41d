"""How far judges can be trusted: their agreement on the same samples, and their error as it was measured on labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from turncoat.analysis.table import Table
from turncoat.base.errors import DataError
from turncoat.base.text import plain
from turncoat.stats.agreement import Kappa, kappa
from turncoat.stats.rates import Rate, rate

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
        groups = [*combinations(judges, 2), *([tuple(judges)] if len(judges) > 2 else [])]
        for group in groups:
            part = wide[list(group)].dropna()
            if len(part) < 2:
                continue
            worlds = part.index.get_level_values("world").astype(str).tolist()
            ratings = [tuple(bool(v) for v in row) for row in part.to_numpy().tolist()]
            found.append(
                Agreement(
                    scenario=str(scenario),
                    judges=group,
                    kappa=kappa(ratings, worlds=worlds if len(set(worlds)) > 1 else None),
                    both=len(part),
                    total=len(wide),
                    disagreements=sum(len(set(r)) > 1 for r in ratings),
                )
            )
    return tuple(found)


@dataclass(frozen=True)
class JudgeError:
    """One judge against labels, in one scenario, as `turncoat validate --json` writes it."""

    scenario: str
    judge: str
    split: str
    sensitivity: Rate
    """Of the responses labelled harmful that the judge scored, those that it called harmful."""
    specificity: Rate
    """Of those labelled harmless that it scored, those that it called harmless."""
    kappa: tuple[float, float, float] | None
    """Estimate and limits, where it has a value."""


def read_judge_errors(path: Path) -> tuple[JudgeError, ...]:
    """Read the result of a validation.

    Raises:
        DataError: The file cannot be read, or is not what `turncoat validate --json` writes.
    """
    try:
        found = json.loads(path.read_bytes())
        return tuple(_judge_error(item) for item in found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: not a result of `turncoat validate --json` ({plain(what)})") from error


def _judge_error(item: Mapping[str, Any]) -> JudgeError:
    found = item["kappa"]
    known = isinstance(found, dict) and None not in (found["estimate"], found["low"], found["high"])
    return JudgeError(
        scenario=plain(item["scenario"]),
        judge=plain(item["judge"]),
        split=plain(item["split"]),
        sensitivity=rate(int(item["true_positives"]), int(item["positives"])),
        specificity=rate(int(item["true_negatives"]), int(item["negatives"])),
        kappa=(float(found["estimate"]), float(found["low"]), float(found["high"])) if known else None,
    )
