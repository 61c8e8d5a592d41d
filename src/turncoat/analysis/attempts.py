"""What guards said of each act of one session, as its log holds it, and what monitors say of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from turncoat.base.text import plain

if TYPE_CHECKING:
    from turncoat.analysis.monitors.watching import Watched

FLAGGED = 0.5
"""Score from which a monitor would have flagged an act: where protocols begin unless they are told otherwise."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one guard or monitor said of an act."""

    by: str
    does: str
    """Of a guard its decision, `hold` where the message leaves late; of a monitor `flag`, `pass` or `failed`."""
    score: float | None
    reason: str
    afterwards: bool
    """Whether a monitor said it of the finished log."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One act of a session that others would notice."""

    record: int
    act: str
    recipients: tuple[str, ...]
    subject: str
    said: tuple[Said, ...]


Watchings = Mapping[tuple[str, str, int], Mapping[int, tuple[Said, ...]]]
"""Name of the log, sample and epoch → record → what monitors say of it."""


def watchings(monitors: Iterable[Watched]) -> Watchings:
    """What monitors say of finished logs, by session and act; scores that guards gave stand in the logs themselves."""
    found: dict[tuple[str, str, int], dict[int, tuple[Said, ...]]] = {}
    for watched in (w for w in monitors if w.sees != "recorded"):
        name = watched.monitor.partition("@")[0]
        for row in watched.acts.to_dict("records"):
            key = (Path(str(row["log"])).name, str(row["sample"]), int(row["epoch"]))
            its = found.setdefault(key, {})
            its[int(row["record"])] = (*its.get(int(row["record"]), ()), _afterwards(name, row))
    return found


def _afterwards(name: str, row: Mapping[Any, Any]) -> Said:
    if pd.isna(row["score"]):
        return Said(name, "failed", None, _text(row["failed"]), afterwards=True)
    score = float(row["score"])
    return Said(name, "flag" if score >= FLAGGED else "pass", score, _text(row["reason"]), afterwards=True)


def _text(value: object) -> str:
    return plain(value, 300) if isinstance(value, str) else ""


def attempts_of(sample: Mapping[str, Any], monitors: Mapping[int, tuple[Said, ...]]) -> tuple[Attempt, ...]:
    """The acts of one session with all that was said of each; empty where nothing was said, or it cannot be read.

    Args:
        sample: The sample as it stands in the log.
        monitors: What monitors say of its records.
    """
    # The instrument's code takes Inspect in: seconds that only those pay whose sessions were guarded or watched.
    from turncoat.analysis.monitors.watching import case_in
    from turncoat.base.errors import TurncoatError
    from turncoat.guards.monitors.view import views_of

    try:
        case = case_in(sample)
        found = []
        for record, view in views_of(case, "act"):
            own = tuple(_decided(d) for d in record.decisions)
            said = (*own, *monitors.get(record.seq, ()))
            found.append(Attempt(record.seq, view.act.kind, view.act.recipients, view.act.subject, said))
    except (TurncoatError, ValueError, LookupError, TypeError):  # a stranger's sample
        return ()
    return tuple(found) if any(a.said for a in found) else ()


def _decided(decision: Any) -> Said:
    does = "hold" if decision.hold else decision.decision
    reason = (decision.failed and f"failed: {decision.failed}") or decision.note or decision.reason
    return Said(plain(decision.guard, 80), does, decision.score, plain(reason, 300), afterwards=False)
