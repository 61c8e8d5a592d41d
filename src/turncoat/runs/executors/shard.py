"""Running one shard: a resumable command that needs no other one."""

from __future__ import annotations

from dataclasses import replace

from turncoat.base.errors import UsageError
from turncoat.base.stores import Shelf
from turncoat.runs.progress import Listener
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runnable import see_runnable
from turncoat.runs.runner import run_study, turn
from turncoat.runs.shards.number import Shard
from turncoat.runs.shards.pin import pin, refuse_unfit
from turncoat.runs.signals import Stop


def run_shard(request: Request, shard: Shard, listener: Listener | None = None, stop: Stop | None = None) -> RunResult:
    """Run a shard of a study: every N-th world with all its conditions, on all models, in a folder of its own.

    The study's folder says from then on into how many shards it is dealt. The same command continues.

    Args:
        request: The whole study; a cost limit is this command's.
        shard: Which part.
        listener: Called with the shard's progress after every finished sample.
        stop: What the caller hears signals with.

    Raises:
        UsageError: The folder is dealt otherwise, the study stops cells early, or as `run_study`.
        OutputError: The folder cannot be written or reached.
        ScenarioError: The study or a scenario is wrong.
    """
    if request.study.stopping is not None:
        raise UsageError(
            "--shard does not go with sequential stopping, which needs all worlds in one order; --executor ray does"
        )
    with turn():
        plans = see_runnable(request).plans
    shelf = Shelf(request.place)
    refuse_unfit(shelf, shard, request, plans)
    # What is left in the folder stays there: a command that cannot be run at all must not be among what is to be run.
    mine = request.shared(shard.number, shard.of)
    done = run_study(mine, listener, stop, lambda: pin(shelf, shard, request, plans))
    if done.progress.total:
        return done
    # A scheduler's task of such a shard has done its part, as any other one has.
    return replace(
        done, notes=(*done.notes, f"shard {shard} has nothing to run: the study has fewer worlds than shards")
    )
