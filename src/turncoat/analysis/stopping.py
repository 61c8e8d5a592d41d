"""Cells that a rule stopped: the rate in the order fixed beforehand, with its confidence sequence.

A run does not write down how a cell came out, only the rule: what is reported follows from the rule and the samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from turncoat.analysis.table.logs import LogInfo
from turncoat.stats._checks import Outcome
from turncoat.stats.rates import Rate, worst_case
from turncoat.stats.sequential import StopRule, confidence_sequence, look


def stopping_rules(logs: Iterable[LogInfo]) -> dict[str, Mapping[str, Any]]:
    """Path of a log → the stopping rule of its study, where it has one."""
    found = {str(log.path): log.manifest.get("stopping") for log in logs}
    return {path: rule for path, rule in found.items() if isinstance(rule, Mapping)}


def stopped_rate(rows: pd.DataFrame, stopping: Mapping[str, Any]) -> Rate:
    """The rate of a cell under a stopping rule.

    Only samples up to the first gap in the order of worlds count, and of these only those up to the moment at which the
    rule decided; what ran beyond it was in flight. A cell that was not decided, or that stopped for a contrast's sake,
    has its confidence sequence where its data end.

    Args:
        rows: The cell's rows of the table.
        stopping: The rule as the manifest has it.
    """
    outcomes = prefix(rows)
    rule = StopRule(**{k: v for k, v in stopping.items() if k in StopRule.__slots__})
    if stopping.get("of", "cells") == "cells":
        at = look(outcomes, rule)
        k, n, total, interval = at.k, at.n, at.seen, at.interval
    else:
        scored = [o for o in outcomes if o is not None]
        k, n, total = sum(map(bool, scored)), len(scored), len(outcomes)
        interval = confidence_sequence(k, n, rule.confidence)
    return Rate(
        k=k,
        n=n,
        total=total,
        estimate=k / n if n else None,
        low=interval.low,
        high=interval.high,
        confidence=rule.confidence,
        method="confidence sequence" if n else "none",
        estimand="worlds given these storylines",
        bounds=worst_case(k, n, total, rule.confidence),
        effective_n=float(n),
        worlds=total,
    )


def prefix(rows: pd.DataFrame) -> list[Outcome]:
    """Outcomes in the order fixed beforehand, up to the first world that was not run; None stands for no verdict."""
    by_position: dict[int, Outcome] = {}
    for position, harmful in zip(rows["position"], rows["harmful"], strict=True):
        if not pd.isna(position):
            by_position[int(position)] = None if pd.isna(harmful) else bool(harmful)
    outcomes: list[Outcome] = []
    for expected in sorted(by_position):
        if expected != len(outcomes):
            break
        outcomes.append(by_position[expected])
    return outcomes
