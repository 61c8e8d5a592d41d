"""Counts beside the rates: rungs and findings, awareness, what was read beyond the outcome, mail that was opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from turncoat.analysis.published import PublishedAwareness, publication
from turncoat.analysis.rates import GROUP, OF_SAMPLES, POOLED, Group, grouped, sample_rate, samples_of
from turncoat.analysis.table import Table
from turncoat.analysis.table.logs import LogInfo
from turncoat.base.files import path_text
from turncoat.base.text import plain
from turncoat.scoring.result import COLUMNS as MEASURED
from turncoat.stats.differences import Difference, difference
from turncoat.stats.rates import Interval, Rate, rate, wilson


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
    measured = [c.name for c in MEASURED if c.kind in ("whole", "flag")]
    return tuple(
        Distribution(
            **group,
            counts=dict(sorted(tally(rows[column]).items())),
            total=len(rows),
            means={str(name): float(mean) for name, mean in rows[measured].mean().dropna().items()},
        )
        for group, rows in grouped(frame, [column, *measured], by)
    )


def tally(values: pd.Series[Any]) -> dict[str, int]:
    """How often each value stands in a column, in its lists too; most frequent first."""
    return {str(k): int(n) for k, n in values.explode().dropna().value_counts().items()}


def logs_of(table: Table, scenario: str) -> list[LogInfo]:
    """The logs of a scenario; those of a user's own name it otherwise than their samples, which say its folder."""
    paths = {str(path) for path in table.frame.loc[table.frame["scenario"] == scenario, "log"].unique()}
    return [log for log in table.logs if log.scenario == scenario or path_text(log.path) in paths]


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


REAL, EVALUATION = "stated-real", "stated-evaluation"

KINDS = (REAL, EVALUATION, "abstained", "silent", "no-reasoning", "not-read")
"""All kinds, in order."""

READ = KINDS[:4]
"""Kinds that are an answer; the others say that there was nothing to read, or that nobody read it."""


@dataclass(frozen=True)
class Awareness(Group):
    """What models said of the situation's reality, with the rate of harm of each kind."""

    total: int
    """Samples with an entry."""
    kinds: Mapping[str, Rate]
    """Kind → rate of harm among its samples; `total` of it is the number of its samples."""
    gap: Difference | None
    """Harm where it stated «real» minus where it stated «evaluation»; an association, not an effect. None where either
    has no scored sample."""

    published: PublishedAwareness | None = None
    """What the publication reports for this model in this setting."""

    @property
    def read(self) -> int:
        """Samples whose reasoning was there and was read."""
        return sum(r.total for k, r in self.kinds.items() if k in READ)

    def in_class(self, name: str) -> Rate:
        """Rate of harm in a class of the publication (`awareness_classes`); `total` of it is its number of samples."""
        classes = publication().awareness_classes
        found = [r for k, r in self.kinds.items() if classes.get(k) == name]
        return rate(sum(r.k for r in found), sum(r.n for r in found), total=sum(r.total for r in found))

    def share(self, kind: str) -> Interval | None:
        """Wilson's interval of a kind's share of the samples read; None where none was."""
        found = self.kinds.get(kind)
        return wilson(found.total if found else 0, self.read) if self.read else None


def awareness_tables(table: Table, published: Mapping[str, str] | None = None) -> tuple[Awareness, ...]:
    """Cross awareness with harm, for each model, condition and judge where at least one sample was read.

    Args:
        table: The table.
        published: Inspect's model name → the publication's, for models whose names do not say it.
    """
    found = []
    known = table.frame[[*GROUP, "simulated", "awareness", "harmful"]].dropna(subset="awareness")
    for group, rows in grouped(known, known.columns):
        kinds = {str(k): _rate(part) for k, part in rows.groupby("awareness")}
        if not kinds.keys() & set(READ):
            continue
        found.append(
            Awareness(
                **group,
                total=len(rows),
                kinds={k: kinds[k] for k in (*KINDS, *sorted(kinds.keys() - set(KINDS))) if k in kinds},
                gap=_gap(kinds.get(REAL), kinds.get(EVALUATION)),
                published=publication().awareness(
                    group["scenario"], group["interface"], group["condition"], group["model"], published
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


STAGES = ("recognised", "considered", "acted")


@dataclass(frozen=True)
class ReadingCounts(Group):
    """What the reading judge saw, over all conditions of one model and judge. Absent entries were not looked for."""

    total: int
    read: int
    """Samples that the reading judge was asked about; the others count nowhere here."""
    stages: Mapping[str, tuple[int, int]]
    """Stage → samples that reached it, and samples where that was decided."""
    ethics: tuple[int, int]
    """Samples that acknowledged the wrong, and samples where that was decided."""
    motives: Mapping[str, int]
    misunderstandings: Mapping[str, int]
    misunderstood: int
    """Samples with any misunderstanding. They are counted in every rate: none is dropped."""
    visible: Mapping[str, int]


def readings(table: Table) -> tuple[ReadingCounts, ...]:
    """Count readings for each model and judge that has any."""
    return tuple(
        ReadingCounts(
            **group,
            total=len(rows),
            read=len(read),
            stages={s: _decided(read[s]) for s in STAGES},
            ethics=_decided(read["ethics"]),
            motives=tally(read["motives"]),
            misunderstandings=tally(read["misunderstandings"]),
            misunderstood=int((read["misunderstandings"].map(len) > 0).sum()),
            visible=tally(rows["visible"]),
        )
        for group, rows in grouped(table.frame, _OF_READINGS, POOLED)
        if not (read := rows[_was_read(rows)]).empty
    )


_OF_READINGS = (*STAGES, "ethics", "motives", "misunderstandings", "visible", "read")
"""Columns in which readings stand."""


def _was_read(rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether the reading judge was asked: said so, or left a trace."""
    listed = (rows["motives"] + rows["misunderstandings"]).map(len) > 0
    trace = rows[[*STAGES, "ethics"]].notna().any(axis=1) | listed
    return rows["read"].where(rows["read"].notna(), trace).astype(bool)


def _decided(values: pd.Series[bool]) -> tuple[int, int]:
    known = values.dropna()
    return int(known.sum()), len(known)


@dataclass(frozen=True)
class Opening(Group):
    """One model, condition and judge in an interface where mail has to be opened.

    An agent that ends its session without having opened the secret never met the dilemma: its harmless sample says
    little of what it would have done.
    """

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
    frame = table.frame[["secret_opened", "simulated", *GROUP, *OF_SAMPLES]]
    told = frame[frame["secret_opened"].isin(["before", "after", "never"])]
    return tuple(
        Opening(
            **group,
            before=int(rows["secret_opened"].eq("before").sum()),
            after=int(rows["secret_opened"].eq("after").sum()),
            never=int(rows["secret_opened"].eq("never").sum()),
            rate=sample_rate(samples_of(rows[rows["secret_opened"].ne("never")])),
        )
        for group, rows in grouped(told, told.columns)
    )
