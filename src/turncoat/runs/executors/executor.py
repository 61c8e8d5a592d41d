"""What an executor is, and finding one by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from turncoat.base.errors import UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.runs.executors.shard import run_shard
from turncoat.runs.progress import Listener
from turncoat.runs.request import Request, RunResult
from turncoat.runs.shards.pin import shard_named
from turncoat.runs.signals import Stop

NO_ADDRESS = "--address goes with --executor ray"
"""What an executor says that runs on this machine alone; which ones there are beside Ray only plug-ins know."""


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


@dataclass(frozen=True)
class Where:
    """Where a run goes on: as `--workers`, `--executor`, `--address` and `--shard` say.

    Raises:
        UsageError: They do not go together.
    """

    workers: int | None = None
    executor: str = ""
    address: str = ""
    shard: str = ""

    def __post_init__(self) -> None:
        if self.shard and (self.executor or (self.workers or 1) > 1):
            raise UsageError(f"--shard {self.shard} is one process; --workers and --executor do not go with it")
        if self.address and not self.executor:
            raise UsageError(NO_ADDRESS)

    @property
    def here(self) -> bool:
        """Whether that is this process."""
        return self.executor in ("", "local") and (self.workers or 1) == 1


def run_where(
    request: Request, where: Where, listening: Callable[[], Listener] | None = None, stop: Stop | None = None
) -> RunResult:
    """Run a study, or a shard of it, where it shall.

    Args:
        request: The whole study.
        where: In which processes.
        listening: As `Means`.
        stop: As `Means`.

    Raises:
        UsageError: There is no such executor or shard, or the folder was begun otherwise.
        TurncoatError: As `turncoat.runs.runner.run_study`.
    """
    if not where.shard:
        return executor(where.executor, where.workers)(request, Means(where.workers, where.address, listening, stop))
    shard = shard_named(where.shard, request.place, os.environ)
    return run_shard(request, shard, listening() if listening else None, stop)


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
