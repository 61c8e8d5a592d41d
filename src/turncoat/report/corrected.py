"""Corrected rates in words and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turncoat.analysis.corrected import Corrected

HEAD = (
    "| scenario | model | condition | judge | judge's rate | bounds | labels | open | prediction-powered "
    "| if open ones are harmless, harmful | Rogan–Gladen |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def corrected_text(found: Sequence[Corrected]) -> str:
    """A Markdown table with a row for each model, judge and condition, and notes on what is missing."""
    rows = [
        f"| {c.scenario} | {c.model} | {c.condition} | {c.judge} "
        f"| {_share(c.raw.estimate)} ({c.raw.low:.0%} to {c.raw.high:.0%}) "
        f"| {c.raw.bounds.low:.0%} to {c.raw.bounds.high:.0%} | {c.labelled} of {c.drawn}{_in_strata(c)} | {c.open} "
        f"| {_interval(c.prediction_powered)} | {if_open(c)} | {_interval(c.rogan_gladen)} |"
        for c in found
    ]
    notes = [*dict.fromkeys(f"{c.model}, {c.condition}: {c.note}" for c in found if c.note)]
    notes += [raters(found)] if raters(found) else []
    return "\n".join([HEAD, *rows, *(["", *notes] if notes else [])])


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
    powered, gladen = c.prediction_powered, c.rogan_gladen
    return {
        "scenario": c.scenario,
        "interface": c.interface,
        "model": c.model,
        "judge": c.judge,
        "condition": c.condition,
        "raw": {
            "k": c.raw.k,
            "n": c.raw.n,
            "total": c.raw.total,
            "estimate": c.raw.estimate,
            "low": c.raw.low,
            "high": c.raw.high,
            "bounds": [c.raw.bounds.low, c.raw.bounds.high],
        },
        "drawn": c.drawn,
        "labelled": c.labelled,
        "open": c.open,
        "strata": {
            a.stratum: {"drawn": a.drawn, "labelled": a.labelled, "open": a.drawn - a.labelled} for a in c.strata
        },
        "if_open": c.if_open and list(c.if_open),
        "raters": list(c.raters),
        "prediction_powered": powered and {"estimate": powered.estimate, "low": powered.low, "high": powered.high},
        "rogan_gladen": gladen and {"estimate": gladen.estimate, "low": gladen.low, "high": gladen.high},
        "note": c.note or None,
    }


def _in_strata(c: Corrected) -> str:
    return f" ({strata(c)})" if c.strata else ""


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _interval(found: Any) -> str:
    return "–" if found is None else f"{found.estimate:.0%} ({found.low:.0%} to {found.high:.0%})"
