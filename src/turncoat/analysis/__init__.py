"""From logs to numbers: one typed table, rates with intervals, contrasts. Reads Inspect logs and nothing else."""

from turncoat.analysis.logs import LogFile, LogInfo, Problem, find_logs
from turncoat.analysis.table import Table, read_table

__all__ = ["LogFile", "LogInfo", "Problem", "Table", "find_logs", "read_table"]
