"""One sample's summary becomes rows of the table: one for each judge."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from turncoat.analysis.table.logs import LogInfo
from turncoat.base.text import plain

SCORER = "verdict"

_WORLD = re.compile(r"(?P<storyline>.+?)(?:\.(?P<version>\d+))?@(?P<seed>\d+)")
_CUT = "Key removed from summary"
"""What Inspect puts in place of a metadata field of more than 1 kB."""

FullScores = Callable[[str, int], Mapping[str, Any]]
"""Reads the scores of one sample in full: (sample id, epoch) → scorer → score."""

Row = dict[str, Any]


def sample_rows(info: LogInfo, summary: Mapping[str, Any], full: FullScores) -> Iterator[Row]:
    """Make the rows of one sample; the factors' levels stand under `levels`, as a dict.

    A sample without any verdict (it failed, or was cut off) gives one row with `judge` None: who calls fills in the
    judges of the log.

    Args:
        info: The log's header.
        summary: The sample's summary as it stands in the log.
        full: Reads the full scores, called only where the summary leaves parts of them out.
    """
    shared = _shared(info, summary)
    scores = {n: s for n, s in (summary.get("scores") or {}).items() if is_verdict(n, s)}
    if any(_is_cut(s.get("metadata")) for s in scores.values()):
        scores.update({n: s for n, s in full(str(summary["id"]), summary["epoch"]).items() if n in scores})
    if not scores:
        failed = bool(summary.get("error"))
        yield {
            **shared,
            **NO_VERDICT,
            "judge": None,
            "status": "error" if failed else "unscored",
            "reason": "error" if failed else "no verdict in the log",
        }
        return
    for name, score in scores.items():
        yield {**shared, **verdict_row(name, score, info.judge, info.manifest.get("instrument"))}


NO_VERDICT: Row = {
    "scorer": None,
    "harmful": None,
    "rung": None,
    "undecided": (),
    "explanation": None,
    "findings": (),
    "necessary": None,
    "awareness": None,
    "read": None,
    "visible": (),
    "recognised": None,
    "considered": None,
    "acted": None,
    "ethics": None,
    "motives": (),
    "misunderstandings": (),
    "acts": None,
    "ignored": None,
    "secret_opened": None,
    "calls_outcome": None,
    "calls_reading": None,
    "calls_awareness": None,
    "rubrics": (),
    "instrument": None,
    "legacy_gate": None,
    "legacy_verdict": None,
    "legacy_judge": None,
}


def is_verdict(name: str, score: object) -> bool:
    """Whether a score is one of ours: `verdict`, `verdict:<judge>`, or `verdict1` as `inspect score` appends it."""
    return isinstance(score, dict) and re.fullmatch(rf"{SCORER}(\d*|:.*)", name, re.S) is not None


def _is_cut(metadata: object) -> bool:
    return isinstance(metadata, dict) and any(isinstance(v, str) and v.startswith(_CUT) for v in metadata.values())


def _shared(info: LogInfo, summary: Mapping[str, Any]) -> Row:
    metadata = summary.get("metadata") or {}
    world = plain(metadata.get("world") or "")
    parts = _WORLD.fullmatch(world)
    usage = summary.get("model_usage") or {}
    own = usage.get(info.model) or {}
    levels = metadata.get("levels")
    return {
        "scenario": plain(metadata.get("scenario") or info.scenario),
        "interface": plain(metadata.get("interface") or info.interface or "text"),
        "condition": plain(metadata.get("condition") or "control"),
        "levels": levels if isinstance(levels, dict) else {},
        "model": info.model,
        "simulated": info.simulated,
        "world": world,
        "storyline": parts["storyline"] if parts else None,
        "storyline_version": int(parts["version"]) if parts and parts["version"] else None,
        "seed": int(parts["seed"]) if parts else None,
        "position": _whole(metadata.get("position")),
        "sample": plain(summary["id"]),
        "epoch": summary["epoch"],
        "limit": _text(summary.get("limit")),
        "error": _text(summary.get("error")),
        "retries": _whole(summary.get("retries")),
        # Providers count cached tokens apart from the input; Anthropic's input excludes both kinds.
        "tokens_in": _sum(own, "input_tokens", "input_tokens_cache_read", "input_tokens_cache_write"),
        "tokens_out": _sum(own, "output_tokens"),
        "cost": _cost(usage),
        "seconds": _number(summary.get("total_time")),
        "started": summary.get("started_at"),
        "stimulus": _text(metadata.get("stimulus")),
        "design": _text(info.manifest.get("design")),
        "run": _text(info.manifest.get("run")),
        "version": info.version,
        "study": info.study.get("name"),
        "task_id": info.task_id,
        "log": str(info.path),
    }


def verdict_row(name: str, score: Mapping[str, Any], judge: str = "", instrument: object = None) -> Row:
    """Read one verdict.

    Args:
        name: The scorer's name.
        score: The score as it stands in the log.
        judge: The judge that the task was asked to use, where the score names none.
        instrument: Hash from the task's manifest, where the score has none.
    """
    found = score.get("metadata")
    metadata: Mapping[str, Any] = found if isinstance(found, dict) else {}
    value = score.get("value")
    scored = isinstance(value, bool) or (isinstance(value, (int, float)) and not math.isnan(value))
    findings = metadata.get("findings")
    calls, stages, rubrics = (_dict(metadata.get(name)) for name in ("calls", "stages", "rubrics"))
    acts, ignored = metadata.get("acts"), metadata.get("ignored")
    legacy = metadata.get("legacy")
    legacy = legacy if isinstance(legacy, dict) else {}
    named, stated = name.partition(":")[2], str(metadata.get("judge") or "")
    # A score's own name can say more than the judge's: `+ladder2`, where it was scored by another ladder.
    judge = plain((named if named.startswith(stated) else stated) or judge or "unnamed")
    return {
        "scorer": name,
        "judge": judge,
        "status": "scored" if scored else "unscored",
        "harmful": bool(value) if scored else None,
        "rung": _text(metadata.get("rung") or score.get("answer")) if scored else None,
        "undecided": _names(metadata.get("undecided")),
        "reason": None if scored else plain(metadata.get("reason") or score.get("reason") or "no reason given"),
        "explanation": _text(score.get("explanation")),
        "findings": _names(
            [f.get("name") for f in findings if isinstance(f, dict)] if isinstance(findings, list) else ()
        ),
        "necessary": _flag(metadata.get("necessary")),
        "awareness": _text(metadata.get("awareness")),
        "read": _flag(metadata.get("read")),
        "visible": _names(metadata.get("visible")),
        "recognised": _flag(stages.get("recognised")),
        "considered": _flag(stages.get("considered")),
        "acted": _flag(stages.get("acted")),
        "ethics": _flag(metadata.get("ethics")),
        "motives": _names(metadata.get("motives")),
        "misunderstandings": _names(metadata.get("misunderstandings")),
        "acts": len(acts) if isinstance(acts, list) else None,
        "ignored": sum(v for v in ignored.values() if isinstance(v, int)) if isinstance(ignored, dict) else None,
        "secret_opened": _text(_dict(metadata.get("opened")).get("secret")),
        "calls_outcome": _whole(calls.get("outcome")),
        "calls_reading": _whole(calls.get("reading")),
        "calls_awareness": _whole(calls.get("awareness")),
        "rubrics": _names([f"{name}={value}" for name, value in rubrics.items()]),
        "instrument": _text(metadata.get("instrument") or instrument),
        **{f"legacy_{name}": legacy.get(name) for name in ("gate", "verdict", "judge")},
    }


def _text(value: object) -> str | None:
    return plain(value) if value not in (None, "") else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(v) for v in value)) if isinstance(value, (list, tuple)) else ()


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _sum(usage: Mapping[str, Any], *names: str) -> int | None:
    return sum(_whole(usage.get(n)) or 0 for n in names) if usage else None


def _cost(usage: Mapping[str, Any]) -> float | None:
    costs = [_number(u.get("total_cost")) for u in usage.values() if isinstance(u, dict)]
    return sum(c for c in costs if c is not None) if costs and None not in costs else None
