"""Logs become one typed table, and the table a file: a row for each sample, epoch, model and judge.

The whole analysis reads this table. It is made from the summaries that Inspect keeps beside the samples, which are
read one at a time; what grows with the number of samples is the table alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from turncoat.analysis.table.columns import COLUMNS, DEFAULT, DTYPES, FACTOR_PREFIX, KEY, Row, log_row, sample_rows
from turncoat.analysis.table.logs import LogFile, LogInfo, find_logs
from turncoat.base.errors import LogError, Problem, UsageError, in_flight
from turncoat.base.files import whole
from turncoat.base.text import no_formula, plain
from turncoat.scoring.result import SCORE

Wrong = Literal["unreadable", "foreign", "unfinished", "damaged", "wrong", "missing"]
"""What may be wrong with a log: it cannot be read, is no task's of ours, ended early, breaks off, holds what Inspect
does not write, or lacks samples."""

NOT_USED: frozenset[Wrong] = frozenset({"unreadable", "damaged", "wrong"})
"""Problems by which something that was given is not in the table, or not as it stood there."""

NAMED = 20
"""Samples of one log whose faults are told one by one."""


@dataclass(frozen=True)
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

    @property
    def not_used(self) -> list[Problem]:
        """Problems by which something that was given is not in the table, or not as it stood there."""
        return [p for p in self.problems if p.code in NOT_USED]

    @property
    def factors(self) -> list[str]:
        """Names of the factors that vary or were set."""
        return [c.removeprefix(FACTOR_PREFIX) for c in self.frame.columns if c.startswith(FACTOR_PREFIX)]


def read_table(paths: str | Path | Iterable[str | Path]) -> Table:
    """Read logs, or folders of logs, into the table.

    A log that cannot be read, or is of no Turncoat task, becomes a problem; so does one that was not finished, whose
    samples count all the same. Where a sample was run more than once (a retry by `eval_set`, a second run into the
    same folder, a copy that was scored again), the newest result counts, and one without an error before one with.

    Args:
        paths: A log or a folder, or several.

    Raises:
        LogError: If a path does not exist or no log could be read at all.
    """
    reader = _Reader()
    files = find_logs([Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)])
    for path in files:
        reader.read(path)
    if not reader.logs:
        first = reader.problems[0] if reader.problems else "nothing found"
        raise LogError(f"none of {len(files)} log files can be used; the first: {first}")
    return reader.table()


class _Reader:
    """Gathers rows log by log, column by column."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {c.name: [] for c in COLUMNS}
        self.levels: list[dict[str, str]] = []
        self.cleaned: dict[str, dict[str, str]] = {}
        self.order: list[int] = []
        self.logs: list[LogInfo] = []
        self.problems: list[Problem] = []

    def read(self, path: Path) -> None:
        """Take in one log."""
        try:
            with LogFile(path) as log:
                if log.info.ours:
                    self._take(log)
                else:
                    self._note(path, "foreign", f"not written by a Turncoat task ({log.info.task}); left out")
        except LogError as e:
            self._note(path, "unreadable", str(e))

    def _take(self, log: LogFile) -> None:
        info = log.info
        number = len(self.logs)
        self.logs.append(info)
        without: list[Row] = []
        judges: Counter[str] = Counter()
        samples = 0
        shared = log_row(info)
        wrong = [f"its header: {', '.join(info.wrong[:4])} cannot be and count as missing"] if info.wrong else []
        try:
            for found in log.summaries():
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
                for row in sample_rows(info, shared, summary, lambda s, e: _scores(log, s, e)):
                    if row["judge"] is None:
                        without.append(row)
                    else:
                        judges[row["judge"]] += 1
                        self._append(row, number)
        except LogError as e:
            self._note(info.path, "damaged", f"{e}; the {samples} samples before that are used")
        for text in wrong[:NAMED]:
            self._note(info.path, "wrong", text)
        if len(wrong) > NAMED:
            self._note(info.path, "wrong", f"and {len(wrong) - NAMED} more samples with such faults")
        # A sample that failed counts against each judge of its log.
        for row in without:
            for judge in judges or [info.judge or "unnamed"]:
                self._append({**row, "judge": judge}, number)
        self._judge_state(info, samples)

    def _judge_state(self, info: LogInfo, samples: int) -> None:
        used = f"its {samples} finished samples are used"
        match info.status:
            case "started":
                self._note(info.path, "unfinished", f"still running, or cut off; {used}")
            case "cancelled":
                self._note(info.path, "unfinished", f"was cancelled; {used}")
            case status if status != "success" and info.error:
                self._note(info.path, "unfinished", f"ended in an error ({info.error}); {used}")
            case _ if info.planned is not None and samples < info.planned:
                text = f"{info.planned - samples} of {info.planned} planned samples are not in the log"
                self._note(info.path, "missing", text)

    def _append(self, row: Row, log: int) -> None:
        for name, column in self.columns.items():
            column.append(row[name])
        given = str(row["levels"])
        if given not in self.cleaned:
            self.cleaned[given] = dict(sorted(row["levels"].items()))
        self.levels.append(self.cleaned[given])
        self.order.append(log)

    def _note(self, path: Path, kind: Wrong, text: str) -> None:
        self.problems.append(Problem(kind, plain(path, 600), plain(text.removeprefix(f"{path}: "), 600)))

    def table(self) -> Table:
        """Make the table of all that was read."""
        data: dict[str, pd.Series[Any]] = {}
        for column in COLUMNS:
            values = self.columns.pop(column.name)
            if column.kind == "time":
                data[column.name] = pd.to_datetime(
                    pd.Series(values, dtype="string"), utc=True, errors="coerce", format="ISO8601"
                ).astype("datetime64[us, UTC]")
            else:
                data[column.name] = pd.Series(values, dtype=DTYPES[column.kind])
        for factor in sorted({name for levels in self.cleaned.values() for name in levels}):
            data[FACTOR_PREFIX + factor] = pd.Series([lv.get(factor, DEFAULT) for lv in self.levels], dtype="string")
        frame = pd.DataFrame(data)
        kept = _newest(frame, self.order, self.logs)
        return Table(
            frame.loc[kept].reset_index(drop=True),
            tuple(self.logs),
            tuple(self.problems),
            superseded=len(frame) - len(kept),
            own=frozenset(str(j) for j in frame.loc[frame["scorer"].eq(SCORE).fillna(False), "judge"].unique()),
        )


def _scores(log: LogFile, sample: str, epoch: int) -> Mapping[str, Any]:
    found = log.sample(sample, epoch).get("scores")
    return found if isinstance(found, dict) else {}


def _newest(frame: pd.DataFrame, order: list[int], logs: list[LogInfo]) -> pd.Index[Any]:
    """Return the labels of the rows that count, in their order: one for each key."""
    if not frame.duplicated(list(KEY)).any():
        return frame.index
    # A log that was scored again has the same start as its original, so its own time decides between the two.
    ages = [(log.created, log.completed, _changed(log.path), number) for number, log in enumerate(logs)]
    age = {number: rank for rank, (*_, number) in enumerate(sorted(ages))}
    # Of two scores of one judge in the same log, the one that was read for more than the outcome says more.
    rank = pd.DataFrame(
        {
            "fine": frame["status"] != "error",
            "age": [age[o] for o in order],
            "read": frame["read"].eq(True).fillna(False),
        },
        index=frame.index,
    )
    ranked = frame.loc[rank.sort_values([*rank], kind="stable").index, list(KEY)]
    return ranked[~ranked.duplicated(keep="last")].index.sort_values()


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


FORMATS = (".parquet", ".csv")
"""Endings of the file, which choose its format."""

_LISTS = [c.name for c in COLUMNS if c.kind == "names"]


def export_logs(logs: Sequence[Path], out: Path) -> Table:
    """Read logs and write their table; see `write_table`.

    Raises:
        LogError: There is no log, or none can be read.
    """
    check_format(out)
    table = read_table(logs)
    write_table(table, out)
    return table


def write_table(table: Table, out: Path) -> None:
    """Write the table: one row for each sample, epoch, model and judge; columns as `columns.describe` says.

    In Parquet, lists are lists of text. In CSV they are text with `;` between the entries, and every text gets
    an apostrophe before a sign that would make it a spreadsheet's formula.

    Raises:
        UsageError: The file's ending is neither `.parquet` nor `.csv`.
        OutputError: It cannot be written; then nothing is left behind.
    """
    check_format(out)
    with whole(out) as part:
        if out.suffix == ".parquet":
            table.frame.assign(**{n: table.frame[n].map(list) for n in _LISTS}).to_parquet(part, index=False)
        else:
            _for_text(table.frame).to_csv(part, index=False, encoding="utf-8")


def check_format(out: Path) -> None:
    """Raise unless the file's ending names a format.

    Raises:
        UsageError: It does not.
    """
    if out.suffix not in FORMATS:
        raise UsageError(f"{out}: ends in {out.suffix or 'nothing'!r}; name a file that ends in {' or '.join(FORMATS)}")


def _for_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text fit for a spreadsheet, since a stranger may have written any of them."""
    changed = frame.assign(**{name: frame[name].map(";".join) for name in _LISTS})
    for name in changed.columns:
        if changed[name].dtype == "string" or name in _LISTS:
            changed[name] = changed[name].map(no_formula, na_action="ignore")
    return changed.rename(columns=no_formula)
