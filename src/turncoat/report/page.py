"""The page: everything that the analysis found, in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import turncoat
from turncoat.analysis import Overview, analyse_logs
from turncoat.analysis.published import CITATION
from turncoat.errors import OutputError
from turncoat.report.bars import rate_figure
from turncoat.report.browser import filters, transcript_entries
from turncoat.report.rungs import rung_figure
from turncoat.report.sentences import (
    HARM,
    SIMULATED,
    failures,
    interval_note,
    published_note,
    summary,
    title,
    what_was_run,
)
from turncoat.report.tables import (
    contrast_table,
    finding_tables,
    heads,
    rate_table,
    square_tables,
    validity_lines,
)
from turncoat.report.words import counted, listing

ASSETS = Path(__file__).parent / "assets"
TRANSCRIPTS = 120
"""Transcripts that a report embeds at most."""


@dataclass(frozen=True)
class ReportSummary:
    """What a report says first."""

    headline: str
    samples: int
    unscored: int


def write_report(
    logs: Sequence[Path], out: Path, *, title: str | None = None, transcripts: int = TRANSCRIPTS
) -> ReportSummary:
    """Write the report of some logs as one HTML file, whole or not at all.

    Args:
        logs: Log files, or folders of them.
        out: The file.
        title: Its title; made from the models and scenarios if None.
        transcripts: Transcripts that are embedded at most.

    Raises:
        LogError: There is no log, or none can be read.
        OutputError: The file cannot be written.
    """
    table, overview = analyse_logs(logs)
    page = _environment().get_template("report.html.j2").render(_context(table, overview, title, transcripts))
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_text(page, encoding="utf-8", errors="replace")
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{out}: {error.strerror}; nothing was written") from None
    validity = overview.validity
    return ReportSummary(what_was_run(overview), validity.samples, validity.samples - validity.scored)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _context(table: Any, overview: Overview, name: str | None, transcripts: int) -> dict[str, Any]:
    style, script = (ASSETS / "report.css").read_text("utf-8"), (ASSETS / "report.js").read_text("utf-8")
    entries, prompts = transcript_entries(table.frame, transcripts)
    figures = _figures(overview)
    rungs = _rungs(overview, first=len(figures) + 2 if overview.squares else len(figures) + 1)
    contrast_rows = contrast_table(overview)
    return {
        "title": name or title(overview),
        "policy": _policy(style, script),
        "version": turncoat.__version__,
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "run": what_was_run(overview),
        "sections": _sections(overview, bool(contrast_rows), bool(entries)),
        "simulated": bool(overview.simulated),
        "all_simulated": len(overview.simulated) == len(overview.models),
        "simulated_list": listing(sorted(overview.simulated)),
        "simulated_words": SIMULATED,
        "failures": failures(overview),
        "problems": [p.text for p in overview.problems],
        "summary": summary(overview),
        "figures": figures,
        "published_note": published_note(),
        "rate_head": heads("rates"),
        "rate_rows": rate_table(overview),
        "squares": square_tables(overview),
        "square_number": len(figures) + 1,
        "contrast_head": heads("contrasts"),
        "contrast_rows": contrast_rows,
        "rungs": rungs,
        "findings": finding_tables(overview),
        "validity": validity_lines(overview),
        "transcripts": entries,
        "transcripts_note": _note(len(entries), overview),
        "filters": filters(entries),
        "prompts": prompts,
        "citation": CITATION,
    }


def _policy(style: str, script: str) -> str:
    """A content security policy that allows nothing but the page's own style and script: no network at all."""

    def sha(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return f"default-src 'none'; style-src 'sha256-{sha(style)}'; script-src 'sha256-{sha(script)}'; img-src data:"


def _sections(overview: Overview, contrasts: bool, transcripts: bool) -> list[tuple[str, str]]:
    names = [("summary", "Summary"), ("rates", "Rates")]
    names += [("square", "Goal × threat")] if overview.squares else []
    names += [("contrasts", "Contrasts")] if contrasts else []
    names += [("outcomes", "Outcomes"), ("validity", "Validity")]
    return names + ([("transcripts", "Transcripts")] if transcripts else [])


def _settings(overview: Overview) -> list[tuple[str, str]]:
    return sorted({(c.scenario, c.interface) for c in overview.cells})


def _heading(overview: Overview, scenario: str, interface: str) -> str:
    several = len({i for _, i in _settings(overview)}) > 1
    return scenario.capitalize() + (f", {interface} interface" if several else "")


def _figures(overview: Overview) -> list[dict[str, Any]]:
    found = []
    for scenario, interface in _settings(overview):
        cells = [c for c in overview.cells if (c.scenario, c.interface) == (scenario, interface)]
        found.append(
            {
                "heading": _heading(overview, scenario, interface),
                "figure": rate_figure(cells),
                "harm": HARM.get(scenario, "acted harmfully"),
                "note": interval_note(cells),
            }
        )
    return found


def _rungs(overview: Overview, first: int) -> list[dict[str, Any]]:
    found = []
    undecided = overview.validity.undecided
    note = (
        f"In {counted(undecided, 'scored sample')} the instrument could not rule out another rung." if undecided else ""
    )
    for number, (scenario, interface) in enumerate(_settings(overview), first):
        mine = [d for d in overview.rungs if (d.scenario, d.interface) == (scenario, interface)]
        figure = rung_figure(mine, overview.orders[scenario], overview.simulated)
        found.append(
            {"heading": _heading(overview, scenario, interface), "figure": figure, "number": number, "note": note}
        )
    return found


def _note(shown: int, overview: Overview) -> str:
    return (
        f"{shown} of {overview.validity.samples} samples: harmful ones first, then spread over models, conditions and "
        "outcomes by a hash of their names. Performed acts are outlined, quoted evidence is highlighted with the "
        "finding's name, and what looks like an act and was not taken for one is greyed."
    )
