"""The command line: thin, and quick to start, since everything heavy is imported when a command needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from turncoat.base.errors import TurncoatError
from turncoat.cli.app import app, complain

# The order of the commands in the help.
from turncoat.cli import scenarios, studies, results, instrument  # isort: skip

__all__ = ["app", "guarded", "instrument", "main", "results", "scenarios", "studies"]

CommandError: type[Any] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""What is raised for wrong options: click's own class, or that of the copy which newer versions of typer bring."""


def main() -> None:
    """Run the command line; errors raised on purpose become one line and an exit code."""
    sys.exit(guarded(app))


def guarded(command: Callable[..., Any]) -> int:
    """Run a command and turn its errors into an exit code."""
    try:
        code = command(standalone_mode=False)
    except TurncoatError as error:
        complain(f"turncoat: {error}")
        return error.exit_code
    except (typer.Exit, typer.Abort) as stop:
        return getattr(stop, "exit_code", 1)
    except KeyboardInterrupt:
        typer.echo("turncoat: stopped; the same command continues", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except CommandError as error:
        return _misused(error)
    # Outside its standalone mode click gives back the code of an `Exit` that a command raised, or what it returned.
    return code if isinstance(code, int) else 0


def _misused(error: Any) -> int:
    """Say in one line what is wrong with the options; a bare group of commands prints its help."""
    text, context = error.format_message(), getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    complain(text if text.startswith("Usage:") else f"turncoat: {' '.join(text.split()).rstrip('.')}{hint}")
    return int(error.exit_code)
