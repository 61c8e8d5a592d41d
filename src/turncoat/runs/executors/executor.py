"""What an executor is, and finding one by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from turncoat.base.errors import UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.runs.progress import Listener
from turncoat.runs.request import Request, RunResult
from turncoat.runs.signals import Stop


@dataclass(frozen=True)
class Means:
    """What an executor may use.

    Attributes:
        workers: Processes, on one machine or on all; None for what the executor takes by itself.
        address: Where a cluster is, or "".
        listening: Makes the listener of each process; None for none. Called here, and in other processes.
        stop: What the caller hears signals with.
    """

    workers: int | None = None
    address: str = ""
    listening: Callable[[], Listener] | None = None
    stop: Stop | None = None


class Executor(Protocol):
    """Runs a whole study: the same command with the same executor continues what an earlier one began."""

    def __call__(self, request: Request, means: Means) -> RunResult:
        """Run what is missing of a study.

        Raises:
            UsageError: The request does not go with this executor, or the folder was begun otherwise.
            TurncoatError: As `turncoat.runs.runner.run_study`.
        """
        ...


_SHIPPED: Mapping[str, str] = {
    "local": "turncoat.runs.executors.local",
    "processes": "turncoat.runs.executors.processes",
    "ray": "turncoat.runs.executors.ray",
}
"""Name → module with a function `execute`; plug-ins name theirs at the entry points of `executors`."""


def executor(name: str = "", workers: int | None = None) -> Executor:
    """The executor of a name; if none is given, one process, or several where several are asked for.

    Raises:
        UsageError: There is none of that name, or it cannot be loaded.
    """
    name = name or ("local" if (workers or 1) == 1 else "processes")
    if name in _SHIPPED:
        found: Executor = import_module(_SHIPPED[name]).execute
        return found
    if name in extensions("executors"):
        further: Executor = extensions("executors")[name]()
        return further
    raise UsageError(f"executor: {choices(name, [*_SHIPPED, *extensions('executors')])}")
