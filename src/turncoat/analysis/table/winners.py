"""Which row counts, where one sample was run or scored more than once.

One without an error comes before one with an error. Then, of two runs of a sample:

- of two machines that ran the same shard, the one whose id is the least. Ids are drawn at random when a sample begins;
  they say nothing of its outcome, nor of who was first or quicker, and no clocks of several machines are compared;
- elsewhere the newest: a second run into a folder, or a retry.

Copies of one run of a sample have its id: of these the newest scores count, and in one log those for which more than
the outcome was read. A run without shards comes before a shard's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from turncoat.analysis.table.columns import KEY
from turncoat.analysis.table.logs import LogInfo
from turncoat.analysis.table.rows import RUN


def counting(rows: Any, order: Any, logs: Sequence[LogInfo]) -> Any:
    """The places of the rows that count, in their order, one for each key; None where all do.

    Args:
        rows: The rows of all logs.
        order: Number of each row's log.
        logs: The logs.
    """
    keys = pd.DataFrame({name: _codes(rows[name]) for name in KEY})
    if not keys.duplicated().any():
        return None
    # A log that was scored again has the same start as its original, so its own time decides between the two.
    ages = [(log.created, log.completed, _changed(log.path), number) for number, log in enumerate(logs)]
    age = np.empty(len(logs), dtype=int)
    age[[number for *_, number in sorted(ages)]] = np.arange(len(logs))
    shard = np.array([bool(log.manifest.get("shard")) for log in logs])[order]
    runs = rows[RUN].combine_chunks()
    words = (runs.chunk(0) if hasattr(runs, "chunk") else runs).dictionary.to_pylist()
    place = np.empty(len(words), dtype=int)
    place[sorted(range(len(words)), key=lambda n: words[n], reverse=True)] = np.arange(len(words))
    rank = pd.DataFrame(
        {
            "fine": np.asarray(rows["status"].to_pandas() != "error"),
            "run": np.where(shard, place[_codes(rows[RUN])], len(words)),
            "age": age[order],
            "read": rows["read"].fill_null(False).to_numpy(zero_copy_only=False),
        }
    )
    ranked = keys.loc[rank.sort_values([*rank], kind="stable").index]
    return ranked[~ranked.duplicated(keep="last")].index.sort_values().to_numpy()


def _codes(values: Any) -> Any:
    """A column as whole numbers: equal where its values are."""
    whole = values.combine_chunks()
    whole = whole.chunk(0) if hasattr(whole, "chunk") else whole
    found = whole.indices if hasattr(whole, "indices") else whole
    return found.fill_null(-1).to_numpy(zero_copy_only=False)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
