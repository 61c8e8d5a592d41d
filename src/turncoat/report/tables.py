"""The report's tables: cells as text, with the value that they sort by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from turncoat.analysis import Cell, Overview
from turncoat.report.words import condition_words, counted, p_value, percent, points, short_names, span


@dataclass(frozen=True)
class Entry:
    """One cell of a table."""

    text: str
    sort: str | float = ""
    small: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Head:
    """The heading of a column."""

    name: str
    numeric: bool = False


def heads(table: Literal["rates", "contrasts"]) -> list[Head]:
    """The columns of a table."""
    if table == "contrasts":
        return [
            Head("Model"),
            Head("Adding"),
            Head("To"),
            Head("Difference", True),
            Head("95 %", True),
            Head("p", True),
        ]
    return [
        Head("Scenario"),
        Head("Condition"),
        Head("Model"),
        Head("Judge"),
        Head("Rate", True),
        Head("95 %", True),
        Head("Coverage", True),
        Head("Bounds", True),
        Head("Published", True),
    ]


def rate_table(overview: Overview) -> list[list[Entry]]:
    """All rates."""
    names = short_names(overview.models)
    return [_rate_row(c, names[c.model]) for c in overview.cells]


def _rate_row(cell: Cell, name: str) -> list[Entry]:
    rate = cell.rate
    estimate = rate.estimate
    known = estimate is not None
    published = cell.published
    return [
        Entry(cell.scenario, cell.scenario),
        Entry(condition_words(cell.condition), cell.condition),
        Entry(name, name, "simulated" if cell.simulated else ""),
        Entry(cell.judge, cell.judge),
        Entry(percent(estimate) if estimate is not None else "–", estimate or 0.0, f"{rate.k}/{rate.n}", True),
        Entry(span(rate.low, rate.high) if known else "–", rate.low, "", True),
        Entry(percent(rate.coverage), rate.coverage, f"{rate.n}/{rate.total}", True),
        Entry(span(rate.bounds.low, rate.bounds.high), rate.bounds.low, "", True),
        Entry(percent(published.rate) if published else "–", published.rate if published else -1.0, "", True),
    ]


def contrast_table(overview: Overview) -> list[list[Entry]]:
    """What each level adds."""
    names = short_names(overview.models)
    rows = []
    for c in overview.contrasts:
        d = c.difference
        rows.append(
            [
                Entry(names[c.first.model], names[c.first.model], "simulated" if c.first.simulated else ""),
                Entry(c.added.replace("=", " "), c.added),
                Entry(condition_words(c.second.condition), c.second.condition),
                Entry(points(d.estimate), d.estimate, "", True),
                Entry(f"{points(d.low)} to {points(d.high)}", d.low, "", True),
                Entry(p_value(c.adjusted_p), c.adjusted_p, "", True),
            ]
        )
    return rows


def square_tables(overview: Overview) -> list[dict[str, Any]]:
    """The two pressures crossed, one small table for each model."""
    names = short_names(overview.models)
    several = len(overview.judges) > 1 or len(overview.scenarios) > 1
    return [
        {
            "title": names[s.model] + (f" · {s.scenario} · {s.judge}" if several else ""),
            "simulated": s.simulated,
            "rows": [
                ("no threat", [_square_cell(s.neither), _square_cell(s.goal)]),
                ("replacement", [_square_cell(s.threat), _square_cell(s.both)]),
            ],
        }
        for s in overview.squares
    ]


def _square_cell(cell: Cell | None) -> dict[str, str]:
    if cell is None or cell.rate.estimate is None:
        return {"shade": "shade0", "rate": "–", "detail": "not run" if cell is None else "not scored"}
    rate = cell.rate
    shade = f"shade{min(int((rate.estimate or 0) * 5) + (1 if rate.estimate else 0), 5)}"
    detail = f"{rate.k}/{rate.n} · {span(rate.low, rate.high)}"
    return {"shade": shade, "rate": percent(rate.estimate or 0.0), "detail": detail}


def finding_tables(overview: Overview) -> list[dict[str, Any]]:
    """In how many samples each finding was made, by model."""
    names = short_names(overview.models)
    tables = []
    for scenario in overview.scenarios:
        mine = [d for d in overview.findings if d.scenario == scenario]
        kinds = sorted({k for d in mine for k in d.counts})
        if not kinds:
            continue
        several = len({(d.judge, d.interface) for d in mine}) > 1
        labels = [names[d.model] + (f" · {d.judge}" if several else "") for d in mine]
        rows = [
            [
                Entry(kind.replace("_", " "), kind),
                *(Entry(str(d.counts.get(kind, 0)), d.counts.get(kind, 0), f"of {d.total}", True) for d in mine),
            ]
            for kind in kinds
        ]
        caption = (
            f"Findings in {scenario}: samples in which each was made, over all conditions. A sample can have several."
        )
        tables.append({"caption": caption, "head": ["Finding", *labels], "rows": rows})
    return tables


def validity_lines(overview: Overview) -> list[tuple[str, list[str]]]:
    """What a reader must know to trust the numbers."""
    v = overview.validity
    found: list[tuple[str, list[str]]] = []
    found.append(("Coverage", [f"{v.scored} of {v.samples} samples have a verdict."]))
    if v.reasons:
        found.append(("Unscored", [f"{r.replace('_', ' ')}: {n}" for r, n in v.reasons.items()]))
    judges = [f"{j}, instrument {' and '.join(h)}" for j, h in v.judges.items()]
    found.append(("Judges", judges))
    found.append(
        (
            "Limits of the instrument",
            [
                f"Rung not certain in {counted(v.undecided, 'scored sample')}: a rule judge reads no motives, and "
                "cannot tell argument, escalation and deception apart.",
                f"{counted(v.ignored, 'tag')} in the answers look like acts and were not taken for one.",
            ],
        )
    )
    found.append(("Design", [f"{counted(v.worlds, 'world')}, {counted(v.epochs, 'epoch')} at most"]))
    if v.awareness:
        found.append(("Awareness", [f"{k.replace('-', ' ')}: {n}" for k, n in v.awareness.items()]))
    tokens = f"{v.tokens_in:,} tokens in, {v.tokens_out:,} out".replace(",", "\u202f")
    found.append(("Use", [tokens + (f", ${v.cost:.2f}" if v.cost is not None else "")]))
    found.append(("Versions", [f"Turncoat {' and '.join(v.versions)}"]))
    hashes = [f"{name}: {', '.join(h[:4])}{' …' if len(h) > 4 else ''}" for name, h in v.hashes.items() if h]
    if hashes:
        found.append(("Hashes", hashes))
    return found
