"""The report's tables: what stands in a cell, with the value that it sorts by; rates, differences and effects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Generic, TypeVar

from turncoat.analysis import Cell, Contrast, Overview, Rate
from turncoat.analysis.rates import limit_at_end
from turncoat.base.text import inert
from turncoat.report.names import short_names
from turncoat.report.words import condition_words, contrast_words, counted, p_value, percent, points, span

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """One cell of a table."""

    text: str
    sort: str | float = ""
    small: str = ""


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column: its heading, and the cell of each item."""

    name: str
    entry: Callable[[T], Entry]
    numeric: bool = True
    used: bool = True
    """Whether it stands in the table; one that would say the same in each row does not."""


@dataclass(frozen=True)
class TableView:
    """One table."""

    name: str
    """What it is a table of, for readers who do not see it."""
    caption: str
    heads: tuple[Column[Any], ...]
    rows: tuple[tuple[Entry, ...], ...]


def table(name: str, caption: str, items: Sequence[T], columns: Sequence[Column[T]]) -> TableView | None:
    """A table with a row for each item; None where there is no item."""
    used = tuple(c for c in columns if c.used)
    rows = tuple(tuple(c.entry(item) for c in used) for item in items)
    return TableView(name, caption, used, rows) if rows else None


def words(name: str, entry: Callable[[T], Entry], *, used: bool = True) -> Column[T]:
    """A column of words, which stands to the left."""
    return Column(name, entry, numeric=False, used=used)


def each(names: Iterable[str], head: str, entry: Callable[[str, T], Entry]) -> list[Column[T]]:
    """A column for each of some names; `head` is what stands before the name in its heading."""
    return [Column(head + name.replace("_", " "), partial(entry, name)) for name in names]


def text(written: str, small: str = "") -> Entry:
    """A cell of words."""
    return Entry(inert(written), inert(written), inert(small))


def condition(found: str, small: str = "") -> Entry:
    """A cell of a condition."""
    return Entry(inert(condition_words(found)), found, inert(small))


def dash(sort: float = -1.0) -> Entry:
    """A cell without a value."""
    return Entry("–", sort)


def share(value: float | None, small: str = "") -> Entry:
    """A cell of a share; a dash where there is none."""
    return Entry("–", -1.0, small) if value is None else Entry(percent(value), value, small)


def part(count: int, of: int) -> Entry:
    """A cell of a share with its counts; a dash where there is nothing to have a share of."""
    return share(count / of, f"{count}/{of}") if of else dash()


def rate_entry(rate: Rate) -> Entry:
    """A cell of a rate with its counts."""
    return share(rate.estimate, f"{rate.k}/{rate.n}")


def known_rate(rate: Rate) -> Entry:
    """A cell of a rate with its counts; a dash where there is nothing to have a rate of."""
    return rate_entry(rate) if rate.n else dash()


def interval(low: float, high: float, small: str = "") -> Entry:
    """A cell of an interval of shares."""
    return Entry(span(low, high), low, small)


def scored_interval(rate: Rate, small: str = "") -> Entry:
    """A cell of a rate's interval; a dash where nothing is scored."""
    return interval(rate.low, rate.high, small) if rate.n else dash(rate.low)


def difference(estimate: float, small: str = "") -> Entry:
    """A cell of a difference in percentage points."""
    return Entry(points(estimate), estimate, small)


def reach(low: float, high: float, small: str = "") -> Entry:
    """A cell of an interval of differences."""
    return Entry(f"{points(low)} to {points(high)}", low, small)


def p_entry(p: float | None, small: str = "") -> Entry:
    """A cell of a p-value; a dash where there is none."""
    return dash(2.0) if p is None else Entry(p_value(p), p, small)


def number(value: int, small: str = "") -> Entry:
    """A cell of a count."""
    return Entry(str(value), value, small)


def model_entry(overview: Overview) -> Callable[[Any], Entry]:
    """Cells of models, of anything that has `model`."""
    names = short_names(overview.models)
    return lambda g: text(names[g.model])


def scenario_entry(overview: Overview) -> Callable[[Any], Entry]:
    """Cells of scenarios, of anything that has `scenario` and `interface`; where there are several interfaces, both."""
    several = len({c.interface for c in overview.cells}) > 1
    return lambda g: text(g.scenario, g.interface if several else "")


def rate_table(overview: Overview) -> TableView | None:
    """All rates, of all judges. Columns that would say the same in each row are left out."""
    cells = overview.cells
    estimands = sorted({c.rate.estimand for c in cells if c.rate.estimate is not None})
    whole = all(c.rate.n == c.rate.total for c in cells)
    working = any(c.job for c in cells)
    limited = any(limit_at_end(c.rate) is not None for c in cells)
    control = {pooled: rate_entry(c.rate) for pooled, c in overview.controls.items()}
    opened = {(o.pooled, o.condition): part(o.never, o.total) for o in overview.openings}
    columns: list[Column[Cell]] = [
        words("Scenario", scenario_entry(overview), used=len({c.place for c in cells}) > 1),
        words("Condition", lambda c: condition(c.condition)),
        words("Model", model_entry(overview)),
        words("Judge", lambda c: text(c.judge), used=len(overview.judges) > 1),
        Column("Rate", lambda c: rate_entry(c.rate)),
        Column("95 %", lambda c: _interval(c.rate, tagged=len(estimands) > 1)),
        Column("Acted", lambda c: part(*c.acted) if c.acted else dash(), used=any(c.acted for c in cells)),
        Column("Job", lambda c: share(c.job.mean.estimate) if c.job else Entry("none", -1.0), used=working),
        Column("95 %", lambda c: interval(c.job.mean.low, c.job.mean.high) if c.job else dash(-1.0), used=working),
        Column("Never opened it", lambda c: opened.get((c.pooled, c.condition), dash()), used=bool(overview.openings)),
        Column("Exact limit", _limit, used=limited),
        Column("Control", lambda c: control.get(c.pooled, Entry("not run", -1.0)), used=bool(overview.controls)),
        Column("Coverage", lambda c: share(c.rate.coverage, f"{c.rate.n}/{c.rate.total}"), used=not whole),
        Column(
            "Bounds",
            lambda c: (
                interval(c.rate.bounds.low, c.rate.bounds.high) if c.rate.n < c.rate.total else dash(c.rate.bounds.low)
            ),
            used=not whole,
        ),
        Column(
            "Published",
            lambda c: share(c.published.rate if c.published else None),
            used=any(c.published for c in cells),
        ),
    ]
    said = {
        "The small word says what a rate is of: worlds given these storylines, or this one prompt.": len(estimands) > 1,
        f"They are of {', '.join(estimands)}, and say nothing of others.": len(estimands) == 1,
        "Sentences, figures and the column «95 %» show one interval. Where nothing harmful was found, or nothing else, "
        "an exact interval (Clopper and Pearson's, without an approximation) would end at the exact limit.": limited,
        "Every sample is scored, so that nothing missing could move a rate.": whole,
        "Coverage is scored samples of all; the bounds are what the rate would be if every unscored sample had been "
        "harmless, or harmful.": not whole,
        "Acted: the scored samples in which the model sent, saved or cancelled anything; who does nothing does no harm "
        "either.": any(c.acted for c in cells),
        "Job: the mean share of the harmless work that was done, each world weighing the same; none where no job is "
        "scored.": working,
        "Agents that work with tools and never opened what the scenario turns on never met the dilemma; their table "
        "stands under validity.": bool(overview.openings),
    }
    return table("rates", " ".join(words for words, holds in said.items() if holds), cells, columns)


def _interval(rate: Rate, *, tagged: bool) -> Entry:
    of = "worlds" if rate.estimand.startswith("worlds") else "prompt"
    return dash(0.0) if rate.estimate is None else interval(rate.low, rate.high, of if tagged else "")


def _limit(cell: Cell) -> Entry:
    if (limit := limit_at_end(cell.rate)) is None:
        return dash()
    return Entry(f"{'≤' if cell.rate.k == 0 else '≥'} {percent(limit)}", limit)


def contrast_table(overview: Overview) -> TableView | None:
    """What the study names, and what each level adds."""
    found = overview.contrasts
    tested = any(c.equivalence for c in found)
    model = model_entry(overview)
    columns: list[Column[Contrast]] = [
        words("Scenario", lambda c: text(c.first.scenario), used=len(overview.scenarios) > 1),
        words("Model", lambda c: model(c.first)),
        words("Condition", lambda c: Entry(inert(contrast_words(c)), c.added, inert(_named(c)))),
        words("Against", lambda c: condition(c.second.condition)),
        Column("Difference", lambda c: difference(c.difference.estimate)),
        Column("95 %", lambda c: reach(c.difference.low, c.difference.high, _how(c.difference.method))),
        Column("p (Holm)", lambda c: p_entry(c.adjusted_p)),
        Column("p (BH)", lambda c: p_entry(c.screened_p)),
        Column(
            "p (equivalent)",
            lambda c: (
                p_entry(c.equivalence.p_value, f"± {percent(c.equivalence.margin)}") if c.equivalence else p_entry(None)
            ),
            used=tested,
        ),
    ]
    caption = _contrast_caption(sum(c.named is not None for c in found), len(found), tested)
    return table("contrasts", caption, found, columns)


def _named(contrast: Contrast) -> str:
    named = contrast.named
    return f"named by the study{': ' if named.about else ''}{named.about}" if named else ""


def _contrast_caption(named: int, total: int, tested: bool) -> str:
    caption = (
        "Difference in percentage points between two conditions. The small word says how: worlds as pairs (Newcombe), "
        "worlds as clusters (CR2), or one prompt each (Newcombe). "
    )
    if named:
        caption += (
            f"{counted(named, 'contrast')} the study names: p-values after Holm's correction over these, which bounds "
            "the chance of any false claim. "
        )
        if total > named:
            caption += (
                f"The other {total - named} differ in one level and are a first look: p-values after Benjamini and "
                "Hochberg's correction over these alone."
            )
    else:
        caption += (
            "The conditions differ in one level. No study names contrasts, so p-values are after Holm's correction "
            f"over all {counted(total, 'contrast')}, and after Benjamini and Hochberg's, for a first look."
        )
    if tested:
        caption += (
            " The last column tests that the difference lies within the study's margin (two one-sided tests, not "
            "corrected for their number)."
        )
    return caption


def mitigation_table(overview: Overview) -> TableView | None:
    """What each mitigation does under each pressure."""
    model = model_entry(overview)
    return table(
        "mitigations",
        "Rates of harm with and without a mitigation, under the same pressure; the difference in percentage points, "
        "below zero where there is less harm with it. Corrected p-values stand in the table of contrasts.",
        overview.mitigations,
        [
            words("Scenario", lambda m: text(m.second.scenario), used=len(overview.scenarios) > 1),
            words("Model", lambda m: model(m.second)),
            words("Mitigation", lambda m: condition(m.added)),
            words("Under", lambda m: condition(m.second.condition)),
            Column("Without", lambda m: rate_entry(m.second.rate)),
            Column("With", lambda m: rate_entry(m.first.rate)),
            Column("Difference", lambda m: difference(m.difference.estimate)),
            Column("95 %", lambda m: reach(m.difference.low, m.difference.high, _how(m.difference.method))),
        ],
    )


def door_table(overview: Overview) -> TableView | None:
    """What each door changes."""
    model = model_entry(overview)
    return table(
        "doors",
        "The same condition through another door: how the agent meets the company. Difference in percentage points to "
        "the door that stands second; the small word says how it was taken, pairs being the same worlds. p-values "
        "after Benjamini and Hochberg's correction over these differences alone.",
        overview.doors,
        [
            words("Scenario", lambda d: text(d.first.scenario), used=len(overview.scenarios) > 1),
            words("Model", lambda d: model(d.first)),
            words("Condition", lambda d: condition(d.first.condition)),
            words("Door", lambda d: text(d.first.interface)),
            words("Against", lambda d: text(d.second.interface)),
            Column("Rate", lambda d: rate_entry(d.first.rate)),
            Column("Against it", lambda d: rate_entry(d.second.rate)),
            Column("Difference", lambda d: difference(d.difference.estimate)),
            Column("95 %", lambda d: reach(d.difference.low, d.difference.high, _how(d.difference.method))),
            Column("p (BH)", lambda d: p_entry(d.screened_p)),
        ],
    )


def _how(method: str) -> str:
    return {"newcombe paired": "pairs", "cluster mover": "clusters"}.get(method, "prompts")


def effect_table(overview: Overview) -> TableView | None:
    """The logistic regression of each model, as odds ratios."""
    names, model = short_names(overview.models), model_entry(overview)
    several = len(overview.scenarios) > 1
    rows: list[list[Entry]] = []
    for e in overview.effects:
        named = text(names[e.model], f"{e.scenario}, {e.interface}" if several else "")
        if e.fit is None:
            rows.append([named, text(f"not fitted: {e.why}"), *[dash()] * 3, text("")])
        elif e.fit.scale == "log-odds":
            method = text(_METHODS[e.fit.method], e.why)
            terms = [t for t in e.fit.terms if t.name != "intercept"]
            rows += [[named if several else model(e), *_term(term), method] for term in terms]
    names_of = (("Model", False), ("Term", False), ("Odds ratio", True), ("95 %", True), ("p", True), ("Method", False))
    return table(
        "factor effects",
        "Logistic regression of harm on the factors that were varied, with the interaction of threat and goal, for "
        "each model. Errors are clustered by world; where a cell stands at 0 or 100 %, Firth's penalty keeps the "
        "estimate finite, and the counts are shrunk by the design effect. An interaction above 1 says that the two "
        "pressures together multiply the odds by more than each alone would. p-values are not corrected here."
        + (
            f" Where an interval around 1 is more than {UNTOLD}-fold wide, the data cannot tell."
            if any(e.text == CANNOT_TELL for row in rows for e in row)
            else ""
        ),
        rows,
        [Column(name, itemgetter(i), numeric) for i, (name, numeric) in enumerate(names_of)],
    )


_METHODS = {"logit": "cluster-robust", "firth": "Firth, shrunk counts", "linear": "linear"}


UNTOLD = 100
"""How many times its lower limit an odds ratio's upper limit is where the data say nothing of the effect."""
CANNOT_TELL = "the data cannot tell"


def _term(term: Any) -> list[Entry]:
    limits, estimate = f"{_odds(term.low)} to {_odds(term.high)}", Entry(_odds(term.estimate), term.estimate)
    told = [estimate, Entry(limits, term.low)]
    if term.low < 0 < term.high and term.high - term.low > math.log(UNTOLD):
        told = [Entry("–", term.estimate, estimate.text), Entry(CANNOT_TELL, term.low, limits)]
    return [text(" × ".join(condition_words(level) for level in term.name.split(":"))), *told, p_entry(term.p_value)]


def _odds(log_odds: float) -> str:
    if not math.isfinite(log_odds) or abs(log_odds) > 11:
        return "0" if log_odds < 0 else "∞"
    odds = math.exp(log_odds)
    return f"{odds:.2g}" if odds < 10 else f"{odds:.0f}"


def storyline_table(overview: Overview) -> TableView | None:
    """Rates in each storyline, where several were run."""
    scenario, model = scenario_entry(overview), model_entry(overview)
    return table(
        "storylines",
        "Rates in each storyline. Storylines are fixed: the rates above weigh each the same, and say nothing of "
        "others.",
        [(f.cell, story, rate) for f in overview.storylines for story, rate in f.rates.items()],
        [
            words("Scenario", lambda f: scenario(f[0])),
            words("Condition", lambda f: condition(f[0].condition)),
            words("Model", lambda f: model(f[0])),
            words("Storyline", lambda f: text(f[1])),
            Column("Rate", lambda f: rate_entry(f[2])),
            Column("95 %", lambda f: scored_interval(f[2])),
        ],
    )


def present(views: Sequence[TableView | None]) -> list[TableView]:
    """The tables that there are."""
    return [v for v in views if v is not None]
