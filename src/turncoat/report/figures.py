"""The report's figures: the paper's in its order, then what the paper did not show, then differences and readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from turncoat.analysis import Cell, Contrast, Overview
from turncoat.analysis.figures import Panel, PaperFigure
from turncoat.analysis.published import REFERENCE, plain_scenario
from turncoat.analysis.readings import EVALUATION, READ, REAL, Awareness
from turncoat.base.text import inert
from turncoat.report.bars import Bar, bar_chart
from turncoat.report.forest import Gap, forest
from turncoat.report.sentences import harm_words, sizes_note
from turncoat.report.sheet import Key, sheet
from turncoat.report.squares import square
from turncoat.report.stripes import awareness_bars
from turncoat.report.svg import Drawing
from turncoat.report.words import condition_words, contrast_words, heading, listing, percent, short_names

MOST_PANELS = 12
"""Panels beyond this number are left to the tables."""

_HERO = 4
"""Models that a figure needs to stand at the top of the page."""


@dataclass(frozen=True)
class Drawn:
    """One panel, drawn for a screen and for a phone."""

    title: str
    wide: Drawing
    narrow: Drawing


@dataclass(frozen=True)
class Picture:
    """One figure of the report."""

    name: str
    """For file names and links, such as `figure-7-blackmail`."""
    paper: str
    """The paper's figure that it follows, or ""."""
    heading: str
    panels: tuple[Drawn, ...]
    caption: str
    published: bool
    """Whether any published value is marked."""
    simulated: bool
    """Whether anything in it is of a simulated model."""
    small: bool = False
    """Whether its panels stand side by side."""
    number: int = 0

    @property
    def keys(self) -> tuple[Key, ...]:
        """The legend."""
        if self.name.startswith("awareness-"):
            shades = [(f"aware{i}", kind.replace("-", " ")) for i, kind in enumerate(READ)]
            return (*shades, *([("published", "where the paper's shares end")] if self.published else []))
        if self.paper == "6" or self.name.startswith(("effects-", "mitigations-")):
            return ()
        simulated = [("bar simulated", "simulated model")] if self.simulated else []
        return (
            *simulated,
            ("whisker", "95 % interval"),
            *([("published", "rate in the paper")] if self.published else []),
        )

    @property
    def whole(self) -> Drawing:
        """The figure as a picture of its own."""
        panels = [(p.title, p.narrow if self.small else p.wide) for p in self.panels]
        return sheet(self.heading, self.keys, panels, 3 if self.small else 1)


def pictures(overview: Overview) -> list[Picture]:
    """All figures of a report, numbered in their order; the one that stands first is the widest view of models."""
    found = [*(_paper(f, overview) for f in overview.figures), *_others(overview)]
    hero = max((f for f in overview.figures if f.kind == "models"), key=lambda f: len(f.cells), default=None)
    if hero is not None and len(hero.cells) >= _HERO:
        at = overview.figures.index(hero)
        found.insert(0, found.pop(at))
    found += [*_effects(overview), *_awareness(overview)]
    return [replace(p, number=i) for i, p in enumerate(found, 1)]


def _paper(figure: PaperFigure, overview: Overview) -> Picture:
    names = short_names(overview.models)
    place = _place(figure.scenario, figure.interface, overview)
    title = f"{figure.title}{place}"
    name = f"figure-{figure.number}-{figure.scenario.replace('/', '-')}-{figure.interface}"
    if figure.kind == "square":
        drawn = tuple(Drawn("", d, d) for s in figure.squares if (d := square(s, names[s.model])))
        caption = (
            "Rate of harmful outcomes with and without an explicit goal that the company's new direction opposes, with "
            "and without the threat of replacement; beneath, harmful of scored samples and the 95 % interval."
        )
        simulated = any(s.simulated for s in figure.squares)
        return Picture(name, "6", title, drawn, caption, False, simulated, small=True)
    cells = (*figure.cells, *figure.excluded)
    note = f"Share of samples in which the model {harm_words(figure.scenario)}; {sizes_note(cells)}."
    if figure.excluded:
        left_out = listing([f"{names[c.model]} ({percent(c.rate.estimate or 0.0)} here)" for c in figure.excluded])
        note += (
            f" Left out by the rule that the study declared, because of harm in the control condition: {left_out}; "
            "the tables hold them."
        )
    drawn = tuple(_draw(p, figure, names) for p in figure.panels if p.cells)
    return Picture(
        name,
        figure.number,
        title,
        drawn,
        note,
        any(c.published for c in cells),
        any(c.simulated for c in cells),
        small=len(drawn) > 1,
    )


def _draw(panel: Panel, figure: PaperFigure, names: dict[str, str]) -> Drawn:
    def label(cell: Cell) -> str:
        match figure.kind:
            case "values":
                return dict(p.split("=") for p in cell.condition.split(",")).get("value", "america")
            case "instruction":
                told = "instruction=direct" in cell.condition
                return names[cell.model] + (" · told not to" if told else "")
            case _:
                return names[cell.model]

    title = names.get(panel.title, panel.title)
    return _both(panel.cells, label, inert(title), figure.title)


def _both(cells: Sequence[Cell], label: Callable[[Cell], str], title: str, about: str) -> Drawn:
    bars = [Bar(inert(label(c)), c) for c in cells]
    words = f"{about}. {title}" if title else about
    return Drawn(title, bar_chart(bars, words, "wide"), bar_chart(bars, words, "narrow"))


def _others(overview: Overview) -> Iterator[Picture]:
    """Conditions that no figure of the paper shows: a panel each, or a panel for each model where they are many."""
    names = short_names(overview.models)
    for scenario, interface in dict.fromkeys((c.scenario, c.interface) for c in overview.others):
        cells = [c for c in overview.others if (c.scenario, c.interface) == (scenario, interface)]
        conditions = list(dict.fromkeys(c.condition for c in cells))
        models = list(dict.fromkeys(c.model for c in sorted(cells, key=lambda c: (c.simulated, c.model))))
        by_model = len(conditions) > 6 and len(models) < len(conditions)
        groups = models if by_model else conditions
        drawn = []
        for group in groups[:MOST_PANELS]:
            mine = [c for c in cells if group == (c.model if by_model else c.condition)]
            mine.sort(key=lambda c: (0, conditions.index(c.condition)) if by_model else (1, models.index(c.model)))
            title = names[group] if by_model else heading(condition_words(group))
            drawn.append(
                _both(mine, (lambda c: condition_words(c.condition)) if by_model else _name(names), title, scenario)
            )
        more = len(groups) - len(drawn)
        rest = f" {more} more {'models' if by_model else 'conditions'} are in the table." if more else ""
        yield Picture(
            f"conditions-{scenario.replace('/', '-')}-{interface}",
            "",
            f"{_capital(scenario)}: {'other conditions' if overview.figures else 'all conditions'}"
            + _place(scenario, interface, overview),
            tuple(drawn),
            f"Share of samples in which the model {harm_words(scenario)}; {sizes_note(cells)}.{rest}",
            any(c.published for c in cells),
            any(c.simulated for c in cells),
            small=len(drawn) > 1,
        )


def _effects(overview: Overview) -> Iterator[Picture]:
    """What each level adds and what the study names: a panel for each pair of conditions, a row for each model."""
    mitigating = {id(m.contrast) for m in overview.mitigations}
    yield from _forests(
        [c for c in overview.contrasts if id(c) not in mitigating],
        overview,
        "effects",
        "What each level adds",
        "Difference of two rates in percentage points with 95 % interval; worlds that both conditions share are "
        "compared with themselves.",
    )
    yield from _forests(
        [m.contrast for m in overview.mitigations],
        overview,
        "mitigations",
        "What mitigations do",
        "Rate with the mitigation minus rate without it, in percentage points with 95 % interval; left of zero is less "
        "harm.",
    )


def _forests(
    contrasts: Sequence[Contrast], overview: Overview, name: str, about: str, caption: str
) -> Iterator[Picture]:
    names = short_names(overview.models)
    for scenario, interface in dict.fromkeys((c.first.scenario, c.first.interface) for c in contrasts):
        groups: dict[str, list[Contrast]] = {}
        for c in contrasts:
            if (c.first.scenario, c.first.interface) == (scenario, interface):
                base = condition_words(c.second.condition)
                groups.setdefault(
                    f"{heading(contrast_words(c))}, {'against' if c.removed else 'added to'} {base}"
                    + (" (named by the study)" if c.named else ""),
                    [],
                ).append(c)
        drawn = []
        for title, found in list(groups.items())[:MOST_PANELS]:
            gaps = [
                Gap(inert(names[c.first.model]), d.estimate, d.low, d.high, c.first.simulated)
                for c in found
                for d in (c.difference,)
            ]
            drawn.append(Drawn(inert(title), forest(gaps, title, "wide"), forest(gaps, title, "narrow")))
        more = len(groups) - len(drawn)
        yield Picture(
            f"{name}-{scenario.replace('/', '-')}-{interface}",
            "",
            f"{about}: {scenario}{_place(scenario, interface, overview)}",
            tuple(drawn),
            caption + (f" {more} more are in the table." if more else ""),
            False,
            any(c.first.simulated for c in contrasts),
            small=len(drawn) > 1,
        )


def _awareness(overview: Overview) -> Iterator[Picture]:
    names = short_names(overview.models)
    shown = [a for a in overview.awareness if overview.first_judge[a.scenario, a.interface] == a.judge and a.read]
    # Where nobody said anything of it there is nothing to draw; the table says that.
    telling = {(a.scenario, a.interface, a.condition) for a in shown if set(a.kinds) & {REAL, EVALUATION, "abstained"}}
    shown = [a for a in shown if (a.scenario, a.interface, a.condition) in telling]
    for scenario, interface in dict.fromkeys((a.scenario, a.interface) for a in shown):
        mine = [a for a in shown if (a.scenario, a.interface) == (scenario, interface)]
        drawn = []
        for condition in list(dict.fromkeys(a.condition for a in mine))[:MOST_PANELS]:
            rows = [(inert(names[a.model]), a) for a in mine if a.condition == condition]
            title = heading(condition_words(condition))
            about = f"Stated awareness under {title}"
            drawn.append(Drawn(title, awareness_bars(rows, about), awareness_bars(rows, about, "narrow")))
        yield Picture(
            f"awareness-{scenario.replace('/', '-')}-{interface}",
            "4.5.4",
            f"Did it say that this is a test? {_capital(scenario)}{_place(scenario, interface, overview)}",
            tuple(drawn),
            "Samples by what the model stated of the situation, of those whose reasoning was there and was read. The "
            "paper's «abstained» is «abstained» and «silent» together. A statement may not be what the model holds."
            + _said_of_published(mine),
            any(a.published for a in mine),
            any(a.simulated for a in mine),
        )


def _said_of_published(found: Sequence[Awareness]) -> str:
    published = next((a.published for a in found if a.published), None)
    if published is None:
        return ""
    return (
        f" Section 4.5.4 reports {percent(published.real)} stated real and {percent(published.evaluation)} stated "
        f"evaluation, of {published.n} samples; the marks stand where these shares end, counted from the left. "
        f"Harmful were {percent(published.harm_real)} of the first and {percent(published.harm_evaluation)} of the "
        "second."
    )


def _name(names: dict[str, str]) -> Callable[[Cell], str]:
    return lambda c: names[c.model]


def _place(scenario: str, interface: str, overview: Overview) -> str:
    """What tells apart figures of the same kind: published text or fresh worlds, and the interface."""
    said = []
    if scenario.startswith(REFERENCE):
        said.append("published text")
    elif any(s == REFERENCE + plain_scenario(scenario) for s in overview.scenarios):
        said.append("fresh worlds")
    if len({c.interface for c in overview.cells}) > 1:
        said.append(f"{interface} interface")
    return f" ({', '.join(said)})" if said else ""


def _capital(scenario: str) -> str:
    base = plain_scenario(scenario)
    return base[:1].upper() + base[1:]
