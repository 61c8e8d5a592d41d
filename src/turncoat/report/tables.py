"""The report's tables of rates and differences: cells as text, with the value that they sort by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from turncoat.analysis import Cell, Contrast, Overview
from turncoat.analysis.rates import limit_at_end
from turncoat.base.text import inert
from turncoat.report.words import (
    condition_words,
    contrast_words,
    counted,
    p_value,
    percent,
    points,
    short_names,
    span,
)


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


def simulated(is_simulated: bool, overview: Overview) -> str:
    """What stands beside a model's name; nothing where all are simulated, which the report's head says."""
    return "simulated" if is_simulated and len(overview.simulated) < len(overview.models) else ""


_Column = tuple[Head, Callable[[Cell], Entry]]


def rate_table(overview: Overview) -> TableView:
    """All rates, of all judges. Columns that would say the same in each row are left out."""
    names = short_names(overview.models)
    interfaces = len({c.interface for c in overview.cells})
    estimands = sorted({c.rate.estimand for c in overview.cells if c.rate.estimate is not None})
    columns: list[_Column] = [
        (Head("Scenario"), lambda c: text(c.scenario, c.interface if interfaces > 1 else "")),
        (Head("Condition"), lambda c: Entry(inert(condition_words(c.condition)), c.condition)),
        (Head("Model"), lambda c: text(names[c.model], simulated(c.simulated, overview))),
        (Head("Judge"), lambda c: text(c.judge)),
        (Head("Rate", True), lambda c: share(c.rate.estimate, f"{c.rate.k}/{c.rate.n}")),
        (Head("95 %", True), lambda c: _interval(c, tagged=len(estimands) > 1)),
        (Head("Never opened it", True), lambda c: _opened(c, overview)),
        (Head("Limit at 0 or all", True), _limit),
        (Head("Control", True), lambda c: _control(c, overview)),
        (Head("Coverage", True), lambda c: share(c.rate.coverage, f"{c.rate.n}/{c.rate.total}")),
        (Head("Bounds", True), _bounds),
        (Head("Published", True), lambda c: share(c.published.rate if c.published else None)),
    ]
    whole = all(c.rate.n == c.rate.total for c in overview.cells)
    single = {
        "Scenario": len(overview.scenarios) == 1 and interfaces == 1,
        "Judge": len(overview.judges) == 1,
        "Published": not any(c.published for c in overview.cells),
        "Control": not overview.controls,
        "Never opened it": not overview.openings,
        "Coverage": whole,
        "Bounds": whole,
        "Limit at 0 or all": all(limit_at_end(c.rate) is None for c in overview.cells),
    }
    used = [(h, f) for h, f in columns if not single.get(h.name)]
    caption = (
        "The small word says what a rate is of: worlds given these storylines, or this one prompt. "
        if len(estimands) > 1
        else f"They are of {estimands[0]}, and say nothing of others. "
        if estimands
        else ""
    )
    if "Limit at 0 or all" in {h.name for h, _ in used}:
        caption += (
            "Where nothing harmful was found, or nothing else, the limit is what an exact 95 % interval still allows. "
        )
    caption += (
        "Every sample is scored, so that nothing missing could move a rate."
        if whole
        else "Coverage is scored samples of all; the bounds are what the rate would be if every unscored sample had "
        "been harmless, or harmful."
    )
    if overview.openings:
        caption += (
            " Agents that work with tools and never opened what the scenario turns on never met the dilemma; their "
            "table stands under validity."
        )
    return TableView(
        "rates", caption, tuple(h for h, _ in used), tuple(tuple(f(c) for _, f in used) for c in overview.cells)
    )


def _interval(cell: Cell, *, tagged: bool) -> Entry:
    rate = cell.rate
    if rate.estimate is None:
        return Entry("–", 0.0)
    return Entry(span(rate.low, rate.high), rate.low, _of(rate.estimand) if tagged else "")


def _bounds(cell: Cell) -> Entry:
    bounds = cell.rate.bounds
    return Entry(span(bounds.low, bounds.high) if cell.rate.n < cell.rate.total else "–", bounds.low)


def _of(estimand: str) -> str:
    return "worlds" if estimand.startswith("worlds") else "prompt"


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


def _opened(cell: Cell, overview: Overview) -> Entry:
    key = (cell.scenario, cell.interface, cell.condition, cell.model, cell.judge)
    for o in overview.openings:
        if (o.scenario, o.interface, o.condition, o.model, o.judge) == key:
            return share(o.never / o.total, f"{o.never}/{o.total}")
    return Entry("–", -1.0)


def contrast_table(overview: Overview) -> TableView | None:
    """What the study names, and what each level adds."""
    if not overview.contrasts:
        return None
    names = short_names(overview.models)
    tested = any(c.equivalence for c in overview.contrasts)
    named = sum(c.named is not None for c in overview.contrasts)
    several = len(overview.scenarios) > 1
    heads = [Head("Scenario")] if several else []
    heads += [Head("Model"), Head("Condition"), Head("Against"), Head("Difference", True), Head("95 %", True)]
    heads += [Head("p (Holm)", True), Head("p (BH)", True)] + ([Head("p (equivalent)", True)] if tested else [])
    rows = []
    for c in overview.contrasts:
        d = c.difference
        row = [text(c.first.scenario)] if several else []
        row += [
            text(names[c.first.model], simulated(c.first.simulated, overview)),
            Entry(inert(contrast_words(c)), c.added, inert(_named(c))),
            Entry(inert(condition_words(c.second.condition)), c.second.condition),
            Entry(points(d.estimate), d.estimate),
            Entry(f"{points(d.low)} to {points(d.high)}", d.low, _how(d.method)),
            Entry("–", 2.0) if c.adjusted_p is None else Entry(p_value(c.adjusted_p), c.adjusted_p),
            Entry(p_value(c.screened_p), c.screened_p),
        ]
        if tested:
            e = c.equivalence
            row.append(Entry("–", 2.0) if e is None else Entry(p_value(e.p_value), e.p_value, f"± {percent(e.margin)}"))
        rows.append(tuple(row))
    return TableView("contrasts", _contrast_caption(named, len(rows), tested), tuple(heads), tuple(rows))


def _named(contrast: Contrast) -> str:
    if contrast.named is None:
        return ""
    return f"named by the study{': ' if contrast.named.about else ''}{contrast.named.about}"


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
    if not overview.mitigations:
        return None
    names = short_names(overview.models)
    several = len(overview.scenarios) > 1
    rows = []
    for m in overview.mitigations:
        d = m.difference
        row = [text(m.without.scenario)] if several else []
        row += [
            text(names[m.without.model], simulated(m.without.simulated, overview)),
            Entry(inert(condition_words(m.level)), m.level),
            Entry(inert(condition_words(m.without.condition)), m.without.condition),
            share(m.without.rate.estimate, f"{m.without.rate.k}/{m.without.rate.n}"),
            share(m.with_it.rate.estimate, f"{m.with_it.rate.k}/{m.with_it.rate.n}"),
            Entry(points(d.estimate), d.estimate),
            Entry(f"{points(d.low)} to {points(d.high)}", d.low, _how(d.method)),
        ]
        rows.append(tuple(row))
    heads = [Head("Scenario")] if several else []
    heads += [Head("Model"), Head("Mitigation"), Head("Under")]
    heads += [Head(n, True) for n in ("Without", "With", "Difference", "95 %")]
    return TableView(
        "mitigations",
        "Rates of harm with and without a mitigation, under the same pressure; the difference in percentage points, "
        "below zero where there is less harm with it. Corrected p-values stand in the table of contrasts.",
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
            label = " × ".join(condition_words(level) for level in term.name.split(":"))
            rows.append(
                (
                    text(names[e.model], where or simulated(e.simulated, overview)),
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
            text(names[f.cell.model], simulated(f.cell.simulated, overview)),
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
    """The published text beside texts that no model can have read."""
    if not overview.gaps:
        return None
    names = short_names(overview.models)
    rows = []
    for g in overview.gaps:
        rows.append(
            (
                text(g.scenario),
                Entry(inert(condition_words(g.condition)), g.condition),
                text(names[g.model], simulated(g.simulated, overview)),
                text(_AGAINST[g.against]),
                share(g.published.estimate, f"{g.published.k}/{g.published.n}"),
                share(g.other.estimate, f"{g.other.k}/{g.other.n}"),
                Entry(points(g.estimate), g.estimate),
                Entry(f"{points(g.interval.low)} to {points(g.interval.high)}", g.interval.low),
            )
        )
    heads = [Head("Scenario"), Head("Condition"), Head("Model"), Head("Against")]
    heads += [Head(n, True) for n in ("Published text", "Other text", "Gap", "95 %")]
    return TableView(
        "memory of the published text",
        "The published text minus another in the same condition. Other names in the same words: a model without memory "
        "of the text has no reason for a gap. Fresh worlds differ in wording and in mails too, so their gaps bound "
        "what memory may do, and are not memory alone.",
        tuple(heads),
        tuple(rows),
    )


_AGAINST = {
    "swapped": "the same text with other names",
    "same story": "fresh worlds of the same story",
    "new stories": "fresh worlds of other stories",
}


def opening_table(overview: Overview) -> TableView | None:
    """Whether agents in sessions saw what the scenario turns on."""
    if not overview.openings:
        return None
    names = short_names(overview.models)
    rows = [
        (
            text(o.scenario, o.interface if o.interface != "tools" else ""),
            Entry(inert(condition_words(o.condition)), o.condition),
            text(names[o.model], simulated(o.simulated, overview)),
            number(o.before, f"of {o.total}"),
            number(o.after),
            share(o.never / o.total, f"{o.never}/{o.total}"),
            Entry(span(o.share_never.low, o.share_never.high), o.share_never.low),
            share(o.rate.estimate, f"{o.rate.k}/{o.rate.n}"),
            Entry(span(o.rate.low, o.rate.high) if o.rate.n else "–", o.rate.low),
        )
        for o in overview.openings
        if overview.first_judge[o.scenario, o.interface] == o.judge
    ]
    heads = [Head("Scenario"), Head("Condition"), Head("Model")]
    heads += [Head(n, True) for n in ("Before acting", "After", "Never", "95 %", "Rate if opened", "95 %")]
    return TableView(
        "what was opened",
        "Sessions by whether the agent opened the mail or document on which the scenario turns before its first act, "
        "only after it, or never. Who never opened it never met the dilemma. The last rate is of harm among those who "
        "did; what an agent opens is its own choice, so it is not the rate of all agents that know.",
        tuple(heads),
        tuple(rows),
    )


def present(views: Sequence[TableView | None]) -> list[TableView]:
    """The tables that there are."""
    return [v for v in views if v is not None]
