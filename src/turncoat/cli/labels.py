"""Commands on labels: validate, label, correct."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.errors import IncompleteError, UsageError, choices
from turncoat.base.files import write_whole
from turncoat.cli.app import app
from turncoat.cli.options import AsJson, BlindOption, JudgeOption, RubricsOption
from turncoat.cli.output import check_writable, print_json, say


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
    blind: BlindOption = False,
    rubrics: RubricsOption = "",
    show_test: Annotated[
        bool, typer.Option("--show-test", help="List responses of a test half too: it is none afterwards.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the result as Markdown.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a judge with labels: sensitivity, specificity, agreement, and where they differ."""
    from turncoat.evidence.findings import BROKEN
    from turncoat.judges.choice import JudgeChoice
    from turncoat.labels import read_labelled, shipped_sets
    from turncoat.labels import validate as validated
    from turncoat.report.accuracy import validation_text

    if split not in ("dev", "test", "run", "all"):
        raise UsageError(f"--split {choices(split, ['dev', 'test', 'run', 'all'])}")
    check_writable(out)
    items = [i for path in labels or shipped_sets() for i in read_labelled(path)]
    chosen = [i for i in items if split in ("all", i.split) and scenario in (None, i.scenario)]
    if not chosen:
        scenarios = ", ".join(sorted({i.scenario for i in items}))
        splits = ", ".join(sorted({i.split for i in items}))
        raise UsageError(f"no label of split {split!r} and this scenario; there are: {scenarios}; splits {splits}")
    used = JudgeChoice(judge, rubrics, blind).found()
    halves = [(h, [i for i in chosen if i.split == h]) for h in ("dev", "test", "run")]
    found = [(c, h, show_test or h != "test") for h, part in halves if part for c in validated(part, used, read=read)]
    text = "\n\n".join(validation_text(c, half, listed=listed) for c, half, listed in found)
    if as_json:
        print_json([c.data(half, listed=listed) for c, half, listed in found])
    else:
        say(text)
    if out is not None:
        write_whole(out, text + "\n")
    failed = sum(n for c, _, _ in found for reason, n in c.reasons.items() if reason in BROKEN)
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
    blind: BlindOption = False,
    rubrics: RubricsOption = "",
) -> None:
    """Label a random sample of a run, blind; every response could be drawn, with a known probability."""
    from turncoat.analysis.labelled import check_same_draw, drawn_responses
    from turncoat.cli.labelling import label_all
    from turncoat.labels.items import not_among, read_labelled
    from turncoat.labels.validation import label_by_judge

    check_writable(out)
    drawn = drawn_responses(list(logs), wanted=sample, seed=seed)
    check_same_draw(drawn, out)
    failed: dict[str, int] = {}
    if judge is not None:
        from turncoat.judges.choice import JudgeChoice

        added, failed = label_by_judge(drawn, out, JudgeChoice(judge, rubrics, blind).found())
    elif not sys.stdin.isatty():
        raise UsageError("labelling asks a person in a terminal; give --judge to let a judge label")
    else:
        added = label_all(drawn, out, rater=rater or getpass.getuser())
    left = len(not_among(drawn, [i for i in read_labelled(out) if not i.label.failed] if out.exists() else ()))
    say(f"{added} labels added to {out} ({len(drawn)} drawn{f', {left} still to label' if left else ''})")
    if failed:
        reasons = ", ".join(f"{reason} {n}" for reason, n in failed.items())
        raise IncompleteError(
            f"the judge gave no label for {sum(failed.values())} ({reasons}); the same command asks again"
        )


@app.command()
def correct(
    logs: Annotated[list[Path], typer.Argument(help="Inspect logs, or folders of them.")],
    labels: Annotated[Path, typer.Option("--labels", help="Labels that `turncoat label` drew from these logs.")],
    as_json: AsJson = False,
) -> None:
    """Correct a run's rates for the judge's errors, by labels on a random sample of it."""
    from turncoat.analysis import read_table
    from turncoat.analysis.labelled import corrected_rates
    from turncoat.labels import read_labelled
    from turncoat.report.accuracy import corrected_data, corrected_text

    found = corrected_rates(read_table(list(logs)), read_labelled(labels))
    if as_json:
        print_json([corrected_data(c) for c in found])
    else:
        say(corrected_text(found))
