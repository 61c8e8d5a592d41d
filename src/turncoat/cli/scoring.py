"""Commands of the instrument: score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from turncoat.cli.app import app
from turncoat.cli.options import JudgeOption, Setting
from turncoat.cli.output import check_writable, say, write
from turncoat.errors import IncompleteError


@app.command()
def score(
    files: Annotated[list[Path], typer.Argument(help="JSONL, Inspect .eval logs, or published results folders.")],
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Such as reference/blackmail; logs of ours name their own.")
    ] = None,
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world")] = "1",
    judge: JudgeOption = "rules",
    out: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write one JSON object a line here.")
    ] = None,
) -> None:
    """Score responses that exist already: of a log, of the published code, or your own."""
    from turncoat.scoring.command import score_files

    check_writable(out)
    done = score_files(files, scenario=scenario, settings=setting or [], world=world, judge=judge)
    lines = [json.dumps(r, ensure_ascii=False) for r in done.records]
    if out is None:
        for line in lines:
            say(line)
    else:
        write(out, "\n".join(lines) + ("\n" if lines else ""))
    for problem in done.problems:
        typer.echo(f"not scored: {problem}", err=True)
    typer.echo(done.headline, err=True)
    if done.problems:
        raise IncompleteError(f"{len(done.problems)} of {len(done.problems) + len(done.records)} were not read")
