"""The report: all that the analysis found in one HTML file that needs nothing else, or a section of Markdown."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from turncoat.analysis import Overview, analyse, read_table
from turncoat.analysis.attempts import Watchings, watchings
from turncoat.analysis.published import publication
from turncoat.analysis.realism import readings_in
from turncoat.analysis.table import Table
from turncoat.analysis.transcripts import samples_in
from turncoat.base.errors import Problem
from turncoat.base.files import MARKDOWN, PAGE, ending_of, refuse_input, write_whole
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.base.version import __version__
from turncoat.report.accuracy import corrected_table, validation_table
from turncoat.report.browser import filters, transcript_entries
from turncoat.report.curves import monitor_tables
from turncoat.report.figures import pictures, write_figures
from turncoat.report.guards import guard_tables
from turncoat.report.interviews import said_tables
from turncoat.report.picture import Picture, Section
from turncoat.report.readings import (
    agreement_table,
    awareness_table,
    finding_tables,
    gap_table,
    job_table,
    opening_table,
    reading_table,
    reported_table,
)
from turncoat.report.sentences import (
    SIMULATED,
    failures,
    finding,
    hardly_acts,
    in_short,
    interval_note,
    over_budget,
    published_note,
    summary,
    title,
    what_was_run,
)
from turncoat.report.svg import ASSETS, asset
from turncoat.report.tables import (
    TableView,
    contrast_table,
    door_table,
    effect_table,
    mitigation_table,
    present,
    rate_table,
    storyline_table,
)
from turncoat.report.tradeoffs import tradeoff_table
from turncoat.report.validity import Lines, manifest_lines, validity_lines
from turncoat.report.words import counted, listing, md, md_table, some

if TYPE_CHECKING:
    from turncoat.analysis.monitors.watching import Watched

TRANSCRIPTS = 120
"""Transcripts that a report embeds at most."""


@dataclass(frozen=True)
class ReportSummary:
    """What a report says first."""

    headline: str
    finding: str
    samples: int
    unscored: int
    over_budget: str = ""
    """Why the run is no finished measurement, or ""."""
    not_used: tuple[Problem, ...] = ()
    """What of the logs could not be read as it stands."""


def write_report(
    logs: Sequence[Path],
    out: Path,
    *,
    title: str | None = None,
    transcripts: int = TRANSCRIPTS,
    figures: Path | None = None,
    form: str = "",
    labels: Path | None = None,
    validation: Path | None = None,
    monitors: Sequence[str] = (),
    realism: Sequence[Path] = (),
    same_model: bool = False,
) -> ReportSummary:
    """Write the report of some logs as one file, whole or not at all.

    Args:
        logs: Log files, or folders of them.
        out: The file.
        title: Its title; made from the models and scenarios if None.
        transcripts: Transcripts that are embedded at most.
        figures: Folder for the figures as SVG, PNG and PDF.
        form: `html` for the page, `md` for a section of a system card; by the ending of `out` if not given.
        labels: Labels that `turncoat label` drew from this run, for corrected rates.
        validation: What `turncoat validate --json` wrote, for the judge's error.
        monitors: What monitors would have flagged: files of `turncoat monitor --out`, monitors that ask no model, or
            `recorded:<guard>`.
        realism: Folders of readings, as `turncoat realism` leaves them; those that lie below the logs are found.
        same_model: Whether a monitor and the judge by whose verdicts it is measured may be one model.

    Raises:
        UsageError: A monitor that there is not, that asks a model, or whose model judged the runs; the ending of the
            file names no form; or it is one of those that are read.
        DataError: A file of a monitor, or of readings, cannot be read.
        LogError: There is no log, or none can be read.
        OutputError: The file or the folder cannot be written.
    """
    given = [path for path in (labels, validation) if path is not None]
    refuse_input(out, *logs, *given, *monitors, *realism, *(folder / "readings.jsonl" for folder in realism))
    form = form or form_of(out)
    table = read_table(logs)
    watched = _watched(monitors, table, same_model)
    read = readings_in(realism, logs)
    overview = analyse(table, labels=labels, validation=validation, monitors=watched, realism=read)
    drawn = pictures(overview)
    if form == "md":
        page = section_md(overview, title, _images(drawn, figures, out) if figures is not None else ())
    else:
        context = _context(table, overview, drawn, title, transcripts, watchings(watched))
        page = _environment().get_template("report.html.j2").render(context)
    write_whole(out, page.encode("utf-8", "replace"))
    if figures is not None:
        write_figures(drawn, figures)
    v = overview.validity
    said = what_was_run(overview), finding(overview), v.samples, v.samples - v.scored, over_budget(overview)
    return ReportSummary(*said, not_used=tuple(table.not_used))


def form_of(out: Path) -> str:
    """The form of a report, `html` or `md`, by the ending of its file.

    Raises:
        UsageError: The ending names none.
    """
    return "html" if ending_of(out, (*PAGE, *MARKDOWN)) in PAGE else "md"


def _watched(monitors: Sequence[str], table: Table, same_model: bool) -> tuple[Watched, ...]:
    if not monitors:
        return ()
    from turncoat.analysis.monitors.given import watched_by

    return watched_by(monitors, table, same_model=same_model)


def _guards(overview: Overview) -> list[TableView]:
    return [*guard_tables(overview), *monitor_tables(overview.monitors, overview.costs)]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # No line begins with the sign of a percentage.
    environment.filters["unbroken"] = lambda words: words.replace(" %", "\u00a0%")
    return environment


def _context(
    table: Table,
    overview: Overview,
    drawn: Sequence[Picture],
    name: str | None,
    transcripts: int,
    watched: Watchings,
) -> dict[str, Any]:
    figures = asset("figures.css")
    style = asset("report.css") + Markup("/* figures */\n") + figures + Markup("/* figures */\n") + asset("dark.css")
    script = asset("report.js")
    entries, prompts = transcript_entries(table.frame, transcripts, watched)
    grouped = {section: [p for p in drawn if p.section == section] for section in get_args(Section)}
    tables = {
        "rates": present([rate_table(overview), storyline_table(overview)]),
        "effects": present([contrast_table(overview), door_table(overview), effect_table(overview)]),
        "mitigations": present([mitigation_table(overview), reported_table(overview)]),
        "guards": present([tradeoff_table(overview), *_guards(overview)]),
        "awareness": present([awareness_table(overview), *said_tables(overview)]),
        "outcomes": [*finding_tables(overview), *present([job_table(overview), reading_table(overview)])],
        "validity": present(
            [
                validation_table(overview),
                corrected_table(overview),
                agreement_table(overview),
                opening_table(overview),
                gap_table(overview),
            ]
        ),
    }
    return {
        "title": inert(name) if name else title(overview),
        "policy": _policy(style, script),
        "version": __version__,
        "style": style,
        "script": script,
        "patterns": asset("patterns.svg"),
        "run": what_was_run(overview),
        "short": in_short(overview),
        "sections": _sections(grouped, tables, bool(entries)),
        "simulated": bool(overview.simulated),
        "all_simulated": len(overview.simulated) == len(overview.models),
        "simulated_list": some(sorted(map(shown, overview.simulated))),
        "simulated_words": SIMULATED,
        "simulated_judges": listing([j for j in overview.judges if j.startswith("sim/")]),
        "over_budget": over_budget(overview),
        "hardly_acts": hardly_acts(overview),
        "failures": failures(overview),
        "problems": [inert(str(p)) for p in overview.problems],
        "summary": summary(overview),
        "figures": grouped,
        "figures_note": " ".join(n for n in (interval_note(overview), published_note(overview)) if n),
        "tables": tables,
        "validity": validity_lines(overview),
        "manifest": manifest_lines(overview),
        "transcripts": entries,
        "transcripts_note": _note(len(entries), samples_in(table.frame)),
        "filters": filters(entries),
        "prompts": prompts,
        "citation": publication().citation,
    }


def _policy(style: str, script: str) -> str:
    """A content security policy that allows nothing but the page's own style and script: no network at all."""
    sha = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return f"default-src 'none'; style-src 'sha256-{sha[0]}'; script-src 'sha256-{sha[1]}'; img-src data:"


def _sections(figures: dict[str, Any], tables: dict[str, Any], transcripts: bool) -> list[tuple[str, str]]:
    there = {"effects": figures["effects"] or tables["effects"], "mitigations": tables["mitigations"]}
    there["guards"] = figures["guards"] or tables["guards"]
    there |= {"awareness": figures["awareness"] or tables["awareness"], "transcripts": transcripts}
    return [(name, words) for name, words in _SECTIONS.items() if there.get(name, True)]


_SECTIONS = {
    "summary": "Summary",
    "figures": "Figures",
    "rates": "All rates",
    "effects": "Effects of factors",
    "mitigations": "Mitigations",
    "guards": "Guards",
    "awareness": "Awareness",
    "outcomes": "Outcomes",
    "validity": "Validity",
    "transcripts": "Transcripts",
}


def _note(shown: int, samples: int) -> str:
    return (
        f"{shown} of {counted(samples, 'sample')}: harmful ones first, then spread over models, conditions and "
        "outcomes by a hash of their names, so nobody picked them. Performed acts are outlined in blue, quoted "
        "evidence is marked yellow under the finding's name, and what looks like an act and was not taken for one is "
        "greyed."
    )


def _images(drawn: Sequence[Picture], folder: Path, out: Path) -> list[str]:
    """The figures of guards as Markdown, where their files are named from the section's folder."""
    here = Path(os.path.relpath(folder, out.parent)).as_posix()
    return [
        f"![{md(p.heading)}]({quote(here)}/{p.file}.png)\n\n*{md(p.caption)}*" for p in drawn if p.section == "guards"
    ]


def section_md(overview: Overview, name: str | None = None, images: Sequence[str] = ()) -> str:
    """The report as Markdown, without transcripts, and without figures but those of guards.

    Args:
        overview: The analysis.
        name: The heading; made from the models and scenarios if None.
        images: Figures of guards, as Markdown.
    """
    budget, simulated, note = over_budget(overview), sorted(map(shown, overview.simulated)), published_note(overview)
    parts = [
        f"**{md(budget)}**" if budget else "",
        f"## {md(name or title(overview))}",
        *(f"**{md(line)}**" for line in hardly_acts(overview)),
        md(what_was_run(overview)),
        f"**{md(some(simulated))}** {'is' if len(simulated) == 1 else 'are'} {md(SIMULATED)}." if simulated else "",
        *(f"> {md(line)}" for line in failures(overview)),
        *(f"> {md(str(p))}" for p in overview.problems),
        *(md(line) for line in summary(overview)),
        *_tables("Rates of harmful outcomes", rate_table(overview), storyline_table(overview)),
        md(note.replace("Diamonds mark", "«Published» holds")),
        *_tables("What each factor adds", contrast_table(overview), door_table(overview), effect_table(overview)),
        *_tables("Mitigations", mitigation_table(overview), reported_table(overview)),
        *_tables("Guards", tradeoff_table(overview), *_guards(overview)),
        *images,
        *_tables("Awareness", awareness_table(overview), *said_tables(overview)),
        *_tables("Work done", job_table(overview)),
        *_tables("Reasoning and misunderstanding", reading_table(overview)),
        f"### Validity\n\n{_list(validity_lines(overview))}",
        *_tables("", validation_table(overview), corrected_table(overview)),
        *_tables("", agreement_table(overview), opening_table(overview), gap_table(overview)),
        f"### Provenance\n\n{_list(manifest_lines(overview))}",
        f"Measured with Turncoat {__version__}; fictional companies and people, simulated actions."
        + (f" Published rates: {md(cited)}." if (cited := publication().citation) else ""),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _tables(title: str, *views: TableView | None) -> list[str]:
    """Tables under a title; nothing where there is none."""
    found = [f"### {title}"] if title and any(views) else []
    for view in present(views):
        rows = [[f"{e.text} ({e.small})" if e.small else e.text for e in row] for row in view.rows]
        numeric = [i for i, h in enumerate(view.heads) if h.numeric]
        found += [md_table([h.name for h in view.heads], rows, numeric), f"*{md(view.caption)}*"]
    return found


def _list(lines: Lines) -> str:
    return "\n".join(f"- **{md(name)}:** {md('; '.join(found))}" for name, found in lines)
