"""The executor of this process."""

from __future__ import annotations

from turncoat.base.errors import UsageError
from turncoat.base.stores import Shelf
from turncoat.runs.executors.executor import NO_ADDRESS, Means
from turncoat.runs.folder import refuse_other_number
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.runs.shards.pin import pinned


def execute(request: Request, means: Means) -> RunResult:
    """Run a study in this process.

    Raises:
        UsageError: Several processes or an address are asked for, the folder was begun with several processes or
            shards, or as `run_study`.
    """
    if means.address:
        raise UsageError(NO_ADDRESS)
    if (means.workers or 1) > 1:
        raise UsageError(f"--executor local is one process; for {means.workers} give --executor processes")
    if request.store:
        if there := pinned(Shelf(request.store)):
            raise UsageError(f"{request.store}: was begun with {there.shards} shards; give --shard K/{there.shards}")
    else:
        refuse_other_number(request.log_dir, 1)
    return run_study(request, means.listening() if means.listening else None, means.stop)
