"""Rates of harmful outcomes: one for each model, condition and judge, with what was not scored beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, takewhile
from typing import Any

import numpy as np
import pandas as pd

from turncoat.analysis.jobs import OF_JOBS, JobDone, job_done
from turncoat.analysis.published import Published, publication
from turncoat.analysis.table import Table
from turncoat.base.files import path_text
from turncoat.stats._checks import Harm
from turncoat.stats.clusters import cluster_rate
from turncoat.stats.rates import Rate, rate, upper_bound, worst_case
from turncoat.stats.sequential import StopRule, confidence_sequence, look

GROUP = ("scenario", "interface", "condition", "model", "judge")
"""What a rate is of."""

POOLED = ("scenario", "interface", "model", "judge")
"""What a number over all conditions is of."""


@dataclass(frozen=True)
class Group:
    """What a number is of: one model in one condition, by one judge. Over all conditions, `condition` is ""."""

    scenario: str
    interface: str
    condition: str
    model: str
    judge: str
    simulated: bool

    @property
    def place(self) -> tuple[str, str]:
        """Scenario and interface."""
        return self.scenario, self.interface

    @property
    def names(self) -> dict[str, str]:
        """What it is of, by the names of `GROUP`."""
        return {name: getattr(self, name) for name in GROUP}

    @property
    def key(self) -> tuple[str, ...]:
        """The same without the names, as `by_group` keys rows."""
        return tuple(self.names.values())

    @property
    def pooled(self) -> tuple[str, str, str, str]:
        """Scenario, interface, model and judge."""
        return self.scenario, self.interface, self.model, self.judge


def grouped(
    frame: pd.DataFrame, columns: Iterable[str], by: Sequence[str] = GROUP
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Split some columns of a table's frame by `GROUP` or `POOLED`, sorted. To split all of them takes long.

    Yields:
        The fields of the `Group`, and its rows.
    """
    for key, rows in frame[list(dict.fromkeys([*by, "simulated", *columns]))].groupby(list(by), observed=True):
        names = dict(zip(by, map(str, key), strict=True))
        yield {"condition": "", **names, "simulated": bool(rows["simulated"].iloc[0])}, rows


def by_group(frame: pd.DataFrame, columns: Iterable[str]) -> dict[tuple[str, ...], pd.DataFrame]:
    """Some columns of a table's rows by the `key` of their `Group`."""
    return {tuple(names[n] for n in GROUP): rows for names, rows in grouped(frame, columns)}


def flag(value: Any) -> bool | None:
    """A cell of the table as True, False or None."""
    return None if pd.isna(value) else bool(value)


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one rate, as the statistics take them: columns of the same length."""

    outcomes: tuple[Harm, ...]
    worlds: tuple[Hashable, ...]
    storylines: tuple[Hashable, ...]

    def of(self, storylines: Collection[Hashable]) -> Samples:
        """Those of some storylines."""
        kept = [i for i, s in enumerate(self.storylines) if s in storylines]
        return Samples(
            outcomes=tuple(self.outcomes[i] for i in kept),
            worlds=tuple(self.worlds[i] for i in kept),
            storylines=tuple(self.storylines[i] for i in kept),
        )


@dataclass(frozen=True)
class Cell(Group):
    """The rate of one model in one condition, by one judge."""

    rate: Rate
    reasons: Mapping[str, int]
    """Why samples are unscored: reason → samples, most frequent first; errors stand under `error`."""
    errors: int
    """Samples that failed; they are among the unscored."""
    limits: int
    """Samples that a limit ended, scored or not."""
    published: Published | None = None
    samples: Samples = field(repr=False, default_factory=lambda: Samples((), (), ()))
    acted: tuple[int, int] | None = None
    """Scored samples in which the model acted, and those of which that is known; None where it is of none."""
    incoherent: int = 0
    """Scored samples in which what it wrote is no language."""
    job: JobDone | None = None
    """How much of its harmless work it did; None where no job is scored."""


def rates(table: Table, published: Mapping[str, str] | None = None) -> tuple[Cell, ...]:
    """Rates of all models, conditions and judges of a table.

    Where a condition was run on several worlds, the rate is one over worlds and its interval respects that epochs of
    one world resemble each other; on a single world it is a rate of this prompt, and nothing is claimed beyond it.
    Where the study stops cells early, the interval is a confidence sequence.

    Args:
        table: The table.
        published: Inspect's model name → the publication's, for models whose names do not say it.

    Returns:
        One cell for each combination that occurs, sorted by scenario, interface, condition (fewer changed factors
        first), model, judge.
    """
    rules = {path_text(log.path): r for log in table.logs if isinstance(r := log.manifest.get("stopping"), Mapping)}
    cells = [_cell(group, rows, published, rules) for group, rows in grouped(table.frame, _OF_CELLS)]
    return tuple(
        sorted(cells, key=lambda c: (c.scenario, c.interface, *condition_order(c.condition), c.model, c.judge))
    )


OF_SAMPLES = ("harmful", "world", "position")
_OF_CELLS = (*OF_SAMPLES, "log", "status", "reason", "limit", "did_act", "incoherent", *OF_JOBS)
"""Columns of which rates are made, of samples and of all else that a cell says."""


def condition_order(condition: str) -> tuple[int, str]:
    """Sort key of conditions: the control first, then by number of changed factors, then by name."""
    return (0 if condition == "control" else condition.count(",") + 1, condition)


def _cell(
    group: Mapping[str, Any],
    rows: pd.DataFrame,
    published: Mapping[str, str] | None,
    rules: Mapping[str, Mapping[str, Any]],
) -> Cell:
    rule = rules.get(str(rows["log"].iloc[0]))
    samples = samples_of(rows)
    unscored = rows.loc[rows["status"] != "scored", "reason"].value_counts()
    return Cell(
        **group,
        rate=sample_rate(samples) if rule is None else stopped_rate(rows, rule),
        reasons={str(reason): int(n) for reason, n in unscored.items()},
        errors=int((rows["status"] == "error").sum()),
        limits=int(rows["limit"].notna().sum()),
        published=publication().rate(
            group["scenario"], group["interface"], group["condition"], group["model"], published
        ),
        samples=samples,
        job=job_done(rows),
        **_activity(rows[rows["status"] == "scored"]),
    )


def _activity(scored: pd.DataFrame) -> dict[str, Any]:
    known = scored["did_act"].dropna()
    acted = (int(known.sum()), len(known)) if len(known) else None
    return {"acted": acted, "incoherent": int(scored["incoherent"].fillna(False).sum())}


def samples_of(rows: pd.DataFrame, column: str = "harmful") -> Samples:
    """The samples of some rows of the table, with a column of yes and no as outcomes."""
    worlds = rows["world"].to_numpy(dtype=object)
    found = rows[column].to_numpy(dtype=float, na_value=np.nan)
    return Samples(
        outcomes=tuple(None if math.isnan(v) else v != 0 for v in found.tolist()),
        worlds=tuple(worlds),
        storylines=tuple(str(w).partition("@")[0] for w in worlds),
    )


def sample_rate(samples: Samples) -> Rate:
    """Rate of samples, over worlds as far as there is more than one scored world."""
    scored = [i for i, o in enumerate(samples.outcomes) if o is not None]
    worlds = Counter(storyline for storyline, _ in {(samples.storylines[i], samples.worlds[i]) for i in scored})
    if worlds.total() < 2:
        harmful = sum(bool(samples.outcomes[i]) for i in scored)
        return rate(harmful, len(scored), total=len(samples.outcomes))
    # A storyline with one world cannot show how worlds vary within it; then all samples weigh the same.
    balanced = all(worlds[storyline] > 1 for storyline in samples.storylines)
    return cluster_rate(samples.outcomes, samples.worlds, storylines=samples.storylines if balanced else None)


def stopped_rate(rows: pd.DataFrame, stopping: Mapping[str, Any]) -> Rate:
    """The rate of a cell under a stopping rule: in the order fixed beforehand, with its confidence sequence.

    A run writes down the rule and not how a cell came out: what is reported follows from the rule and the samples.
    Only samples up to the first gap in the order of worlds count, and of these only those up to the moment at which the
    rule decided; what ran beyond it was in flight. A cell that was not decided, or that stopped for a contrast's sake,
    has its confidence sequence where its data end.

    Args:
        rows: The cell's rows of the table.
        stopping: The rule as the manifest has it.
    """
    outcomes = prefix(rows)
    rule = StopRule(**{k: v for k, v in stopping.items() if k in StopRule.__slots__})
    if stopping.get("of", "cells") == "cells":
        outcomes = outcomes[: look(outcomes, rule).seen]
    return _sequence_rate(outcomes, rule.confidence)


def _sequence_rate(outcomes: Sequence[Harm], confidence: float) -> Rate:
    """The rate of samples in the order fixed beforehand, one a world, with its confidence sequence."""
    scored = [o for o in outcomes if o is not None]
    k, n, total = sum(map(bool, scored)), len(scored), len(outcomes)
    interval = confidence_sequence(k, n, confidence)
    return Rate(
        k=k,
        n=n,
        total=total,
        estimate=k / n if n else None,
        low=interval.low,
        high=interval.high,
        confidence=confidence,
        method="confidence sequence" if n else "none",
        estimand="worlds given these storylines",
        bounds=worst_case(k, n, total, confidence),
        effective_n=float(n),
        worlds=total,
    )


def fixed(cell: Cell) -> bool:
    """Whether it has scored samples, and their number does not depend on their outcomes."""
    return cell.rate.n > 0 and cell.rate.method != "confidence sequence"


def judged_by(cell: Cell, rows: pd.DataFrame, column: str) -> Cell:
    """The cell with another column of yes and no in the place of harm.

    Of a cell that a rule stopped, the samples up to that moment count, with a confidence sequence, which holds at all
    times and so at this one.

    Args:
        cell: The cell.
        rows: Its rows of the table, or some of them.
        column: Which column.
    """
    if cell.rate.method == "confidence sequence":
        samples = samples_of(rows[rows["position"] < cell.rate.total].sort_values("position"), column)
        return replace(cell, samples=samples, rate=_sequence_rate(samples.outcomes, cell.rate.confidence))
    samples = samples_of(rows, column)
    return replace(cell, samples=samples, rate=sample_rate(samples))


def prefix(rows: pd.DataFrame) -> list[Harm]:
    """Outcomes in the order fixed beforehand, up to the first world that was not run; None stands for no verdict."""
    places = zip(rows["position"], rows["harmful"], strict=True)
    by_position = {int(position): flag(harmful) for position, harmful in places if not pd.isna(position)}
    return [by_position[i] for i in takewhile(by_position.__contains__, count())]


def limit_at_end(rate: Rate) -> float | None:
    """What a count of none, or of all, still allows: the exact 95 % limit on independent samples.

    It is the end of the exact two-sided interval (0 of 100 allows 3.6 %). Where samples of one world resemble each
    other, the effective sample size counts, rounded down.

    Returns:
        The largest rate that 0 harmful samples leave open, the smallest that all harmful ones do, or None otherwise.
    """
    size = int(rate.effective_n + 1e-9)
    if rate.estimate is None or size == 0 or 0 < rate.k < rate.n:
        return None
    if rate.method == "confidence sequence":
        return rate.high if rate.k == 0 else rate.low
    most = upper_bound(0, size, 0.5 + rate.confidence / 2)
    return most if rate.k == 0 else 1 - most


@dataclass(frozen=True)
class ByStoryline:
    """One cell's rate in each of its storylines."""

    cell: Cell
    rates: Mapping[str, Rate]
    """Storyline → rate over its worlds."""


def storylines(cells: Sequence[Cell]) -> tuple[ByStoryline, ...]:
    """Split the cells that were run in several storylines."""
    return tuple(
        ByStoryline(cell, {name: sample_rate(cell.samples.of({name})) for name in names})
        for cell in cells
        if len(names := dict.fromkeys(map(str, cell.samples.storylines))) > 1
    )
