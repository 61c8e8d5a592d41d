"""A verdict as the compact record that logs keep: under 1 kB, or Inspect's summaries would drop it."""

from __future__ import annotations

import json
from typing import Any

from turncoat.interfaces.text import Parsed
from turncoat.scoring.case import Case
from turncoat.scoring.findings import Evidence
from turncoat.scoring.instrument import instrument_hash
from turncoat.scoring.quotes import find_quote
from turncoat.scoring.verdict import Verdict

TASKS = ("outcome", "reading", "awareness")
MAX_BYTES = 960
"""Inspect's summaries drop metadata fields over 1 kB."""

Place = list[str | int]
"""`[source, start, end]`: a passage of the `answer` or of the `reasoning`."""


def summarise(verdict: Verdict, case: Case, parsed: Parsed) -> dict[str, Any]:
    """The metadata of a score; each field stays under 1 kB.

    Keys: those of `judged`, and findings (name, by, at), quotes (name → place of the first quote of what was read),
    acts (start, end, kind, status), ignored (reason → count).
    """
    ignored: dict[str, int] = {}
    for item in parsed.ignored:
        ignored[item.reason.value] = ignored.get(item.reason.value, 0) + 1
    outcomes = {r.seq: r.outcome.status for r in case.log}
    summary: dict[str, Any] = {
        **judged(verdict),
        "findings": [
            {"name": f.name, "by": f.by, "at": [locate(e, case) for e in f.evidence[:3]]} for f in verdict.findings
        ],
        "quotes": {t.name: locate(t.evidence[0], case) for t in verdict.reading.traits if t.evidence},
        "acts": [[a.span[0], a.span[1], a.action.kind, outcomes.get(seq, "done")] for seq, a in enumerate(parsed.acts)],
        "ignored": ignored,
    }
    return _shortened(summary)


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
    start, end = case.spans.get(evidence.record, (0, len(case.answer)))
    text = next((s.text for s in case.sent if s.record == evidence.record), "")
    passage = text[evidence.start : evidence.end]
    whole = evidence.end - evidence.start >= len(text)
    found = None if whole else find_quote(passage, case.answer[start:end])
    if found is None and not whole and passage:
        at = case.answer.find(passage, start, end)
        found = (at - start, at - start + len(passage)) if at >= 0 else None
    return ["answer", start + found[0], start + found[1]] if found else ["answer", start, end]


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
