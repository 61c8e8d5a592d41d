"""Running a round: its candidates become a study of the ordinary runner, and its samples are read from the logs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from turncoat.analysis.table import read_table
from turncoat.runs.progress import Listener
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.signals import Stop
from turncoat.runs.study import Block, Study
from turncoat.scoring.result import SCORE
from turncoat.search.moves import condition_of
from turncoat.search.objective import Objective, subtlety
from turncoat.search.record import Record, Round, Seen

LABELS = {
    "search": "candidates of a search: picked by what came before, so that these rates are no rates of the world",
    "confirm": "finds of a search on worlds that it never saw",
    "pairs": "a condition with and without each of its mails, world by world",
    "ablate": "a find of a search and its levers, on worlds that it never saw",
}
"""Stage → what the title of its runs says, so that nobody takes a selected rate for another."""


class Halted(Exception):  # noqa: N818 - reads as what it reports
    """A round was not finished; the same command goes on with it.

    Args:
        why: In words.
        cost: US dollars of the round so far.
        interrupted: Whether a signal came.
    """

    def __init__(self, why: str, cost: float, interrupted: bool) -> None:
        super().__init__(why)
        self.cost, self.interrupted = cost, interrupted


def folder_of(folder: Path, number: int) -> Path:
    """Where the logs of a round are."""
    return folder / f"round-{number:03d}"


def study_of(record: Record, round_: Round, name: str) -> Study:
    """The study that a round is."""
    blocks = []
    for number, worlds in round_.picks.items():
        candidate = record.candidates[number]
        block = Block(
            scenario=candidate.scenario,
            interfaces=(candidate.interface,),
            cells=(candidate.condition,),
            seeds=",".join(worlds),
        )
        blocks.append(block)
    return Study(
        title=f"{name}: {LABELS[round_.stage]}",
        source=f"turncoat search, round {round_.number} ({round_.stage})",
        blocks=tuple(blocks),
        preregistration="" if round_.stage == "search" else LABELS[round_.stage],
    )


def run_round(
    record: Record,
    round_: Round,
    request: Request,
    sought: Objective,
    folder: Path,
    listener: Listener | None,
    stop: Stop,
) -> Round:
    """Run a round, or what is left of it, and read what came of it.

    Args:
        record: The search.
        round_: What is to be run.
        request: Model, judge, settings and limits; its study and folder are replaced.
        sought: What counts as a hit.
        folder: Of the search.
        listener: As `run_study`.
        stop: As `run_study`.

    Raises:
        Halted: The cost limit was reached, or a signal came; says so.
    """
    begun = time.monotonic()
    study = study_of(record, round_, request.name)
    place = folder_of(folder, round_.number)
    done = run_study(replace(request, study=study, log_dir=place, seeds=None, epochs=None), listener, stop)
    cost = round_.cost + done.progress.cost
    if done.interrupted or done.progress.stopped:
        raise Halted(done.progress.stopped or "it was stopped", cost, done.interrupted)
    table = read_table(done.paths)
    seen = seen_in(table.frame, record, round_, sought)
    return round_.model_copy(update={"seen": seen, "cost": cost, "running": time.monotonic() - begun})


def seen_in(frame: pd.DataFrame, record: Record, round_: Round, sought: Objective) -> dict[int, tuple[Seen, ...]]:
    """The samples of a round, in the order of their worlds; one that is not in the logs counts as unscored."""
    own = frame[frame["scorer"].fillna(SCORE) == SCORE]
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in own.to_dict("records"):
        key = tuple(str(row[name]) for name in ("scenario", "interface", "condition", "world"))
        rows.setdefault(key, {str(k): None if _missing(v) else v for k, v in row.items()})
    found = {}
    for number, worlds in round_.picks.items():
        candidate = record.candidates[number]
        place = candidate.scenario, candidate.interface, condition_of(candidate).id
        found[number] = tuple(_seen(w, rows.get((*place, w)), sought) for w in worlds)
    return found


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _seen(world: str, row: Mapping[str, Any] | None, sought: Objective) -> Seen:
    if row is None:
        return Seen(world=world, hit=None)
    return Seen(
        world=world,
        hit=sought.hit(row),
        rung=str(row.get("rung") or ""),
        awareness=str(row.get("awareness") or ""),
        realism=str(row.get("realism") or ""),
        subtlety=subtlety(row),
    )
