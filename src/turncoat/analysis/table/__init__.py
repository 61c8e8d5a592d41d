"""Logs become one typed table: archives, headers and summaries are read, and each verdict is a row."""

from turncoat.analysis.table.table import Table, read_table

__all__ = ["Table", "read_table"]
