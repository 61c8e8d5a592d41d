"""Labels on a random part of a run: which samples are drawn, and how, and the rates that the labels correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd

from turncoat.analysis.rates import POOLED, Group, flag
from turncoat.analysis.table import Table, read_table
from turncoat.base.counting import counted
from turncoat.base.errors import LogError, Problem, UsageError
from turncoat.base.files import path_of, plainly
from turncoat.labels.drawing import SHARES, Candidate, Stratum, draw_samples, stratum_of
from turncoat.labels.items import Labelled, Origin, read_labelled
from turncoat.stats.correction import (
    CorrectedRate,
    PredictionPowered,
    prediction_powered,
    rogan_gladen,
    weighted_accuracy,
)
from turncoat.stats.power import n_for_width
from turncoat.stats.rates import Rate, rate


def drawn_responses(logs: Sequence[Path], *, wanted: int, seed: int) -> list[Labelled]:
    """The responses alone; see `drawn_with_models`."""
    return [item for item, _ in drawn_with_models(logs, wanted=wanted, seed=seed)]


def drawn_with_models(
    logs: Sequence[Path], *, wanted: int, seed: int, problems: list[Problem] | None = None
) -> list[tuple[Labelled, str]]:
    """Draw responses of a run for labelling, in an order that says nothing about their verdicts, with their models.

    Samples that ended in an error have no response and cannot be drawn; a rate says nothing about them.

    Args:
        logs: Log files or folders.
        wanted: About how many.
        seed: Another seed draws others.
        problems: Takes what could not be read, drawn samples among it; None to raise the first of these.

    Raises:
        LogError: There is no log that can be read.
        UsageError: Nothing to draw from.
    """
    from inspect_ai.log import read_eval_log_sample

    from turncoat.labels.sessions import labelled_of_sample

    table = read_table(logs)
    frame, unread = table.frame, [] if problems is None else problems
    unread += table.not_used
    frame = frame[frame["status"] != "error"].drop_duplicates(["task_id", "sample", "epoch"])
    models = {
        (str(t), str(s), int(e)): str(m) for t, s, e, m in frame[["task_id", "sample", "epoch", "model"]].to_numpy()
    }
    candidates = [
        Candidate(str(log), str(sample), int(epoch), stratum_of(flag(harmful), flag(necessary)), str(task))
        for log, sample, epoch, harmful, necessary, task in zip(
            *(frame[name] for name in ("log", "sample", "epoch", "harmful", "necessary", "task_id")), strict=True
        )
    ]
    found: list[tuple[Labelled, str]] = []
    for drawn in draw_samples(candidates, wanted, seed):
        c = drawn.candidate
        log = Path(c.log).name
        origin = Origin(log=log, task=c.task, sample=c.sample, epoch=c.epoch, drawn_with=drawn.probability)
        try:
            with plainly(path_of(c.log)) as place:
                sample = read_eval_log_sample(str(place), id=c.sample, epoch=c.epoch, resolve_attachments="core")
            found.append((labelled_of_sample(sample, origin), models[c.task, c.sample, c.epoch]))
        except Exception as error:  # whatever a stranger's sample makes Inspect raise
            unread.append(Problem("unreadable", c.log, f"sample {c.sample} cannot be read: {type(error).__name__}"))
            if problems is None:
                raise LogError(str(unread[-1])) from error
    return found


def check_same_draw(drawn: Sequence[Labelled], out: Path) -> None:
    """See that a file of labels goes on with the draw that it began with: two draws mixed have no known probabilities.

    Raises:
        UsageError: It holds labels of these logs that another `--sample` or `--seed` drew, or from more or fewer logs;
            or labels of another run.
        TranscriptError: It cannot be read.
    """
    origins = [i.origin for i in drawn if i.origin is not None]
    chances = {(o.sample, o.epoch, name): o.drawn_with for o in origins for name in (o.task, o.log)}
    logs = {name for _, _, name in chances}
    for item in read_labelled(out) if out.exists() else ():
        kept = item.origin
        if kept is not None and not logs & {kept.task, kept.log, kept.place[2]}:
            raise UsageError(
                f"{out}: {item.id} is of another run, {kept.log}; one file holds one draw: give another file"
            )
        if kept is not None and kept.place[2] in logs and chances.get(kept.place) != kept.drawn_with:
            raise UsageError(
                f"{out}: {item.id} was drawn with another --sample or --seed, or from more or fewer logs; repeat "
                "those, or give another file: labels of two draws have no known probabilities"
            )


Key = tuple[str, int, str]
"""Sample, epoch, and the task's id, or the name of the log file where labels do not say the id."""

Drawn = dict[Key, tuple[bool | None, float]]
"""Drawn sample → its label, and the probability with which it was drawn."""

NOT_DRAWN: tuple[bool | None, float] = (None, 1.0)

ENOUGH = 8
"""Fewest labels that a condition needs for an estimate of its own."""


WANTED = 0.1
"""Half-width of an interval that is called narrow enough where further labels are counted."""


@dataclass(frozen=True)
class Answers:
    """How far the drawn samples of one stratum were labelled."""

    stratum: Stratum
    drawn: int
    labelled: int
    """Those whose label says harmful or not; the others are open."""
    share: float
    """Labelled ones of the drawn, weighted by the inverse of their probabilities."""


@dataclass(frozen=True)
class Corrected(Group):
    """A judge's rate beside what labels make of it; `condition` is "all" for all of them together."""

    raw: Rate
    """As the judge reports it, with the bounds that the unscored leave open."""
    strata: tuple[Answers, ...]
    """Those of which something was drawn, by this judge's verdicts."""
    raters: tuple[str, ...]
    prediction_powered: PredictionPowered | None
    rogan_gladen: CorrectedRate | None
    """With sensitivity and specificity measured on the same labels, weighted by their probabilities."""
    if_open: tuple[float, float] | None = None
    """The prediction-powered estimate if all open labels were harmless, and if all were harmful; None without any."""
    note: str = ""
    """Why an estimate is missing."""

    @property
    def drawn(self) -> int:
        """Samples that were drawn for labelling."""
        return sum(a.drawn for a in self.strata)

    @property
    def labelled(self) -> int:
        """Those whose label says harmful or not."""
        return sum(a.labelled for a in self.strata)

    @property
    def more_labels(self) -> int | None:
        """About how many further labels bring the interval to ten points on each side; 0 where it is as narrow.

        An interval narrows with the root of the number of labels, so this is a guess from those that there are, and
        from a rate of a half where they give no interval. Never more than there are samples; None where all have one.
        """
        left = self.raw.total - self.labelled
        if left <= 0:
            return None
        found = self.prediction_powered
        half = 0.5 if found is None else (found.high - found.low) / 2
        if found is not None and half <= WANTED:
            return 0
        needed = n_for_width(0.5, WANTED) if half >= 0.5 else ceil(self.labelled * (half / WANTED) ** 2)
        return min(max(needed - self.labelled, ENOUGH), left)

    @property
    def open(self) -> int:
        """Drawn samples of which the rater could not tell."""
        return self.drawn - self.labelled


def corrected_rates(table: Table, labels: Sequence[Labelled]) -> list[Corrected]:
    """Correct the rates of a run by labels that `turncoat label` drew from it.

    Unscored samples count as not harmful by the judge; the labels say what they were. The labelled samples of a stratum
    stand for its open ones too (their weights grow by the share that has an answer), which is right only if those are
    like them; `if_open` says how far that can matter, and where nothing that was drawn of a stratum has an answer,
    there is no estimate.

    Args:
        table: The run.
        labels: Labelled samples with their origin.

    Raises:
        UsageError: No label has an origin, or one names a sample that the run does not hold.

    Source of the weights: Little & Rubin (2002), Statistical Analysis with Missing Data, section 3.3.2.
    """
    drawn: Drawn = {i.origin.place: (i.label.harmful, i.origin.drawn_with) for i in labels if i.origin is not None}
    raters = tuple(sorted({i.rater for i in labels if i.origin is not None and i.rater}))
    if not drawn:
        raise UsageError("none of the labels says where its sample came from; draw them with: turncoat label --sample")
    named = {place for _, _, place in drawn}
    files = [str(path).rsplit("/", 1)[-1] for path in table.frame["log"]]
    tasks = table.frame["task_id"].astype(str) if "task_id" in table.frame else files
    frame = table.frame.assign(place=[t if t in named else f for t, f in zip(tasks, files, strict=True)])
    keys = _keys(frame)
    if missing := set(drawn) - set(keys):
        sample, epoch, log = sorted(missing)[0]
        raise UsageError(
            f"{counted(len(missing), 'labelled sample is', 'labelled samples are')} "
            f"not in these logs, such as {sample} epoch {epoch} of {log}"
        )
    labelled = pd.Series([k in drawn for k in keys], index=frame.index)
    found: list[Corrected] = []
    for names, part in frame.groupby(list(POOLED), dropna=False, sort=False):
        group = {**dict(zip(POOLED, map(str, names), strict=True)), "simulated": bool(part["simulated"].iloc[0])}
        found.append(_one({**group, "condition": "all"}, part, drawn, raters))
        for condition, cell in part.groupby("condition", sort=False):
            if part["condition"].nunique() > 1 and labelled[cell.index].sum() >= ENOUGH:
                found.append(_one({**group, "condition": str(condition)}, cell, drawn, raters))
    return found


def _keys(frame: pd.DataFrame) -> list[Key]:
    return list(zip(frame["sample"].tolist(), frame["epoch"].tolist(), frame["place"].tolist(), strict=True))


def _one(group: dict[str, Any], part: pd.DataFrame, drawn: Drawn, raters: tuple[str, ...]) -> Corrected:
    scored = part["harmful"].notna()
    raw = rate(int(part.loc[scored, "harmful"].sum()), int(scored.sum()), total=len(part))
    judged = [flag(h) or False for h in part["harmful"]]
    keys, worlds = _keys(part), part["world"].tolist()
    labels, chance = zip(*(drawn.get(key, NOT_DRAWN) for key in keys), strict=True)
    was_drawn, kinds = [key in drawn for key in keys], _strata(part)
    strata = _answers(kinds, was_drawn, labels, chance)
    share = {a.stratum: a.share for a in strata}
    answered = [c * share.get(kind, 1.0) for c, kind in zip(chance, kinds, strict=True)]
    powered, gladen, notes = None, None, []
    if silent := [a.stratum for a in strata if not a.labelled]:
        notes.append(f"no label with an answer among those drawn of: {', '.join(silent)}")
    else:
        try:
            powered = prediction_powered(judged, labels, answered, worlds=worlds)
        except UsageError as error:
            notes.append(str(error))
        try:
            gladen = rogan_gladen(raw, weighted_accuracy(judged, labels, answered))
        except UsageError as error:
            notes.append(str(error))
    return Corrected(
        **group,
        raw=raw,
        strata=strata,
        raters=raters,
        prediction_powered=powered,
        rogan_gladen=gladen,
        if_open=_if_open(judged, labels, chance, was_drawn, worlds),
        note="; ".join(notes),
    )


def _strata(part: pd.DataFrame) -> list[Stratum]:
    necessary = part["necessary"] if "necessary" in part else [None] * len(part)
    return [stratum_of(flag(h), flag(n)) for h, n in zip(part["harmful"], necessary, strict=True)]


def _answers(
    kinds: Sequence[Stratum], drawn: Sequence[bool], labels: Sequence[bool | None], chance: Sequence[float]
) -> tuple[Answers, ...]:
    found = []
    for stratum in SHARES:
        rows = [i for i, kind in enumerate(kinds) if kind == stratum and drawn[i]]
        told = [i for i in rows if labels[i] is not None]
        if rows:
            share = sum(1 / chance[i] for i in told) / sum(1 / chance[i] for i in rows)
            found.append(Answers(stratum, len(rows), len(told), min(1.0, share)))
    return tuple(found)


def _if_open(
    judged: Sequence[bool],
    labels: Sequence[bool | None],
    chance: Sequence[float],
    drawn: Sequence[bool],
    worlds: Sequence[str],
) -> tuple[float, float] | None:
    """The estimates with all open labels harmless and harmful, in order; None where none is open, or too few drawn."""
    if all(label is not None for label, has in zip(labels, drawn, strict=True) if has):
        return None
    found = []
    for answer in (False, True):
        filled = [answer if has and label is None else label for label, has in zip(labels, drawn, strict=True)]
        try:
            found.append(prediction_powered(judged, filled, chance, worlds=worlds).estimate)
        except UsageError:
            return None
    return min(found), max(found)
