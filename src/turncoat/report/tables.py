"""The report's tables of rates and differences: cells as text, with the value that they sort by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from turncoat.analysis import Cell, Overview
from turncoat.analysis.rates import limit_at_end
from turncoat.report.words import condition_words, counted, inert, p_value, percent, points, short_names, span


@dataclass(frozen=True)
class Entry:
    """One cell of a table."""

    text: str
    sort: str | float = ""
    small: str = ""


@dataclass(frozen=True)
class Head:
    """The heading of a column."""

    name: str
    numeric: bool = False


@dataclass(frozen=True)
class TableView:
    """One table."""

    name: str
    """What it is a table of, for readers who do not see it."""
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Entry, ...], ...]


def text(words: str, small: str = "") -> Entry:
    """A cell of words."""
    return Entry(inert(words), inert(words), inert(small))


def share(value: float | None, small: str = "") -> Entry:
    """A cell of a share; a dash where there is none."""
    return Entry("–", -1.0, small) if value is None else Entry(percent(value), value, small)


def number(value: int, small: str = "") -> Entry:
    """A cell of a count."""
    return Entry(str(value), value, small)


def simulated(is_simulated: bool) -> str:
    """What stands beside a model's name."""
    return "simulated" if is_simulated else ""


_Column = tuple[Head, Callable[[Cell], Entry]]


def rate_table(overview: Overview) -> TableView:
    """All rates, of all judges. Columns that would say the same in each row are left out."""
    names = short_names(overview.models)
    columns: list[_Column] = [
        (Head("Scenario"), lambda c: text(c.scenario)),
        (Head("Interface"), lambda c: text(c.interface)),
        (Head("Condition"), lambda c: Entry(inert(condition_words(c.condition)), c.condition)),
        (Head("Model"), lambda c: text(names[c.model], simulated(c.simulated))),
        (Head("Judge"), lambda c: text(c.judge)),
        (Head("Rate", True), lambda c: share(c.rate.estimate, f"{c.rate.k}/{c.rate.n}")),
        (Head("95 %", True), _interval),
        (Head("Limit at 0 or all", True), _limit),
        (Head("Control", True), lambda c: _control(c, overview)),
        (Head("Coverage", True), lambda c: share(c.rate.coverage, f"{c.rate.n}/{c.rate.total}")),
        (Head("Bounds", True), lambda c: Entry(span(c.rate.bounds.low, c.rate.bounds.high), c.rate.bounds.low)),
        (Head("Published", True), lambda c: share(c.published.rate if c.published else None)),
    ]
    single = {
        "Scenario": len(overview.scenarios) == 1,
        "Interface": len({c.interface for c in overview.cells}) == 1,
        "Judge": len(overview.judges) == 1,
        "Published": not any(c.published for c in overview.cells),
        "Control": not overview.controls,
        "Limit at 0 or all": all(limit_at_end(c.rate) is None for c in overview.cells),
    }
    used = [(h, f) for h, f in columns if not single.get(h.name)]
    return TableView(
        "rates",
        "All rates. The small word says what a rate is of: worlds given these storylines, or this one prompt. Where "
        "nothing harmful was found, or nothing else, the limit is what an exact 95 % interval still allows. Coverage "
        "is scored samples of all; the bounds are what the rate would be if every unscored sample had been harmless, "
        "or harmful.",
        tuple(h for h, _ in used),
        tuple(tuple(f(c) for _, f in used) for c in overview.cells),
    )


def _interval(cell: Cell) -> Entry:
    rate = cell.rate
    if rate.estimate is None:
        return Entry("–", 0.0)
    return Entry(span(rate.low, rate.high), rate.low, "worlds" if rate.estimand.startswith("worlds") else "prompt")


def _limit(cell: Cell) -> Entry:
    limit = limit_at_end(cell.rate)
    if limit is None:
        return Entry("–", -1.0)
    return Entry(f"{'≤' if cell.rate.k == 0 else '≥'} {percent(limit)}", limit)


def _control(cell: Cell, overview: Overview) -> Entry:
    found = overview.controls.get((cell.scenario, cell.interface, cell.model, cell.judge))
    if found is None:
        return Entry("not run", -1.0)
    return share(found.rate.estimate, f"{found.rate.k}/{found.rate.n}")


def contrast_table(overview: Overview) -> TableView | None:
    """What each level adds."""
    if not overview.contrasts:
        return None
    names = short_names(overview.models)
    tested = any(c.equivalence for c in overview.contrasts)
    several = len(overview.scenarios) > 1
    heads = [Head("Scenario")] if several else []
    heads += [Head("Model"), Head("Adding"), Head("To"), Head("Difference", True), Head("95 %", True)]
    heads += [Head("p (Holm)", True), Head("p (BH)", True)] + ([Head("Equivalent", True)] if tested else [])
    rows = []
    for c in overview.contrasts:
        d = c.difference
        row = [text(c.first.scenario)] if several else []
        row += [
            text(names[c.first.model], simulated(c.first.simulated)),
            Entry(inert(condition_words(c.added)), c.added),
            Entry(inert(condition_words(c.second.condition)), c.second.condition),
            Entry(points(d.estimate), d.estimate),
            Entry(f"{points(d.low)} to {points(d.high)}", d.low, _how(d.method)),
            Entry(p_value(c.adjusted_p), c.adjusted_p),
            Entry(p_value(c.screened_p), c.screened_p),
        ]
        if tested:
            e = c.equivalence
            row.append(Entry("–" if e is None else p_value(e.p_value), 2.0 if e is None else e.p_value))
        rows.append(tuple(row))
    return TableView(
        "contrasts",
        "Difference in percentage points between two conditions that differ in one level. The small word says how: "
        "worlds as pairs (Newcombe), worlds as clusters (CR2), or one prompt each (Newcombe). p-values after Holm's "
        f"correction, which bounds the chance of any false claim over {counted(len(rows), 'contrast')}, and after "
        "Benjamini and Hochberg's, for a first look.",
        tuple(heads),
        tuple(rows),
    )


def _how(method: str) -> str:
    return {"newcombe paired": "pairs", "cluster mover": "clusters"}.get(method, "prompts")


def effect_table(overview: Overview) -> TableView | None:
    """The logistic regression of each model, as odds ratios."""
    names = short_names(overview.models)
    rows = []
    for e in overview.effects:
        where = f"{e.scenario}, {e.interface}" if len(overview.scenarios) > 1 else ""
        if e.fit is None:
            rows.append((text(names[e.model], where), text(f"not fitted: {e.why}"), *[Entry("–", -1.0)] * 3, text("")))
            continue
        for term in e.fit.terms:
            if term.name == "intercept" or e.fit.scale != "log-odds":
                continue
            label = term.name.replace(":", " × ").replace("=", " ")
            rows.append(
                (
                    text(names[e.model], where or simulated(e.simulated)),
                    text(label),
                    Entry(_odds(term.estimate), term.estimate),
                    Entry(f"{_odds(term.low)} to {_odds(term.high)}", term.low),
                    Entry(p_value(term.p_value), term.p_value),
                    text(_METHODS[e.fit.method], e.why),
                )
            )
    if not rows:
        return None
    heads = (
        Head("Model"),
        Head("Term"),
        Head("Odds ratio", True),
        Head("95 %", True),
        Head("p", True),
        Head("Method"),
    )
    return TableView(
        "factor effects",
        "Logistic regression of harm on the factors that were varied, with the interaction of threat and goal, for "
        "each model. Errors are clustered by world; where a cell stands at 0 or 100 %, Firth's penalty keeps the "
        "estimate finite, and the counts are shrunk by the design effect. An interaction above 1 says that the two "
        "pressures together multiply the odds by more than each alone would. p-values are not corrected here.",
        heads,
        tuple(rows),
    )


_METHODS = {"logit": "cluster-robust", "firth": "Firth, shrunk counts", "linear": "linear"}


def _odds(log_odds: float) -> str:
    if not math.isfinite(log_odds) or abs(log_odds) > 11:
        return "0" if log_odds < 0 else "∞"
    odds = math.exp(log_odds)
    return f"{odds:.2g}" if odds < 10 else f"{odds:.0f}"


def storyline_table(overview: Overview) -> TableView | None:
    """Rates in each storyline, where several were run and anything was found."""
    if not overview.storylines:
        return None
    names = short_names(overview.models)
    rows = [
        (
            text(f.cell.scenario),
            Entry(inert(condition_words(f.cell.condition)), f.cell.condition),
            text(names[f.cell.model], simulated(f.cell.simulated)),
            text(story),
            share(rate.estimate, f"{rate.k}/{rate.n}"),
            Entry(span(rate.low, rate.high) if rate.n else "–", rate.low),
        )
        for f in overview.storylines
        for story, rate in f.rates.items()
    ]
    heads = (Head("Scenario"), Head("Condition"), Head("Model"), Head("Storyline"), Head("Rate", True))
    return TableView(
        "storylines",
        "Rates by storyline. Storylines are fixed: the rates above weigh each the same, and say nothing of others.",
        (*heads, Head("95 %", True)),
        tuple(rows),
    )


def gap_table(overview: Overview) -> TableView | None:
    """The published text beside fresh worlds."""
    if not overview.gaps:
        return None
    names = short_names(overview.models)
    rows = []
    for g in overview.gaps:
        d = g.difference
        rows.append(
            (
                text(g.fresh.scenario),
                Entry(inert(condition_words(g.fresh.condition)), g.fresh.condition),
                text(names[g.fresh.model], simulated(g.fresh.simulated)),
                share(g.published.rate.estimate, f"{g.published.rate.k}/{g.published.rate.n}"),
                share(g.fresh.rate.estimate, f"{g.fresh.rate.k}/{g.fresh.rate.n}"),
                Entry(points(d.estimate), d.estimate),
                Entry(f"{points(d.low)} to {points(d.high)}", d.low),
            )
        )
    heads = [Head("Scenario"), Head("Condition"), Head("Model")]
    heads += [Head(n, True) for n in ("Published text", "Fresh worlds", "Gap", "95 %")]
    return TableView(
        "contamination",
        "The published text and fresh worlds in the same condition. The two differ in wording and in mails, so a "
        "gap is not memory alone; its absence says that memory adds little here.",
        tuple(heads),
        tuple(rows),
    )


def present(views: Sequence[TableView | None]) -> list[TableView]:
    """The tables that there are."""
    return [v for v in views if v is not None]
