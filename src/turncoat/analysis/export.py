"""The table as a file for other programs: Parquet or CSV, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from turncoat.analysis.table import Table, read_table
from turncoat.analysis.table.columns import COLUMNS
from turncoat.base.errors import UsageError
from turncoat.base.files import whole

FORMATS = (".parquet", ".csv")
"""Endings of the file, which choose its format."""

BETWEEN = ";"
"""What stands between the entries of a list in CSV."""

_FROM_MODELS = ("explanation", "error", "reason")
"""Text that a model may have written; a spreadsheet would run it as a formula if it begins like one."""

_FORMULA = ("=", "+", "-", "@")


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
    """Write the table: one row for each sample, epoch, model and judge; columns as `schema.describe` says.

    In Parquet, lists are lists of text. In CSV they are text with `;` between the entries, and what a model may have
    written gets an apostrophe before a sign that would make it a spreadsheet's formula.

    Raises:
        UsageError: The file's ending is neither `.parquet` nor `.csv`.
        OutputError: It cannot be written; then nothing is left behind.
    """
    check_format(out)
    with whole(out) as part:
        if out.suffix == ".parquet":
            frame = table.frame.assign(**{n: table.frame[n].map(list) for n in _lists()})
            frame.to_parquet(part, index=False)
        else:
            _for_text(table.frame).to_csv(part, index=False, encoding="utf-8")


def check_format(out: Path) -> None:
    """Raise unless the file's ending names a format.

    Raises:
        UsageError: It does not.
    """
    if out.suffix not in FORMATS:
        raise UsageError(f"{out}: ends in {out.suffix or 'nothing'!r}; name a file that ends in {' or '.join(FORMATS)}")


def _lists() -> list[str]:
    return [c.name for c in COLUMNS if c.kind == "names"]


def _for_text(frame: pd.DataFrame) -> pd.DataFrame:
    changed = {name: frame[name].map(BETWEEN.join) for name in _lists()}
    for name in _FROM_MODELS:
        formula = frame[name].str.startswith(_FORMULA).fillna(False).astype(bool)
        changed[name] = frame[name].where(~formula, "'" + frame[name])
    return frame.assign(**changed)
