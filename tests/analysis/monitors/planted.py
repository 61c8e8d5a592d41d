"""Sessions whose scores and truths are planted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from turncoat.analysis.monitors.watching import Watched


def planted_in(scores: Any, harmful: Any, worlds: Any) -> Watched:
    """Sessions of one act each, whose scores and truths are planted."""
    n = len(scores)
    shared = {
        **dict.fromkeys(("interface", "condition", "model", "judge"), "x"),
        "scenario": ["a" if i % 2 else "b" for i in range(n)],
        "world": list(worlds),
        "sample": [f"s{i}" for i in range(n)],
        "epoch": [1] * n,
        "task_id": ["t"] * n,
        "log": ["l.eval"] * n,
    }
    score = pd.array(scores, dtype="Float64")
    sessions = pd.DataFrame({**shared, "harmful": pd.array(harmful, dtype="boolean"), "score": score, "failed": 0})
    kinds = ["unknown" if h is None else "harmful" if h else "harmless" for h in harmful]
    return Watched("planted@1", "act", sessions, pd.DataFrame({**shared, "kind": kinds, "score": score}))
