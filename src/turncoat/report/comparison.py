"""Two runs side by side, in words: for the terminal, for Markdown and for programs."""

from __future__ import annotations

from typing import Any

from turncoat.analysis import Cell, Comparison, Rate
from turncoat.analysis.guard_moves import GuardMove
from turncoat.analysis.guards import Difference, Mean
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.report.words import condition_words, counted, listing, md_table, p_value, percent, points, span

HEADS = ("scenario", "condition", "model", "before", "after", "difference", "95 %", "p (Holm)", "moved")
"""Columns of the table of moves."""

_WORDS = {"up": "up", "down": "down", "not shown": "–"}


def move_rows(comparison: Comparison) -> list[list[str]]:
    """One row for each rate that both runs have; columns as `HEADS`."""
    return [
        [
            m.first.scenario,
            " → ".join(map(condition_words, dict.fromkeys((m.first.condition, m.second.condition)))),
            " → ".join(map(shown, dict.fromkeys((m.first.model, m.second.model)))),
            _rate(m.first.rate),
            _rate(m.second.rate),
            points(m.difference.estimate),
            f"{points(m.difference.low)} to {points(m.difference.high)}",
            p_value(m.adjusted_p),
            _WORDS[m.moved],
        ]
        for m in comparison.moves
    ]


SHORT_HEADS = ("rate", "before", "after", "difference", "p (Holm)", "moved")
"""Columns of the table in a terminal."""


def short_rows(comparison: Comparison) -> list[list[str]]:
    """As `move_rows`, narrow enough for a terminal; columns as `SHORT_HEADS`."""
    return [
        [
            f"{m.label} ({m.second.judge})" if len({x.second.judge for x in comparison.moves}) > 1 else m.label,
            f"{m.first.rate.k}/{m.first.rate.n}",
            f"{m.second.rate.k}/{m.second.rate.n}",
            f"{points(m.difference.estimate)} ({points(m.difference.low)} to {points(m.difference.high)})",
            p_value(m.adjusted_p),
            _WORDS[m.moved],
        ]
        for m in comparison.moves
    ]


GUARD_HEADS = ("scenario", "condition", "model", "number", "before", "after", "difference", "95 %")
"""Columns of the table of guards and the job."""

MEASURES = {"got_through": "harm that got through", "false_alarms": "false alarms", "job": "job done"}
"""What the numbers of that table are called."""


def guard_rows(comparison: Comparison) -> list[list[str]]:
    """One row for each number of each condition; columns as `GUARD_HEADS`."""
    return [
        [
            m.cell.scenario,
            " → ".join(map(condition_words, dict.fromkeys(c.condition for c in _sides(m)))),
            " → ".join(map(shown, dict.fromkeys(c.model for c in _sides(m)))),
            MEASURES[m.measure],
            _number(m.before),
            _number(m.after),
            *_difference(m.difference),
        ]
        for m in comparison.guards
    ]


SHORT_GUARD_HEADS = ("guards and the job", "before", "after", "difference")
"""Columns of that table in a terminal."""


def short_guard_rows(comparison: Comparison) -> list[list[str]]:
    """As `guard_rows`, narrow enough for a terminal; columns as `SHORT_GUARD_HEADS`."""
    return [
        [
            f"{m.cell.scenario} [{m.cell.condition}] {shown(m.cell.model)}: {MEASURES[m.measure]}",
            _short(m.before),
            _short(m.after),
            "–" if m.difference is None else "{} ({})".format(*_difference(m.difference)),
        ]
        for m in comparison.guards
    ]


GUARD_NOTE = (
    "Harm that got through guards, false alarms (harmless sessions in which a guard stopped a harmless act) and the "
    "share of the job that was done, with 95 % intervals. Differences are in percentage points, second run minus "
    "first, worlds as pairs, and not corrected for their number. Where no guard stood nothing can be a false alarm."
)
"""What must be said beside the table of guards and the job."""


def comparison_notes(comparison: Comparison) -> list[str]:
    """What must be said beside the table, the result first."""
    up, down = (sum(m.moved == way for m in comparison.moves) for way in ("up", "down"))
    rest = len(comparison.moves) - up - down
    others = f" Of the other {rest} the data show no move, which is not to say that there is none." if rest else ""
    said = [
        f"{up} of {counted(len(comparison.moves), 'rate')} moved up and {down} down (p below {comparison.level:g} "
        f"after Holm's correction over all of them).{others} Differences are in percentage points with their 95 % "
        "intervals, second run minus first."
    ]
    for cells, where in ((comparison.only_first, "first"), (comparison.only_second, "second")):
        if cells:
            names = ", ".join(f"{c.scenario} [{c.condition}] {shown(c.model)}" for c in cells[:5])
            more = f" and {len(cells) - 5} more" if len(cells) > 5 else ""
            said.append(f"Only in the {where} run: {inert(names)}{more}.")
    if comparison.unscored:
        names = ", ".join(f"{a.scenario} [{a.condition}]" for a, _ in comparison.unscored)
        said.append(f"Without a scored sample on one side: {inert(names)}.")
    if simulated := {c.model for m in comparison.moves for c in (m.first, m.second) if c.simulated}:
        names = listing(sorted(map(shown, simulated)))
        said.append(f"Simulated, so evidence about the instrument alone: {inert(names)}.")
    return said + [inert(w[0].upper() + w[1:]) for w in comparison.warnings]


def comparison_md(comparison: Comparison) -> str:
    """The comparison as a section of Markdown."""
    rows = [[inert(cell) for cell in row] for row in move_rows(comparison)]
    notes = "\n\n".join(comparison_notes(comparison))
    said = f"## Comparison of two runs\n\n{notes}\n\n{md_table(HEADS, rows, numeric=range(3, 8))}\n"
    if not comparison.guards:
        return said
    held = [[inert(cell) for cell in row] for row in guard_rows(comparison)]
    return f"{said}\n### Guards and the job\n\n{GUARD_NOTE}\n\n{md_table(GUARD_HEADS, held, numeric=range(4, 8))}\n"


def comparison_json(comparison: Comparison, met: dict[str, list[str]]) -> dict[str, Any]:
    """The comparison for programs.

    Args:
        comparison: The comparison.
        met: Rule → the rates that met it.
    """
    return {
        "level": comparison.level,
        "moves": [
            {
                "scenario": m.second.scenario,
                "interface": m.second.interface,
                "condition": [m.first.condition, m.second.condition],
                "model": [m.first.model, m.second.model],
                "simulated": [m.first.simulated, m.second.simulated],
                "judge": [m.first.judge, m.second.judge],
                "before": _counts(m.first.rate),
                "after": _counts(m.second.rate),
                "difference": m.difference.estimate,
                "low": m.difference.low,
                "high": m.difference.high,
                "method": m.difference.method,
                "p": m.difference.p_value,
                "p_holm": m.adjusted_p,
                "moved": m.moved,
            }
            for m in comparison.moves
        ],
        "guards": [
            {
                "scenario": m.cell.scenario,
                "interface": m.cell.interface,
                "condition": [c and c.condition for c in (m.first, m.second)],
                "model": [c and c.model for c in (m.first, m.second)],
                "judge": [c and c.judge for c in (m.first, m.second)],
                "guards": list(m.guards),
                "measure": m.measure,
                **{name: _data(getattr(m, name)) for name in ("before", "after", "difference")},
            }
            for m in comparison.guards
        ],
        "only_first": [c.names for c in comparison.only_first],
        "only_second": [c.names for c in comparison.only_second],
        "unscored": [a.names for a, _ in comparison.unscored],
        "warnings": list(comparison.warnings),
        "met": met,
    }


def _sides(move: GuardMove) -> list[Cell]:
    return [c for c in (move.first, move.second) if c is not None]


def _number(found: Rate | Mean | None) -> str:
    if found is None:
        return "–"
    return _rate(found) if isinstance(found, Rate) else f"{percent(found.estimate)} ({span(found.low, found.high)})"


def _short(found: Rate | Mean | None) -> str:
    if found is None:
        return "–"
    return f"{found.k}/{found.n}" if isinstance(found, Rate) else percent(found.estimate)


def _difference(found: Difference | Mean | None) -> tuple[str, str]:
    return ("–", "–") if found is None else (points(found.estimate), f"{points(found.low)} to {points(found.high)}")


def _data(found: Rate | Difference | Mean | None) -> dict[str, Any] | None:
    """A number for programs; harmless sessions, or samples with a job, are what counts in `n`."""
    if found is None:
        return None
    return {"estimate": found.estimate, "low": found.low, "high": found.high} | (
        {} if isinstance(found, Difference) else {"n": found.n}
    )


def _rate(rate: Rate) -> str:
    return f"{percent(rate.estimate or 0.0)} ({rate.k}/{rate.n}; {span(rate.low, rate.high)})"


def _counts(rate: Rate) -> dict[str, Any]:
    return {
        "harmful": rate.k,
        "scored": rate.n,
        "total": rate.total,
        "rate": rate.estimate,
        "low": rate.low,
        "high": rate.high,
        "coverage": rate.coverage,
        "worst": rate.bounds.high_limit,
    }
