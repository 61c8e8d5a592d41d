"""What monitors say of logs, by names that a report is given: files, the scores of guards, monitors without a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from turncoat.analysis.monitors.watching import ACT_COLUMNS, RECORDED, SESSION_COLUMNS, Watched, watch_logs
from turncoat.analysis.table import Table
from turncoat.base.errors import DataError, UsageError
from turncoat.base.reading import refuse_irregular
from turncoat.guards.monitors.named import make_monitor, needs_model

FORMATS = (".csv", ".parquet", ".json")
"""Endings of the files of `turncoat monitor --out`."""


def watched_by(names: Sequence[str], table: Table) -> tuple[Watched, ...]:
    """What each of some monitors says of the logs of a table.

    Args:
        names: Files that `turncoat monitor --out` wrote, `recorded:<guard>`, or monitors that ask no model.
        table: The table of the logs.

    Raises:
        UsageError: A monitor that asks a model, or no act has a score of that guard.
        DataError: A file cannot be read, or is none of these.
    """
    return tuple(_watched(name, table) for name in names)


def _watched(name: str, table: Table) -> Watched:
    if Path(name).suffix in FORMATS:
        return _read(Path(name))
    if name.startswith(RECORDED):
        return watch_logs([], name, table=table)
    if needs_model(name):
        raise UsageError(
            f"monitor {name!r} asks a model; run: turncoat monitor … --monitor {name} --out flagged.parquet, and name "
            "that file here"
        )
    return watch_logs([], make_monitor(name), table=table)


def _read(path: Path) -> Watched:
    frames = []
    for file, kinds in ((path, SESSION_COLUMNS), (path.with_name(f"{path.stem}.acts{path.suffix}"), ACT_COLUMNS)):
        try:
            frame = _frame(file)
        except (OSError, ValueError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DataError(f"{file}: cannot be read ({why}); write it by: turncoat monitor … --out {path}") from None
        if missing := [n for n in kinds if n not in frame.columns]:
            raise DataError(f"{file}: has no column {missing[0]!r}; write it by: turncoat monitor … --out {path}")
        try:
            frames.append(frame[list(kinds)].astype(kinds))
        except (ValueError, TypeError) as error:
            raise DataError(f"{file}: {str(error).splitlines()[0]}; write it anew by: turncoat monitor") from None
    sessions, acts = frames
    return Watched(path.stem, "file", sessions, acts)


def _frame(path: Path) -> pd.DataFrame:
    refuse_irregular(path)
    match path.suffix:
        case ".parquet":
            return pd.read_parquet(path)
        case ".json":
            return pd.read_json(path, orient="records", dtype=False)  # no name here is a date
        case _:
            return pd.read_csv(path)
