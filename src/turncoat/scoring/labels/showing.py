"""A comparison of judge and labels in words and as data, and labels that a judge gives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turncoat.inert import inert
from turncoat.scoring.judging import Judge
from turncoat.scoring.labels.items import Label, Labelled, read_labelled
from turncoat.scoring.labels.terminal import append
from turncoat.scoring.labels.validation import Comparison, Judged, judge_all
from turncoat.stats.rates import Rate

AT_MOST = 20
"""Disagreements that are listed in words; the data hold all."""


def comparison_text(found: Comparison, split: str) -> str:
    """A comparison as Markdown: the confusion, the rates with their intervals, the disagreements with quotes."""
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
    if found.disagreements:
        lines += ["", "Disagreements:", "", *(_disagreement(j) for j in found.disagreements[:AT_MOST])]
        if len(found.disagreements) > AT_MOST:
            lines.append(f"- and {len(found.disagreements) - AT_MOST} more (--json has all)")
    return "\n".join(lines)


def comparison_data(found: Comparison, split: str) -> dict[str, Any]:
    """A comparison for programs."""
    kappa = found.kappa
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
        "responses": [
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


def label_by_judge(drawn: Sequence[Labelled], out: Path, judge: Judge) -> int:
    """Let a judge give the labels; what it leaves unscored stays without one.

    Returns:
        Number of new labels.
    """
    done = {i.id for i in read_labelled(out)} if out.exists() else set()
    judged = asyncio.run(judge_all([i for i in drawn if i.id not in done], judge))
    for j in judged:
        label = Label(harmful=j.verdict.harmful, rung=j.verdict.rung, note=j.verdict.detail[:300])
        append(out, j.item.model_copy(update={"label": label, "rater": judge.name}))
    return len(judged)


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
