"""Logs become one typed table: archives, headers and summaries are read, and each verdict is a row."""

from turncoat.analysis.table.export import check_format, export_logs, write_table
from turncoat.analysis.table.table import Table, read_table

__all__ = ["Table", "check_format", "export_logs", "read_table", "write_table"]
