"""Logs become one typed table, and the table a file: a row for each sample, epoch, model and judge.

The whole analysis reads this table. It is made from the summaries that Inspect keeps beside the samples, which are
read one at a time; what grows with the number of samples is the table alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from turncoat.analysis.table.columns import COLUMNS, DEFAULT, DTYPES, FACTOR_PREFIX
from turncoat.analysis.table.logs import LogInfo, find_logs
from turncoat.analysis.table.parts import rows_of
from turncoat.analysis.table.rows import LEVELS, LogRows, Wrong
from turncoat.analysis.table.winners import counting
from turncoat.base.arguments import checked
from turncoat.base.errors import LogError, Problem
from turncoat.base.files import path_text
from turncoat.base.text import plain
from turncoat.scoring.parts import Kind
from turncoat.scoring.result import SCORE

NOT_USED: frozenset[Wrong] = frozenset({"unreadable", "damaged", "wrong"})
"""Problems by which something that was given is not in the table, or not as it stood there."""


@dataclass(frozen=True, repr=False)
class Table:
    """The table with what is needed to trust it.

    Attributes:
        frame: One row for each sample, epoch, model and judge; columns as in `columns.COLUMNS`, then the factors.
        logs: The logs that were read, superseded ones included.
        problems: What was wrong with logs, for the reader.
        superseded: Rows left out because a newer run of the same sample, epoch, model and judge is there.
        own: Judges and panels that runs were given (the score `verdict`), also where a later score of theirs counts.
    """

    frame: pd.DataFrame
    logs: tuple[LogInfo, ...]
    problems: tuple[Problem, ...]
    superseded: int = 0
    own: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<table: {len(self.frame)} rows, {len(self.frame.columns)} columns>"

    @property
    def not_used(self) -> list[Problem]:
        """Problems by which something that was given is not in the table, or not as it stood there."""
        return [p for p in self.problems if p.code in NOT_USED]

    @property
    def factors(self) -> list[str]:
        """Names of the factors that vary or were set."""
        return [c.removeprefix(FACTOR_PREFIX) for c in self.frame.columns if c.startswith(FACTOR_PREFIX)]


@checked
def read_table(paths: str | Path | Iterable[str | Path]) -> Table:
    """Read logs, or folders of logs, into the table.

    A log that cannot be read, or is of no Turncoat task, becomes a problem; so does one that was not finished, whose
    samples count all the same. Where a sample was run more than once (a retry by `eval_set`, a second run into the
    same folder, a copy that was scored again, a shard that was started twice), one result counts, as `winners` says.
    A log that a run replaces meanwhile is read in its new form.

    Args:
        paths: A log or a folder, or several.

    Raises:
        UsageError: Something else than paths is given.
        LogError: If a path does not exist or no log could be read at all.
    """
    given = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    read, problems = _read(given)
    if not read:
        first = problems[0] if problems else "nothing found"
        raise LogError(f"none of {len(find_logs(given))} log files can be used; the first: {first}")
    return _table(read, problems)


ROUNDS = 3
"""How often a folder is looked into, where logs go while it is read: a run that goes on replaces them."""


def _read(given: Sequence[Path]) -> tuple[list[LogRows], list[Problem]]:
    """The logs' rows in the order of their paths, and what was wrong."""
    found: dict[Path, LogRows] = {}
    wrong: dict[Path, LogError] = {}
    shut: dict[Path, str] = {}
    for _ in range(ROUNDS):
        left = [path for path in find_logs(given, shut) if path not in found]
        for path, rows in rows_of(left):
            if isinstance(rows, LogError):
                wrong[path] = rows
            else:
                found[path] = rows
        wrong = {path: error for path, error in wrong.items() if path not in found}
        if not any(not path.exists() for path in wrong):
            break
    problems = [
        _problem(p, "unreadable", f"cannot be looked into ({why}); logs in it are left out")
        for p, why in sorted(shut.items())
    ]
    for path in sorted({*found, *wrong}):
        if path in wrong:
            if path.exists():
                problems.append(_problem(path, "unreadable", str(wrong[path])))
            continue
        problems += [_problem(path, kind, text) for kind, text in found[path].notes]
    return [found[path] for path in sorted(found) if found[path].info.ours], problems


def _problem(path: Path, kind: Wrong, text: str) -> Problem:
    return Problem(kind, plain(path, 600), plain(text.removeprefix(f"{path}: "), 600))


def _table(read: Sequence[LogRows], problems: Sequence[Problem]) -> Table:
    """Make the table of all that was read, one column after another."""
    logs = tuple(found.info for found in read)
    rows = pa.concat_tables([found.rows for found in read]).unify_dictionaries()
    order = np.repeat(np.arange(len(read)), [found.rows.num_rows for found in read])
    own = frozenset(str(j) for j in rows.filter(pc.equal(rows["scorer"], SCORE))["judge"].unique().to_pylist())
    kept = counting(rows, order, logs)
    superseded = 0 if kept is None else rows.num_rows - len(kept)
    if kept is not None:
        rows, order = rows.take(kept), order[kept]
    data: dict[str, Any] = {}
    for column in COLUMNS:
        if column.name == "log":
            paths = pa.array([path_text(info.path) for info in logs], pa.string())
            values = pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(order, pa.int32()), paths)])
        else:
            values = rows[column.name]
        data[column.name] = _series(values, column.kind)
    levels = rows[LEVELS].combine_chunks()
    said = [json.loads(text) for text in _words(levels)]
    codes = np.asarray(_codes(levels))
    for factor in sorted({name for number in np.unique(codes) for name in said[number]}):
        words = pa.array([lv.get(factor, DEFAULT) for lv in said], pa.string())
        data[FACTOR_PREFIX + factor] = _text(words.take(pa.array(codes)))
    return Table(pd.DataFrame(data), logs, tuple(problems), superseded, own)


_NUMBERS = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype()}


def _series(values: Any, kind: Kind) -> Any:
    """A column as pandas holds it."""
    match kind:
        case "text":
            return _text(values.cast(pa.string()))
        case "names":
            whole = values.combine_chunks()
            tuples = np.empty(len(_words(whole)), dtype=object)
            tuples[:] = [tuple(json.loads(text)) for text in _words(whole)]
            return pd.Series(tuples[np.asarray(_codes(whole))], dtype="object")
        case "time":
            return values.to_pandas().astype(DTYPES["time"])
    return values.to_pandas(types_mapper=_NUMBERS.get)


def _text(values: Any) -> Any:
    return values.to_pandas(types_mapper={pa.string(): pd.StringDtype()}.get)


def _words(values: Any) -> list[str]:
    return list((values.chunk(0) if isinstance(values, pa.ChunkedArray) else values).dictionary.to_pylist())


def _codes(values: Any) -> Any:
    return (values.chunk(0) if isinstance(values, pa.ChunkedArray) else values).indices
