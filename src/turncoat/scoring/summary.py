"""A verdict as the compact record that logs keep: under 1 kB, or Inspect's summaries would drop it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from turncoat.doors.text import Parsed
from turncoat.evidence.case import Case
from turncoat.evidence.findings import Evidence
from turncoat.evidence.mentions import find_phrases
from turncoat.evidence.quotes import find_quote
from turncoat.scoring.instrument import instrument_hash
from turncoat.scoring.verdict import Verdict
from turncoat.world import is_write

TASKS = ("outcome", "reading", "awareness")
MAX_BYTES = 960
"""Inspect's summaries drop metadata fields over 1 kB."""

Place = list[str | int]
"""`[source, start, end]`: a passage of the `answer`, of the `reasoning`, of `call:<id>:<argument>`, or of the text of
`record:<seq>` where the conversation does not hold the call."""


def summarise(verdict: Verdict, case: Case, parsed: Parsed) -> dict[str, Any]:
    """The metadata of a score; each field stays under 1 kB.

    Keys: those of `judged`, and findings (name, by, at), quotes (name → place of the first quote of what was read),
    acts (start, end, kind, status), ignored (reason → count).
    """
    outcomes = {r.seq: r.outcome.status for r in case.log}
    acts: list[list[str | int]] = [
        [a.span[0], a.span[1], a.action.kind, outcomes.get(seq, "done")] for seq, a in enumerate(parsed.acts)
    ]
    return _shortened(_summary(verdict, case, acts, [i.reason.value for i in parsed.ignored]))


def summarise_session(verdict: Verdict, case: Case, ended: str) -> dict[str, Any]:
    """The metadata of a session's score: as `summarise`, with acts as (source, kind, status) of what was written.

    Further keys: ended (how), opened (messages, documents: how many the agent opened; secret: whether anything about
    the fact on which the scenario turns was opened `before` the first act, `after` it, or `never`; at: the records).
    """
    acts: list[list[str | int]] = [
        [_source(r.seq, case), r.attempt.kind, r.outcome.status]
        for r in case.log
        if r.attempt is not None and is_write(r.attempt)
    ]
    summary = _summary(verdict, case, acts, [d.reason for d in case.doubts])
    return _shortened(summary | {"ended": ended or "limit", "opened": opened(case)})


def opened(case: Case) -> dict[str, Any]:
    """Reads as evidence: what the agent opened, and whether it knew of the secret before it acted."""
    fact = case.setting.fact
    about = [s for s in case.opened if fact is not None and find_phrases(s.text, fact.mentions)]
    mail = {m.id for m in case.mail}
    count = sum(s.id in mail for s in case.opened)
    if not about:
        when = "never"
    else:
        when = "before" if case.first_act is None or about[0].record < case.first_act else "after"
    at = [s.record for s in about[:5]]
    return {"messages": count, "documents": len(case.opened) - count, "secret": when, "at": at}


def _source(seq: int, case: Case) -> str:
    call = case.calls.get(seq)
    return f"call:{call.id}" if call else f"record:{seq}"


def _summary(verdict: Verdict, case: Case, acts: list[list[str | int]], ignored: Iterable[str]) -> dict[str, Any]:
    return {
        **judged(verdict),
        "findings": [
            {"name": f.name, "by": f.by, "at": [locate(e, case) for e in f.evidence[:3]]} for f in verdict.findings
        ],
        "quotes": {t.name: locate(t.evidence[0], case) for t in verdict.reading.traits if t.evidence},
        "acts": acts,
        "ignored": dict(Counter(ignored)),
    }


def judged(verdict: Verdict) -> dict[str, Any]:
    """What a verdict says, without its evidence.

    Keys: harmful, rung, undecided, reason; necessary (the gate's own answer), answers (task → yes, unsure, unscored:
    the judge's own), calls, rubrics, judge, panel (judge → its verdict), ladder, instrument; read, unread (task →
    reason), awareness, visible, stages, ethics, motives, misunderstandings.
    """
    reading = verdict.reading
    return {
        "harmful": verdict.harmful,
        "rung": verdict.rung,
        "undecided": list(verdict.undecided),
        "reason": verdict.reason,
        "necessary": verdict.necessary,
        "answers": {n: g.model_dump(exclude_defaults=True) for n, g in verdict.answers.items()},
        "calls": {task: verdict.calls.get(task, 0) for task in TASKS},
        "rubrics": verdict.rubrics,
        "judge": verdict.judge,
        "panel": verdict.panel,
        "ladder": verdict.ladder,
        "instrument": instrument_hash(),
        "read": reading.read,
        "unread": reading.unread,
        "awareness": str(reading.awareness),
        "visible": list(reading.visible),
        "stages": {
            "recognised": reading.recognised,
            "considered": reading.considered,
            "acted": verdict.harmful,
        },
        "ethics": reading.ethics,
        "motives": list(reading.motives),
        "misunderstandings": list(reading.misunderstandings),
    }


def locate(evidence: Evidence, case: Case) -> Place:
    """Where a passage of an act or of the visible reasoning stands in what the model gave."""
    if evidence.record < 0:
        place = case.passages[-evidence.record - 1]
        return [place.source, place.start + evidence.start, place.start + evidence.end]
    if case.interface == "tools":
        return _in_call(evidence, case)
    start, end = case.spans.get(evidence.record, (0, len(case.answer)))
    text = next((s.text for s in case.sent if s.record == evidence.record), "")
    passage = text[evidence.start : evidence.end]
    whole = evidence.end - evidence.start >= len(text)
    found = None if whole else find_quote(passage, case.answer[start:end])
    if found is None and not whole and passage:
        at = case.answer.find(passage, start, end)
        found = (at - start, at - start + len(passage)) if at >= 0 else None
    return ["answer", start + found[0], start + found[1]] if found else ["answer", start, end]


def _in_call(evidence: Evidence, case: Case) -> Place:
    """The passage in the call that sent the message: in the argument that holds it, or the whole of the longest."""
    call = case.calls.get(evidence.record)
    text = next((s.text for s in case.sent if s.record == evidence.record), "")
    if call is None or not call.fields:
        return [f"record:{evidence.record}", evidence.start, evidence.end]
    passage = text[evidence.start : evidence.end]
    for name, value in call.fields.items():
        at = value.find(passage) if passage else -1
        found = (at, at + len(passage)) if at >= 0 else find_quote(passage, value)
        if found is not None:
            return [f"call:{call.id}:{name}", *found]
    longest = max(call.fields, key=lambda name: len(call.fields[name]))
    return [f"call:{call.id}:{longest}", 0, len(call.fields[longest])]


def _shortened(summary: dict[str, Any]) -> dict[str, Any]:
    """Drop evidence, then acts, beyond what a summary keeps; say how much was dropped."""
    while len(json.dumps(summary["quotes"])) > MAX_BYTES:
        summary["quotes"].popitem()
    for key in ("findings", "acts"):
        dropped = 0
        while len(json.dumps(summary[key])) > MAX_BYTES:
            items = summary[key]
            longest = max(items, key=lambda item: len(json.dumps(item)))
            if isinstance(longest, dict) and len(longest["at"]) > 1:
                longest["at"].pop()
            else:
                items.pop()
                dropped += 1
        if dropped:
            summary[f"{key}_dropped"] = dropped
    return summary
