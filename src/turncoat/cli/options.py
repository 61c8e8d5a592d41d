"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Setting = Annotated[list[str] | None, typer.Option("--set", metavar="FACTOR=LEVEL", help="A level; may be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
JudgeOption = Annotated[str, typer.Option("--judge", help="`rules`, or an Inspect model name for the grader.")]
Worlds = Annotated[str, typer.Option("--worlds", help="Seeds: 1-20, or affair@7, separated by commas.")]
Interface = Annotated[str, typer.Option("--interface", help="`text`: one prompt, one answer. `tools`: many turns.")]
AgentOption = Annotated[
    str | None,
    typer.Option("--agent", metavar="MODULE:FUNCTION", help="Another Inspect agent than the default loop (tools)."),
]
