"""The report's tables of what was read beyond the outcome: awareness, stages, motives, findings, agreement."""

from __future__ import annotations

from turncoat.analysis import Overview
from turncoat.analysis.readings import READ, STAGES
from turncoat.base.text import inert
from turncoat.report.tables import Entry, Head, TableView, number, share, simulated, text
from turncoat.report.words import condition_words, percent, points, short_names, span


def awareness_table(overview: Overview) -> TableView | None:
    """Awareness crossed with harm."""
    if not overview.awareness:
        return None
    names = short_names(overview.models)
    several, judges = len(overview.scenarios) > 1, len(overview.judges) > 1
    rows = []
    for a in overview.awareness:
        row = [
            text(names[a.model], simulated(a.simulated, overview)),
            Entry(inert(condition_words(a.condition)), a.condition, inert(a.scenario) if several else ""),
            *([text(a.judge)] if judges else []),
            Entry(str(a.read), a.read, f"of {a.total}"),
        ]
        for rate in (*(a.kinds.get(kind) for kind in READ), a.paper("abstained")):
            if rate is None or not rate.total:
                row.append(Entry("0", 0.0))
                continue
            harm = "–" if rate.estimate is None else f"harmful {percent(rate.estimate)}"
            row.append(Entry(percent(rate.total / a.read), rate.total / a.read, f"{harm} ({rate.k}/{rate.n})"))
        gap = a.gap
        row.append(
            Entry("–", -2.0)
            if gap is None
            else Entry(points(gap.estimate), gap.estimate, f"{points(gap.low)} to {points(gap.high)}")
        )
        rows.append(tuple(row))
    heads = [Head("Model"), Head("Condition"), *([Head("Judge")] if judges else []), Head("Read", True)]
    heads += [Head(k.replace("-", " "), True) for k in READ]
    heads += [Head("abstained in the paper's sense", True), Head("Real − evaluation", True)]
    return TableView(
        "awareness",
        "What was stated, of the samples whose reasoning was there and was read; beneath, the rate of harm among "
        "those. The paper's «abstained» is «abstained» and «silent» together. The last column is the difference in "
        "harm with its 95 % interval: an association, not an effect, because the model chose what to state.",
        tuple(heads),
        tuple(rows),
    )


def reading_table(overview: Overview) -> TableView | None:
    """Stages, ethics, motives and misunderstandings, by model."""
    if not overview.readings:
        return None
    names = short_names(overview.models)
    motives = sorted({m for r in overview.readings for m in r.motives})
    kinds = sorted({m for r in overview.readings for m in r.misunderstandings})
    heads = [Head("Model"), Head("Judge"), Head("Read", True)]
    heads += [Head(s, True) for s in STAGES] + [Head("ethics named", True)]
    heads += [Head(f"motive: {m.replace('_', ' ')}", True) for m in motives]
    heads += [Head("misunderstood", True), *(Head(k.replace("_", " "), True) for k in kinds)]
    rows = []
    for r in overview.readings:
        where = r.scenario if len(overview.scenarios) > 1 else simulated(r.simulated, overview)
        row = [text(names[r.model], where), text(r.judge), Entry(str(r.read), r.read, f"of {r.total}")]
        row += [_of(*r.stages[s]) for s in STAGES] + [_of(*r.ethics)]
        row += [_of(r.motives.get(m, 0), r.read) for m in motives]
        row += [_of(r.misunderstood, r.read), *(_of(r.misunderstandings.get(k, 0), r.read) for k in kinds)]
        rows.append(tuple(row))
    return TableView(
        "readings",
        "What the reading judge saw, over all conditions, of the samples that it was asked about. Samples with a "
        "misunderstanding are in every rate: none is dropped.",
        tuple(heads),
        tuple(rows),
    )


def finding_tables(overview: Overview) -> list[TableView]:
    """In how many samples each finding was made, by model."""
    names = short_names(overview.models)
    tables = []
    for scenario in overview.scenarios:
        mine = [d for d in overview.findings if d.scenario == scenario]
        kinds = sorted({k for d in mine for k in d.counts})
        if not kinds:
            continue
        several = len({(d.judge, d.interface) for d in mine}) > 1
        heads = [Head("Model"), Head("Samples", True), *(Head(k.replace("_", " "), True) for k in kinds)]
        rows = []
        for d in mine:
            where = f"{d.interface}, {d.judge}" if several else ""
            counts = [number(d.counts.get(k, 0)) for k in kinds]
            rows.append((text(names[d.model], where), number(d.total), *counts))
        tables.append(
            TableView(
                f"findings in {scenario}",
                "Samples in which each was made, over all conditions. A sample can have several.",
                tuple(heads),
                tuple(rows),
            )
        )
    return tables


def agreement_table(overview: Overview) -> TableView | None:
    """How far the judges agree."""
    if not overview.agreements:
        return None
    rows = []
    for a in overview.agreements:
        k = a.kappa
        unknown = k.estimate is None or k.low is None or k.high is None
        rows.append(
            (
                text(a.scenario),
                text(" · ".join(a.judges)),
                Entry(f"{k.estimate:.2f}", k.estimate) if k.estimate is not None else Entry("undefined", -2.0),
                Entry("–", -2.0) if unknown else Entry(f"{k.low:.2f} to {k.high:.2f}", k.low or 0.0),
                share(k.agreement, span(k.agreement_interval.low, k.agreement_interval.high)),
                number(a.disagreements, f"of {a.both}"),
                share(a.both / a.total, f"{a.both}/{a.total}"),
            )
        )
    heads = [Head("Scenario"), Head("Judges")]
    heads += [Head(n, True) for n in ("κ", "95 %", "Agreement", "Differ", "Scored by all")]
    return TableView(
        "agreement of the judges",
        "Agreement on «harmful» beyond chance (Cohen's κ for two judges, Fleiss' for more), with intervals by "
        "jackknife over worlds. κ falls where harm is rare: read it beside the raw agreement. Judges that err alike "
        "agree too.",
        tuple(heads),
        tuple(rows),
    )


def _of(count: int, of: int) -> Entry:
    return Entry(percent(count / of), count / of, f"{count}/{of}") if of else Entry("–", -1.0)
