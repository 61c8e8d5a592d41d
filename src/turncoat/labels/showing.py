"""A comparison of judge and labels in words and as data, and labels that a judge gives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turncoat.base.inert import inert
from turncoat.evidence.unscored import FAILED
from turncoat.judges.judging import Judge
from turncoat.labels.items import FAILURE, Label, Labelled, not_among, read_labelled
from turncoat.labels.terminal import rewrite
from turncoat.labels.validation import AT_ONCE, Comparison, Judged, judge_all
from turncoat.stats.rates import Rate

AT_MOST = 20
"""Disagreements that are listed in words; the data hold all."""


def comparison_text(found: Comparison, split: str, *, listed: bool = True) -> str:
    """A comparison as Markdown: the confusion, the rates with their intervals, the disagreements with quotes.

    Args:
        found: The comparison.
        split: Which half it is of.
        listed: Whether single responses are shown; those of a test half are not.
    """
    fn, fp = found.positives - found.true_positives, found.negatives - found.true_negatives
    lines = [
        f"## {found.scenario}: {found.judge} against labels ({split})",
        "",
        "| label | judged harmful | judged not | unscored |",
        "|---|---|---|---|",
        f"| harmful | {found.true_positives} | {fn} | {found.sensitivity.unscored} |",
        f"| not harmful | {fp} | {found.true_negatives} | {found.specificity.unscored} |",
        "",
        f"- sensitivity {_rate(found.sensitivity)}; specificity {_rate(found.specificity)}",
        f"- right where scored {_rate(found.right)}; unscored {_rate(found.abstained)}{_reasons(found)}",
        f"- {_kappa(found)}",
    ]
    if found.open_labels:
        lines.append(f"- {found.open_labels} responses whose label is open count nowhere")
    if found.awareness is not None:
        lines.append(f"- awareness: {found.awareness[0]} of {found.awareness[1]} as labelled")
    for member in found.members:
        rates = f"sensitivity {_rate(member.sensitivity)}; specificity {_rate(member.specificity)}"
        lines.append(f"- {member.judge} alone: {rates}; unscored {member.abstained.k}{_reasons(member)}")
    if found.between is not None and found.between.estimate is not None:
        k = found.between
        limits = "" if k.low is None or k.high is None else f" ({k.low:.2f} to {k.high:.2f})"
        lines.append(f"- the judges among themselves: {k.agreement:.0%} of {k.items} alike, κ {k.estimate:.2f}{limits}")
    if found.disagreements and not listed:
        lines.append(f"- {len(found.disagreements)} disagreements, not shown: who sees them has used up the half")
    elif found.disagreements:
        lines += ["", "Disagreements:", "", *(_disagreement(j) for j in found.disagreements[:AT_MOST])]
        if len(found.disagreements) > AT_MOST:
            lines.append(f"- and {len(found.disagreements) - AT_MOST} more (--json has all)")
    return "\n".join(lines)


def comparison_data(found: Comparison, split: str, *, listed: bool = True) -> dict[str, Any]:
    """A comparison for programs; `listed` as in `comparison_text`."""
    kappa, between = found.kappa, found.between
    return {
        "scenario": found.scenario,
        "judge": found.judge,
        "split": split,
        "true_positives": found.true_positives,
        "positives": found.positives,
        "true_negatives": found.true_negatives,
        "negatives": found.negatives,
        **{name: _data(getattr(found, name)) for name in ("sensitivity", "specificity", "right", "abstained")},
        "kappa": kappa and {"estimate": kappa.estimate, "low": kappa.low, "high": kappa.high},
        "reasons": found.reasons,
        "open_labels": found.open_labels,
        "awareness": found.awareness,
        "members": [comparison_data(m, split, listed=False) for m in found.members],
        "between": between and {"estimate": between.estimate, "low": between.low, "high": between.high},
        "responses": []
        if not listed
        else [
            {
                "id": j.item.id,
                "label": j.item.label.harmful,
                "harmful": j.verdict.harmful,
                "rung": j.verdict.rung,
                "labelled_rung": j.item.label.rung,
                "reason": j.verdict.reason or None,
                "detail": j.verdict.detail,
                "quotes": list(j.quotes),
            }
            for j in found.judged
        ],
    }


def label_by_judge(drawn: Sequence[Labelled], out: Path, judge: Judge) -> tuple[int, dict[str, int]]:
    """Let a judge give the labels. Where it cannot tell or failed, they are open; where it failed, it is asked again.

    Returns:
        Number of new labels, and the reasons for which the judge gave none, with their numbers.
    """
    kept = read_labelled(out) if out.exists() else []
    waiting = not_among(drawn, [i for i in kept if not i.label.failed])
    return asyncio.run(_judged_in_parts(waiting, kept, out, judge))


async def _judged_in_parts(
    waiting: Sequence[Labelled], kept: Sequence[Labelled], out: Path, judge: Judge
) -> tuple[int, dict[str, int]]:
    """What is paid for is kept soon: a stop loses no more than a part."""
    failed: Counter[str] = Counter()
    for start in range(0, len(waiting), AT_ONCE):
        judged = await judge_all(waiting[start : start + AT_ONCE], judge)
        given = [_given(j, judge) for j in judged]
        kept = [*not_among(kept, given), *given]
        rewrite(out, kept)
        failed.update(str(j.verdict.reason) for j in judged if j.verdict.reason in FAILED)
    return len(waiting) - failed.total(), dict(failed)


def _given(judged: Judged, judge: Judge) -> Labelled:
    verdict = judged.verdict
    note = f"{FAILURE}{verdict.reason}: " if verdict.reason in FAILED else ""
    label = Label(harmful=verdict.harmful, rung=verdict.rung, note=note + verdict.detail[:300])
    return judged.item.model_copy(update={"label": label, "rater": judge.name})


def _rate(found: Rate) -> str:
    if found.estimate is None:
        return "– (none)"
    return f"{found.k} of {found.n} ({found.estimate:.0%}; {found.low:.0%} to {found.high:.0%})"


def _data(found: Rate) -> dict[str, Any]:
    return {"k": found.k, "n": found.n, "estimate": found.estimate, "low": found.low, "high": found.high}


def _reasons(found: Comparison) -> str:
    listed = ", ".join(f"{reason} {n}" for reason, n in found.reasons.items())
    return f" ({listed})" if listed else ""


def _kappa(found: Comparison) -> str:
    if found.kappa is None or found.kappa.estimate is None:
        return "Cohen's κ: not defined on these responses"
    return f"Cohen's κ {found.kappa.estimate:.2f} ({found.kappa.low:.2f} to {found.kappa.high:.2f})"


def _disagreement(j: Judged) -> str:
    said = "harmful" if j.verdict.harmful else "not harmful"
    label = "harmful" if j.item.label.harmful else "not harmful"
    quote = " ".join(inert(j.quotes[0]).split())[:160] if j.quotes else ""
    border = f" [{j.item.label.border}]" if j.item.label.border else ""
    return f"- {j.item.id}{border}: label {label}, judge {said}: {inert(j.verdict.detail)[:160]}" + (
        f" — “{quote}”" if quote else ""
    )
