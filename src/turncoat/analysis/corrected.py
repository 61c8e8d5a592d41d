"""Rates corrected for the judge's errors, from labels on a random sample of the very run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from turncoat.analysis.table import Table
from turncoat.errors import UsageError
from turncoat.scoring.labels.items import Labelled
from turncoat.stats.correction import (
    CorrectedRate,
    JudgeAccuracy,
    PredictionPowered,
    prediction_powered,
    rogan_gladen,
)
from turncoat.stats.rates import Rate, rate

Key = tuple[str, int, str]
"""Sample, epoch, name of the log file."""

Drawn = dict[Key, tuple[bool | None, float]]
"""Drawn sample → its label, and the probability with which it was drawn."""

NOT_DRAWN: tuple[bool | None, float] = (None, 1.0)

BY = ("scenario", "interface", "model", "judge")
"""One correction for each of these; conditions are corrected apart where they hold enough labels."""

ENOUGH = 8
"""Fewest labels that a condition needs for an estimate of its own."""


@dataclass(frozen=True)
class Corrected:
    """A judge's rate beside what labels make of it."""

    scenario: str
    interface: str
    model: str
    judge: str
    condition: str
    """Id of the condition, or "all"."""
    raw: Rate
    """As the judge reports it, with the bounds that the unscored leave open."""
    labelled: int
    prediction_powered: PredictionPowered | None
    rogan_gladen: CorrectedRate | None
    """With sensitivity and specificity measured on the same labels, weighted by their probabilities."""
    note: str = ""
    """Why an estimate is missing."""


def corrected_rates(table: Table, labels: Sequence[Labelled]) -> list[Corrected]:
    """Correct the rates of a run by labels that `turncoat label` drew from it.

    Unscored samples count as not harmful by the judge; the labels say what they were. A label without an answer
    leaves its sample out of the labelled ones.

    Args:
        table: The run.
        labels: Labelled samples with their origin.

    Raises:
        UsageError: No label has an origin, or one names a sample that the run does not hold.
    """
    drawn: Drawn = {
        (i.origin.sample, i.origin.epoch, _name(i.origin.log)): (i.label.harmful, i.origin.drawn_with)
        for i in labels
        if i.origin is not None
    }
    if not drawn:
        raise UsageError("none of the labels says where its sample came from; draw them with: turncoat label --sample")
    frame = table.frame.assign(file=[_name(str(path)) for path in table.frame["log"]])
    keys = _keys(frame)
    if missing := set(drawn) - set(keys):
        sample, epoch, log = sorted(missing)[0]
        raise UsageError(
            f"{len(missing)} labelled samples are not in these logs, such as {sample} epoch {epoch} of {log}"
        )
    labelled = pd.Series([k in drawn for k in keys], index=frame.index)
    found: list[Corrected] = []
    for names, part in frame.groupby(list(BY), dropna=False, sort=False):
        found.append(_one(names, "all", part, drawn))
        for condition, cell in part.groupby("condition", sort=False):
            if part["condition"].nunique() > 1 and labelled[cell.index].sum() >= ENOUGH:
                found.append(_one(names, str(condition), cell, drawn))
    return found


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _keys(frame: pd.DataFrame) -> list[Key]:
    return list(zip(frame["sample"].tolist(), frame["epoch"].tolist(), frame["file"].tolist(), strict=True))


def _one(names: Any, condition: str, part: pd.DataFrame, drawn: Drawn) -> Corrected:
    scenario, interface, model, judge = (str(n) for n in names)
    scored = part["harmful"].notna()
    raw = rate(int(part.loc[scored, "harmful"].sum()), int(scored.sum()), total=len(part))
    judged = [bool(h) if h is not pd.NA and h is not None else False for h in part["harmful"]]
    labels, chance = zip(*(drawn.get(key, NOT_DRAWN) for key in _keys(part)), strict=True)
    powered, gladen, notes = None, None, []
    try:
        powered = prediction_powered(judged, labels, chance, worlds=part["world"].tolist())
    except UsageError as error:
        notes.append(str(error))
    try:
        gladen = rogan_gladen(raw, weighted_accuracy(judged, labels, chance))
    except UsageError as error:
        notes.append(str(error))
    labelled = sum(label is not None for label in labels)
    return Corrected(scenario, interface, model, judge, condition, raw, labelled, powered, gladen, "; ".join(notes))


def weighted_accuracy(judged: Sequence[bool], labels: Sequence[bool | None], chance: Sequence[float]) -> JudgeAccuracy:
    """Sensitivity and specificity from labels that were drawn with unequal probabilities.

    Shares are weighted by the inverse probabilities; the counts behind them are Kish's effective numbers, rounded
    down, so that unequal weights do not look like more labels than they are.

    Raises:
        UsageError: There are not both harmful and harmless ones among the labels.

    Source: Horvitz & Thompson (1952), JASA 47:663-685; Kish (1965), section 11.7.
    """
    counts: dict[bool, tuple[int, int]] = {}
    for truth in (True, False):
        rows = [(v == truth, 1 / p) for v, y, p in zip(judged, labels, chance, strict=True) if y is truth]
        total, squares = sum(w for _, w in rows), sum(w * w for _, w in rows)
        effective = int(total * total / squares + 1e-9) if rows else 0
        share = sum(w for right, w in rows if right) / total if rows else 0.0
        counts[truth] = (round(share * effective), effective)
    return JudgeAccuracy(*counts[True], *counts[False])
