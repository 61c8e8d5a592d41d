"""Commands on runs over several machines: status, and the templates of their schedulers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError, UsageError, choices
from turncoat.cli.app import AsJson, app, print_json, say

if TYPE_CHECKING:
    from turncoat.analysis.status import ShardStatus, Status

TEMPLATES = {"slurm": "slurm.sh", "kubernetes": "kubernetes.yaml", "container": "Containerfile"}
"""Name → file."""


@app.command()
def status(
    folder: Annotated[str, typer.Argument(help="Folder of shards, or its address (s3://…).")] = "",
    template: Annotated[
        str, typer.Option("--template", help="Print a template instead: slurm, kubernetes, or container.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say of a study in shards what is done, running, missing and failed, what it cost, and what is still to be run."""
    if template:
        if template not in TEMPLATES:
            raise UsageError(f"--template {choices(template, TEMPLATES)}")
        say((Path(__file__).parent / "templates" / TEMPLATES[template]).read_text(encoding="utf-8").rstrip("\n"))
        return
    if not folder:
        raise UsageError("status: name the folder that --log-dir named, or give --template")
    from turncoat.analysis.status import status_of

    found = status_of(folder)
    if as_json:
        print_json(found.as_dict())
    else:
        say("\n".join(status_lines(found)))
    if problems := [problem for shard in found.shards for problem in shard.problems]:
        several = counted(len(problems), "log or folder", "logs or folders")
        raise IncompleteError(f"cannot be read, and counted as missing: {several}; the first: {problems[0]}")


def status_lines(found: "Status") -> list[str]:
    """A status in lines for people."""
    from turncoat.providers.secrets import HIDDEN

    states = [s.state for s in found.shards]
    said = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(sorted(states)))
    planned, finished = (sum(getattr(s, name) for s in found.shards) for name in ("planned", "finished"))
    errors, twice = (sum(getattr(s, name) for s in found.shards) for name in ("errors", "twice"))
    lines = [
        f"{found.place}: {counted(found.pin.shards, 'shard')}: {said}",
        f"{finished:,} of {counted(planned, 'sample', separator=',')} finished"
        + (f", {errors:,} ended in errors" if errors else "")
        + (f", {twice:,} ran more than once, which counts in cost only" if twice else "")
        + f"; cost so far ${found.cost:,.2f}, where prices are known",
    ]
    lines += [_line(s) for s in found.shards if s.state != "done" or s.problems]
    left = [(s, command) for s in found.left for command in found.commands(s)]
    certain = [command for s, command in left if s.state != "begun"]
    if certain:
        lines += ["", "Still to be run:", *certain]
    if doubtful := [command for s, command in left if s.state == "begun"]:
        lines += ["", "To be run again where the scheduler says that they do not run any more:", *doubtful]
    if any(HIDDEN in command for _, command in left):
        lines += [f"Where {HIDDEN} stands, put what was given: keys are not kept."]
    if found.pin.scheduler == "slurm" and found.indices:
        lines += ["", f"In the Slurm array these are the indices: sbatch --array={','.join(map(str, found.indices))} …"]
    return lines


def _line(shard: "ShardStatus") -> str:
    index = "" if shard.index is None else f" (index {shard.index})"
    planned = counted(shard.planned, "sample", separator=",")
    said = [f"  {shard.shard}{index}: {shard.state}, {shard.finished:,} of {planned}"]
    said += [counted(shard.errors, "error", separator=",")] if shard.errors else []
    said += [shard.holder] if shard.holder else []
    return "; ".join([*said, *shard.problems])
