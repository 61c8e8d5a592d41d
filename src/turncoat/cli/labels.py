"""Commands on labels: validate, label, correct."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from turncoat.cli.app import app
from turncoat.cli.options import AsJson, JudgeOption
from turncoat.cli.output import check_writable, print_json, say, write
from turncoat.errors import IncompleteError, UsageError, choices


@app.command()
def validate(
    judge: JudgeOption = "rules",
    labels: Annotated[
        list[Path] | None, typer.Option("--labels", help="Labelled responses; the shipped sets if not given.")
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="`dev`, `test` (not while a judge is being made), `run` or `all`.")
    ] = "dev",
    scenario: Annotated[str | None, typer.Option("--scenario", help="Only this scenario's.")] = None,
    read: Annotated[bool, typer.Option("--read", help="Also compare awareness (more calls to the judge).")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the result as Markdown.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a judge with labels: sensitivity, specificity, agreement, and where they differ."""
    from turncoat.scoring.command import choose
    from turncoat.scoring.labels import compare, read_labelled, shipped_sets
    from turncoat.scoring.labels.showing import comparison_data, comparison_text

    if split not in ("dev", "test", "run", "all"):
        raise UsageError(f"--split {choices(split, ['dev', 'test', 'run', 'all'])}")
    check_writable(out)
    items = [i for path in labels or shipped_sets() for i in read_labelled(path)]
    chosen = [i for i in items if split in ("all", i.split) and scenario in (None, i.scenario)]
    if not chosen:
        scenarios = ", ".join(sorted({i.scenario for i in items}))
        splits = ", ".join(sorted({i.split for i in items}))
        raise UsageError(f"no label of split {split!r} and this scenario; there are: {scenarios}; splits {splits}")
    found = compare(chosen, choose(judge), read=read)
    if as_json:
        print_json([comparison_data(c, split) for c in found])
    else:
        say("\n\n".join(comparison_text(c, split) for c in found))
    if out is not None:
        write(out, "\n\n".join(comparison_text(c, split) for c in found) + "\n")
    failed = sum(n for c in found for reason, n in c.reasons.items() if reason == "judge_error")
    if failed:
        raise IncompleteError(f"the judge failed on {failed} responses")


@app.command()
def label(
    logs: Annotated[list[Path], typer.Argument(help="Inspect logs, or folders of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Labels are added to this file; it continues.")],
    sample: Annotated[int, typer.Option("--sample", min=1, help="About how many to draw.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws others.")] = 1,
    rater: Annotated[str, typer.Option("--rater", help="Who labels; your login if not given.")] = "",
    judge: Annotated[
        str | None, typer.Option("--judge", help="Let a stronger judge label instead of a person.")
    ] = None,
) -> None:
    """Label a random sample of a run, blind; every response could be drawn, with a known probability."""
    from turncoat.analysis.labelling import drawn_responses
    from turncoat.scoring.labels.showing import label_by_judge
    from turncoat.scoring.labels.terminal import label_all

    check_writable(out)
    drawn = drawn_responses(list(logs), wanted=sample, seed=seed)
    if judge is not None:
        from turncoat.scoring.command import choose

        added = label_by_judge(drawn, out, choose(judge))
    elif not sys.stdin.isatty():
        raise UsageError("labelling asks a person in a terminal; give --judge to let a judge label")
    else:
        added = label_all(drawn, out, rater=rater or getpass.getuser())
    say(f"{added} labels added to {out} ({len(drawn)} drawn)")


@app.command()
def correct(
    logs: Annotated[list[Path], typer.Argument(help="Inspect logs, or folders of them.")],
    labels: Annotated[Path, typer.Option("--labels", help="Labels that `turncoat label` drew from these logs.")],
    as_json: AsJson = False,
) -> None:
    """Correct a run's rates for the judge's errors, by labels on a random sample of it."""
    from turncoat.analysis import read_table
    from turncoat.analysis.corrected import corrected_rates
    from turncoat.report.corrected import corrected_data, corrected_text
    from turncoat.scoring.labels import read_labelled

    found = corrected_rates(read_table(list(logs)), read_labelled(labels))
    if as_json:
        print_json([corrected_data(c) for c in found])
    else:
        say(corrected_text(found))
