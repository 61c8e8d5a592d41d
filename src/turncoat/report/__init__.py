"""The report: one HTML file from Inspect logs. Draws what the analysis found and computes nothing itself."""

from turncoat.report.page import ReportSummary, write_report

__all__ = ["ReportSummary", "write_report"]
