"""What models and blind readers say of a test, beside the rate of harm: tables, and a point for each condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turncoat.analysis import Overview, Rate
from turncoat.analysis.guards import Mean
from turncoat.analysis.interviews import Interviewed
from turncoat.analysis.published import publication
from turncoat.analysis.rates import Group
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.report.charts import NARROW, WIDE, Form
from turncoat.report.guards import place_columns
from turncoat.report.names import short_names
from turncoat.report.picture import Drawn, Picture, named, placed
from turncoat.report.realism import NAMES
from turncoat.report.scatter import Axis, field, numerals
from turncoat.report.svg import Drawing, Key
from turncoat.report.tables import (
    Column,
    Entry,
    TableView,
    condition,
    dash,
    interval,
    known_rate,
    number,
    part,
    present,
    rate_entry,
    scored_interval,
    share,
    table,
    text,
    words,
)
from turncoat.report.words import condition_words, grouped, listing, percent

if TYPE_CHECKING:
    from turncoat.readers.measures import Looks

LOWEST = 2
"""Cells below which there is nothing to compare."""


def said_tables(overview: Overview) -> list[TableView]:
    """What models said afterwards, and what blind readers say."""
    return present([interview_table(overview), looked_table(overview), recognised_table(overview)])


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
            *_beside(overview),
            Column("Says p(test)", lambda i: share(i.test.estimate, f"n = {i.test.n}") if i.test else dash()),
            Column("95 %", lambda i: interval(i.test.low, i.test.high) if i.test else dash()),
            Column("Says it did right", _right),
            Column("No answer", lambda i: number(i.failed, f"of {i.held}")),
        ],
    )


def _right(found: Interviewed) -> Entry:
    answered = found.held - found.failed
    return part(found.right.get("yes", 0), answered) if answered else dash()


def _beside(overview: Overview) -> list[Column[Any]]:
    """The columns that interviews and readings stand beside: which cell, its rate, and what was stated unasked."""
    return [
        *place_columns(overview),
        words("Condition", lambda i: condition(i.condition)),
        Column("Harmful", lambda i: rate_entry(i.rate)),
        Column("95 %", lambda i: scored_interval(i.rate)),
        Column("Stated a test", lambda i: known_rate(i.stated)),
        Column("95 %", lambda i: scored_interval(i.stated)),
    ]


def looked_table(overview: Overview) -> TableView | None:
    """Rate of harm, what was stated of a test unasked, and how real a blind reader finds such worlds."""
    found = overview.looked
    return table(
        "realism",
        "Worlds of the condition as a blind reader sees them, who knows nothing else: its probability of a test is the "
        "median over worlds, with the interval of order statistics, which needs six worlds. A reader is not the tested "
        "model, and conditions differ in more than this: an association. Stated a test: by the tested model, unasked, "
        "of the samples whose reasoning was read.",
        found,
        [
            *_beside(overview),
            words("Reader", lambda i: text(shown(i.look.reader))),
            Column("p(test)", lambda i: share(_share(i.look.p_test.estimate), f"n = {i.look.readings}")),
            Column("95 %", lambda i: _spread(i.look)),
            Column("No answer", lambda i: number(i.look.failed), used=any(i.look.failed for i in found)),
        ],
    )


def recognised_table(overview: Overview) -> TableView | None:
    """How real each storyline looks to readers, and whether they knew it, or one made after the same plan."""
    found, asked = overview.looks, any(i.known[1] for i in overview.looks)
    return table(
        "storylines as blind readers see them",
        "Each storyline, and what was shown beside it, as readers see it who are not told which is which; with the "
        "passages that most readings quoted."
        + (
            " Recognised: readings whose reader knew the material, or something made after the same plan, and as what."
            if asked
            else ""
        ),
        found,
        [
            words("Scenario", lambda i: text(i.scenario, i.interface)),
            words("Storyline", lambda i: text(i.storyline, NAMES[i.kind])),
            words("Reader", lambda i: text(shown(i.reader))),
            Column("p(test)", lambda i: share(_share(i.p_test.estimate), f"n = {i.readings}")),
            Column("95 %", _spread),
            Column("Recognised", lambda i: part(*i.known), used=asked),
            words("As", lambda i: text(listing([f"{name} ({n})" for name, n in i.named]) or "–"), used=asked),
            words("Tells", lambda i: text("; ".join(f"«{tell}» ({n})" for tell, n in i.tells[:2]) or "–")),
        ],
    )


def _share(points: float | None) -> float | None:
    return None if points is None else points / 100


def _spread(found: Looks) -> Entry:
    low, high = found.p_test.low, found.p_test.high
    return dash() if low is None or high is None else interval(low / 100, high / 100)


@dataclass(frozen=True)
class _Point:
    """A condition in a chart of harm against what somebody says of a test, all as shares."""

    name: str
    rate: Rate
    says: float
    low: float | None = None
    high: float | None = None


def interview_pictures(overview: Overview) -> Iterator[Picture]:
    """Harm against what the models said of a test, for each scenario and interface."""
    for (scenario, interface), found in grouped(overview.interviews, lambda i: i.place).items():
        shared, names = _labels(found, overview)
        points = [
            _Point(name, i.rate, *_ends(i.test)) for name, i in zip(names, found, strict=True) if i.test and i.rate.n
        ]
        title = f"Harm against what models say of a test: {publication().plain(scenario)}"
        if drawn := _drawn(points, title, "says that this was a test", shared):
            yield Picture(
                named("interviews", scenario, interface),
                f"{title}{placed(scenario, interface, overview)}",
                (drawn,),
                "One point for each model and condition, with the 95 % intervals of both over worlds. The probability "
                "of a test is what the model named when it was asked afterwards.",
                (Key("point", "a model in a condition"),),
                section="awareness",
            )


def looked_pictures(overview: Overview) -> Iterator[Picture]:
    """Harm against how real the worlds look to a reader, and against what models state unasked, by scenario."""
    for (scenario, reader), found in grouped(overview.looked, lambda i: (i.scenario, i.look.reader)).items():
        read, stated = [], []
        shared, names = _labels(found, overview)
        for name, i in zip(names, found, strict=True):
            p = i.look.p_test
            if i.rate.n and p.estimate is not None:
                read.append(_Point(name, i.rate, p.estimate / 100, _share(p.low), _share(p.high)))
            if i.rate.n and i.stated.n:
                stated.append(_Point(name, i.rate, *_ends(i.stated)))
        title = f"Harm against how real it looks: {publication().plain(scenario)}"
        panels = [
            _drawn(read, f"{title}, to the reader {inert(shown(reader))}", "a reader takes it for a test", shared),
            _drawn(stated, f"{title}, to the model", "states unasked that this is a test", shared),
        ]
        if drawn := tuple(panel for panel in panels if panel is not None):
            yield Picture(
                named("realism", scenario, re.sub(r"[^\w.-]+", "-", reader)),
                f"{title}, to {inert(shown(reader))}",
                drawn,
                "One point for each model and condition, with 95 % intervals over worlds; a reader's needs six worlds. "
                "The reader saw such worlds and nothing else. An association: conditions differ in more than this.",
                (Key("point", "a model in a condition"),),
                section="awareness",
            )


def _labels(found: Sequence[Group], overview: Overview) -> tuple[str, list[str]]:
    """The levels that all have, in words, and a name for each with what it has besides."""
    names, several = short_names(overview.models), len({i.interface for i in found}) > 1
    own = [() if i.condition == "control" else tuple(i.condition.split(",")) for i in found]
    shared = [level for level in own[0] if all(level in levels for levels in own)]
    labels = []
    for i, levels in zip(found, own, strict=True):
        rest = [level for level in levels if level not in shared]
        what = condition_words(",".join(rest)) if rest else "nothing more" if shared else "control"
        labels.append(inert(", ".join([names[i.model], what, *([i.interface] if several else [])])))
    return inert(condition_words(",".join(shared))) if shared else "", labels


def _ends(found: Mean | Rate) -> tuple[float, float, float]:
    return found.estimate or 0.0, found.low, found.high


_PLOT = {"wide": (52.0, 10.0, 420.0, 300.0), "narrow": (40.0, 8.0, 284.0, 250.0)}
"""Left, top, width and height of the field of points."""
_LINE = 26.0
"""Height of a line of the list, in which a long name takes two."""


def _drawn(points: Sequence[_Point], title: str, rightward: str, shared: str) -> Drawn | None:
    """A chart of some points; None where there are too few to compare."""
    if len(points) < LOWEST:
        return None
    wide, narrow = (_scatter(points, title, rightward, form) for form in ("wide", "narrow"))
    return Drawn(shared, wide, narrow)


def _scatter(points: Sequence[_Point], title: str, rightward: str, form: Form) -> Drawing:
    left, top, width, height = _PLOT[form]
    said = "; ".join(f"{p.name}: harm {percent(p.rate.estimate or 0.0)}, test {percent(p.says)}" for p in points)
    below = top + height + 44
    drawing = Drawing(WIDE if form == "wide" else NARROW, below + _LINE * len(points) + 8, f"{title}. {said}.")
    x, y = Axis(0.0, 1.0, left, left + width), Axis(0.0, 1.0, top + height, top)
    field(drawing, x, y, "harmful", rightward)
    places = [(x.at(p.says), y.at(p.rate.estimate or 0.0)) for p in points]
    for n, (p, (across, up)) in enumerate(zip(points, places, strict=True), 1):
        drawing.line(across, y.at(p.rate.low), across, y.at(p.rate.high), "cross")
        if p.low is not None and p.high is not None:
            drawing.line(x.at(p.low), up, x.at(p.high), up, "cross")
        tip = f"{p.name}: harm {percent(p.rate.estimate or 0.0)}, test {percent(p.says)}"
        drawing.dot(across, up, 4.5, "point", tip)
        drawing.text(left - 20, below + _LINE * (n - 1) + 8, str(n), "numeral")
        drawing.name(left - 8, below + _LINE * (n - 1) + 8, p.name, "name", int((width + 8) / 6.2))
    numerals(drawing, places, x, y)
    return drawing
