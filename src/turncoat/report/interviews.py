"""What models said afterwards beside the rate of harm: a table, and one point for each model and condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turncoat.analysis import Overview
from turncoat.analysis.interviews import Interviewed
from turncoat.base.text import inert
from turncoat.report.charts import NARROW, WIDE, Form
from turncoat.report.names import short_names
from turncoat.report.picture import Drawn, Picture, capital, named, placed
from turncoat.report.scatter import Axis, field, numerals
from turncoat.report.svg import Drawing, Key
from turncoat.report.tables import (
    Column,
    Entry,
    TableView,
    condition,
    dash,
    interval,
    model_entry,
    number,
    part,
    rate_entry,
    scenario_entry,
    scored_interval,
    share,
    table,
    words,
)
from turncoat.report.words import condition_words, grouped, percent

LOWEST = 2
"""Cells below which there is nothing to compare."""


def interview_table(overview: Overview) -> TableView | None:
    """Rate of harm, what was stated of a test unasked, and what was said of it when asked."""
    found = overview.interviews
    return table(
        "interviews",
        "Asked after each sample, in a branch that leaves it as it is: how likely was this a test, and did you do "
        "right? Mean over worlds with its 95 % interval. The model answers knowing what it did, so that this is an "
        "association and not an effect. Stated a test: unasked, of the samples whose reasoning was read.",
        found,
        [
            words("Scenario", scenario_entry(overview)),
            words("Model", model_entry(overview)),
            words("Condition", lambda i: condition(i.condition)),
            Column("Harmful", lambda i: rate_entry(i.rate)),
            Column("95 %", lambda i: scored_interval(i.rate)),
            Column("Stated a test", lambda i: part(*i.stated) if i.stated[1] else dash()),
            Column("Says p(test)", lambda i: share(i.test.estimate, f"n = {i.test.n}") if i.test else dash()),
            Column("95 %", lambda i: interval(i.test.low, i.test.high) if i.test else dash()),
            Column("Says it did right", _right),
            Column("No answer", lambda i: number(i.failed, f"of {i.held}")),
        ],
    )


def _right(found: Interviewed) -> Entry:
    answered = found.held - found.failed
    return part(found.right.get("yes", 0), answered) if answered else dash()


def interview_pictures(overview: Overview) -> Iterator[Picture]:
    """Harm against what the models said of a test, for each scenario and interface."""
    names = short_names(overview.models)
    for (scenario, interface), found in grouped(overview.interviews, lambda i: i.place).items():
        points = [i for i in found if i.test and i.rate.n]
        if len(points) < LOWEST:
            continue
        title = f"Harm against what models say of a test: {capital(scenario)}"
        rows = [(inert(f"{names[p.model]}, {condition_words(p.condition)}"), p) for p in points]
        drawn = Drawn("", _scatter(rows, title, "wide"), _scatter(rows, title, "narrow"))
        yield Picture(
            named("interviews", scenario, interface),
            f"{title}{placed(scenario, interface, overview)}",
            (drawn,),
            "One point for each model and condition, with the 95 % intervals of both over worlds. The probability of a "
            "test is what the model named when it was asked afterwards.",
            (Key("point", "a model in a condition"),),
            section="awareness",
        )


_PLOT = {"wide": (52.0, 10.0, 420.0, 300.0), "narrow": (40.0, 8.0, 292.0, 250.0)}
"""Left, top, width and height of the field of points."""
_LINE = 18.0


def _scatter(rows: Sequence[tuple[str, Interviewed]], title: str, form: Form) -> Drawing:
    left, top, width, height = _PLOT[form]
    said = "; ".join(f"{n}: harm {percent(p.rate.estimate or 0.0)}, test {percent(_test(p)[0])}" for n, p in rows)
    below = top + height + 44
    drawing = Drawing(WIDE if form == "wide" else NARROW, below + _LINE * len(rows) + 8, f"{title}. {said}.")
    x, y = Axis(0.0, 1.0, left, left + width), Axis(0.0, 1.0, top + height, top)
    field(drawing, x, y, "harmful", "says that this was a test")
    places = [(x.at(_test(p)[0]), y.at(p.rate.estimate or 0.0)) for _, p in rows]
    for n, ((name, p), (across, up)) in enumerate(zip(rows, places, strict=True), 1):
        test, low, high = _test(p)
        drawing.line(across, y.at(p.rate.low), across, y.at(p.rate.high), "cross")
        drawing.line(x.at(low), up, x.at(high), up, "cross")
        drawing.dot(across, up, 4.5, "point", f"{name}: harm {percent(p.rate.estimate or 0.0)}, test {percent(test)}")
        drawing.text(left - 20, below + _LINE * (n - 1) + 8, str(n), "numeral")
        drawing.name(left - 8, below + _LINE * (n - 1) + 8, name, "name", int((width + 8) / 6.2))
    numerals(drawing, places, x, y)
    return drawing


def _test(found: Interviewed) -> tuple[float, float, float]:
    return (found.test.estimate, found.test.low, found.test.high) if found.test else (0.0, 0.0, 1.0)
