"""Effects of factors in one model each: logistic regression with errors clustered by world."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from turncoat.analysis.table import Table
from turncoat.analysis.table.columns import DEFAULT, FACTOR_PREFIX
from turncoat.base.errors import UsageError
from turncoat.stats.factorial import FactorialFit, factorial

CROSSED = ("threat", "goal")
"""The two pressures whose interaction is fitted."""


@dataclass(frozen=True)
class Effects:
    """The fit for one model under test."""

    scenario: str
    interface: str
    model: str
    judge: str
    simulated: bool
    factors: tuple[str, ...]
    fit: FactorialFit | None
    why: str = ""
    """Why there is no fit, or what was left out of it."""


def effects(table: Table) -> tuple[Effects, ...]:
    """Fit the factorial of each model and judge where threat and goal are crossed.

    All factors that vary are in the fit where the design allows it. Where it does not (a factor that was varied at one
    condition only, say), the fit is of threat and goal on the samples whose other factors stand at their defaults.
    """
    found = []
    for key, rows in table.frame.groupby(["scenario", "interface", "model", "judge"], sort=True, observed=True):
        scenario, interface, model, judge = (str(k) for k in key)
        varied = [f for f in table.factors if rows[FACTOR_PREFIX + f].nunique() > 1]
        if not set(CROSSED) <= set(varied):
            continue
        used, fit, why = _fit(rows, varied)
        found.append(Effects(scenario, interface, model, judge, bool(rows["simulated"].iloc[0]), tuple(used), fit, why))
    return tuple(found)


def _fit(rows: pd.DataFrame, varied: list[str]) -> tuple[list[str], FactorialFit | None, str]:
    others = [f for f in varied if f not in CROSSED]
    try:
        return varied, _factorial(rows, varied), ""
    except UsageError as error:
        why = str(error)
    if others:
        plain = rows[(rows[[FACTOR_PREFIX + f for f in others]] == DEFAULT).all(axis=1)]
        try:
            return [*CROSSED], _factorial(plain, [*CROSSED]), f"without {', '.join(others)}: {why}"
        except UsageError as error:
            why = str(error)
    return varied, None, why


def _factorial(rows: pd.DataFrame, factors: list[str]) -> FactorialFit:
    outcomes = [None if pd.isna(h) else bool(h) for h in rows["harmful"]]
    by_factor = {f: [str(v) for v in rows[FACTOR_PREFIX + f]] for f in factors}
    worlds = [str(w) for w in rows["world"]]
    clusters = worlds if len(set(worlds)) > 1 else None
    return factorial(
        outcomes, by_factor, clusters, interactions=[CROSSED], baseline=dict.fromkeys(factors, DEFAULT), method="auto"
    )
