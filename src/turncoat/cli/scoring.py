"""Commands of the instrument: score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.errors import IncompleteError, UsageError
from turncoat.base.files import write_whole
from turncoat.cli.app import app
from turncoat.cli.options import BlindOption, JudgeOption, ReadOption, RubricsOption, Setting
from turncoat.cli.output import check_writable, complain, say

if TYPE_CHECKING:
    from turncoat.scoring.options import ScoringOptions


@app.command()
def score(
    files: Annotated[list[Path], typer.Argument(help="JSONL, Inspect .eval logs, or published results folders.")],
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            help="Such as blackmail, or a pack's; our logs name their own. Where your own scenario's folder is now.",
        ),
    ] = None,
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world")] = "1",
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
        if setting or world != "1":
            raise UsageError("--set and --world do not apply: a log's samples name their own condition and world")
        _into_logs(files, copy, options, replace)
        return
    if ladder or replace:
        raise UsageError("--ladder and --replace go with --append or --write")
    from turncoat.scoring.command import score_files

    check_writable(out)
    done = score_files(files, options, settings=setting or [], world=world)
    lines = [json.dumps(r, ensure_ascii=False) for r in done.records]
    if out is None:
        for line in lines:
            say(line)
    else:
        write_whole(out, "\n".join(lines) + ("\n" if lines else ""))
    for problem in done.problems:
        complain(f"not scored: {problem}")
    complain(done.headline)
    if done.agreement:
        complain(done.agreement)
    if done.problems:
        raise IncompleteError(f"{len(done.problems)} of {len(done.problems) + len(done.records)} were not read")
    if done.broken:
        raise IncompleteError(f"the judge failed on {done.broken} responses")


def _into_logs(files: list[Path], copy: Path | None, options: ScoringOptions, replace: bool) -> None:
    """Add scores to logs, in place or in a copy."""
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
    from turncoat.scoring.rescoring import rescore

    broken = 0
    for file in files:
        done = rescore(file, options, copy, replace=replace)
        broken += done.broken
        for line in done.lines:
            say(line)
    if broken:
        raise IncompleteError(f"the judge failed on {broken} responses; --replace asks it again")
