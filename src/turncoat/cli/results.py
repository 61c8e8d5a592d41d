"""Commands on finished runs: report, export, compare."""

from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.counting import counted
from turncoat.base.errors import RuleMet, UsageError, choices
from turncoat.base.files import MARKDOWN, PAGE, TEXT, write_whole
from turncoat.cli.app import AsJson, Logs, SameModel, answer, app, check_writable, complain, finish, print_json, say


@app.command()
def report(
    logs: Logs,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; report.html or report.md.")] = None,
    title: Annotated[str | None, typer.Option("--title")] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="`html`, or `md` for a section of a system card; else by the end of --out."),
    ] = None,
    figures: Annotated[Path | None, typer.Option("--figures", help="Folder for the figures: SVG, PNG, PDF.")] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Labels drawn from this run by `turncoat label`: corrected rates.")
    ] = None,
    validation: Annotated[
        Path | None, typer.Option("--validation", help="Output of `turncoat validate --json`: the judge's error.")
    ] = None,
    monitor: Annotated[
        list[str] | None,
        typer.Option(
            "--monitor",
            help="What it would have flagged: `rules`, `recorded:<guard>`, or a file of `turncoat monitor --out`.",
        ),
    ] = None,
    same_model: SameModel = False,
    readings: Annotated[
        list[Path] | None,
        typer.Option("--readings", help="Folder of `turncoat realism`: how real it looks; found below the logs."),
    ] = None,
    transcripts: Annotated[int, typer.Option("--transcripts", min=0, help="Transcripts in the page at most.")] = 120,
    as_json: AsJson = False,
) -> None:
    """Write the report of finished runs: one file that needs nothing else."""
    from turncoat.base.remote import brought
    from turncoat.report import write_report

    if form not in (None, "html", "md"):
        raise UsageError(f"--format {choices(form, ['html', 'md'])}")
    target = out or Path(f"report.{form or 'html'}")
    read = (*logs, labels, validation, *(monitor or ()), *(f / "readings.jsonl" for f in readings or ()))
    check_writable(target, *read, endings=() if form else (*PAGE, *MARKDOWN))
    with brought(logs) as here:
        summary = write_report(
            here,
            target,
            title=title,
            form=form or "",
            figures=figures,
            transcripts=transcripts,
            labels=labels,
            validation=validation,
            monitors=monitor or [],
            realism=readings or [],
            same_model=same_model,
        )
    found = {"samples": summary.samples, "unscored": summary.unscored, "over_budget": summary.over_budget or None}
    said = (summary.over_budget, summary.headline, str(target))
    answer(as_json, {"report": str(target), **found}, "\n".join(line for line in said if line))
    finish(summary.not_used, str(target))


@app.command()
def export(
    logs: Logs,
    out: Annotated[Path, typer.Option("--out", "-o", help="A file that ends in .parquet or .csv.")],
    as_json: AsJson = False,
) -> None:
    """Write one row for each sample and judge, with every factor, outcome, cost and hash (see docs/data.md)."""
    from turncoat.analysis import export_logs
    from turncoat.analysis.table import check_format
    from turncoat.base.remote import brought

    check_format(out)
    check_writable(out, *logs)
    with brought(logs) as here:
        table = export_logs(here, out)
    problems = [str(p) for p in table.problems]
    for problem in problems:
        complain(f"turncoat: {problem}")
    rows, columns = table.frame.shape
    data = {"file": str(out), "rows": rows, "columns": columns, "problems": problems}
    answer(as_json, data, f"{counted(rows, 'row')}, {counted(columns, 'column')}: {out}")
    finish(table.not_used, str(out), said=True)


@app.command("copy-logs")
def copy_logs_command(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Folder of logs, or its address (s3://bucket/folder).")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Folder, or address; made if it is not there.")],
) -> None:
    """Copy a run's logs into object storage, or back, so that it can be reported or continued elsewhere."""
    from turncoat.analysis.table.copying import copy_logs

    say(f"{counted(len(copy_logs(source, target)), 'file')}: {target}")


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="The run before: a log, a folder, or an address (s3://…).")],
    second: Annotated[str, typer.Argument(help="The run after.")],
    fail_if: Annotated[
        list[str] | None,
        typer.Option("--fail-if", metavar="RULE", help="A rate, a guard or a monitor; see docs/operations.md."),
    ] = None,
    across: Annotated[
        list[str] | None, typer.Option("--across", metavar="FACTOR", help="A factor that the runs differ in.")
    ] = None,
    level: Annotated[float, typer.Option("--level", help="A rate moved where Holm's p lies below this.")] = 0.05,
    same_model: SameModel = False,
    form: Annotated[str, typer.Option("--format", help="`text` or `md`.")] = "text",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it here, as Markdown.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two runs: which rates moved. Exit code 1 if a rule of --fail-if is met."""
    from turncoat.analysis import compare as compared
    from turncoat.analysis import read_table
    from turncoat.analysis.gates import met_gate, parse_gate
    from turncoat.base.remote import brought
    from turncoat.cli.screens import show_comparison
    from turncoat.report.comparison import comparison_json, comparison_md

    if form not in ("text", "md"):
        raise UsageError(f"--format {choices(form, ['text', 'md'])}")
    if not 0 < level < 1:
        raise UsageError(f"--level {level}: lies strictly between 0 and 1, such as 0.05")
    check_writable(out, first, second, endings=TEXT)
    rules = [parse_gate(text) for text in fail_if or []]
    with brought([first, second]) as here:
        tables = [read_table([place]) for place in here]
        found = compared(*tables, across=across or [], level=level)
        failed = {
            rule.text: lines for rule in rules if (lines := met_gate(rule, found, tables[1], same_model=same_model))
        }
    if out is not None:
        write_whole(out, comparison_md(found))
    if as_json:
        print_json(comparison_json(found, failed))
    elif out is None and form == "md":
        say(comparison_md(found))
    elif out is None:
        show_comparison(found)
    not_used = [problem for table in tables for problem in table.not_used]
    for rule, lines in failed.items():
        complain("\n".join(f"{rule}: {line}" for line in lines))
    if failed:
        for problem in not_used:
            complain(f"turncoat: {problem}")
        raise RuleMet(f"{len(failed)} of {len(rules)} rules of --fail-if are met: {'; '.join(failed)}")
    finish(not_used, "the comparison")
