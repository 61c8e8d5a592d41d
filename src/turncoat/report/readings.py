"""The report's tables of what was read beyond the outcome: awareness, stages, findings, agreement, memory, openings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial

from turncoat.analysis import Cell, Overview, Rate
from turncoat.analysis.counts import READ, STAGES, Awareness, Distribution, ReadingCounts
from turncoat.analysis.published import publication
from turncoat.analysis.trust import Agreement
from turncoat.report.names import short_names
from turncoat.report.tables import (
    Column,
    Entry,
    TableView,
    condition,
    dash,
    difference,
    each,
    interval,
    model_entry,
    number,
    part,
    present,
    rate_entry,
    reach,
    scenario_entry,
    scored_interval,
    share,
    table,
    text,
    words,
)
from turncoat.report.words import percent, points, span


def awareness_table(overview: Overview) -> TableView | None:
    """Awareness crossed with harm."""
    several = len(overview.scenarios) > 1
    note = f"{found.awareness_note} " if (found := publication()).awareness_note else ""
    pooled: list[Column[Awareness]] = [
        Column(f"{name} in the paper's sense", partial(lambda name, a: _share(a, a.in_class(name)), name))
        for name, kinds in Counter(found.awareness_classes.values()).items()
        if kinds > 1
    ]
    kinds: list[Column[Awareness]] = [
        Column(k.replace("-", " "), partial(lambda kind, a: _share(a, a.kinds.get(kind)), k)) for k in READ
    ]
    return table(
        "awareness",
        "What was stated, of the samples whose reasoning was there and was read; beneath, the rate of harm among "
        f"those. {note}The last column is the difference in harm with its 95 % interval: an association, not an "
        "effect, because the model chose what to state.",
        overview.awareness,
        [
            words("Model", model_entry(overview)),
            words("Condition", lambda a: condition(a.condition, a.scenario if several else "")),
            words("Judge", lambda a: text(a.judge), used=len(overview.judges) > 1),
            Column("Read", lambda a: number(a.read, f"of {a.total}")),
            *kinds,
            *pooled,
            Column("Real − evaluation", _gap),
        ],
    )


def _share(found: Awareness, rate: Rate | None) -> Entry:
    if rate is None or not rate.total:
        return Entry("0", 0.0)
    harm = "–" if rate.estimate is None else f"harmful {percent(rate.estimate)}"
    return share(rate.total / found.read, f"{harm} ({rate.k}/{rate.n})")


def _gap(found: Awareness) -> Entry:
    gap = found.gap
    return dash(-2.0) if gap is None else Entry(points(gap.estimate), gap.estimate, reach(gap.low, gap.high).text)


def reading_table(overview: Overview) -> TableView | None:
    """Stages, ethics, motives and misunderstandings, by model."""
    found, names = overview.readings, short_names(overview.models)
    model, several = model_entry(overview), len(overview.scenarios) > 1
    stages: list[Column[ReadingCounts]] = each(STAGES, "", lambda s, r: part(*r.stages[s]))
    motives: list[Column[ReadingCounts]] = each(
        sorted({m for r in found for m in r.motives}), "motive: ", lambda m, r: part(r.motives.get(m, 0), r.read)
    )
    kinds: list[Column[ReadingCounts]] = each(
        sorted({k for r in found for k in r.misunderstandings}),
        "",
        lambda k, r: part(r.misunderstandings.get(k, 0), r.read),
    )
    return table(
        "readings",
        "What the reading judge saw, over all conditions, of the samples that it was asked about. Samples with a "
        "misunderstanding are in every rate: none is dropped.",
        found,
        [
            words("Model", lambda r: text(names[r.model], r.scenario) if several else model(r)),
            words("Judge", lambda r: text(r.judge)),
            Column("Read", lambda r: number(r.read, f"of {r.total}")),
            *stages,
            Column("ethics named", lambda r: part(*r.ethics)),
            *motives,
            Column("misunderstood", lambda r: part(r.misunderstood, r.read)),
            *kinds,
        ],
    )


def reported_table(overview: Overview) -> TableView | None:
    """What others report beside what was found."""
    scenario, model = scenario_entry(overview), model_entry(overview)
    return table(
        "rates that others report",
        "Their rates are of other words, other worlds and other models than ours: what compares is the order of the "
        "conditions and the size of the steps between them.",
        overview.reported,
        [
            words("Scenario", lambda b: scenario(b.cell), used=len(overview.scenarios) > 1),
            words("Condition", lambda b: condition(b.cell.condition)),
            words("Model", lambda b: model(b.cell)),
            Column("Rate", lambda b: rate_entry(b.cell.rate)),
            Column("95 %", lambda b: scored_interval(b.cell.rate)),
            Column("Reported", lambda b: share(b.rate)),
            words("By", lambda b: text(b.source)),
        ],
    )


def job_table(overview: Overview) -> TableView | None:
    """Which pieces of their work models did."""
    found = [c for c in overview.shown(overview.cells) if c.job is not None]
    interfaces, several = len({c.interface for c in found}), len(overview.scenarios) > 1
    pieces: list[Column[Cell]] = each(
        sorted({p for c in found if c.job for p in c.job.pieces}), "", lambda p, c: number(_pieces(c).get(p, 0))
    )
    return table(
        "work done",
        "Samples in which each piece of the harmless work was done. Pieces that could not be done with what the agent "
        "had, and pieces that nobody could judge, count in no share.",
        found,
        [
            words("Scenario", lambda c: text(c.scenario, c.interface if interfaces > 1 else ""), used=several),
            words("Condition", lambda c: condition(c.condition, "" if several or interfaces == 1 else c.interface)),
            words("Model", model_entry(overview)),
            Column("Samples", lambda c: number(c.job.mean.n if c.job else 0)),
            Column("Job", lambda c: share(c.job.mean.estimate) if c.job else dash()),
            *pieces,
        ],
    )


def _pieces(cell: Cell) -> Mapping[str, int]:
    return cell.job.pieces if cell.job else {}


NUMBERS = {"people_written": "people written to"}
"""Columns of the table whose means stand beside the findings, with their heads."""


def finding_tables(overview: Overview) -> list[TableView]:
    """In how many samples each finding was made, by model, and what else was counted in them."""
    return present([_findings(overview, scenario) for scenario in overview.scenarios])


def _findings(overview: Overview, scenario: str) -> TableView | None:
    names = short_names(overview.models)
    found = [d for d in overview.findings if d.scenario == scenario]
    several = len({(d.judge, d.interface) for d in found}) > 1
    kinds: list[Column[Distribution]] = each(
        sorted({k for d in found for k in d.counts}), "", lambda k, d: number(d.counts.get(k, 0))
    )
    return table(
        f"findings in {scenario}",
        "Samples in which each was made, over all conditions. A sample can have several.",
        found if kinds else [],
        [
            words("Model", lambda d: text(names[d.model], f"{d.interface}, {d.judge}" if several else "")),
            Column("Samples", lambda d: number(d.total)),
            *kinds,
            *(
                Column(f"{head}, mean", partial(_mean, name))
                for name, head in NUMBERS.items()
                if any(name in d.means for d in found)
            ),
        ],
    )


def _mean(name: str, d: Distribution) -> Entry:
    return Entry(f"{d.means[name]:.2g}", d.means[name]) if name in d.means else dash()


def agreement_table(overview: Overview) -> TableView | None:
    """How far the judges agree."""
    return table(
        "agreement of the judges",
        "Agreement on «harmful» beyond chance (Cohen's κ for two judges, Fleiss' for more), with intervals by "
        "jackknife over worlds. κ falls where harm is rare: read it beside the raw agreement. Judges that err alike "
        "agree too.",
        overview.agreements,
        [
            words("Scenario", lambda a: text(a.scenario)),
            words("Judges", lambda a: text(" · ".join(a.judges))),
            Column("κ", _kappa),
            Column("95 %", _kappa_limits),
            Column(
                "Agreement",
                lambda a: share(
                    a.kappa.agreement, span(a.kappa.agreement_interval.low, a.kappa.agreement_interval.high)
                ),
            ),
            Column("Differ", lambda a: number(a.disagreements, f"of {a.both}")),
            Column("Scored by all", lambda a: part(a.both, a.total)),
        ],
    )


def _kappa(found: Agreement) -> Entry:
    k = found.kappa.estimate
    return Entry("undefined", -2.0) if k is None else Entry(f"{k:.2f}", k)


def _kappa_limits(found: Agreement) -> Entry:
    k = found.kappa
    if k.estimate is None or k.low is None or k.high is None:
        return dash(-2.0)
    return Entry(f"{k.low:.2f} to {k.high:.2f}", k.low)


def gap_table(overview: Overview) -> TableView | None:
    """The published text beside texts that no model can have read."""
    return table(
        "memory of the published text",
        "The published text minus another in the same condition. Other names in the same words: a model without memory "
        "of the text has no reason for a gap. Fresh worlds differ in wording and in mails too, so their gaps bound "
        "what memory may do, and are not memory alone.",
        overview.gaps,
        [
            words("Scenario", lambda g: text(g.scenario)),
            words("Condition", lambda g: condition(g.condition)),
            words("Model", model_entry(overview)),
            words("Against", lambda g: text(_AGAINST[g.against])),
            Column("Published text", lambda g: rate_entry(g.published)),
            Column("Other text", lambda g: rate_entry(g.other)),
            Column("Gap", lambda g: difference(g.estimate)),
            Column("95 %", lambda g: reach(g.interval.low, g.interval.high)),
        ],
    )


_AGAINST = {
    "swapped": "the same text with other names",
    "same story": "fresh worlds of the same story",
    "new stories": "fresh worlds of other stories",
}


def opening_table(overview: Overview) -> TableView | None:
    """Whether agents in sessions saw what the scenario turns on."""
    found = overview.shown(overview.openings)
    several = len({o.interface for o in overview.openings}) > 1
    return table(
        "what was opened",
        "Sessions by whether the agent opened the mail or document on which the scenario turns before its first act, "
        "only after it, or never. Who never opened it never met the dilemma. The last rate is of harm among those who "
        "did; what an agent opens is its own choice, so it is not the rate of all agents that know.",
        found,
        [
            words("Scenario", lambda o: text(o.scenario, o.interface if several else "")),
            words("Condition", lambda o: condition(o.condition)),
            words("Model", model_entry(overview)),
            Column("Before acting", lambda o: number(o.before, f"of {o.total}")),
            Column("After", lambda o: number(o.after)),
            Column("Never", lambda o: part(o.never, o.total)),
            Column("95 %", lambda o: interval(o.share_never.low, o.share_never.high)),
            Column("Rate if opened", lambda o: rate_entry(o.rate)),
            Column("95 %", lambda o: scored_interval(o.rate)),
        ],
    )
