"""From logs to numbers: one typed table, rates with intervals, contrasts. Reads Inspect logs and nothing else."""

from turncoat.analysis.contrasts import Contrast, Square, contrasts, squares
from turncoat.analysis.logs import LogFile, LogInfo, Problem, find_logs
from turncoat.analysis.overview import Overview, analyse, analyse_logs
from turncoat.analysis.rates import Cell, find_cell, rates
from turncoat.analysis.table import Table, read_table
from turncoat.analysis.transcripts import Transcript, choose, read_transcripts
from turncoat.stats.rates import Rate

__all__ = [
    "Cell",
    "Contrast",
    "LogFile",
    "LogInfo",
    "Overview",
    "Problem",
    "Rate",
    "Square",
    "Table",
    "Transcript",
    "analyse",
    "analyse_logs",
    "choose",
    "contrasts",
    "find_cell",
    "find_logs",
    "rates",
    "read_table",
    "read_transcripts",
    "squares",
]
