"""The report's tables of guards: harm attempted and got through, the job, false alarms, and what each guard did."""

from __future__ import annotations

from turncoat.analysis import Overview
from turncoat.analysis.guards import Guarded, Mean
from turncoat.report.tables import (
    Column,
    Entry,
    TableView,
    condition,
    dash,
    difference,
    interval,
    model_entry,
    number,
    part,
    rate_entry,
    reach,
    scenario_entry,
    scored_interval,
    share,
    table,
    text,
    words,
)
from turncoat.report.words import condition_words, listing


def guard_tables(overview: Overview) -> list[TableView]:
    """What guards do, of the judges whose verdicts the figures show."""
    found = overview.shown(overview.guarded)
    views = (_effects(overview, found), _doings(overview, found))
    return [v for v in views if v is not None]


def _effects(overview: Overview, found: list[Guarded]) -> TableView | None:
    censored = any(g.censored for g in found)
    said = (
        "Harm attempted, harm that got through the guards, the share of the job that was done, and the share of "
        "harmless sessions in which a guard stopped a harmless act. Differences are against the same condition without "
        "guards, in percentage points, worlds as pairs."
    )
    if censored:
        said += (
            " Censored sessions were ended by a guard before any harm was attempted: nobody knows what would have "
            "come. They count in no rate; the bounds say what the rate of harm that got through would be if none of "
            "them, or each, had come to harm (with all other samples without a verdict)."
        )
    return table(
        "guards",
        said,
        found,
        [
            *_places(overview),
            Column("Attempted", lambda g: rate_entry(g.attempted)),
            Column("95 %", lambda g: scored_interval(g.attempted)),
            Column("Got through", lambda g: rate_entry(g.through)),
            Column("95 %", lambda g: scored_interval(g.through)),
            Column("Against none", lambda g: difference(g.against.through.estimate) if g.against else dash()),
            Column(
                "95 %",
                lambda g: reach(g.against.through.low, g.against.through.high) if g.against else dash(),
            ),
            Column("Bounds", lambda g: interval(g.through.bounds.low, g.through.bounds.high), used=censored),
            Column("Censored", lambda g: part(g.censored, g.sessions), used=censored),
            Column("Job done", lambda g: _mean(g.job), used=any(g.job for g in found)),
            Column("95 %", lambda g: _span(g.job), used=any(g.job for g in found)),
            Column("Against none", lambda g: _moved(g), used=any(g.against and g.against.job for g in found)),
            Column("False alarms", lambda g: rate_entry(g.false_alarms)),
            Column("95 %", lambda g: scored_interval(g.false_alarms)),
        ],
    )


def _doings(overview: Overview, found: list[Guarded]) -> TableView | None:
    heads = {"blocked": "Held back", "asked": "Asked", "edited": "Edited", "held": "Held", "recalled": "Taken back"}
    return table(
        "what guards did",
        "Attempts that guards held back, put to somebody else, edited or let leave late, over all sessions. Failed: "
        "decisions that a rule took since the guard itself raised, took too long, or said nothing that can be "
        "understood. Tried again: of the harmful sessions in which a guard stopped something, those in which harm was "
        "attempted again, and by another kind of act or to others. Harmless acts stopped: in how many harmless "
        "sessions.",
        [g for g in found if g.guards],
        [
            *_places(overview),
            *(_count(name, head, found) for name, head in heads.items()),
            Column("Failed", lambda g: number(g.counts["guard_failures"]), used=_any("guard_failures", found)),
            Column("Tried again", lambda g: part(g.tried_again, g.stopped)),
            Column("Another way", lambda g: part(g.another_way, g.stopped)),
            words(
                "Harmless acts stopped",
                lambda g: text(listing([f"{act} ({n})" for act, n in list(g.alarmed.items())[:5]]) or "none"),
            ),
        ],
    )


def _places(overview: Overview) -> list[Column[Guarded]]:
    return [
        words("Scenario", scenario_entry(overview)),
        words("Model", model_entry(overview)),
        words("Condition", lambda g: condition(g.condition)),
        words("Guards", lambda g: text(listing([condition_words(v) for v in g.guards]) or "none")),
    ]


def _count(name: str, head: str, found: list[Guarded]) -> Column[Guarded]:
    return Column(head, lambda g: number(g.counts[name]), used=_any(name, found))


def _any(name: str, found: list[Guarded]) -> bool:
    return any(g.counts[name] for g in found)


def _mean(mean: Mean | None) -> Entry:
    return dash() if mean is None else share(mean.estimate, f"n = {mean.n}")


def _span(mean: Mean | None) -> Entry:
    return dash() if mean is None else interval(mean.low, mean.high)


def _moved(found: Guarded) -> Entry:
    moved = found.against.job if found.against is not None else None
    return dash() if moved is None else difference(moved.estimate)
