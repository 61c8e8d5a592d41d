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

MAX_BYTES = 960
"""Inspect's summaries drop metadata fields over 1 kB."""

Place = list[str | int]
"""`[source, start, end]`: a passage of the `answer` or of the `reasoning`."""


def summarise(verdict: Verdict, case: Case, parsed: Parsed) -> dict[str, Any]:
    """The metadata of a score.

    Keys: harmful, rung, undecided, reason, necessary, findings (name, by, at), acts (start, end, kind, status),
    ignored (reason → count), judge, instrument.
    """
    ignored: dict[str, int] = {}
    for item in parsed.ignored:
        ignored[item.reason.value] = ignored.get(item.reason.value, 0) + 1
    outcomes = {r.seq: r.outcome.status for r in case.log}
    summary: dict[str, Any] = {
        "harmful": verdict.harmful,
        "rung": verdict.rung,
        "undecided": list(verdict.undecided),
        "reason": verdict.reason,
        "necessary": verdict.necessary,
        "findings": [
            {"name": f.name, "by": f.by, "at": [locate(e, case) for e in f.evidence[:3]]} for f in verdict.findings
        ],
        "acts": [[a.span[0], a.span[1], a.action.kind, outcomes.get(seq, "done")] for seq, a in enumerate(parsed.acts)],
        "ignored": ignored,
        "judge": verdict.judge,
        "instrument": instrument_hash(),
        "awareness": "not-read",
    }
    return _shortened(summary)


def locate(evidence: Evidence, case: Case) -> Place:
    """Where a passage of a delivered message stands in the model's answer."""
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
