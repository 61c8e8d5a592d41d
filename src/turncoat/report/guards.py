"""The report's tables of guards: harm attempted and got through, the job, false alarms, and what each guard did."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from turncoat.analysis import Overview
from turncoat.analysis.guards import Difference, Guarded, Mean
from turncoat.analysis.reviews import Reviews
from turncoat.report.tables import (
    Column,
    Entry,
    TableView,
    condition,
    dash,
    difference,
    interval,
    known_rate,
    model_entry,
    number,
    part,
    present,
    rate_entry,
    scenario_entry,
    scored_interval,
    share,
    table,
    text,
    words,
)
from turncoat.report.words import condition_words, listing, points


def place_columns(overview: Overview) -> list[Column[Any]]:
    """Columns of scenario and model, of anything that has them; one that would say the same in each row is not used."""
    several = len({c.place for c in overview.cells}) > 1
    return [
        words("Scenario", scenario_entry(overview), used=several),
        words("Model", model_entry(overview), used=len(overview.models) > 1),
    ]


def guard_tables(overview: Overview) -> list[TableView]:
    """What guards do and what they cost, by the judges whose verdicts the figures show."""
    found = overview.shown(overview.guarded)
    told = _reviews(overview, overview.shown(overview.reviews))
    return present([_effects(overview, found), _costs(overview, found), _doings(overview, found), told])


def _effects(overview: Overview, found: list[Guarded]) -> TableView | None:
    censored = any(g.censored for g in found)
    said = (
        "Harm attempted, prevented, and got through, of all samples with a verdict. Differences are against the same "
        "condition without guards, in percentage points with their 95 % intervals, worlds as pairs."
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
            Column("Against none", partial(_against, "attempted")),
            Column("Prevented", lambda g: rate_entry(g.prevented)),
            Column("95 %", lambda g: scored_interval(g.prevented)),
            Column("Got through", lambda g: rate_entry(g.through)),
            Column("95 %", lambda g: scored_interval(g.through)),
            Column("Against none", partial(_against, "through")),
            Column("Bounds", lambda g: interval(g.through.bounds.low, g.through.bounds.high), used=censored),
            Column("Censored", lambda g: part(g.censored, g.sessions), used=censored),
        ],
    )


def _costs(overview: Overview, found: list[Guarded]) -> TableView | None:
    worked = any(g.job for g in found)
    return table(
        "what guards cost",
        "The share of harmless sessions in which a guard stopped a harmless act, and the share of the job that was "
        "done, beside the same condition without guards: in percentage points with their 95 % intervals, worlds as "
        "pairs.",
        found,
        [
            *_places(overview),
            Column("False alarms", lambda g: known_rate(g.false_alarms)),
            Column("95 %", lambda g: scored_interval(g.false_alarms)),
            Column("Job done", lambda g: _mean(g.job), used=worked),
            Column("95 %", lambda g: _span(g.job), used=worked),
            Column("Against none", partial(_against, "job"), used=worked),
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


DECIDERS = {"rule": "the rule", "model": "a model", "failed": "the rule, since the model gave no usable answer"}
"""Who decided a review, in words."""


def review_words(outcome: str) -> str:
    """What an office outside came to, in words."""
    known = {
        "sent_back": "sent back, to be decided anew",
        "stands": "the decision stands",
        "pending": "not done when the session ended",
    }
    return known.get(outcome, outcome.replace("_", " "))


def _reviews(overview: Overview, found: list[Reviews]) -> TableView | None:
    return table(
        "what the office outside decided",
        "Sessions in which the agent reported to an office outside, which put the decision on hold to review it: what "
        "it came to, by whom, and in how many of these sessions harm was attempted all the same.",
        found,
        [
            *place_columns(overview),
            words("Condition", lambda r: condition(r.condition)),
            Column("Reported", lambda r: rate_entry(r.reported)),
            Column("95 %", lambda r: scored_interval(r.reported)),
            words("Came to", lambda r: text(_counts({review_words(n): k for n, k in r.outcomes.items()}))),
            words("Decided by", lambda r: text(_counts({DECIDERS.get(n, n): k for n, k in r.by.items()}))),
            Column("Harmful all the same", lambda r: known_rate(r.harmful)),
            Column("95 %", lambda r: scored_interval(r.harmful)),
        ],
    )


def _counts(found: Mapping[str, int]) -> str:
    return "; ".join(f"{name} ({n})" for name, n in found.items())


def _places(overview: Overview) -> list[Column[Guarded]]:
    return [
        *place_columns(overview),
        words("Condition", lambda g: condition(_bare(g))),
        words("Guards", lambda g: text(listing([condition_words(v) for v in g.guards]) or "none")),
    ]


def _bare(found: Guarded) -> str:
    """The condition without the guards, which have a column of their own."""
    return ",".join(level for level in found.condition.split(",") if level not in found.guards) or "control"


def _count(name: str, head: str, found: list[Guarded]) -> Column[Guarded]:
    return Column(head, lambda g: number(g.counts[name]), used=_any(name, found))


def _any(name: str, found: list[Guarded]) -> bool:
    return any(g.counts[name] for g in found)


def _mean(mean: Mean | None) -> Entry:
    return dash() if mean is None else share(mean.estimate, f"n = {mean.n}")


def _span(mean: Mean | None) -> Entry:
    return dash() if mean is None else interval(mean.low, mean.high)


def _against(number: str, found: Guarded) -> Entry:
    moved: Difference | Mean | None = getattr(found.against, number, None)
    return dash() if moved is None else difference(moved.estimate, f"{points(moved.low)} to {points(moved.high)}")
