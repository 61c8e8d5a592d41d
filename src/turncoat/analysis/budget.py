"""The failure budget: does a run have so many samples without a verdict that its numbers should not stand?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from turncoat.analysis.table import Table

BUDGET = 0.05
"""Largest share of samples without a verdict, where the logs' study states none."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Samples without a verdict, beside what the study allows."""

    total: int
    errors: int
    unscored: int
    budget: float

    @property
    def share(self) -> float:
        """Share of samples that have no verdict."""
        return (self.errors + self.unscored) / self.total if self.total else 0.0

    @property
    def problem(self) -> str:
        """The sentence that stands first in output and report, or "" where the budget is kept."""
        if not self.total:
            return "there are no samples"
        if self.share <= self.budget:
            return ""
        return (
            f"{self.errors + self.unscored} of {self.total} samples have no verdict ({self.errors} errors, "
            f"{self.unscored} unscored): {self.share:.0%}, where the study allows {self.budget:.0%}"
        )


def failures(table: Table) -> Failures:
    """Count samples without a verdict; with several judges, each verdict counts.

    The budget is the strictest that the logs' studies state.
    """
    status = table.frame["status"].value_counts()
    budgets = [b for log in table.logs if (b := _budget(log.manifest)) is not None]
    return Failures(
        total=len(table.frame),
        errors=int(status.get("error", 0)),
        unscored=int(status.get("unscored", 0)),
        budget=min(budgets, default=BUDGET),
    )


def _budget(manifest: Mapping[str, object]) -> float | None:
    found = manifest.get("failure_budget")
    return float(found) if isinstance(found, (int, float)) else None
