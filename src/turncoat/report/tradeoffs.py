"""The pictures of mitigations, guards among them: harm against the job, and the ladder with what others report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turncoat.analysis import Overview
from turncoat.analysis.tradeoffs import Tradeoff
from turncoat.base.text import inert
from turncoat.report.charts import Bar, bar_chart
from turncoat.report.names import short_names
from turncoat.report.picture import MOST_PANELS, PUBLISHED, Drawn, Picture, named, placed
from turncoat.report.scatter import scatter
from turncoat.report.svg import Key
from turncoat.report.tables import (
    Column,
    TableView,
    condition,
    dash,
    interval,
    model_entry,
    rate_entry,
    scenario_entry,
    scored_interval,
    share,
    table,
    text,
    words,
)
from turncoat.report.words import condition_words, grouped, harm_words, heading, percent

NONE = "none of them"
"""How the pressure without mitigations is called."""


def tradeoff_pictures(overview: Overview) -> Iterator[Picture]:
    """Harm against the job where jobs are scored, and the ladder of mitigations, for each scenario and interface."""
    for (scenario, interface), found in grouped(overview.tradeoffs, lambda t: t.place).items():
        panels = [list(p) for p in grouped(found, lambda t: (t.pressure, t.model)).values()]
        place = placed(scenario, interface, overview)
        done = [[t for t in p if t.job] for p in panels]
        if shown := [p for p in done if len(p) > 1 and any(t.through.k for t in p)]:
            yield _against_job(shown, scenario, interface, place, overview)
        if beside := [p for p in panels if len(p) > 1]:
            yield _ladder(beside, scenario, interface, place, overview)


def mitigation_words(found: Tradeoff) -> str:
    """The mitigations of a point in words."""
    return heading(" + ".join(condition_words(m) for m in found.mitigations) or NONE)


def _against_job(
    panels: Sequence[Sequence[Tradeoff]], scenario: str, interface: str, place: str, overview: Overview
) -> Picture:
    drawn = []
    for points in panels[:MOST_PANELS]:
        title = _title(points, overview)
        rows = [(inert(mitigation_words(p)), p) for p in points]
        drawn.append(Drawn(title, *(scatter(rows, title, form) for form in ("wide", "narrow"))))
    read = any(p.real for points in panels for p in points)
    return Picture(
        named("guards", scenario, interface),
        f"Harm that got through against the job: {scenario}{place}",
        tuple(drawn),
        "One point for each mitigation, with the 95 % intervals of both over worlds. The frontier joins those that no "
        "other beats by the estimates, with less harm at no less of the job, or more of the job at no more harm; where "
        "intervals overlap the order may be chance."
        + (" Stated real: share of what was read that said the situation is real." if read else "")
        + _more(len(panels)),
        (
            Key("front", "frontier"),
            Key("point", "on it"),
            Key("point beaten", "beaten by another"),
        ),
        section="guards",
    )


def _ladder(
    panels: Sequence[Sequence[Tradeoff]], scenario: str, interface: str, place: str, overview: Overview
) -> Picture:
    drawn = []
    for points in panels[:MOST_PANELS]:
        title = _title(points, overview)
        bars = [Bar(inert(mitigation_words(p)), p.through, p.simulated, _marks(p)) for p in points]
        drawn.append(Drawn(title, *(bar_chart(bars, title, form) for form in ("wide", "narrow"))))
    every = [p for points in panels for p in points]
    sources = sorted({b.source for p in every for b in p.reported})
    beside = f" Diamonds: {'; '.join(map(inert, sources))}; other texts and models, so that only the order compares."
    return Picture(
        named("ladder", scenario, interface),
        f"What each mitigation leaves: {scenario}{place}",
        tuple(drawn),
        f"Share of samples in which the model {harm_words(overview, scenario)} and no guard stopped it."
        + (beside if sources else "")
        + _more(len(panels)),
        (
            *([Key("bar simulated", "simulated model")] if any(p.simulated for p in every) else []),
            Key("whisker", "95 % interval"),
            *([Key(PUBLISHED, "as others report")] if sources else []),
        ),
        section="guards",
    )


def _marks(point: Tradeoff) -> tuple[tuple[float, str], ...]:
    return tuple((b.rate, f"{percent(b.rate)}: {inert(b.source)}") for b in point.reported)


def _title(points: Sequence[Tradeoff], overview: Overview) -> str:
    names = short_names(overview.models)
    return inert(f"{names[points[0].model]}, {condition_words(points[0].pressure)}")


def _more(panels: int) -> str:
    return f" {panels - MOST_PANELS} more are in the table." if panels > MOST_PANELS else ""


def tradeoff_table(overview: Overview) -> TableView | None:
    """The values of the pictures."""
    found = overview.tradeoffs
    worked, read = any(t.job for t in found), any(t.real for t in found)
    return table(
        "mitigations and the job",
        "What each mitigation, guards among them, leaves of the harm and of the job, with 95 % intervals over worlds. "
        "On the frontier: no other beats it by the estimates, with less harm at no less of the job, or more of the job "
        "at no more harm. Stated real: of the samples whose reasoning was read.",
        found,
        [
            words("Scenario", scenario_entry(overview)),
            words("Model", model_entry(overview)),
            words("Under", lambda t: condition(t.pressure)),
            words("Mitigations", lambda t: text(mitigation_words(t))),
            Column("Got through", lambda t: rate_entry(t.through)),
            Column("95 %", lambda t: scored_interval(t.through)),
            Column("Job done", lambda t: share(t.job.estimate, f"n = {t.job.n}") if t.job else dash(), used=worked),
            Column("95 %", lambda t: interval(t.job.low, t.job.high) if t.job else dash(), used=worked),
            Column("Stated real", lambda t: rate_entry(t.real) if t.real else dash(), used=read),
            Column("95 %", lambda t: scored_interval(t.real) if t.real else dash(), used=read),
            words("On the frontier", lambda t: text("yes" if t.best else "no" if t.job else "–"), used=worked),
        ],
    )
