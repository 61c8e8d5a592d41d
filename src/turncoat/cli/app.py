"""The application that the commands belong to."""

from __future__ import annotations

from typing import Annotated

import typer

from turncoat.base.version import __version__

app = typer.Typer(
    name="turncoat",
    help="Does an LLM agent turn on its employer, and under which pressures?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"turncoat {__version__}")
        raise typer.Exit
