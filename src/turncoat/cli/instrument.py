"""Commands of the instrument: score, validate, label, correct, calibrate."""

import getpass
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError, Problem, UsageError, choices
from turncoat.base.files import TEXT, write_whole
from turncoat.base.stores import is_address
from turncoat.base.text import inert_json
from turncoat.cli.app import (
    AsJson,
    BlindOption,
    JudgeOption,
    Logs,
    ReadOption,
    RubricsOption,
    Setting,
    answer,
    app,
    check_writable,
    complain,
    finish,
    print_json,
    say,
)

if TYPE_CHECKING:
    from turncoat.scoring.options import ScoringOptions


@app.command()
def score(
    files: Annotated[
        list[str],
        typer.Argument(
            help="JSON or JSONL, Inspect logs or folders of them (or addresses, s3://…), or published results folders."
        ),
    ],
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            help="For responses that do not name theirs, such as blackmail, or a pack's. Where your own's folder is.",
        ),
    ] = None,
    setting: Setting = None,
    world: Annotated[
        str, typer.Option("--world", help="For responses that do not say theirs; the first world if not given.")
    ] = "",
    judge: JudgeOption = "rules",
    read: ReadOption = "all",
    blind: BlindOption = False,
    rubrics: RubricsOption = "",
    out: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write one JSON object a line here.")
    ] = None,
    append: Annotated[bool, typer.Option("--append", help="Add the scores to the Inspect logs themselves.")] = False,
    copy: Annotated[
        Path | None, typer.Option("--write", metavar="LOG", help="Write the Inspect log with the scores added here.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="With those: replace scores of the same name.")] = False,
    ladder: Annotated[
        int, typer.Option("--ladder", help="With those: a version of the scenario's ladder; 0 is the current one.")
    ] = 0,
) -> None:
    """Score responses that exist already: of a log, of the published code, or your own."""
    from turncoat.scoring.options import ScoringOptions

    options = ScoringOptions(judge, read, blind, rubrics, ladder, scenario or "")
    if append or copy is not None:
        if out is not None or (append and copy is not None):
            raise UsageError("--json, --append and --write say where scores go: give one of them")
        if setting or world:
            raise UsageError("--set and --world do not apply: a log's samples name their own condition and world")
        if any(is_address(file) for file in files):
            raise UsageError("scores are added to logs here; bring those of a store here with `turncoat copy-logs`")
        _into_logs([Path(file) for file in files], copy, options, replace)
        return
    if ladder or replace:
        raise UsageError("--ladder and --replace go with --append or --write")
    from turncoat.base.remote import brought
    from turncoat.providers.watch import telling
    from turncoat.scoring.files import score_files

    check_writable(out, *files)
    with brought(files) as here, telling(complain):
        done = score_files(here, options, settings=setting or [], world=world)
    text = "\n".join(inert_json(json.dumps(r, ensure_ascii=False)) for r in done.records)
    if out is not None:
        write_whole(out, f"{text}\n" if text else "")
    elif text:
        say(text)
    complain("\n".join(done.said))
    if done.problems:
        raise IncompleteError(f"{len(done.problems)} of {len(done.problems) + len(done.records)} were not read")
    if done.broken:
        raise IncompleteError(f"the judge failed on {counted(done.broken, 'response')}; the first: {done.cause}")


def _into_logs(files: list[Path], copy: Path | None, options: "ScoringOptions", replace: bool) -> None:
    """Add scores to logs, in place or in a copy; a folder stands for its logs."""
    from turncoat.scoring.sources import logs_in

    there = (log for file in files for log in ((logs_in(file) or [file]) if file.is_dir() else [file]))
    files = [*{log.resolve(): log for log in there}.values()]  # one that is named twice counts once
    if copy is not None and len(files) > 1:
        raise UsageError(f"--write {copy}: takes one log; --append takes several")
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file}: no such file")
        if file.suffix not in (".eval", ".json"):
            raise UsageError(f"{file}: not an Inspect log (.eval or .json); scores can only be added to logs")
    check_writable(copy)
    if copy is not None and copy.suffix != files[0].suffix:
        raise UsageError(f"--write {copy}: the copy of {files[0].name} must end in {files[0].suffix}")
    from turncoat.providers.watch import telling
    from turncoat.scoring.rescoring import rescore

    broken = misplaced = 0
    for file in files:
        with telling(complain):
            done = rescore(file, options, copy, replace=replace)
        broken, misplaced = broken + done.broken, misplaced + done.misplaced
        for line in done.lines:
            say(line)
    if broken:
        raise IncompleteError(f"the judge failed on {counted(broken, 'response')}; --replace asks it again")
    if misplaced:
        raise IncompleteError(f"not scored, since nothing says where their agent acted: {counted(misplaced, 'sample')}")


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
    from turncoat.judges.choice import JudgeChoice
    from turncoat.labels import read_labelled, shipped_sets
    from turncoat.labels import validate as validated
    from turncoat.providers.watch import telling
    from turncoat.report.accuracy import named_failures, validation_text

    if split not in ("dev", "test", "run", "all"):
        raise UsageError(f"--split {choices(split, ['dev', 'test', 'run', 'all'])}")
    check_writable(out, *(labels or ()), endings=TEXT)
    files = {path.resolve(): path for path in labels or shipped_sets()}  # one that is named twice counts once
    items = [i for path in files.values() for i in read_labelled(path)]
    if not items:
        raise UsageError(f"{', '.join(map(str, labels or ()))}: no labelled response is there")
    chosen = [i for i in items if split in ("all", i.split) and scenario in (None, i.scenario)]
    if not chosen:
        if scenario is not None and scenario not in (there := sorted({i.scenario for i in items})):
            raise UsageError(f"--scenario {choices(scenario, there)}, which these labels are of")
        splits = ", ".join(sorted({i.split for i in items if scenario in (None, i.scenario)}))
        raise UsageError(f"--split {split}: none of these labels is of it; there are: {splits}, or all")
    used = JudgeChoice(judge, rubrics, blind).found()
    halves = [(h, [i for i in chosen if i.split == h]) for h in ("dev", "test", "run")]
    with telling(complain):
        found = [
            (c, h, show_test or h != "test") for h, part in halves if part for c in validated(part, used, read=read)
        ]
    text = "\n\n".join(validation_text(c, half, listed=listed) for c, half, listed in found)
    answer(as_json, [c.data(half, listed=listed) for c, half, listed in found], text)
    if out is not None:
        write_whole(out, text + "\n")
    if failed := [j for c, _, _ in found for j in c.failures]:
        raise IncompleteError(f"the judge failed on {counted(len(failed), 'response')}: {named_failures(failed)}")


@app.command()
def label(
    logs: Logs,
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
    from turncoat.analysis.labelled import check_same_draw, drawn_with_models
    from turncoat.base.remote import brought
    from turncoat.cli.labelling import label_all
    from turncoat.labels.items import not_among, read_labelled
    from turncoat.labels.validation import label_by_judge

    check_writable(out, *logs)
    if judge is not None and rater:
        raise UsageError(
            f"--rater {rater}: is a person who labels, and --judge {judge} labels instead; give one of them"
        )
    if judge is None and (of_judge := "--blind" if blind else "--rubrics" if rubrics else ""):
        raise UsageError(f"{of_judge}: is of a judge that labels; give --judge, or leave it out")
    problems: list[Problem] = []
    with brought(logs) as here:
        found = drawn_with_models(here, wanted=sample, seed=seed, problems=problems)
    drawn, models = [item for item, _ in found], {item.id: model for item, model in found}
    check_same_draw(drawn, out)
    failed: dict[str, int] = {}
    if judge is not None:
        from turncoat.judges.choice import JudgeChoice
        from turncoat.providers.watch import telling

        with telling(complain):
            added, failed = label_by_judge(drawn, out, JudgeChoice(judge, rubrics, blind).found(), models)
    elif not sys.stdin.isatty():
        raise UsageError("labelling asks a person in a terminal; give --judge to let a judge label")
    else:
        added = label_all(drawn, out, rater=rater or getpass.getuser())
    left = len(not_among(drawn, [i for i in read_labelled(out) if not i.label.failed] if out.exists() else ()))
    say(f"{counted(added, 'label')} added to {out} ({len(drawn)} drawn{f', {left} still to label' if left else ''})")
    if failed:
        reasons = ", ".join(f"{reason} {n}" for reason, n in failed.items())
        raise IncompleteError(
            f"the judge gave no label for {sum(failed.values())} ({reasons}); the same command asks again"
        )
    finish(problems, str(out))


@app.command()
def correct(
    logs: Logs,
    labels: Annotated[Path, typer.Option("--labels", help="Labels that `turncoat label` drew from these logs.")],
    as_json: AsJson = False,
) -> None:
    """Correct a run's rates for the judge's errors, by labels on a random sample of it."""
    from turncoat.analysis import read_table
    from turncoat.analysis.labelled import corrected_rates
    from turncoat.base.remote import brought
    from turncoat.labels import read_labelled
    from turncoat.report.accuracy import corrected_data, corrected_text

    with brought(logs) as here:
        table = read_table(here)
    found = corrected_rates(table, read_labelled(labels))
    answer(as_json, [corrected_data(c) for c in found], corrected_text(found))
    finish(table.not_used)


@app.command()
def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="A small one, for a first look and for CI.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.md", help="Write the page here, not to the terminal.")
    ] = None,
    through: Annotated[
        list[str] | None,
        typer.Option("--through", help="Run agents through this door too, such as mcp or webmail; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results for a program.")] = False,
) -> None:
    """Learn the instrument's own errors from simulated agents of known truth: no key, no network."""
    check_writable(out, endings=TEXT)
    from rich.progress import Progress

    from turncoat.doors.door import door
    from turncoat.sim.calibration.jobs import work
    from turncoat.sim.calibration.page import page
    from turncoat.sim.calibration.results import summarise
    from turncoat.sim.calibration.run import FULL, QUICK, through_inspect
    from turncoat.sim.calibration.run import calibrate as run

    grid, start = replace(QUICK if quick else FULL, through=tuple(through or ())), time.monotonic()
    for name in grid.through:
        door(name).solver()  # what it lacks is said before anything runs
    with Progress(transient=True, disable=as_json) as progress:
        task = progress.add_task("cells", total=None)
        workers = 1 if quick else os.cpu_count() or 1
        observations = run(grid, lambda n, total: progress.update(task, completed=n, total=total), workers=workers)
    results = summarise(grid, observations, through_inspect(grid), time.monotonic() - start, work(grid))
    if out is not None:
        write_whole(out, page(results))
    if as_json:
        print_json(results.as_data())
    elif out is None:
        say(page(results))
    if results.problems:
        raise IncompleteError(f"not as it must be: {results.problems[0]} ({len(results.problems)} in all)")
