"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Setting = Annotated[list[str] | None, typer.Option("--set", metavar="FACTOR=LEVEL", help="A level; may be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
JudgeOption = Annotated[
    str, typer.Option("--judge", help="`rules`, an Inspect model name for the grader, or several with commas: a panel.")
]
ReadOption = Annotated[
    str, typer.Option("--read", help="Responses that a model judge reads beyond the outcome: all, none or sample:0.2.")
]
BlindOption = Annotated[
    bool, typer.Option("--blind", help="Hide the names of the agent, of models and of their makers from model judges.")
]
RubricsOption = Annotated[
    str, typer.Option("--rubrics", help="A shipped version of the rubrics, or a folder; the current ones if not given.")
]
Worlds = Annotated[str, typer.Option("--worlds", help="Seeds: 1-20, or affair@7, separated by commas.")]
Interface = Annotated[str, typer.Option("--interface", help="`text`: one prompt, one answer. `tools`: many turns.")]
AgentOption = Annotated[
    str | None,
    typer.Option("--agent", metavar="MODULE:FUNCTION", help="Another Inspect agent than the default loop (tools)."),
]
