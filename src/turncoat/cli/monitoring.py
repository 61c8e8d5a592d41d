"""The command on monitors: what one would have flagged in finished logs."""

from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError, RuleMet
from turncoat.cli.app import AsJson, Logs, SameModel, answer, app, check_writable, complain, finish


@app.command("monitor")
def monitor_command(
    logs: Logs,
    name: Annotated[
        str,
        typer.Option(
            "--monitor",
            help="`rules`, `model`, `cascade`, `ensemble`, module:function, sentinel:module:function, or "
            "`recorded:<guard>`: the scores that the logs hold.",
        ),
    ] = "rules",
    view: Annotated[str, typer.Option("--view", help="`act`, `acts` so far, or their `reasoning` as well.")] = "",
    model: Annotated[str, typer.Option("--model", help="The model of a monitor that asks one.")] = "",
    judge: Annotated[str, typer.Option("--judge", help="Whose verdicts are the truth; the runs' own if none.")] = "",
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Labels drawn from these logs by `turncoat label`.")
    ] = None,
    same_model: SameModel = False,
    calibration: Annotated[
        float, typer.Option("--calibration", help="Share of worlds on which thresholds are chosen.")
    ] = 0.5,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write sessions here and acts beside: .csv, .parquet or .json.")
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option("--fail-if", metavar="RULE", help='"monitor[rules].auroc lower < 0.8"; see docs/monitors.md.'),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a monitor would have flagged in finished logs, and how well; nothing is run again."""
    from turncoat.analysis.monitors.gates import parse_monitor_rule
    from turncoat.analysis.monitors.given import FORMATS
    from turncoat.api.monitors import monitor
    from turncoat.base.remote import brought
    from turncoat.providers.watch import telling
    from turncoat.report.monitors import monitor_json, monitor_text

    check_writable(out, *logs, labels, endings=FORMATS)
    rules = [parse_monitor_rule(text) for text in fail_if or []]
    with brought(logs) as here, telling(complain):
        found = monitor(
            here,
            name,
            view=view,
            model=model,
            judge=judge,
            labels=labels,
            same_model=same_model,
            calibration=calibration,
            rules=[rule.text for rule in rules],
        )
    files = found.write(out) if out is not None else ()
    shown = (found.watched, found.measures, found.cost)
    text = "\n".join([monitor_text(*shown), *map(str, files)])
    answer(as_json, {**monitor_json(*shown), "files": [str(f) for f in files]}, text)
    failed = {rule.text: lines for rule in rules if (lines := found.met(rule.text))}
    for rule, lines in failed.items():
        complain("\n".join(f"{rule}: {line}" for line in lines))
    if failed:
        raise RuleMet(f"{len(failed)} of {len(rules)} rules of --fail-if are met: {'; '.join(failed)}")
    if causes := [why for why in found.acts["failed"].dropna() if why]:
        acts = counted(len(causes), "act")
        raise IncompleteError(f"the monitor failed on {acts}, which count in no number; first: {causes[0]}")
    finish(found.watched.problems)
