"""The report's figures: the paper's in its order, what the paper did not show, differences, readings, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from turncoat.analysis import Cell, Contrast, Overview
from turncoat.analysis.counts import EVALUATION, READ, REAL, UNSCORED, Awareness, Distribution, RungOrder
from turncoat.analysis.figures import Figure, Panel
from turncoat.analysis.published import publication
from turncoat.base.errors import OutputError
from turncoat.base.files import reason, write_whole
from turncoat.base.text import inert
from turncoat.report.charts import Bar, Part, awareness_bars, bar_chart, divided, forest, square, square_rows
from turncoat.report.curves import curve_pictures
from turncoat.report.interviews import interview_pictures, looked_pictures
from turncoat.report.names import short_names
from turncoat.report.picture import MOST_PANELS, PUBLISHED, Drawn, Picture, Section, capital, named, placed
from turncoat.report.sentences import sizes_note
from turncoat.report.svg import Drawing, Key
from turncoat.report.tradeoffs import tradeoff_pictures
from turncoat.report.words import (
    condition_words,
    contrast_words,
    grouped,
    harm_words,
    heading,
    listing,
    percent,
)

_HERO = 4
"""Models that a figure needs to stand at the top of the page."""


def _bar_keys(cells: Sequence[Cell]) -> tuple[Key, ...]:
    simulated = [Key("bar simulated", "simulated model")] if any(c.simulated for c in cells) else []
    published = [Key(PUBLISHED, "rate in the paper")] if any(c.published for c in cells) else []
    return (*simulated, Key("whisker", "95 % interval"), *published)


def _drawn(title: str, chart: Callable[..., Drawing], rows: Sequence[Any], about: str) -> Drawn:
    return Drawn(title, chart(rows, about, "wide"), chart(rows, about, "narrow"))


def pictures(overview: Overview) -> list[Picture]:
    """All figures of a report, numbered in their order; the one that stands first is the widest view of models."""
    found = [*(_paper(f, overview) for f in overview.figures), *_others(overview)]
    hero = max((f for f in overview.figures if f.kind == "models"), key=lambda f: len(f.cells), default=None)
    if hero is not None and len(hero.cells) >= _HERO:
        found.insert(0, found.pop(overview.figures.index(hero)))
    guards = [*tradeoff_pictures(overview), *curve_pictures(overview.monitors)]
    said = [*_awareness(overview), *interview_pictures(overview), *looked_pictures(overview)]
    found += [*_effects(overview), *guards, *said, *_outcomes(overview)]
    return [replace(p, number=i) for i, p in enumerate(found, 1)]


def _paper(figure: Figure, overview: Overview) -> Picture:
    names = short_names(overview.models)
    place = placed(figure.scenario, figure.interface, overview)
    title = f"{figure.title}{place}"
    name = named(f"figure-{figure.number}", figure.scenario, figure.interface)
    if figure.kind == "square":
        drawn = tuple(Drawn("", d, d) for s in figure.squares if (d := square(s, names[s.model])))
        rows = [(names[s.model], s) for s in figure.squares]
        compact = square_rows(rows, figure.title) if len(rows) >= _HERO else None
        caption = (
            "Rate of harmful outcomes with and without an explicit goal that the company's new direction opposes, with "
            "and without the threat of replacement; beneath, harmful of scored samples and the 95 % interval."
        )
        return Picture(name, title, drawn, caption, paper=figure.number, small=True, squares=True, compact=compact)
    cells = (*figure.cells, *figure.excluded)
    note = f"Share of samples in which the model {harm_words(overview, figure.scenario)}; {sizes_note(cells)}."
    if figure.excluded:
        left_out = listing([f"{names[c.model]} ({percent(c.rate.estimate or 0.0)} here)" for c in figure.excluded])
        note += (
            f" Left out by the rule that the study declared, because of harm in the control condition: {left_out}; "
            "the tables hold them."
        )
    drawn = tuple(_draw(p, figure, names) for p in figure.panels if p.cells)
    return Picture(name, title, drawn, note, _bar_keys(cells), paper=figure.number, small=len(drawn) > 1)


def _draw(panel: Panel, figure: Figure, names: dict[str, str]) -> Drawn:
    labels = panel.labels or ("{}",) * len(panel.cells)
    named = [label.replace("{}", names[c.model]) for label, c in zip(labels, panel.cells, strict=True)]
    return _bars(named, panel.cells, inert(names.get(panel.title, panel.title)), figure.title)


def _bars(labels: Sequence[str], cells: Sequence[Cell], title: str, about: str) -> Drawn:
    bars = [Bar(inert(label), c.rate, c.simulated, _published(c)) for label, c in zip(labels, cells, strict=True)]
    return _drawn(title, bar_chart, bars, f"{about}. {title}" if title else about)


def _published(cell: Cell) -> tuple[tuple[float, str], ...]:
    if (found := cell.published) is None:
        return ()
    tip = f"Published: {percent(found.rate)} of {found.n} ({found.model}, figure {found.figure} of the paper)"
    return ((found.rate, tip),)


def _others(overview: Overview) -> Iterator[Picture]:
    """Conditions that no figure of the paper shows: a panel each, or a panel for each model where they are many."""
    names = short_names(overview.models)
    for (scenario, interface), cells in grouped(overview.others, lambda c: c.place).items():
        conditions = list(dict.fromkeys(c.condition for c in cells))
        models = list(dict.fromkeys(c.model for c in sorted(cells, key=lambda c: (c.simulated, c.model))))
        by_model = len(conditions) > 6 and len(models) < len(conditions)
        # Within a panel conditions stand as the run has them, and models with the simulated ones last.
        cells.sort(key=lambda c: conditions.index(c.condition) if by_model else models.index(c.model))
        cells.sort(key=lambda c: models.index(c.model) if by_model else conditions.index(c.condition))
        groups = grouped(cells, attrgetter("model" if by_model else "condition"))
        drawn = [
            _bars(
                [condition_words(c.condition) if by_model else names[c.model] for c in mine],
                mine,
                names[group] if by_model else heading(condition_words(group)),
                scenario,
            )
            for group, mine in list(groups.items())[:MOST_PANELS]
        ]
        more = len(groups) - len(drawn)
        rest = f" {more} more {'models' if by_model else 'conditions'} are in the table." if more else ""
        what = "other conditions" if overview.figures else "all conditions"
        yield Picture(
            named("conditions", scenario, interface),
            f"{capital(scenario)}: {what}{placed(scenario, interface, overview)}",
            tuple(drawn),
            f"Share of samples in which the model {harm_words(overview, scenario)}; {sizes_note(cells)}.{rest}",
            _bar_keys(cells),
            small=len(drawn) > 1,
        )


def _effects(overview: Overview) -> Iterator[Picture]:
    """What each level adds and what the study names: a panel for each pair of conditions, a row for each model."""
    mitigating = {id(c) for c in overview.mitigations}
    yield from _forests(
        [c for c in overview.contrasts if id(c) not in mitigating],
        overview,
        "effects",
        "What each level adds",
        "Difference of two rates in percentage points with 95 % interval; worlds that both conditions share are "
        "compared with themselves.",
    )
    yield from _forests(
        overview.mitigations,
        overview,
        "mitigations",
        "What mitigations do",
        "Rate with the mitigation minus rate without it, in percentage points with 95 % interval; left of zero is less "
        "harm.",
    )


def _forests(
    contrasts: Sequence[Contrast], overview: Overview, section: Section, about: str, caption: str
) -> Iterator[Picture]:
    names = short_names(overview.models)
    for (scenario, interface), mine in grouped(contrasts, lambda c: c.first.place).items():
        groups = grouped(mine, _panel_title)
        drawn = [
            _drawn(inert(title), forest, [(inert(names[c.first.model]), c) for c in found], title)
            for title, found in list(groups.items())[:MOST_PANELS]
        ]
        more = len(groups) - len(drawn)
        yield Picture(
            named(section, scenario, interface),
            f"{about}: {scenario}{placed(scenario, interface, overview)}",
            tuple(drawn),
            caption + (f" {more} more are in the table." if more else ""),
            small=len(drawn) > 1,
            section=section,
        )


def _panel_title(c: Contrast) -> str:
    against = f"{'against' if c.removed else 'added to'} {condition_words(c.second.condition)}"
    return f"{heading(contrast_words(c))}, {against}{' (named by the study)' if c.named else ''}"


def _awareness(overview: Overview) -> Iterator[Picture]:
    names = short_names(overview.models)
    shown = [a for a in overview.shown(overview.awareness) if a.read]
    # Where nobody said anything of it there is nothing to draw; the table says that.
    telling = {(a.scenario, a.interface, a.condition) for a in shown if set(a.kinds) & {REAL, EVALUATION, "abstained"}}
    shown = [a for a in shown if (a.scenario, a.interface, a.condition) in telling]
    for (scenario, interface), mine in grouped(shown, lambda a: a.place).items():
        shades = [Key(f"aware{i}", kind.replace("-", " ")) for i, kind in enumerate(READ)]
        published = [Key(PUBLISHED, "where the paper's shares end")] if any(a.published for a in mine) else []
        yield Picture(
            named("awareness", scenario, interface),
            f"Did it say that this is a test? {capital(scenario)}{placed(scenario, interface, overview)}",
            tuple(
                _stated(heading(condition_words(condition)), found, names)
                for condition, found in list(grouped(mine, lambda a: a.condition).items())[:MOST_PANELS]
            ),
            "Samples by what the model stated of the situation, of those whose reasoning was there and was read. "
            + (f"{note} " if (note := publication().awareness_note) else "")
            + f"A statement may not be what the model holds.{_said_of_published(mine)}",
            (*shades, *published),
            paper=publication().awareness_section,
            section="awareness",
        )


def _stated(title: str, found: Sequence[Awareness], names: dict[str, str]) -> Drawn:
    rows = [(inert(names[a.model]), a) for a in found]
    return _drawn(title, awareness_bars, rows, f"Stated awareness under {title}")


def _said_of_published(found: Sequence[Awareness]) -> str:
    if (published := next((a.published for a in found if a.published), None)) is None:
        return ""
    return (
        f" Section {published.section} reports {percent(published.real)} stated real and "
        f"{percent(published.evaluation)} stated evaluation, of {published.n} samples; the marks stand where these "
        "shares end, counted from the left. "
        f"Harmful were {percent(published.harm_real)} of the first and {percent(published.harm_evaluation)} of the "
        "second."
    )


def _outcomes(overview: Overview) -> Iterator[Picture]:
    """What the models did, by rung: a panel for each condition, a bar for each model."""
    settings = sorted({c.place for c in overview.cells})
    several = len({i for _, i in settings}) > 1
    for scenario, interface in settings:
        found = [d for d in overview.shown(overview.rungs) if d.place == (scenario, interface)]
        order = overview.orders[scenario]
        kinds, names = _kinds(order), short_names({d.model for d in found})
        present = {r for d in found for r in d.counts}
        yield Picture(
            named("outcomes", scenario, interface),
            heading(scenario) + (f" ({interface} interface)" if several else ""),
            tuple(
                _rungs(condition, mine, kinds, names)
                for condition, mine in grouped(found, lambda d: d.condition).items()
            ),
            "Samples by rung, the graded outcome, with their number.",
            tuple(
                Key(kind, r.replace("_", " "), "harmful" if r in order.harmful else "")
                for r, kind in kinds.items()
                if r in present
            ),
            section="outcomes",
        )


def _rungs(condition: str, found: Sequence[Distribution], kinds: Mapping[str, str], names: dict[str, str]) -> Drawn:
    rows = [
        (
            names[d.model],
            [Part(kind, r.replace("_", " "), d.counts.get(r, 0)) for r, kind in kinds.items()],
            d.total,
        )
        for d in sorted(found, key=lambda d: (d.simulated, d.model))
    ]
    words = condition_words(condition)
    return _drawn(heading(words), divided, rows, f"Outcomes under {words}")


def _kinds(order: RungOrder) -> dict[str, str]:
    """Rung → class of its colour: mild rungs in six blues, harmful ones in three warm shades, from light to dark."""
    kinds: dict[str, str] = {}
    for kind, harmful, shades in (("mild", False, 6), ("harm", True, 3)):
        rungs = [r for r in order.rungs if (r in order.harmful) is harmful]
        many = max(len(rungs), shades)
        kinds |= {r: f"seg {kind}{i * shades // many}" for i, r in enumerate(rungs)}
    return kinds | {UNSCORED: "seg unscored"}


SCALE = 2.0
"""Pixels of a PNG for each unit of its drawing."""


def write_figures(drawn: Sequence[Picture], folder: Path) -> list[Path]:
    """Write each figure as `NN-name.svg`, `.png` and `.pdf`, without a browser, each whole or not at all.

    Args:
        drawn: The figures.
        folder: Where they go; it is made if it does not exist.

    Returns:
        The files.

    Raises:
        OutputError: They cannot be written.
    """
    import vl_convert

    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for picture in drawn:
            svg = picture.whole.file()
            for ending, content in (
                ("svg", svg.encode("utf-8", "replace")),
                ("png", vl_convert.svg_to_png(svg, scale=SCALE)),
                ("pdf", vl_convert.svg_to_pdf(svg)),
            ):
                path = folder / f"{picture.file}.{ending}"
                write_whole(path, content)
                written.append(path)
    except OSError as error:
        raise OutputError(f"{folder}: figures cannot be written ({reason(error)}); choose another folder") from None
    return written
