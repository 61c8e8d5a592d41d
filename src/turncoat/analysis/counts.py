"""Counts beside the rates: rungs, findings, failures, and what a reader must know to trust the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from turncoat.analysis.rates import GROUP, POOLED, Group, grouped
from turncoat.analysis.table import Table
from turncoat.analysis.table.logs import LogInfo
from turncoat.base.text import plain
from turncoat.scoring.result import COLUMNS as MEASURED


@dataclass(frozen=True)
class Distribution(Group):
    """How the samples of one model, condition and judge fall into named kinds."""

    counts: Mapping[str, int]
    """Kind → samples; kinds that do not occur are left out."""
    total: int
    """All samples of the group, unscored ones included."""
    means: Mapping[str, float]
    """Each number that scoring measures → its mean over the samples that have one; for yes and no, the share of yes."""


@dataclass(frozen=True)
class RungOrder:
    """The rungs of a scenario in order, with those that count as harmful."""

    rungs: tuple[str, ...]
    harmful: frozenset[str]
    declared: bool
    """Whether the log names the ladder; otherwise the order is by how harmful a rung was found to be."""


@dataclass(frozen=True)
class Validity:
    """What was measured by what, and how much of it failed."""

    samples: int
    """Rows: one for each sample, epoch, model and judge."""
    scored: int
    limits: int
    reasons: Mapping[str, int]
    """Why samples are unscored → number, most frequent first."""
    judges: Mapping[str, tuple[str, ...]]
    """Judge → hashes of the instruments that it was part of; more than one means that scores were made differently."""
    versions: tuple[str, ...]
    hashes: Mapping[str, tuple[str, ...]]
    """`design`, `stimulus`, `run` → the values that occur."""
    worlds: int
    epochs: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    """US dollars, or None unless known for all samples that have an answer."""
    undecided: int
    """Scored samples whose rung the instrument could not tell from another."""
    ignored: int
    """Things in the answers that look like acts and were not taken for one."""


UNSCORED = "unscored"
"""The kind of samples without a verdict, in `rung_counts`."""


def rung_counts(table: Table) -> tuple[Distribution, ...]:
    """Rungs of the scored samples of each model, condition and judge; `unscored` counts the others."""
    kinds = table.frame["rung"].fillna("unnamed").where(table.frame["status"] == "scored", UNSCORED)
    return _distributions(table.frame.assign(kind=kinds), "kind", GROUP)


def finding_counts(table: Table) -> tuple[Distribution, ...]:
    """In how many samples of each model and judge each finding was made, over all conditions."""
    return _distributions(table.frame, "findings", POOLED)


def _distributions(frame: pd.DataFrame, column: str, by: Sequence[str]) -> tuple[Distribution, ...]:
    return tuple(
        Distribution(**group, counts=dict(sorted(tally(rows[column]).items())), total=len(rows), means=_means(rows))
        for group, rows in grouped(frame, by)
    )


def _means(rows: pd.DataFrame) -> dict[str, float]:
    means = rows[[c.name for c in MEASURED if c.kind in ("whole", "flag")]].mean()
    return {str(name): float(mean) for name, mean in means.dropna().items()}


def tally(values: pd.Series[Any]) -> dict[str, int]:
    """How often each value stands in a column, in its lists too; most frequent first."""
    return {str(k): int(n) for k, n in values.explode().dropna().value_counts().items()}


def logs_of(table: Table, scenario: str) -> list[LogInfo]:
    """The logs of a scenario; those of a user's own name it otherwise than their samples, which say its folder."""
    paths = {str(path) for path in table.frame.loc[table.frame["scenario"] == scenario, "log"].unique()}
    return [log for log in table.logs if log.scenario == scenario or str(log.path) in paths]


def harm_done(table: Table, scenario: str) -> str:
    """What a scenario's harm is, as a predicate of the agent; "" where no log says so."""
    said = (log.manifest.get("harm_done") for log in logs_of(table, scenario))
    return next((plain(words) for words in said if isinstance(words, str)), "")


def rung_order(table: Table, scenario: str) -> RungOrder:
    """The order of a scenario's rungs: the ladder in the manifest of a log if there is one, or by share of harm."""
    rows = table.frame[(table.frame["scenario"] == scenario) & (table.frame["status"] == "scored")]
    share = rows.assign(rung=rows["rung"].fillna("unnamed")).groupby("rung")["harmful"].agg(["mean", "size"])
    harmful = frozenset(str(r) for r in share.index[share["mean"] > 0.5])
    for log in logs_of(table, scenario):
        ladder = log.manifest.get("rungs")
        if isinstance(ladder, list):
            named = tuple(plain(r) for r in ladder)
            rest = tuple(str(r) for r in share.index if r not in named)
            return RungOrder(named + rest, harmful, declared=True)
    ordered = share.sort_values(["mean", "size"], ascending=[True, False], kind="stable")
    return RungOrder(tuple(str(r) for r in ordered.index), harmful, declared=False)


def validity(table: Table, first: Mapping[tuple[str, str], str]) -> Validity:
    """Gather what the reader of a report must know besides the rates.

    Args:
        table: The table.
        first: (scenario, interface) → the judge whose verdicts the figures show.
    """
    frame = table.frame
    scored = frame["status"] == "scored"
    once = frame.drop_duplicates(["model", "interface", "sample", "epoch", "run"])
    places = zip(frame["scenario"], frame["interface"], frame["judge"], strict=True)
    shown = pd.Series([first.get((s, i)) == j for s, i, j in places], index=frame.index, dtype=bool)
    answered = once[once["tokens_out"].fillna(0) > 0]
    return Validity(
        samples=len(frame),
        scored=int(scored.sum()),
        limits=int(once["limit"].notna().sum()),
        reasons=tally(frame.loc[~scored, "reason"]),
        judges={str(judge): _values(rows["instrument"]) for judge, rows in frame.groupby("judge", sort=True)},
        versions=_values(frame["version"]),
        hashes={name: _values(frame[name]) for name in ("design", "run")} | {"stimulus": _values(frame["stimulus"])},
        worlds=int(frame["world"].nunique()),
        epochs=int(frame["epoch"].max()) if len(frame) else 0,
        tokens_in=int(once["tokens_in"].sum()),
        tokens_out=int(once["tokens_out"].sum()),
        cost=float(once["cost"].sum()) if len(answered) and answered["cost"].notna().all() else None,
        undecided=int((frame["undecided"].map(len) > 0)[scored & shown].sum()),
        ignored=int(once["ignored"].fillna(0).sum()),
    )


def _values(values: pd.Series[Any]) -> tuple[str, ...]:
    return tuple(sorted(str(v) for v in values.dropna().unique()))


BUDGET = 0.05
"""Largest share of samples without a verdict, where the logs' study states none."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Samples without a verdict, beside what the study allows."""

    total: int
    errors: int
    unscored: int
    budget: float

    @property
    def share(self) -> float:
        """Share of samples that have no verdict."""
        return (self.errors + self.unscored) / self.total if self.total else 0.0

    @property
    def problem(self) -> str:
        """The sentence that stands first in output and report, or "" where the budget is kept."""
        if not self.total:
            return "there are no samples"
        if self.share <= self.budget:
            return ""
        return (
            f"{self.errors + self.unscored} of {self.total} samples have no verdict ({self.errors} errors, "
            f"{self.unscored} unscored): {self.share:.0%}, where the study allows {self.budget:.0%}"
        )


def failures(table: Table) -> Failures:
    """Count samples without a verdict; with several judges, each verdict counts.

    The budget is the strictest that the logs' studies state.
    """
    status = table.frame["status"].value_counts()
    stated = [log.manifest.get("failure_budget") for log in table.logs]
    return Failures(
        total=len(table.frame),
        errors=int(status.get("error", 0)),
        unscored=int(status.get("unscored", 0)),
        budget=min((float(b) for b in stated if isinstance(b, (int, float))), default=BUDGET),
    )
