"""Commands on finished runs: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from turncoat.cli.app import app
from turncoat.cli.options import AsJson
from turncoat.cli.output import print_json, say


@app.command()
def report(
    logs: Annotated[list[Path], typer.Argument(help="Inspect logs, or folders of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file.")] = Path("report.html"),
    title: Annotated[str | None, typer.Option("--title")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of finished runs: one HTML file that needs nothing else."""
    from turncoat.report import write_report

    summary = write_report(list(logs), out, title=title)
    if as_json:
        print_json({"report": str(out), "samples": summary.samples, "unscored": summary.unscored})
    else:
        say(f"{summary.headline}\n{out}")
