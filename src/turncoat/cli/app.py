"""The application that the commands belong to, options that several share, and how they print, inert or as JSON."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.models import CommandFunctionType

from turncoat.base.errors import IncompleteError, OutputError, Problem, UsageError
from turncoat.base.text import inert, inert_json
from turncoat.base.version import __version__


class Command(TyperCommand):
    """A command whose options and arguments are refused where they are empty, as in `--shard "$SHARD"` without it set.

    As if it had not been given, a task would run all of a study, a report would be of the folder at hand, and a file
    would go to it.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a command; texts that are to become paths are looked at while they are texts.

        Raises:
            UsageError: One is empty.
        """
        given = self.make_parser(ctx).parse_args(args=list(args))[0]
        for parameter in self.get_params(ctx):
            value = given.get(str(parameter.name))
            values = value if isinstance(value, list | tuple) else [value]
            if any(isinstance(text, str) and not text.strip() for text in values):
                option = parameter.param_type_name == "option"
                name = max(parameter.opts, key=len) if option else parameter.metavar or parameter.name
                ways = "give a value, or leave the option out" if option else "give a value"
                raise UsageError(f"{name} is empty; {ways} (is a variable not set?)")
        return list(super().parse_args(ctx, args))


class _Application(typer.Typer):
    """An application whose commands are `Command`s."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        return super().command(name, **{"cls": Command, **options})


app = _Application(
    name="turncoat",
    help="Does an LLM agent turn on its employer, and under which pressures?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"turncoat {__version__}")
        raise typer.Exit


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
Guards = Annotated[
    list[str] | None,
    typer.Option("--guard", help="A guard that looks at every attempt, by name or module:function; may be repeated."),
]
ModelRoles = Annotated[
    list[str] | None,
    typer.Option("--model-role", metavar="ROLE=MODEL", help="The model that guards ask by a role, such as reviewer=…"),
]
SameModel = Annotated[
    bool,
    typer.Option("--same-model", help="Let the judge's own model watch or decide as well; it then shares its errors."),
]
AgentOption = Annotated[
    str | None,
    typer.Option(
        "--agent",
        metavar="AGENT",
        help="Another agent than the default loop (tools): claude-code, codex …, MODULE:FUNCTION or FILE.py:FUNCTION.",
    ),
]
SandboxOption = Annotated[
    str | None,
    typer.Option("--sandbox", metavar="KIND[:FILE]", help="Where claude-code, codex … work: docker, or local."),
]
OwnTools = Annotated[
    bool, typer.Option("--own-tools", help="Leave their own shell and file tools on; their calls count as attempts.")
]
UnsafeLocal = Annotated[
    bool, typer.Option("--unsafe-local", help="Let a real model work in --sandbox local, which isolates nothing.")
]


Logs = Annotated[
    list[str], typer.Argument(help="Inspect logs, folders of them, or addresses of these in a store (s3://…).")
]


def check_writable(path: Path | None, *inputs: Path | str | None, endings: Sequence[str] = ()) -> None:
    """See before anything is spent that a file can be written, and that nothing is lost by it.

    Args:
        path: The file; nothing is looked at if None.
        inputs: Files and folders that the command reads; None for what was not given.
        endings: What its name may end in; anything if none are given.

    Raises:
        OutputError: It cannot.
        UsageError: It would take the place of what is read, or has an ending of another form.
    """
    import tempfile

    from turncoat.base.files import ending_of, refuse_input

    if path is None:
        return
    refuse_input(path, *(given for given in inputs if given is not None))
    if endings:
        ending_of(path, endings)
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: is a device or a pipe; name a file")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist")
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError:
        raise OutputError(f"{path}: cannot be written; choose another place") from None


def write_any_sign() -> None:
    """Let the streams spell out what their encoding lacks, so that no sign of a text ends a command.

    One that whoever started the command has closed (`>&-`) takes what is written to it, to no end.
    """
    sys.stdout, sys.stderr = (s or open(os.devnull, "w", encoding="utf-8") for s in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Print a line, inert: models and files of strangers wrote parts of it."""
    sys.stdout.write(inert(text) + "\n")


def print_json(data: Any) -> None:
    """Print data for programs."""
    spelled = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    sys.stdout.write(inert_json(json.dumps(data, ensure_ascii=spelled, indent=2)) + "\n")


def complain(text: str) -> None:
    """Print a line on the error stream, inert."""
    sys.stderr.write(inert(text) + "\n")


def finish(problems: Sequence[Problem], made: str = "the rest", *, said: bool = False) -> None:
    """Say what could not be used of what was given, and let the exit code say it too.

    Args:
        problems: What was wrong with logs, see `turncoat.analysis.Table.not_used`.
        made: What was made of the rest.
        said: Whether each has been said.

    Raises:
        IncompleteError: There is something.
    """
    for problem in () if said else problems:
        complain(f"turncoat: {problem}")
    if problems:
        raise IncompleteError(f"{len(problems)} logs or samples could not be read as they are; {made} is without them")


def answer(as_json: bool, data: Any, text: str) -> None:
    """Print what was found: as data for programs, or as text for people."""
    if as_json:
        print_json(data)
    else:
        say(text)
