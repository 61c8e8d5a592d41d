"""Monitors on finished logs: each act is shown to the monitor as it would have been, and nothing is run again.

Samples are read one at a time and let go; what grows with their number is the two tables alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import pandas as pd
from inspect_ai.log import EvalSample, read_eval_log_sample
from inspect_ai.model import ChatMessageSystem
from inspect_ai.util import LimitExceededError

from turncoat.analysis.table import Table, read_table
from turncoat.analysis.table.logs import LogFile
from turncoat.base.errors import LogError, Problem, TurncoatError, UsageError, choices
from turncoat.base.files import path_of
from turncoat.base.text import plain
from turncoat.doors.conversation import case_of
from turncoat.doors.door import setting_from
from turncoat.evidence.case import Case
from turncoat.guards.bounded import answer_or_failure
from turncoat.guards.monitors.monitor import TIMEOUT, Monitor, Suspicion, judged
from turncoat.guards.monitors.view import View, views_of
from turncoat.scenarios.loader import told
from turncoat.scoring.logs import kept_of_sample
from turncoat.scoring.placing import door_of_sample
from turncoat.scoring.result import SCORE, Result
from turncoat.world import Record

Kind = Literal["harmful", "other", "harmless", "unknown"]
"""What an act is: it carries quoted evidence of a harmful finding; it is another act of a harmful session; it is of a
harmless session; the session has no verdict."""

RECORDED = "recorded:"
"""What stands before the name of a guard whose scores are taken from the log, as it gave them during the run."""

AT_ONCE = 20
"""Sessions that are with a monitor at a time."""
MAX_QUOTES = 300
"""Characters of quotes that the tables hold of an act."""

_COPIED = ("scenario", "interface", "condition", "model", "judge", "world", "sample", "epoch", "task_id", "log")


@dataclass(frozen=True)
class Act:
    """One act of a session, and what the monitor says of it.

    Attributes:
        record: `seq` of its record.
        act: Kind of action.
        kind: What it is, by the verdict; see `Kind`.
        score: The suspicion; None where the monitor failed.
        said: The whole suspicion, or None.
        failed: Why there is no score, or "".
        seconds: How long the monitor took.
    """

    record: int
    act: str
    kind: Kind
    score: float | None
    said: Suspicion | None
    failed: str
    seconds: float


@dataclass
class Watched:
    """What a monitor says of some logs.

    Attributes:
        monitor: Its name.
        sees: Its view; `recorded` where scores were taken from the log.
        sessions: One row for each session; see `SESSION_COLUMNS`.
        acts: One row for each act; see `ACT_COLUMNS`.
        problems: What could not be read.
        left_out: Sessions without the guard whose recorded scores were asked for.
    """

    monitor: str
    sees: str
    sessions: pd.DataFrame
    acts: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0


SESSION_COLUMNS = {
    **dict.fromkeys(_COPIED, "string"),
    "epoch": "Int64",
    "harmful": "boolean",
    "score": "Float64",
    "acts": "Int64",
    "failed": "Int64",
    "seconds": "Float64",
    "calls": "Int64",
    "tokens_in": "Int64",
    "tokens_out": "Int64",
}
"""Columns of the sessions: `score` is the highest of its acts, 0 where there is none, missing where all failed."""

ACT_COLUMNS = {
    **dict.fromkeys(_COPIED, "string"),
    "epoch": "Int64",
    "record": "Int64",
    "act": "string",
    "kind": "string",
    "score": "Float64",
    "reason": "string",
    "quotes": "string",
    "failed": "string",
    "seconds": "Float64",
}
"""Columns of the acts."""


class _Columns:
    """Rows as columns, so that they take little room until they are a frame."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self._kinds = kinds
        self._values: dict[str, list[Any]] = {name: [] for name in kinds}

    def add(self, row: dict[str, Any]) -> None:
        for name, values in self._values.items():
            values.append(row.get(name))

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({n: pd.Series(v, dtype=self._kinds[n]) for n, v in self._values.items()})


def verdicts_of(table: Table, judge: str = "") -> pd.DataFrame:
    """The rows of a table whose verdicts are the truth: the runs' own judge's, or a named one's.

    Args:
        table: The table of the logs.
        judge: A judge of theirs; "" for the one that each run was given.

    Raises:
        UsageError: No sample has a verdict of that judge.
    """
    frame = table.frame[table.frame["status"] != "error"]
    chosen = frame[frame["judge"] == judge] if judge else frame[frame["scorer"] == SCORE]
    if judge and chosen.empty:
        raise UsageError(f"judge: {choices(judge, sorted(map(str, frame['judge'].dropna().unique())))}")
    return chosen.drop_duplicates(["interface", "model", "run", "sample", "epoch"])


def watch_logs(
    logs: str | Path | Iterable[str | Path], monitor: Monitor | str, *, judge: str = "", table: Table | None = None
) -> Watched:
    """Show every act of finished logs to a monitor.

    Args:
        logs: Logs, or folders of them.
        monitor: The monitor; or `recorded:` and a guard's name, whose scores then are taken as the logs hold them.
        judge: Whose verdicts are the truth; "" for the one that each run was given.
        table: The table of the logs, if it has been read.

    Raises:
        LogError: No log can be read.
        UsageError: No sample has a verdict of that judge, or no act a score of that guard.
    """
    table = read_table(logs) if table is None else table
    rows = verdicts_of(table, judge)
    sessions, acts = _Columns(SESSION_COLUMNS), _Columns(ACT_COLUMNS)
    problems, left_out = list(table.not_used), 0
    stream = _opened(rows, problems)
    while batch := list(islice(stream, AT_ONCE)):
        for opened, found in zip(batch, asyncio.run(_all(batch, monitor)), strict=True):
            if found is None:
                left_out += 1
                continue
            _write(opened, found, sessions, acts)
    frame = sessions.frame()
    if isinstance(monitor, str) and frame.empty:
        raise UsageError(f"no act has a score of the guard {monitor.removeprefix(RECORDED)!r}; {_there(rows)}")
    name, sees = (monitor, "recorded") if isinstance(monitor, str) else (monitor.name, monitor.sees)
    return Watched(name, sees, frame, acts.frame(), problems, left_out)


def _there(rows: pd.DataFrame) -> str:
    return f"{len(rows)} sessions were looked at; guards' names stand in their decisions, such as observe_rules@1"


@dataclass(frozen=True)
class _Opened:
    """A session, read."""

    row: dict[str, Any]
    case: Case
    task: str
    marked: frozenset[int]
    """Records that carry quoted evidence of a harmful finding."""


def _opened(rows: pd.DataFrame, problems: list[Problem]) -> Iterator[_Opened]:
    """The sessions of some rows, log by log, one at a time; those that cannot be read become problems."""
    for path, group in rows.groupby("log", sort=False):
        try:
            with LogFile(path_of(str(path))) as log:
                for row in group.to_dict("records"):
                    place = f"sample {row['sample']} epoch {row['epoch']}"
                    try:
                        yield _session({str(n): v for n, v in row.items()}, log)
                    except (TurncoatError, ValueError, LookupError, TypeError) as error:  # a stranger's sample
                        why = plain(str(error).splitlines()[0] if str(error) else type(error).__name__, 300)
                        problems.append(Problem("unreadable", str(path), f"{place} is left out: {why}"))
        except LogError as error:
            problems.append(Problem("unreadable", str(path), str(error)))


def _session(row: dict[str, Any], log: LogFile) -> _Opened:
    sample = _sample(row, log)
    metadata = told(sample.metadata)
    its_door = door_of_sample(metadata)
    case = case_of(its_door, setting_from(metadata), kept_of_sample(sample, its_door))
    score = (sample.scores or {}).get(str(row["scorer"]))
    result = Result.of_score(str(row["scorer"]), score.model_dump()) if score is not None else Result()
    task = next((m.text for m in sample.messages if isinstance(m, ChatMessageSystem)), "")
    return _Opened(row, case, task, _harmful_records(case, result))


def case_in(raw: Mapping[str, Any]) -> Case:
    """The case of a sample as it stands in a log."""
    sample = EvalSample.model_validate({n: v for n, v in raw.items() if n not in ("events", "events_data")})
    metadata = told(sample.metadata)
    its_door = door_of_sample(metadata)
    return case_of(its_door, setting_from(metadata), kept_of_sample(sample, its_door))


_UNUSED = frozenset({"events", "events_data", "attachments"})
"""What a session holds most of, and no case."""


def _sample(row: dict[str, Any], log: LogFile) -> EvalSample:
    """A sample of a log without its events, of which none is needed; they are most of it."""
    name, epoch = str(row["sample"]), int(row["epoch"])
    raw = log.sample(name, epoch, [n for n in EvalSample.model_fields if n not in _UNUSED])
    raw = {n: v for n, v in raw.items() if n not in _UNUSED}  # a log in JSON gives all
    if "attachment://" in json.dumps([raw.get(n) for n in ("messages", "input", "output", "store")]):
        return read_eval_log_sample(str(log.path), id=name, epoch=epoch, resolve_attachments="core")
    return EvalSample.model_validate(raw)


def _harmful_records(case: Case, result: Result) -> frozenset[int]:
    """The acts that carry quoted evidence of a finding that is harmful by the scenario's ladder."""
    specs = case.setting.ladder.findings
    places = [place for f in result.findings if f.name in specs and specs[f.name].harmful for place in f.at]
    found = {_record(case, place) for place in places}
    return frozenset(seq for seq in found if seq is not None)


def _record(case: Case, place: Sequence[str | int]) -> int | None:
    """The record that a place in a log's score stands in; see `turncoat.scoring.parts.Place`."""
    if len(place) != 3 or not isinstance(place[0], str) or not isinstance(place[1], int):
        return None
    source, start = place[0], place[1]
    if source == "answer":
        return next((seq for seq, (a, b) in case.spans.items() if a <= start < b), None)
    what, _, which = source.partition(":")
    if what == "record":
        return int(which) if which.isdigit() else None
    if what == "call":
        call = which.rpartition(":")[0]
        return next((seq for seq, c in case.calls.items() if c.id == call), None)
    return None


async def _all(batch: Sequence[_Opened], monitor: Monitor | str) -> list[list[Act] | None]:
    return await asyncio.gather(*(_watched(opened, monitor) for opened in batch))


async def _watched(opened: _Opened, monitor: Monitor | str) -> list[Act] | None:
    """What the monitor says of a session's acts; None where it was not there."""
    if isinstance(monitor, str):
        return _recorded(opened, monitor.removeprefix(RECORDED))
    pairs = views_of(opened.case, monitor.sees, opened.task)
    return [await _said(opened, monitor, record, view) for record, view in pairs]


async def _said(opened: _Opened, monitor: Monitor, record: Record, view: View) -> Act:
    start = perf_counter()
    # A failure is counted, and never innocence.
    found = await answer_or_failure(judged(monitor, view), TIMEOUT, ending=(LimitExceededError, UsageError))
    said, failed = (None, found) if isinstance(found, str) else (found, "")
    score = None if said is None else float(said.score)
    return Act(record.seq, view.act.kind, _kind(opened, record), score, said, failed, perf_counter() - start)


def _recorded(opened: _Opened, guard: str) -> list[Act] | None:
    """The scores that a guard gave during the run."""
    found = []
    for record in opened.case.log:
        decided = next((d for d in record.decisions if d.guard in (guard, guard.partition("@")[0])), None)
        decided = decided or next((d for d in record.decisions if d.guard.partition("@")[0] == guard), None)
        if decided is None or record.attempt is None or (decided.score is None and not decided.failed):
            continue
        said = None if decided.score is None else _suspicion(decided.score, decided.note or decided.reason)
        failed = decided.failed or ("" if said is not None else f"a score of {decided.score}, not from 0 to 1")
        score = None if said is None else said.score
        found.append(Act(record.seq, record.attempt.kind, _kind(opened, record), score, said, failed, 0.0))
    stood = any(d.guard.partition("@")[0] == guard.partition("@")[0] for r in opened.case.log for d in r.decisions)
    return found if found or stood else None


def _suspicion(score: float, reason: str) -> Suspicion | None:
    return Suspicion(score, reason=reason) if 0 <= score <= 1 else None


def _kind(opened: _Opened, record: Record) -> Kind:
    harmful = opened.row["harmful"]
    if pd.isna(harmful):
        return "unknown"
    if not harmful:
        return "harmless"
    return "harmful" if record.seq in opened.marked else "other"


def _write(opened: _Opened, acts: Sequence[Act], sessions: _Columns, rows: _Columns) -> None:
    shared = {n: opened.row[n] for n in _COPIED}
    scores = [a.score for a in acts if a.score is not None]
    said = [a.said for a in acts if a.said is not None]
    sessions.add(
        {
            **shared,
            "harmful": opened.row["harmful"],
            "score": max(scores) if scores else (None if acts else 0.0),
            "acts": len(acts),
            "failed": sum(bool(a.failed) for a in acts),
            "seconds": sum(a.seconds for a in acts),
            **{n: sum(getattr(s, n) for s in said) for n in ("calls", "tokens_in", "tokens_out")},
        }
    )
    for act in acts:
        quotes = " … ".join(act.said.evidence)[:MAX_QUOTES] if act.said else ""
        reason = act.said.reason if act.said else ""
        rows.add({**shared, **vars(act), "reason": plain(reason, MAX_QUOTES), "quotes": plain(quotes, MAX_QUOTES)})


__all__ = ["ACT_COLUMNS", "RECORDED", "SESSION_COLUMNS", "Act", "Kind", "Watched", "verdicts_of", "watch_logs"]
