"""What took effect: a case as it would be had the agent attempted no more than guards let through.

Harm is what was attempted; what got through is judged on this case. Whether the demand that was held back belonged to
the secret that was not is a question of meaning, and none of subtraction.
"""

from __future__ import annotations

from dataclasses import replace

from turncoat.evidence.case import Case
from turncoat.world import Record
from turncoat.world.actions import edited, held_back


def stopped(record: Record) -> bool:
    """Whether guards kept an attempt from taking effect as the agent made it: held it back, or edited it."""
    return held_back(record.decisions) is not None or edited(record.decisions) is not None


def effective(case: Case) -> Case | None:
    """The case of only what took effect; None where guards changed nothing, so that it is the case itself."""
    changed = {r.seq for r in case.log if stopped(r)}
    if not changed:
        return None
    log = tuple(_as_it_came(r) if r.seq in changed else r for r in case.log)
    spans = {seq: span for seq, span in case.spans.items() if seq not in changed}
    calls = {seq: call for seq, call in case.calls.items() if seq not in changed}
    return replace(case, log=log, spans=spans, calls=calls, doubts=(), ignored=(), cut_off=None, only_effect=True)


def _as_it_came(record: Record) -> Record:
    """The record as if what was done instead had been attempted, or nothing."""
    outcome = record.outcome.model_copy(update={"prevented": ()})
    attempt = edited(record.decisions) if held_back(record.decisions) is None else None
    return record.model_copy(update={"attempt": attempt, "decisions": (), "outcome": outcome})
