"""What monitors say of logs, by names that a report is given: files, the scores of guards, monitors without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from turncoat.analysis.guards import models_of_guards
from turncoat.analysis.monitors.watching import (
    ACT_COLUMNS,
    RECORDED,
    SESSION_COLUMNS,
    Watched,
    verdicts_of,
    watch_logs,
)
from turncoat.analysis.table import Table
from turncoat.base.counting import counted
from turncoat.base.errors import DataError, UsageError
from turncoat.base.files import reason
from turncoat.base.reading import refuse_irregular
from turncoat.base.unfit import kind
from turncoat.guards.approval import REVIEWERS
from turncoat.guards.monitors.monitor import Monitor, models_of
from turncoat.guards.monitors.named import make_monitor, needs_model
from turncoat.guards.monitors.protocols import PROTOCOLS
from turncoat.guards.monitors.trusted import ROLE as TRUSTED
from turncoat.judges.apart import refuse_own_judge

FORMATS = (".csv", ".parquet", ".json")
"""Endings of the files of `turncoat monitor --out`."""
_SESSION = ("task_id", "sample", "epoch")
"""What a session is, in whatever folder or copy its log lies."""


def watched_by(names: Sequence[str], table: Table, *, same_model: bool = False) -> tuple[Watched, ...]:
    """What each of some monitors says of the logs of a table.

    Args:
        names: Files that `turncoat monitor --out` wrote, `recorded:<guard>`, or monitors that ask no model.
        table: The table of the logs.
        same_model: Whether monitor and judge may be one model.

    Raises:
        UsageError: A monitor that asks a model, no act has a score of that guard, the judge's own model gave it, or a
            file is of other logs.
        DataError: A file cannot be read, or is none of these.
    """
    return tuple(_watched(name, table, same_model) for name in names)


def see_apart(monitor: Monitor | str, table: Table, judge: str = "") -> None:
    """See that a monitor's model is not the one whose verdicts it is measured by.

    Args:
        monitor: The monitor; or `recorded:` and a guard's name: then the models count that guards asked in the runs.
        table: The table of the logs.
        judge: Whose verdicts are the truth; "" for the one that each run was given.

    Raises:
        UsageError: It is.
    """
    if isinstance(monitor, str):
        rules = {f"{protocol}_rules" for protocol in PROTOCOLS}
        by_rules = monitor.removeprefix(RECORDED).partition("@")[0] in rules
        models = {} if by_rules else models_of_guards(table, (*REVIEWERS, TRUSTED))
    else:
        models = dict.fromkeys(models_of([monitor]), "")
    judges = verdicts_of(table, judge)["judge"].dropna().unique() if models else ()
    refuse_own_judge(dict.fromkeys(models, "is the monitor"), map(str, judges))


def _watched(name: str, table: Table, same_model: bool) -> Watched:
    if Path(name).suffix.lower() in FORMATS:
        return _of_logs(_read(Path(name)), table, name)
    if name.startswith(RECORDED):
        if not same_model:
            see_apart(name, table)
        return watch_logs([], name, table=table)
    if needs_model(name):
        raise UsageError(
            f"monitor {name!r} asks a model; run: turncoat monitor … --monitor {name} --out flagged.parquet, and name "
            "that file here"
        )
    return watch_logs([], make_monitor(name), table=table)


def _read(path: Path) -> Watched:
    sessions, acts = (
        _columns(file, kinds, f"write it by: turncoat monitor … --out {path}")
        for file, kinds in ((path, SESSION_COLUMNS), (path.with_name(f"{path.stem}.acts{path.suffix}"), ACT_COLUMNS))
    )
    return Watched(path.stem, "file", sessions, acts)


def _columns(file: Path, kinds: Mapping[str, str], remedy: str) -> pd.DataFrame:
    try:
        frame = _frame(file)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({reason(error)}); {remedy}") from None
    except (ValueError, RecursionError):  # what the reader of each form says of what is of another
        raise DataError(f"{file}: cannot be read as {file.suffix.removeprefix('.')}; {remedy}") from None
    if missing := [n for n in kinds if n not in frame.columns]:
        raise DataError(f"{file}: has no column {missing[0]!r}; {remedy}")
    for name, of in kinds.items():
        if not _fits(frame[name], of):
            wrong = next((value for value in frame[name] if not _fits(pd.Series([value]), of)), None)
            raise DataError(f"{file}: column {name!r}: needs {_WORDS[of]}; found {kind(wrong)}; {remedy}")
    return frame[list(kinds)].astype(kinds)


_WORDS = {"string": "texts", "Int64": "whole numbers", "Float64": "numbers", "boolean": "true or false"}


def _fits(values: pd.Series[Any], of: Any) -> bool:
    try:
        values.astype(of)
    except (ValueError, TypeError):
        return False
    return True


def _of_logs(read: Watched, table: Table, name: str) -> Watched:
    """What a file says of the logs of a table; its other sessions, of logs that are not here, are left out.

    Raises:
        UsageError: It says nothing of them.
    """
    here = pd.MultiIndex.from_frame(table.frame[list(_SESSION)].drop_duplicates())
    sessions, acts = (f[pd.MultiIndex.from_frame(f[list(_SESSION)]).isin(here)] for f in (read.sessions, read.acts))
    if sessions.empty:
        raise UsageError(
            f"{name}: none of its {counted(len(read.sessions), 'session')} is of these logs; write one of them by: "
            f"turncoat monitor … --out {name}"
        )
    return replace(read, sessions=sessions.reset_index(drop=True), acts=acts.reset_index(drop=True))


def _frame(path: Path) -> pd.DataFrame:
    refuse_irregular(path)
    match path.suffix.lower():
        case ".parquet":
            return pd.read_parquet(path)
        case ".json":
            return pd.read_json(path, orient="records", dtype=False)  # no name here is a date
        case _:
            return pd.read_csv(path)
