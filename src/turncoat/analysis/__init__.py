"""From logs to numbers: one typed table, rates with intervals, contrasts. Reads Inspect logs and nothing else."""

from turncoat.analysis.compare import Comparison, Move, Rule, compare, compare_logs, met, parse_rule
from turncoat.analysis.contrasts import Contrast, Square, contrasts, squares
from turncoat.analysis.overview import Overview, analyse, analyse_logs
from turncoat.analysis.rates import Cell, limit_at_end, rates
from turncoat.analysis.table import Table, export_logs, read_table, write_table
from turncoat.analysis.table.logs import LogFile, LogInfo, find_logs
from turncoat.analysis.transcripts import Transcript, choose, read_transcripts
from turncoat.analysis.trust import Failures, failures
from turncoat.base.errors import Problem
from turncoat.stats.rates import Rate

__all__ = [
    "Cell",
    "Comparison",
    "Contrast",
    "Failures",
    "LogFile",
    "LogInfo",
    "Move",
    "Overview",
    "Problem",
    "Rate",
    "Rule",
    "Square",
    "Table",
    "Transcript",
    "analyse",
    "analyse_logs",
    "choose",
    "compare",
    "compare_logs",
    "contrasts",
    "export_logs",
    "failures",
    "find_logs",
    "limit_at_end",
    "met",
    "parse_rule",
    "rates",
    "read_table",
    "read_transcripts",
    "squares",
    "write_table",
]
