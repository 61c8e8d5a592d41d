"""The rows of one log, as columns: what is read of it, what was wrong with it, and nothing of where it lies.

Texts are held as codes beside their values, since most repeat; so a million rows take hundreds of megabytes and not
thousands. This is also what the Parquet parts beside the logs hold.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from turncoat.analysis.table.columns import COLUMNS, Row, log_row, sample_rows
from turncoat.analysis.table.logs import LogFile, LogInfo
from turncoat.base.errors import LogError, in_flight
from turncoat.scoring.parts import Kind

Wrong = Literal["unreadable", "foreign", "unfinished", "damaged", "wrong", "missing"]
"""What may be wrong with a log: it cannot be read, is no task's of ours, ended early, breaks off, holds what Inspect
does not write, or lacks samples."""

NAMED = 20
"""Samples of one log whose faults are told one by one."""

LEVELS, RUN = "_levels", "_run"
"""Columns that are none of the table's: the levels that a sample sets, as JSON; Inspect's id of the sample's run."""

CODED = pa.dictionary(pa.int32(), pa.string())
TYPES: Mapping[Kind, Any] = {
    "text": CODED,
    "flag": pa.bool_(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "time": pa.timestamp("us", tz="UTC"),
    "names": CODED,  # a JSON list each
}
KEPT = tuple(c for c in COLUMNS if c.name != "log")
"""The columns of the table that say nothing of where the log lies."""

SCHEMA = pa.schema([*((c.name, TYPES[c.kind]) for c in KEPT), (LEVELS, CODED), (RUN, CODED)])

BATCH = 20_000
"""Rows that are held as Python objects at most."""


@dataclass(frozen=True)
class LogRows:
    """What was read of one log.

    Attributes:
        info: What it says of itself.
        rows: Its rows, as `SCHEMA` says.
        notes: What was wrong with it.
    """

    info: LogInfo
    rows: pa.Table
    notes: tuple[tuple[Wrong, str], ...] = ()


def read_rows(path: Path) -> LogRows:
    """Read a log of ours; of a stranger's log nothing but a note.

    Raises:
        LogError: It cannot be read at all.
    """
    with LogFile(path) as log:
        if not log.info.ours:
            note: tuple[Wrong, str] = "foreign", f"not written by a Turncoat task ({log.info.task}); left out"
            return LogRows(log.info, SCHEMA.empty_table(), (note,))
        found = _Rows(log)
        found.read()
        return LogRows(
            log.info, pa.concat_tables([*found.made, found.batch()]).unify_dictionaries(), tuple(found.notes)
        )


@dataclass
class _Rows:
    """Gathers the rows of one log, column by column."""

    log: LogFile
    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in SCHEMA.names})
    made: list[pa.Table] = field(default_factory=list)
    notes: list[tuple[Wrong, str]] = field(default_factory=list)

    def read(self) -> None:
        """Take in all samples."""
        info, samples = self.log.info, 0
        without: list[Row] = []
        judges: Counter[str] = Counter()
        shared = log_row(info)
        wrong = [f"its header: {', '.join(info.wrong[:4])} cannot be and count as missing"] if info.wrong else []
        try:
            for found in self.log.summaries():
                samples += 1
                if isinstance(found, LogError):
                    wrong.append(str(found))
                    continue
                summary, fields = found
                if info.status in ("cancelled", "started") and in_flight(summary.error):  # run again since, or to be
                    samples -= 1
                    continue
                if fields:
                    wrong.append(f"sample {summary.id}: {', '.join(fields[:4])} cannot be and count as missing")
                for row in sample_rows(info, shared, summary, lambda s, e: _scores(self.log, s, e)):
                    row[RUN] = summary.uuid
                    if row["judge"] is None:
                        without.append(row)
                    else:
                        judges[row["judge"]] += 1
                        self._append(row)
        except LogError as e:
            self._note("damaged", f"{e}; the {samples} samples before that are used")
        for text in wrong[:NAMED]:
            self._note("wrong", text)
        if len(wrong) > NAMED:
            self._note("wrong", f"and {len(wrong) - NAMED} more samples with such faults")
        # A sample that failed counts against each judge of its log.
        for row in without:
            for judge in judges or [info.judge or "unnamed"]:
                self._append({**row, "judge": judge})
        self._judge_state(info, samples)

    def _judge_state(self, info: LogInfo, samples: int) -> None:
        used = f"its {samples} finished samples are used"
        match info.status:
            case "started":
                self._note("unfinished", f"still running, or cut off; {used}")
            case "cancelled":
                self._note("unfinished", f"was cancelled; {used}")
            case status if status != "success" and info.error:
                self._note("unfinished", f"ended in an error ({info.error}); {used}")
            case _ if info.planned is not None and samples < info.planned:
                self._note("missing", f"{info.planned - samples} of {info.planned} planned samples are not in the log")

    def _note(self, kind: Wrong, text: str) -> None:
        self.notes.append((kind, text.removeprefix(f"{self.log.path}: ")))

    def _append(self, row: Row) -> None:
        for column in KEPT:
            self.columns[column.name].append(row[column.name])
        self.columns[LEVELS].append(json.dumps(row["levels"], sort_keys=True))
        self.columns[RUN].append(row[RUN])
        if len(self.columns[RUN]) >= BATCH:
            self.made.append(self.batch())

    def batch(self) -> pa.Table:
        """The rows since the last batch."""
        taken, self.columns = self.columns, {name: [] for name in SCHEMA.names}
        kinds: dict[str, Kind] = {c.name: c.kind for c in KEPT}
        return pa.table([_array(taken[n], kinds.get(n, "text")) for n in SCHEMA.names], schema=SCHEMA)


def _array(values: list[Any], kind: Kind) -> Any:
    match kind:
        case "text":
            return pa.array(values, pa.string()).dictionary_encode()
        case "names":
            return pa.array(_json(values), pa.string()).dictionary_encode()
        case "time":
            times = pd.to_datetime(pd.Series(values, dtype="string"), utc=True, errors="coerce", format="ISO8601")
            return pa.Array.from_pandas(times.astype("datetime64[us, UTC]"), type=TYPES["time"])
    return pa.array(values, TYPES[kind])


def _json(values: Iterable[tuple[str, ...]]) -> list[str]:
    said: dict[tuple[str, ...], str] = {}
    return [said[v] if v in said else said.setdefault(v, json.dumps(v, ensure_ascii=False)) for v in values]


def _scores(log: LogFile, sample: str, epoch: int) -> Mapping[str, Any]:
    found = log.sample(sample, epoch, ["scores"]).get("scores")
    return found if isinstance(found, dict) else {}
