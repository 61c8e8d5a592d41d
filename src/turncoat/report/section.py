"""A section for a system card, as Markdown: what was run, what was found, and what limits it."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.analysis import Overview
from turncoat.analysis.published import publication
from turncoat.base.version import __version__
from turncoat.report.accuracy import corrected_table, validation_table
from turncoat.report.markdown import md, md_table
from turncoat.report.readings import agreement_table, awareness_table, gap_table, opening_table, reading_table
from turncoat.report.sentences import (
    SIMULATED,
    failures,
    over_budget,
    published_note,
    summary,
    title,
    what_was_run,
)
from turncoat.report.tables import (
    TableView,
    contrast_table,
    effect_table,
    mitigation_table,
    present,
    rate_table,
)
from turncoat.report.validity import Lines, manifest_lines, validity_lines
from turncoat.report.words import some


def section_md(overview: Overview, name: str | None = None) -> str:
    """The report as Markdown, without figures and transcripts.

    Args:
        overview: The analysis.
        name: The heading; made from the models and scenarios if None.
    """
    parts = []
    if line := over_budget(overview):
        parts.append(f"**{md(line)}**")
    parts += [f"## {md(name or title(overview))}", md(what_was_run(overview))]
    if overview.simulated:
        verb = "is" if len(overview.simulated) == 1 else "are"
        parts.append(f"**{md(some(sorted(overview.simulated)))}** {verb} {md(SIMULATED)}.")
    parts += [f"> {md(line)}" for line in failures(overview)]
    parts += [f"> {md(str(p))}" for p in overview.problems]
    parts += [md(line) for line in summary(overview)]
    parts += ["### Rates of harmful outcomes", *_tables(present([rate_table(overview)]))]
    if note := published_note(overview):
        parts.append(md(note.replace("Diamonds mark", "«Published» holds")))
    more = present([contrast_table(overview), effect_table(overview)])
    if more:
        parts += ["### What each factor adds", *_tables(more)]
    if view := mitigation_table(overview):
        parts += ["### Mitigations", *_tables([view])]
    if view := awareness_table(overview):
        parts += ["### Awareness", *_tables([view])]
    if view := reading_table(overview):
        parts += ["### Reasoning and misunderstanding", *_tables([view])]
    parts += ["### Validity", _list(validity_lines(overview))]
    error = [validation_table(overview), corrected_table(overview)]
    parts += _tables(present([*error, agreement_table(overview), opening_table(overview), gap_table(overview)]))
    parts += ["### Provenance", _list(manifest_lines(overview))]
    parts.append(
        f"Measured with Turncoat {__version__}; fictional companies and people, simulated actions."
        + (f" Published rates: {md(cited)}." if (cited := publication().citation) else "")
    )
    return "\n\n".join(parts) + "\n"


def _tables(views: Sequence[TableView]) -> list[str]:
    found = []
    for view in views:
        rows = [[f"{e.text} ({e.small})" if e.small else e.text for e in row] for row in view.rows]
        numeric = [i for i, h in enumerate(view.heads) if h.numeric]
        found += [md_table([h.name for h in view.heads], rows, numeric), f"*{md(view.caption)}*"]
    return found


def _list(lines: Lines) -> str:
    return "\n".join(f"- **{md(name)}:** {md('; '.join(found))}" for name, found in lines)
