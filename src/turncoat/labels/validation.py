"""Judges and labels: how far one agrees with labels (sensitivity, specificity, kappa), and labels that one gives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from turncoat.doors.door import door, setting_from
from turncoat.evidence.case import FAILED, Case
from turncoat.judges.question import Reader
from turncoat.labels.items import FAILURE, Label, Labelled, held, not_among, rewrite
from turncoat.providers.inspect_private import set_sample_state
from turncoat.scoring.agreement import panel_agreement
from turncoat.scoring.score import score_kept
from turncoat.scoring.verdict import HARMFUL, HARMLESS, Verdict
from turncoat.stats.agreement import Kappa, cohen_kappa
from turncoat.stats.rates import Rate, rate

AT_ONCE = 20
"""How many responses are with the judge at a time."""

SAME_AWARENESS = {"none-visible": "no-reasoning"}
"""Words of labels for what verdicts call otherwise."""


@dataclass(frozen=True)
class Judged:
    """One labelled response beside the judge's verdict."""

    item: Labelled
    verdict: Verdict
    quotes: tuple[str, ...]
    """The passages on which the judge's findings rest."""

    @property
    def agrees(self) -> bool | None:
        """Whether label and verdict agree on harm; None where one of them says nothing."""
        if self.item.label.harmful is None or self.verdict.harmful is None:
            return None
        return self.item.label.harmful == self.verdict.harmful

    def data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.item.id,
            "label": self.item.label.harmful,
            "harmful": self.verdict.harmful,
            "rung": self.verdict.rung,
            "labelled_rung": self.item.label.rung,
            "reason": self.verdict.reason or None,
            "detail": self.verdict.detail,
            "quotes": list(self.quotes),
        }


@dataclass(frozen=True)
class Validation:
    """A judge against the labels of one scenario.

    Abstentions (unscored) count in neither sensitivity nor specificity; both carry them in their bounds.
    """

    scenario: str
    judge: str
    judged: tuple[Judged, ...]
    sensitivity: Rate
    """Of the responses that are harmful by label and scored, those that the judge called harmful."""
    specificity: Rate
    """Of those that are harmless by label and scored, those that it called harmless."""
    right: Rate
    """Share of the scored responses on whose harm judge and label agree."""
    abstained: Rate
    """Share of all labelled responses without a verdict."""
    kappa: Kappa | None
    reasons: dict[str, int]
    """Why responses are unscored."""
    open_labels: int
    """Responses of which the label itself says nothing; they count nowhere."""
    awareness: tuple[int, int] | None
    """Agreements and comparisons on awareness, where the judge reads it; else None."""
    members: tuple[Validation, ...] = ()
    """For a panel: each member against the same labels."""
    between: Kappa | None = None
    """For a panel: how far its members agree where they were asked and all answered."""

    @property
    def disagreements(self) -> tuple[Judged, ...]:
        """Responses on whose harm judge and label differ."""
        return tuple(j for j in self.judged if j.agrees is False)

    @property
    def failures(self) -> tuple[Judged, ...]:
        """Responses on which the judge failed, whatever their label says: it gave no usable answer."""
        return tuple(j for j in self.judged if j.verdict.reason in FAILED)

    def data(self, split: str, *, listed: bool = True) -> dict[str, Any]:
        """For programs, and for `turncoat report --validation`.

        Args:
            split: Which half it is of.
            listed: Whether single responses are shown; those of a test half are not.
        """
        return {
            "scenario": self.scenario,
            "judge": self.judge,
            "split": split,
            "true_positives": self.sensitivity.k,
            "positives": self.sensitivity.n,
            "true_negatives": self.specificity.k,
            "negatives": self.specificity.n,
            **{
                name: {part: getattr(getattr(self, name), part) for part in ("k", "n", *_LIMITS)}
                for name in ("sensitivity", "specificity", "right", "abstained")
            },
            "kappa": _limits(self.kappa),
            "reasons": self.reasons,
            "failed": {j.item.id: j.verdict.reason for j in self.failures},
            "open_labels": self.open_labels,
            "awareness": self.awareness,
            "members": [m.data(split, listed=False) for m in self.members],
            "between": _limits(self.between),
            "responses": [j.data() for j in self.judged] if listed else [],
        }


_LIMITS = ("estimate", "low", "high")


def _limits(kappa: Kappa | None) -> dict[str, float | None] | None:
    return None if kappa is None else {part: getattr(kappa, part) for part in _LIMITS}


def case_of_labelled(item: Labelled) -> Case:
    """Perform a labelled response in its company. The label is not looked at.

    Raises:
        UsageError: A scenario, condition or world that does not exist.
    """
    from turncoat.labels.sessions import kept_of_labelled

    named = {name: getattr(item, name) for name in ("scenario", "condition", "world", "interface")}
    return door(item.interface).case(setting_from({n: v for n, v in named.items() if v}), kept_of_labelled(item))


async def judge_all(
    items: Sequence[Labelled], judge: Reader, *, read: bool = False, models: Mapping[str, str] | None = None
) -> list[Judged]:
    """Let a judge score labelled responses, in order, a few at a time.

    Args:
        items: The responses.
        judge: Who judges. It never sees a label.
        read: Whether it also reads for awareness and the rest.
        models: Id of a response → the model that gave it, for simulated judges, who know those models' truth.
    """
    from turncoat.labels.sessions import state_of_labelled

    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: Labelled) -> Judged:
        async with gate:
            case = case_of_labelled(item)
            if model := (models or {}).get(item.id):
                set_sample_state(state_of_labelled(item, model))
            verdict = await score_kept(case, judge, read=read)
        quotes = (case.text_of(e.record)[e.start : e.end] for f in verdict.findings for e in f.evidence)
        return Judged(item, verdict, tuple(q for q in quotes if q))

    return list(await asyncio.gather(*(one(item) for item in items)))


def validate(items: Sequence[Labelled], judge: Reader, *, read: bool = False) -> list[Validation]:
    """Compare a judge with labels, scenario by scenario.

    Args:
        items: Labelled responses.
        judge: Who judges.
        read: Whether it also reads for awareness.

    Raises:
        UsageError: A scenario, condition or world that does not exist.
    """
    judged = asyncio.run(judge_all(items, judge, read=read))
    scenarios = dict.fromkeys(j.item.scenario for j in judged)
    return [_with_members(s, judge.name, [j for j in judged if j.item.scenario == s]) for s in scenarios]


def _with_members(scenario: str, judge: str, judged: Sequence[Judged]) -> Validation:
    """The validation; a panel's with one for each member, by its votes."""
    names = dict.fromkeys(name for j in judged for name in j.verdict.panel)
    members = [_validation(scenario, name, [_voting(j, name) for j in judged]) for name in names]
    votes = [j.verdict.panel for j in judged if j.verdict.necessary and j.verdict.panel]
    whole = _validation(scenario, judge, judged)
    return replace(whole, members=tuple(members), between=panel_agreement(votes) if votes else None)


def _voting(judged: Judged, name: str) -> Judged:
    vote = judged.verdict.panel[name]
    sides = {HARMFUL: True, HARMLESS: False}
    said = {"harmful": sides.get(vote), "reason": "" if vote in sides else vote}
    return replace(judged, verdict=judged.verdict.model_copy(update={**said, "judge": name, "panel": {}}))


def _validation(scenario: str, judge: str, judged: Sequence[Judged]) -> Validation:
    told = [j for j in judged if j.item.label.harmful is not None]
    scored = [j for j in told if j.verdict.harmful is not None]
    pairs = [(bool(j.item.label.harmful), bool(j.verdict.harmful)) for j in scored]
    harmful, harmless = [v for y, v in pairs if y], [v for y, v in pairs if not y]
    all_harmful = sum(bool(j.item.label.harmful) for j in told)
    return Validation(
        scenario=scenario,
        judge=judge,
        judged=tuple(judged),
        sensitivity=rate(sum(harmful), len(harmful), total=all_harmful),
        specificity=rate(len(harmless) - sum(harmless), len(harmless), total=len(told) - all_harmful),
        right=rate(sum(y == v for y, v in pairs), len(scored), total=len(told)),
        abstained=rate(len(told) - len(scored), len(told)),
        kappa=cohen_kappa([y for y, _ in pairs], [v for _, v in pairs]) if pairs else None,
        reasons=dict(Counter(j.verdict.reason for j in told if j.verdict.harmful is None)),
        open_labels=len(judged) - len(told),
        awareness=_awareness(judged),
    )


def _awareness(judged: Iterable[Judged]) -> tuple[int, int] | None:
    pairs = [
        (SAME_AWARENESS.get(label, label), str(j.verdict.reading.awareness))
        for j in judged
        if (label := j.item.label.awareness) is not None and j.verdict.reading.awareness != "not-read"
    ]
    return (sum(a == b for a, b in pairs), len(pairs)) if pairs else None


def label_by_judge(
    drawn: Sequence[Labelled], out: Path, judge: Reader, models: Mapping[str, str] | None = None
) -> tuple[int, dict[str, int]]:
    """Let a judge give the labels. Where it cannot tell or failed, they are open; where it failed, it is asked again.

    Args:
        drawn: The responses.
        out: Where the labels are kept.
        judge: Who labels.
        models: See `judge_all`.

    Returns:
        Number of new labels, and the reasons for which the judge gave none, with their numbers.

    Raises:
        UsageError: Another command labels into the file.
        OutputError: It cannot be written.
        TranscriptError: It holds something that is not a label.
    """
    with held(out) as kept:
        waiting = not_among(drawn, [i for i in kept if not i.label.failed])
        return asyncio.run(_judged_in_parts(waiting, kept, out, judge, models))


async def _judged_in_parts(
    waiting: Sequence[Labelled],
    kept: Sequence[Labelled],
    out: Path,
    judge: Reader,
    models: Mapping[str, str] | None,
) -> tuple[int, dict[str, int]]:
    """What is paid for is kept soon: a stop loses no more than a part."""
    failed: Counter[str] = Counter()
    for start in range(0, len(waiting), AT_ONCE):
        judged = await judge_all(waiting[start : start + AT_ONCE], judge, models=models)
        given = [_given(j, judge) for j in judged]
        kept = [*not_among(kept, given), *given]
        rewrite(out, kept)
        failed.update(str(j.verdict.reason) for j in judged if j.verdict.reason in FAILED)
    return len(waiting) - failed.total(), dict(failed)


def _given(judged: Judged, judge: Reader) -> Labelled:
    verdict = judged.verdict
    note = f"{FAILURE}{verdict.reason}: " if verdict.reason in FAILED else ""
    label = Label(harmful=verdict.harmful, rung=verdict.rung, note=note + verdict.detail[:300])
    return judged.item.model_copy(update={"label": label, "rater": judge.name})
