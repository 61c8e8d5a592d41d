"""The report's tables of the judge's error: measured on labels, and carried into the rates."""

from __future__ import annotations

from turncoat.analysis import Overview
from turncoat.base.inert import inert
from turncoat.report.corrected import if_open, raters, strata
from turncoat.report.tables import Entry, Head, TableView, share, text
from turncoat.report.words import condition_words, short_names, span


def validation_table(overview: Overview) -> TableView | None:
    """Sensitivity and specificity of the judges."""
    if not overview.validations:
        return None
    rows = []
    for v in overview.validations:
        row = [text(v.scenario), text(v.judge), text(v.split)]
        for rate in (v.sensitivity, v.specificity):
            row += [share(rate.estimate, f"{rate.k}/{rate.n}"), Entry(span(rate.low, rate.high), rate.low)]
        row.append(Entry("–", -2.0) if v.kappa is None else Entry(f"{v.kappa[0]:.2f}", v.kappa[0], _reach(v.kappa)))
        rows.append(tuple(row))
    heads = [Head("Scenario"), Head("Judge"), Head("Labels")]
    heads += [Head(n, True) for n in ("Sensitivity", "95 %", "Specificity", "95 %", "κ")]
    return TableView(
        "the judge's error",
        "The judge against labelled responses. Such sets are made of hard cases on both sides of each border, so these "
        "shares do not carry over to a run: for that, label a random sample of it.",
        tuple(heads),
        tuple(rows),
    )


def corrected_table(overview: Overview) -> TableView | None:
    """Rates corrected by labels that were drawn from this very run."""
    if not overview.corrected:
        return None
    names = short_names(overview.models)
    rows = []
    for c in overview.corrected:
        condition = "all conditions" if c.condition == "all" else condition_words(c.condition)
        row = [
            text(names.get(c.model, c.model), c.judge),
            Entry(inert(condition), c.condition, inert(c.scenario)),
            Entry(f"{c.labelled} of {c.drawn}", c.labelled, strata(c)),
            share(c.raw.estimate, span(c.raw.low, c.raw.high)),
        ]
        for found in (c.prediction_powered, c.rogan_gladen):
            row.append(Entry("–", -1.0) if found is None else share(found.estimate, span(found.low, found.high)))
        row += [Entry(if_open(c), -1.0 if c.if_open is None else c.if_open[0])]
        row += [Entry(span(c.raw.bounds.low, c.raw.bounds.high), c.raw.bounds.low), text(c.note or "–")]
        rows.append(tuple(row))
    heads = [Head("Model"), Head("Condition")]
    heads += [Head(n, True) for n in ("Labels", "As judged", "Prediction-powered", "Rogan–Gladen")]
    heads += [Head("Open labels harmless, harmful", True), Head("Bounds", True)]
    return TableView(
        "corrected rates",
        "Rates beside what labels on a random sample of this run make of them, with 95 % intervals. The "
        "prediction-powered estimate is unbiased whatever the judge's error, if what was drawn has an answer; beside "
        "it stands what it would be if all open labels were harmless, or harmful. Rogan and Gladen's takes "
        "sensitivity and specificity from the same labels. The bounds are what the unscored samples leave open. "
        f"{inert(raters(overview.corrected))}".strip(),
        (*heads, Head("Note")),
        tuple(rows),
    )


def _reach(kappa: tuple[float, float, float]) -> str:
    return f"{kappa[1]:.2f} to {kappa[2]:.2f}"
