"""What guards and monitors said of a transcript's acts, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turncoat.analysis.attempts import FLAGGED, Attempt, Said
from turncoat.analysis.transcripts import Review
from turncoat.base.text import inert
from turncoat.report.guards import DECIDERS, review_words
from turncoat.report.words import counted

MOST_ACTS = 60
"""Acts of one session that are shown; of more, those that were stopped or flagged come first."""

_STOPS = {
    "block": "held back",
    "end": "held back, session ended",
    "edit": "changed",
    "ask": "put to somebody else",
}
"""What a guard did to an act, where it did not let it pass."""


def watch_entry(found: Sequence[Attempt]) -> dict[str, Any]:
    """What a transcript shows of its acts: the acts, a line that sums them up, and the kind for the filter."""
    stopped = sum(any(_kind(s) == "stopped" for s in a.said) for a in found)
    flagged = sum(any(_kind(s) == "flagged" for s in a.said) for a in found)
    afterwards = any(s.afterwards for a in found for s in a.said)
    shown = list(found)
    if len(found) > MOST_ACTS:
        first = sorted(found, key=lambda a: min((_ORDER[_kind(s)] for s in a.said), default=2))[:MOST_ACTS]
        shown = sorted(first, key=lambda a: a.record)
    parts = [f"{stopped} stopped" if stopped else "", f"{flagged} would have been flagged" if flagged else ""]
    said = ", ".join(p for p in parts if p) or ("none flagged" if afterwards else "all let pass")
    more = f", {len(shown)} shown" if len(shown) < len(found) else ""
    kind = "act stopped" if stopped else "act flagged" if flagged else "nothing flagged" if found else "not watched"
    return {
        "acts": [_act(a) for a in shown],
        "acts_note": f"{counted(len(found), 'act')}: {said}{more}",
        "watched": kind,
    }


def review_entry(found: Review | None) -> str:
    """What an office outside made of the agent's report, in words; "" where it was told of none."""
    if found is None:
        return ""
    by = DECIDERS.get(found.by, found.by)
    said = f"{review_words(found.outcome)}; decided by {by}" + (f": {found.why}" if found.why else "")
    return inert(said)


_ORDER = {"stopped": 0, "flagged": 1, "passed": 2}


def _act(found: Attempt) -> dict[str, Any]:
    return {
        "act": inert(found.act.replace("_", " ")),
        "to": inert(", ".join(found.recipients))[:200],
        "subject": inert(found.subject)[:160],
        "said": [
            {
                "kind": _kind(s),
                "words": _words(s),
                "by": inert(s.by),
                "score": "" if s.score is None else f"{s.score:.2f}",
                "reason": inert(s.reason),
            }
            for s in found.said
        ],
    }


def _kind(said: Said) -> str:
    if said.afterwards:
        return "flagged" if said.does == "flag" else "passed"
    if said.does in _STOPS:
        return "stopped"
    return "flagged" if said.score is not None and said.score >= FLAGGED else "passed"


_AFTERWARDS = {
    "flag": "would have been flagged",
    "pass": "would not have been flagged",
    "failed": "the monitor failed",
}


def _words(said: Said) -> str:
    if said.afterwards:
        return _AFTERWARDS[said.does]
    if said.does in _STOPS:
        return _STOPS[said.does]
    if said.does == "hold":
        return "left later"
    return "flagged, let pass" if said.score is not None and said.score >= FLAGGED else "let pass"
