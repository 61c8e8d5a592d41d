"""Commands that run models: run, demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from turncoat.cli.app import app
from turncoat.cli.options import AsJson, JudgeOption, Worlds
from turncoat.cli.output import check_writable, print_json, say
from turncoat.cli.scenarios import our_name
from turncoat.errors import IncompleteError


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    model: Annotated[list[str], typer.Option("--model", help="Inspect model name; may be repeated.")],
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="Condition id; the headline conditions if not given.")
    ] = None,
    worlds: Worlds = "1-20",
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="How often each sample is run.")] = 1,
    judge: JudgeOption = "rules",
    log_dir: Annotated[Path, typer.Option("--log-dir", help="Folder of the logs; the same folder continues.")] = Path(
        "logs"
    ),
    report: Annotated[Path | None, typer.Option("--report", help="Also write the report here.")] = None,
    max_connections: Annotated[int | None, typer.Option("--max-connections", min=1)] = None,
    as_json: AsJson = False,
) -> None:
    """Run a scenario's conditions on models, and say what came of it."""
    from turncoat.studies.command import run_scenario

    check_writable(report)
    result = run_scenario(
        our_name(scenario),
        models=model,
        conditions=condition,
        worlds=worlds,
        epochs=epochs,
        judge=judge,
        log_dir=log_dir,
        max_connections=max_connections,
        quiet=as_json or not sys.stderr.isatty(),
    )
    finish(result, report, as_json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for logs and report.")] = Path("demo"),
    worlds: Worlds = "1-25",
    as_json: AsJson = False,
) -> None:
    """Run the paper's 2×2 on three simulated models: no key, no network."""
    from turncoat.studies.command import DEMO_MODELS, run_scenario

    result = run_scenario(
        "blackmail",
        models=DEMO_MODELS,
        conditions=None,
        worlds=worlds,
        epochs=1,
        judge="rules",
        log_dir=out / "logs",
        max_connections=None,
        quiet=as_json or not sys.stderr.isatty(),
    )
    finish(result, out / "report.html", as_json)


def finish(result: Any, report_path: Path | None, as_json: bool) -> None:
    """Print the outcome of a run, write its report, and fail if anything was not done."""
    if report_path is not None:
        from turncoat.report import write_report

        write_report(result.paths, report_path)
    if as_json:
        print_json(result.as_dict() | {"report": str(report_path) if report_path else None})
    else:
        result.show()
        if report_path is not None:
            say(f"Report: {report_path}")
    if result.problem:
        raise IncompleteError(result.problem)
