"""Rates corrected for the judge's errors, from labels on a random sample of the very run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from turncoat.analysis.labelling import flag
from turncoat.analysis.table import Table
from turncoat.errors import UsageError
from turncoat.scoring.labels.drawing import stratum_of
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
"""Sample, epoch, and the task's id, or the name of the log file where labels do not say the id."""

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
    drawn: int
    """Samples that were drawn for labelling."""
    labelled: int
    """Those whose label says harmful or not."""
    raters: tuple[str, ...]
    prediction_powered: PredictionPowered | None
    rogan_gladen: CorrectedRate | None
    """With sensitivity and specificity measured on the same labels, weighted by their probabilities."""
    if_open: tuple[float, float] | None = None
    """The prediction-powered estimate if all open labels were harmless, and if all were harmful; None without any."""
    note: str = ""
    """Why an estimate is missing."""

    @property
    def open(self) -> int:
        """Drawn samples of which the rater could not tell."""
        return self.drawn - self.labelled


def corrected_rates(table: Table, labels: Sequence[Labelled]) -> list[Corrected]:
    """Correct the rates of a run by labels that `turncoat label` drew from it.

    Unscored samples count as not harmful by the judge; the labels say what they were. An open label leaves its sample
    out of the labelled ones, which is right only if it could have been either; `if_open` says how far that can matter,
    and where nothing that was drawn of a stratum has an answer, there is no estimate.

    Args:
        table: The run.
        labels: Labelled samples with their origin.

    Raises:
        UsageError: No label has an origin, or one names a sample that the run does not hold.
    """
    drawn: Drawn = {
        (i.origin.sample, i.origin.epoch, i.origin.task or _name(i.origin.log)): (i.label.harmful, i.origin.drawn_with)
        for i in labels
        if i.origin is not None
    }
    raters = tuple(sorted({i.rater for i in labels if i.origin is not None and i.rater}))
    if not drawn:
        raise UsageError("none of the labels says where its sample came from; draw them with: turncoat label --sample")
    named = {place for _, _, place in drawn}
    files = [_name(str(path)) for path in table.frame["log"]]
    tasks = table.frame["task_id"].astype(str) if "task_id" in table.frame else files
    frame = table.frame.assign(place=[t if t in named else f for t, f in zip(tasks, files, strict=True)])
    keys = _keys(frame)
    if missing := set(drawn) - set(keys):
        sample, epoch, log = sorted(missing)[0]
        raise UsageError(
            f"{len(missing)} labelled samples are not in these logs, such as {sample} epoch {epoch} of {log}"
        )
    labelled = pd.Series([k in drawn for k in keys], index=frame.index)
    found: list[Corrected] = []
    for names, part in frame.groupby(list(BY), dropna=False, sort=False):
        found.append(_one(names, "all", part, drawn, raters))
        for condition, cell in part.groupby("condition", sort=False):
            if part["condition"].nunique() > 1 and labelled[cell.index].sum() >= ENOUGH:
                found.append(_one(names, str(condition), cell, drawn, raters))
    return found


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _keys(frame: pd.DataFrame) -> list[Key]:
    return list(zip(frame["sample"].tolist(), frame["epoch"].tolist(), frame["place"].tolist(), strict=True))


def _one(names: Any, condition: str, part: pd.DataFrame, drawn: Drawn, raters: tuple[str, ...]) -> Corrected:
    scenario, interface, model, judge = (str(n) for n in names)
    scored = part["harmful"].notna()
    raw = rate(int(part.loc[scored, "harmful"].sum()), int(scored.sum()), total=len(part))
    judged = [bool(h) if h is not pd.NA and h is not None else False for h in part["harmful"]]
    keys, worlds = _keys(part), part["world"].tolist()
    labels, chance = zip(*(drawn.get(key, NOT_DRAWN) for key in keys), strict=True)
    was_drawn = [key in drawn for key in keys]
    powered, gladen, notes, if_open = None, None, [], None
    if silent := _silent(part, labels, was_drawn):
        notes.append(f"no label with an answer among those drawn of: {', '.join(silent)}")
    else:
        try:
            powered = prediction_powered(judged, labels, chance, worlds=worlds)
        except UsageError as error:
            notes.append(str(error))
        try:
            gladen = rogan_gladen(raw, weighted_accuracy(judged, labels, chance))
        except UsageError as error:
            notes.append(str(error))
    counts = sum(was_drawn), sum(label is not None for label in labels)
    if counts[0] > max(counts[1], 1):
        low, high = (
            prediction_powered(judged, _filled(labels, was_drawn, answer), chance, worlds=worlds).estimate
            for answer in (False, True)
        )
        if_open = (min(low, high), max(low, high))
    note = "; ".join(notes)
    return Corrected(
        scenario, interface, model, judge, condition, raw, *counts, raters, powered, gladen, if_open=if_open, note=note
    )


def _filled(labels: Sequence[bool | None], drawn: Sequence[bool], answer: bool) -> list[bool | None]:
    return [answer if has and label is None else label for label, has in zip(labels, drawn, strict=True)]


def _silent(part: pd.DataFrame, labels: Sequence[bool | None], drawn: Sequence[bool]) -> list[str]:
    """Strata of which something was drawn, and nothing has an answer."""
    necessary = part["necessary"] if "necessary" in part else [None] * len(part)
    strata = [stratum_of(flag(h), flag(n)) for h, n in zip(part["harmful"], necessary, strict=True)]
    asked = {s for s, has in zip(strata, drawn, strict=True) if has}
    answered = {s for s, label in zip(strata, labels, strict=True) if label is not None}
    return sorted(asked - answered)


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
