"""The command line: thin, and quick to start, since everything heavy is imported when a command needs it.

Files here do without `from __future__ import annotations`: Typer would evaluate the texts of all commands at each
start, which takes 30 ms.
"""

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import typer

from turncoat.base.errors import OutputError, TurncoatError
from turncoat.base.files import reason
from turncoat.base.interpreter import AT_START, with_room
from turncoat.base.stopping import CONTINUES, STOPPED, interrupt_at_signals
from turncoat.cli.app import app, complain, write_any_sign

# The order of the commands in the help.
from turncoat.cli import doctor, listing, scenarios, studies, clusters, serving, results, instrument  # isort: skip
from turncoat.cli import monitoring, realism, searching  # isort: skip

__all__ = [
    "STOPPED",
    "app",
    "clusters",
    "doctor",
    "guarded",
    "instrument",
    "listing",
    "main",
    "monitoring",
    "realism",
    "results",
    "scenarios",
    "searching",
    "serving",
    "studies",
]

CommandError: type[Any] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""What is raised for wrong options: click's own class, or that of the copy which newer versions of typer bring."""


def main() -> None:
    """Run the command line; errors raised on purpose become one line and an exit code."""
    gc.set_threshold(AT_START)
    interrupt_at_signals()
    code = with_room(lambda: guarded(app))
    if code == STOPPED:  # whoever stopped it does not wait for threads that are busy
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def guarded(command: Callable[..., Any]) -> int:
    """Run a command and turn its errors into an exit code."""
    write_any_sign()
    try:
        code = command(standalone_mode=False)
    except TurncoatError as error:
        complain(f"turncoat: {error}")
        return error.exit_code
    except (typer.Exit, typer.Abort) as stop:
        return _told(getattr(stop, "exit_code", 1))
    except KeyboardInterrupt:
        return _told(STOPPED)
    except BrokenPipeError:
        return 0
    except CommandError as error:
        return _misused(error)
    except OSError as error:  # of a file or folder that is shut, vanished, or lies on a disk that fails
        if error.filename is None and not isinstance(error, PermissionError):
            raise
        complain(f"turncoat: {error.filename or 'a file'}: {reason(error)}")
        return OutputError.exit_code
    # Outside its standalone mode click gives back the code of an `Exit` that a command raised, or what it returned.
    return _told(code) if isinstance(code, int) else 0


def _told(code: int) -> int:
    """An exit code, after a line for whoever stopped the command; newer versions of typer say nothing."""
    if code == STOPPED:
        complain(CONTINUES)
    return code


def _misused(error: Any) -> int:
    """Say in one line what is wrong with the options; a bare group of commands prints its help."""
    text, context = error.format_message(), getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    complain(text if text.startswith("Usage:") else f"turncoat: {' '.join(text.split()).rstrip('.')}{hint}")
    return int(error.exit_code)
