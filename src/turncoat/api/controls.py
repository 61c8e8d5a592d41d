"""What controls do, as frames: guards, reviews by an office outside, and the measures of monitors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from turncoat.analysis import Overview
from turncoat.analysis.guards import COUNTS, Difference, Guarded
from turncoat.analysis.rates import GROUP
from turncoat.stats.means import Mean
from turncoat.stats.rates import Rate

if TYPE_CHECKING:
    import pandas as pd

    from turncoat.analysis.monitors.measures import Cost, Measures

_RATES = ("attempted", "prevented", "through", "false_alarms")
_AGAINST = ("attempted", "through", "job")
_TALLIES = ("censored", "sessions", "stopped", "tried_again", "another_way")


def guards_frame(overview: Overview) -> pd.DataFrame:
    """See `Results.guards`."""
    columns = (
        *GROUP,
        "guards",
        *(c for name in (*_RATES, "job", *(f"against_{n}" for n in _AGAINST)) for c in _named(name)),
        *_TALLIES,
        *COUNTS,
        "alarmed",
    )
    return _frame((_guarded(g) for g in overview.shown(overview.guarded)), columns)


def reviews_frame(overview: Overview) -> pd.DataFrame:
    """See `Results.reviews`."""
    outcomes, deciders = ("sent_back", "stands", "pending"), ("rule", "model", "failed")
    columns = (*GROUP, *_named("reported"), *outcomes, *(f"by_{d}" for d in deciders), *_named("harmful"))
    rows = (
        {
            **r.names,
            **_rate("reported", r.reported),
            **{name: r.outcomes.get(name, 0) for name in outcomes},
            **{f"by_{name}": r.by.get(name, 0) for name in deciders},
            **_rate("harmful", r.harmful),
        }
        for r in overview.shown(overview.reviews)
    )
    return _frame(rows, columns)


def measures_frame(found: Sequence[Measures], cost: Cost) -> pd.DataFrame:
    """See `Monitored.table`."""
    import pandas as pd

    return pd.DataFrame([{**_measured(m), **asdict(cost)} for m in found])


def _measured(found: Measures) -> dict[str, Any]:
    told = ("monitor", "scenario", "unit", "n", "harmful", "worlds", "unscored", "failed", "other", "labels")
    estimates = {"auroc": found.auroc, "average_precision": found.average_precision}
    if found.calibration is not None:
        estimates |= {"brier": found.calibration.brier, "calibration_error": found.calibration.error}
    for caught in found.caught:
        estimates |= {f"catches@{caught.aim:g}": caught.catches, f"alarms@{caught.aim:g}": caught.alarms}
    estimates |= {f"audit@{budget:g}": e for budget, e in found.audits.items()}
    row = {name: getattr(found, name) for name in told}
    for name, e in estimates.items():
        row |= {name: e.estimate, f"{name}_low": e.low, f"{name}_high": e.high}
    return row | {f"threshold@{c.aim:g}": c.threshold for c in found.caught} | {"split": found.split}


def _guarded(found: Guarded) -> dict[str, Any]:
    row: dict[str, Any] = {**found.names, "guards": ",".join(found.guards)}
    for name in _RATES:
        row |= _rate(name, getattr(found, name))
    row |= _mean("job", found.job)
    for name in _AGAINST:
        row |= _mean(f"against_{name}", getattr(found.against, name, None))
    row |= {name: getattr(found, name) for name in _TALLIES} | dict(found.counts)
    return row | {"alarmed": dict(found.alarmed)}


def _named(name: str) -> Iterator[str]:
    yield from (name, f"{name}_low", f"{name}_high")
    if not name.startswith("against_") and name != "job":
        yield from (f"{name}_k", f"{name}_n")


def _rate(name: str, rate: Rate) -> dict[str, Any]:
    known = rate.n > 0
    return {
        name: rate.estimate,
        f"{name}_low": rate.low if known else None,
        f"{name}_high": rate.high if known else None,
        f"{name}_k": rate.k,
        f"{name}_n": rate.n,
    }


def _mean(name: str, found: Mean | Difference | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}


def _frame(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


__all__ = ["guards_frame", "measures_frame", "reviews_frame"]
