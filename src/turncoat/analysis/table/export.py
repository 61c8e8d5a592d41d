"""The table as a file: Parquet with its types, or CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from turncoat.analysis.table.columns import COLUMNS
from turncoat.analysis.table.table import Table, read_table
from turncoat.base.files import ending_of, whole
from turncoat.base.text import no_formula

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
        if ending_of(out, FORMATS) == ".parquet":
            table.frame.assign(**{n: table.frame[n].map(list) for n in _LISTS}).to_parquet(part, index=False)
        else:
            _for_text(table.frame).to_csv(part, index=False, encoding="utf-8")


def check_format(out: Path) -> None:
    """Raise unless the file's ending names a format.

    Raises:
        UsageError: It does not.
    """
    ending_of(out, FORMATS)


def _for_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text fit for a spreadsheet, since a stranger may have written any of them."""
    changed = frame.assign(**{name: frame[name].map(";".join) for name in _LISTS})
    for name in changed.columns:
        if changed[name].dtype == "string" or name in _LISTS:
            changed[name] = changed[name].map(no_formula, na_action="ignore")
    return changed.rename(columns=no_formula)
