"""The judge's error: measured on labels, and carried into the rates. As tables, in words and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from turncoat.analysis import Overview, Rate
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.report.names import short_names
from turncoat.report.tables import (
    Column,
    Entry,
    TableView,
    condition,
    dash,
    interval,
    rate_entry,
    share,
    table,
    text,
    words,
)
from turncoat.report.words import counted, span

if TYPE_CHECKING:
    from turncoat.analysis.labelled import Corrected
    from turncoat.analysis.trust import JudgeError
    from turncoat.labels.validation import Judged, Validation


def validation_table(overview: Overview) -> TableView | None:
    """Sensitivity and specificity of the judges."""
    return table(
        "the judge's error",
        "The judge against labelled responses. Such sets are made of hard cases on both sides of each border, so these "
        "shares do not carry over to a run: for that, label a random sample of it.",
        overview.judge_errors,
        [
            words("Scenario", lambda v: text(v.scenario)),
            words("Judge", lambda v: text(v.judge)),
            words("Labels", lambda v: text(v.split)),
            Column("Sensitivity", lambda v: rate_entry(v.sensitivity)),
            Column("95 %", lambda v: interval(v.sensitivity.low, v.sensitivity.high)),
            Column("Specificity", lambda v: rate_entry(v.specificity)),
            Column("95 %", lambda v: interval(v.specificity.low, v.specificity.high)),
            Column("κ", _kappa_entry),
        ],
    )


def _kappa_entry(found: JudgeError) -> Entry:
    if found.kappa is None:
        return dash(-2.0)
    estimate, low, high = found.kappa
    return Entry(f"{estimate:.2f}", estimate, f"{low:.2f} to {high:.2f}")


def corrected_table(overview: Overview) -> TableView | None:
    """Rates corrected by labels that were drawn from this very run."""
    names = short_names(overview.models)
    return table(
        "corrected rates",
        "Rates beside what labels on a random sample of this run make of them, with 95 % intervals. The "
        "prediction-powered estimate is unbiased whatever the judge's error, if what was drawn has an answer; beside "
        "it stands what it would be if all open labels were harmless, or harmful. Rogan and Gladen's takes "
        "sensitivity and specificity from the same labels. The bounds are what the unscored samples leave open. "
        f"{inert(raters(overview.corrected))}".strip(),
        overview.corrected,
        [
            words("Model", lambda c: text(names.get(c.model, c.model), c.judge)),
            words("Condition", _condition),
            Column("Labels", lambda c: Entry(f"{c.labelled} of {c.drawn}", c.labelled, strata(c))),
            Column("As judged", lambda c: _with_limits(c.raw)),
            Column("Prediction-powered", lambda c: _with_limits(c.prediction_powered)),
            Column("Rogan–Gladen", lambda c: _with_limits(c.rogan_gladen)),
            Column(
                "Open labels harmless, harmful",
                lambda c: Entry(if_open(c), -1.0 if c.if_open is None else c.if_open[0]),
            ),
            Column("Bounds", lambda c: interval(c.raw.bounds.low, c.raw.bounds.high)),
            words("Note", lambda c: text(" ".join(filter(None, (c.note, more_labels(c)))) or "–")),
        ],
    )


def _condition(found: Corrected) -> Entry:
    if found.condition == "all":
        return Entry("all conditions", "all", inert(found.scenario))
    return condition(found.condition, found.scenario)


def _with_limits(found: Any) -> Entry:
    return dash() if found is None else share(found.estimate, span(found.low, found.high))


HEAD = (
    "| scenario | model | condition | judge | judge's rate | bounds | labels | open | prediction-powered "
    "| if open ones are harmless, harmful | Rogan–Gladen |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def corrected_text(found: Sequence[Corrected]) -> str:
    """A Markdown table with a row for each model, judge and condition, and notes on what is missing."""
    rows = [
        f"| {c.scenario} | {shown(c.model)} | {c.condition} | {c.judge} "
        f"| {'–' if c.raw.estimate is None else f'{c.raw.estimate:.0%}'} ({c.raw.low:.0%} to {c.raw.high:.0%}) "
        f"| {c.raw.bounds.low:.0%} to {c.raw.bounds.high:.0%} "
        f"| {c.labelled} of {c.drawn}{f' ({strata(c)})' if c.strata else ''} | {c.open} "
        f"| {_interval(c.prediction_powered)} | {if_open(c)} | {_interval(c.rogan_gladen)} |"
        for c in found
    ]
    notes = [*dict.fromkeys(f"{shown(c.model)}, {c.condition}: {c.note}" for c in found if c.note)]
    notes += [*map(more_labels, filter(more_labels, found))]
    notes += [raters(found)] if raters(found) else []
    return "\n".join([HEAD, *rows, *(["", *notes] if notes else [])])


def more_labels(c: Corrected) -> str:
    """How many more labels the rate needs, as a sentence; "" where its interval is narrow or nothing is left."""
    if not c.more_labels:
        return ""
    found = c.prediction_powered
    leave = f"leave {found.low:.0%} to {found.high:.0%}" if found is not None else "give no interval"
    return (
        f"{shown(c.model)}, {c.condition} ({c.scenario}): {counted(c.labelled, 'label')} {leave}; about "
        f"{counted(c.more_labels, 'more label')} would bring it to ±10 points (turncoat label --sample "
        f"{c.drawn + c.more_labels}, into a new file)."
    )


def strata(c: Corrected) -> str:
    """How many of the drawn samples of each kind have a label that says harmful or not."""
    return "; ".join(f"{a.stratum} {a.labelled} of {a.drawn}" for a in c.strata)


def if_open(c: Corrected) -> str:
    """The two estimates that the open labels leave between them, or a dash."""
    return "–" if c.if_open is None else f"{c.if_open[0]:.0%}, {c.if_open[1]:.0%}"


def raters(found: Sequence[Corrected]) -> str:
    """Who labelled, as a sentence; "" where the labels do not say."""
    names = list(dict.fromkeys(name for c in found for name in c.raters))
    return f"Labelled by {', '.join(names)}." if names else ""


def corrected_data(c: Corrected) -> dict[str, Any]:
    """One corrected rate for programs."""
    bounds, powered, gladen = c.raw.bounds, c.prediction_powered, c.rogan_gladen
    raw = {name: getattr(c.raw, name) for name in ("k", "n", "total", *_LIMITS)}
    return {
        **{name: c.names[name] for name in ("scenario", "interface", "model", "judge", "condition")},
        "simulated": c.simulated,
        "raw": {**raw, "bounds": [bounds.low, bounds.high]},
        "drawn": c.drawn,
        "labelled": c.labelled,
        "open": c.open,
        "strata": {
            a.stratum: {"drawn": a.drawn, "labelled": a.labelled, "open": a.drawn - a.labelled} for a in c.strata
        },
        "if_open": c.if_open and list(c.if_open),
        "raters": list(c.raters),
        "prediction_powered": powered and {name: getattr(powered, name) for name in _LIMITS},
        "rogan_gladen": gladen and {name: getattr(gladen, name) for name in _LIMITS},
        "more_labels": c.more_labels,
        "note": c.note or None,
    }


_LIMITS = ("estimate", "low", "high")


def _interval(found: Any) -> str:
    return "–" if found is None else f"{found.estimate:.0%} ({found.low:.0%} to {found.high:.0%})"


AT_MOST = 20
"""Disagreements that are listed in words; the data hold all."""


def validation_text(found: Validation, split: str, *, listed: bool = True) -> str:
    """A validation as Markdown: the confusion, the rates with their intervals, the disagreements with quotes.

    Args:
        found: The validation.
        split: Which half it is of.
        listed: Whether single responses are shown; those of a test half are not.
    """
    fn, fp = found.sensitivity.n - found.sensitivity.k, found.specificity.n - found.specificity.k
    lines = [
        f"## {found.scenario}: {found.judge} against labels ({split})",
        "",
        "| label | judged harmful | judged not | unscored |",
        "|---|---|---|---|",
        f"| harmful | {found.sensitivity.k} | {fn} | {found.sensitivity.unscored} |",
        f"| not harmful | {fp} | {found.specificity.k} | {found.specificity.unscored} |",
        "",
        f"- sensitivity {_rate(found.sensitivity)}; specificity {_rate(found.specificity)}",
        f"- right where scored {_rate(found.right)}; unscored {_rate(found.abstained)}{_reasons(found)}",
        f"- {_kappa(found)}",
    ]
    lines += [f"- {found.open_labels} responses whose label is open count nowhere"] if found.open_labels else []
    if found.awareness is not None:
        lines.append(f"- awareness: {found.awareness[0]} of {found.awareness[1]} as labelled")
    lines += [
        f"- {m.judge} alone: sensitivity {_rate(m.sensitivity)}; specificity {_rate(m.specificity)}; "
        f"unscored {m.abstained.k}{_reasons(m)}"
        for m in found.members
    ]
    if (k := found.between) is not None and k.estimate is not None:
        limits = "" if k.low is None or k.high is None else f" ({k.low:.2f} to {k.high:.2f})"
        lines.append(f"- the judges among themselves: {k.agreement:.0%} of {k.items} alike, κ {k.estimate:.2f}{limits}")
    if found.failures:
        lines.append(f"- the judge failed on {len(found.failures)}: {named_failures(found.failures)}")
    if found.disagreements and not listed:
        several = counted(len(found.disagreements), "disagreement")
        lines.append(f"- {several}, not shown: who sees them has used up the half")
    elif found.disagreements:
        lines += ["", "Disagreements:", "", *(_disagreement(j) for j in found.disagreements[:AT_MOST])]
        if len(found.disagreements) > AT_MOST:
            lines.append(f"- and {len(found.disagreements) - AT_MOST} more (--json has all)")
    return "\n".join(lines)


def named_failures(failed: Sequence[Judged]) -> str:
    """Responses on which a judge failed, by reason: `judge_error (a, b); judge_parse (c)`, and what was first said."""
    reasons = dict.fromkeys(j.verdict.reason for j in failed)
    ids = {r: [inert(j.item.id) for j in failed if j.verdict.reason == r] for r in reasons}
    listed = "; ".join(f"{r} ({', '.join(n[:AT_MOST])}{', …' if len(n) > AT_MOST else ''})" for r, n in ids.items())
    first = " ".join(inert(failed[0].verdict.detail).split())[:200]
    return f"{listed}; the first: {first}" if first else listed


def _rate(found: Rate) -> str:
    if found.estimate is None:
        return "– (none)"
    return f"{found.k} of {found.n} ({found.estimate:.0%}; {found.low:.0%} to {found.high:.0%})"


def _reasons(found: Validation) -> str:
    return f" ({', '.join(f'{reason} {n}' for reason, n in found.reasons.items())})" if found.reasons else ""


def _kappa(found: Validation) -> str:
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
