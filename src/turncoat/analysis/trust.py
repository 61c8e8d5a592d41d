"""How far the numbers can be trusted: what failed, what measured, how judges agree, and how they err on labels."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, Field, model_validator

from turncoat.analysis.counts import tally
from turncoat.analysis.guards import models_of_guards
from turncoat.analysis.table import Table
from turncoat.analysis.table.columns import SAMPLE
from turncoat.base.counting import counted
from turncoat.base.errors import DataError
from turncoat.base.reading import not_json, read_bounded
from turncoat.base.text import plain
from turncoat.base.unfit import fitted, kind
from turncoat.evidence.case import BROKEN, FAILED
from turncoat.judges.apart import PANEL, shared_models
from turncoat.stats.agreement import Kappa, kappa
from turncoat.stats.rates import Rate, rate

Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Number = Annotated[float, Field(allow_inf_nan=False)]


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
        wide = rows.set_index([*SAMPLE, "world", "judge"])["harmful"].unstack("judge").dropna(how="all")
        judges = [str(j) for j in wide.columns]
        for group in [*combinations(judges, 2), *([tuple(judges)] if len(judges) > 2 else [])]:
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


class _Kappa(BaseModel):
    estimate: Number | None
    low: Number | None
    high: Number | None


class _Measured(BaseModel):
    """What is read of one judge's validation in one scenario; there is more in it."""

    scenario: str
    judge: str
    split: str
    true_positives: Count
    positives: Count
    true_negatives: Count
    negatives: Count
    kappa: _Kappa | None

    @model_validator(mode="after")
    def _is_a_part(self) -> _Measured:
        for part, whole in (("true_positives", "positives"), ("true_negatives", "negatives")):
            if getattr(self, part) > getattr(self, whole):
                raise ValueError(f"{part} is {getattr(self, part)}, more than {whole}, {getattr(self, whole)}")
        return self


def read_judge_errors(path: Path) -> tuple[JudgeError, ...]:
    """Read the result of a validation.

    Raises:
        DataError: The file cannot be read, or is not what `turncoat validate --json` writes; names the key, what was
            found and what would do.
    """
    content = read_bounded(path)
    try:
        found = json.loads(content)
        if not isinstance(found, list) or not found:
            raise DataError(f"needs a list of validations; found {'an empty one' if found == [] else kind(found)}")
        return tuple(_judge_error(item, f"entry {number}") for number, item in enumerate(found, 1))
    except DataError as error:
        why = str(error)
    except (ValueError, RecursionError) as error:
        why = not_json(error)
    raise DataError(
        f"{path}: not a result of `turncoat validate --json`: {plain(why, 300)}; write one by: "
        "turncoat validate --json > FILE"
    )


def _judge_error(item: object, place: str) -> JudgeError:
    found = fitted(_Measured, item, place)
    match found.kappa:
        case _Kappa(estimate=float(estimate), low=float(low), high=float(high)):
            limits: tuple[float, float, float] | None = (estimate, low, high)
        case _:
            limits = None
    return JudgeError(
        scenario=plain(found.scenario),
        judge=plain(found.judge),
        split=plain(found.split),
        sensitivity=rate(found.true_positives, found.positives),
        specificity=rate(found.true_negatives, found.negatives),
        kappa=limits,
    )


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
    shared: tuple[tuple[str, str], ...] = ()
    """Models that guards asked and that judged as well: by the name that the guards' logs have, and by the judge's."""

    @property
    def coverage(self) -> float | None:
        """Share of the rows that have a verdict; None of no rows."""
        return self.scored / self.samples if self.samples else None


def validity(table: Table, first: Mapping[tuple[str, str], str]) -> Validity:
    """Gather what the reader of a report must know besides the rates.

    Args:
        table: The table.
        first: (scenario, interface) → the judge whose verdicts the figures show.
    """
    frame = table.frame
    scored = frame["status"] == "scored"
    once = frame.loc[~frame.duplicated(SAMPLE), ["limit", "tokens_in", "tokens_out", "cost", "ignored"]]
    doubts = frame[scored & (frame["undecided"].map(len) > 0)]
    doubted = Counter(zip(doubts["scenario"], doubts["interface"], doubts["judge"], strict=True))
    answered = once[once["tokens_out"].fillna(0) > 0]
    return Validity(
        samples=len(frame),
        scored=int(scored.sum()),
        limits=int(once["limit"].notna().sum()),
        reasons=tally(frame.loc[~scored, "reason"]),
        judges={str(judge): _values(named) for judge, named in frame.groupby("judge", sort=True)["instrument"]},
        versions=_values(frame["version"]),
        hashes={name: _values(frame[name]) for name in ("design", "run")} | {"stimulus": _values(frame["stimulus"])},
        worlds=int(frame["world"].nunique()),
        epochs=int(frame["epoch"].max()) if len(frame) else 0,
        tokens_in=int(once["tokens_in"].sum()),
        tokens_out=int(once["tokens_out"].sum()),
        cost=float(once["cost"].sum()) if len(answered) and answered["cost"].notna().all() else None,
        undecided=sum(n for (scenario, door, judge), n in doubted.items() if first.get((scenario, door)) == judge),
        ignored=int(once["ignored"].fillna(0).sum()),
        shared=tuple(shared_models(models_of_guards(table), map(str, frame["judge"].dropna().unique()))),
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
    causes: tuple[str, ...] = ()
    """The commonest causes of errors, and of judges that could not be reached, a line each."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why samples are unscored, the commonest reason first."""
    not_read: Mapping[str, int] = field(default_factory=dict)
    """Questions beyond the outcome to which a judge gave no usable answer, and why (`reading=judge_error`)."""
    unread: int = 0
    """Verdicts beside which such a question stayed open since the judge could not be reached."""
    guard_failures: int = 0
    """Decisions that a guard's rule took since the guard itself could not."""

    @property
    def share(self) -> float:
        """Share of samples that have no verdict."""
        return (self.errors + self.unscored) / self.total if self.total else 0.0

    @property
    def problem(self) -> str:
        """The sentence that stands first in output and report, or "" where the budget is kept."""
        if not self.total:
            return "there are no samples"
        if self.share > self.budget:
            return (
                f"{self.errors + self.unscored} of {counted(self.total, 'sample has', 'samples have')} no verdict "
                f"({counted(self.errors, 'error')}, "
                f"{self.unscored} unscored): {self.share:.0%}, where the study allows {self.budget:.0%}"
            )
        if self.unread > self.budget * self.total:
            return (
                f"the judge could not be reached about {self.unread} of {counted(self.total, 'sample')} "
                f"beyond the outcome: "
                f"{self.unread / self.total:.0%}, where the study allows {self.budget:.0%}"
            )
        return ""


def failures(table: Table) -> Failures:
    """Count samples without a verdict; with several judges, each verdict counts.

    The budget is the strictest that the logs' studies state. Sessions that a guard ended before any harm are no
    failures: they came out as the guard would have them, and are counted as censored.
    """
    censored = table.frame["censored"].fillna(False).astype(bool)
    status = table.frame.loc[~censored, "status"].value_counts()
    stated = [log.manifest.get("failure_budget") for log in table.logs]
    unread = _unread(table.frame)
    return Failures(
        total=len(table.frame),
        errors=int(status.get("error", 0)),
        unscored=int(status.get("unscored", 0)),
        budget=min((float(b) for b in stated if isinstance(b, (int, float))), default=BUDGET),
        causes=_causes(table.frame),
        reasons=tally(table.frame.loc[~censored & (table.frame["status"] == "unscored"), "reason"]),
        not_read=tally(unread),
        unread=unread[unread.str.split("=").str[-1].isin(BROKEN)].index.nunique(),
        guard_failures=int(table.frame.drop_duplicates(SAMPLE)["guard_failures"].fillna(0).sum()),
    )


def _unread(frame: pd.DataFrame) -> pd.Series[str]:
    """Questions beyond the outcome that a judge failed on, of samples with a verdict; by the table's rows."""
    asked = frame.loc[frame["status"] == "scored", "not_read"].explode().dropna().astype(str)
    return asked[asked.str.split("=").str[-1].isin(FAILED)]


CAUSES = 5
"""Causes that are named."""
_NUMBERS = re.compile(r"\b(?=\w*\d)[\w-]{8,}\b|(?<![\w.])\d{4,}")
"""Ids and times in a cause, which would make each its own."""


def _causes(frame: pd.DataFrame) -> tuple[str, ...]:
    """The commonest causes of errors, most frequent first."""
    errors = frame[frame["error"].notna()].drop_duplicates(SAMPLE)["error"]
    kinds = (("errors", errors), ("judge errors", frame.loc[frame["reason"] == "judge_error", "explanation"]))
    return tuple(
        f"{number} {what if number > 1 else what.removesuffix('s')}: {cause}"
        for what, causes in kinds
        for cause, number in tally(causes.dropna().map(lambda c: _NUMBERS.sub("…", str(c)))).items()
    )[:CAUSES]
