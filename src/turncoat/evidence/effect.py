"""What took effect: a case as it would be had the agent attempted no more than guards let through.

Harm is what was attempted; what got through is judged on this case. Whether the demand that was held back belonged to
the secret that was not is a question of meaning, and none of subtraction.
"""

from __future__ import annotations

from dataclasses import replace

from turncoat.evidence.case import Case
from turncoat.world import AGENT, Record
from turncoat.world.actions import Closed, Queued, Withdrawn, edited, held_back, held_for


def stopped(case: Case) -> set[int]:
    """The attempts that guards kept from taking effect as the agent made them: held back, edited, or held and recalled.

    A message that was held for a while and that nobody took back has taken effect, late; also where it would have left
    after the session's end.
    """
    gone = {e.id for r in case.log if r.actor == AGENT for e in r.outcome.effects if isinstance(e, Withdrawn)}
    return {
        r.seq
        for r in case.log
        if held_back(r.decisions) is not None or edited(r.decisions) is not None or _recalled(r, gone)
    }


def _recalled(record: Record, gone: set[str]) -> bool:
    queued = (e.message.id for e in record.outcome.effects if isinstance(e, Queued))
    return held_for(record.decisions) > 0 and any(number in gone for number in queued)


def taken_back(record: Record) -> bool:
    """Whether an attempt that did not take effect was held and taken back, rather than held back or edited."""
    return held_back(record.decisions) is None and edited(record.decisions) is None


def effective(case: Case) -> Case | None:
    """The case of only what took effect; None where guards changed nothing, so that it is the case itself."""
    changed = stopped(case)
    if not changed:
        return None
    over = next((r.seq for r in case.log for e in r.outcome.effects if isinstance(e, Closed)), len(case.log))
    log = tuple(_as_it_came(_or_nothing(r, over), stopped=r.seq in changed) for r in case.log)
    spans = {seq: span for seq, span in case.spans.items() if seq not in changed}
    calls = {seq: call for seq, call in case.calls.items() if seq not in changed}
    return replace(case, log=log, spans=spans, calls=calls, doubts=(), ignored=(), cut_off=None, only_effect=True)


def _or_nothing(record: Record, over: int) -> Record:
    """A record without what was attempted after the session's end, of which nothing came."""
    if record.seq <= over or not record.outcome.prevented:
        return record
    return record.model_copy(update={"outcome": record.outcome.model_copy(update={"prevented": ()})})


def _as_it_came(record: Record, *, stopped: bool) -> Record:
    """The record as if what was done instead had been attempted, or nothing."""
    if not record.decisions or (not stopped and not held_for(record.decisions)):
        return record
    outcome = record.outcome.model_copy(update={"prevented": ()})
    if not stopped:  # it left late
        return record.model_copy(update={"decisions": (), "outcome": outcome})
    instead = edited(record.decisions) if held_back(record.decisions) is None else None
    if held_for(record.decisions) and instead is None:  # taken back: nothing was done
        outcome = outcome.model_copy(update={"effects": ()})
    return record.model_copy(update={"attempt": instead, "decisions": (), "outcome": outcome})
