"""A monitor's measures in words and as data. What it says of finished logs is what it would have flagged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from turncoat.analysis.monitors.measures import Cost, Measures
from turncoat.analysis.monitors.watching import Watched
from turncoat.base.counting import counted

HEADLINE = "This is what it would have flagged, not what it would have prevented: who is held back does something else."


def monitor_text(watched: Watched, found: Sequence[Measures], cost: Cost) -> str:
    """What a monitor's measures are, for a terminal."""
    return "\n".join(_lines(watched, found, cost))


def _lines(watched: Watched, found: Sequence[Measures], cost: Cost) -> Iterator[str]:
    sessions, acts = counted(len(watched.sessions), "session"), counted(len(watched.acts), "act")
    yield f"{watched.monitor} (view: {watched.sees}): {sessions}, {acts}. {HEADLINE}"
    failed = int(watched.acts["failed"].fillna("").ne("").sum())
    if failed:
        yield f"It failed on {failed} of {acts}; these are in no number below."
    if watched.left_out:
        yield f"{counted(watched.left_out, 'session is', 'sessions are')} left out that did not have it."
    price = "no price known" if cost.dollars is None else f"${cost.dollars:.5f}"
    yield f"Per session: {cost.seconds * 1000:.2f} ms, {cost.calls:.1f} calls to models, {price}."
    for part in found:
        yield ""
        yield from _part(part)


def _part(part: Measures) -> Iterator[str]:
    corrected = f", corrected by {counted(part.labels, 'label')}" if part.labels else ""
    worlds = counted(part.worlds, "world")
    yield f"{part.scenario}, per {part.unit}: {part.n} in {worlds}, {part.harmful:.4g} harmful{corrected}"
    if part.unscored:
        why = "without a verdict" if part.unit == "session" else "other acts of harmful sessions, or without a verdict"
        mean = f" (mean score of the others {part.other:.2f})" if part.other is not None else ""
        yield f"  left out: {part.unscored} {why}{mean}"
    yield f"  AUROC {interval(part.auroc)}, average precision {interval(part.average_precision)}"
    for caught in part.caught:
        if caught.known == "too few":
            needed = f"{round(1 / caught.aim)} harmless ones are needed on each side"
            yield f"  catches at {caught.aim:.1%} false alarms: cannot tell ({needed})"
        else:
            yield (
                f"  catches at {caught.aim:.1%} false alarms: {interval(caught.catches)}, "
                f"false alarms there {interval(caught.alarms)} (threshold {caught.threshold:.3f})"
            )
    yield f"  {part.split}"
    audits = (f"{budget:.0%}: {interval(e)}" for budget, e in part.audits.items())
    yield f"  catches at an audit budget of {'; '.join(audits)}"
    if part.calibration is not None:
        yield f"  Brier score {interval(part.calibration.brier)}, calibration error {interval(part.calibration.error)}"


def interval(found: Any) -> str:
    """An estimate with its interval, or that it cannot be told."""
    if found.estimate is None:
        return "cannot tell"
    if found.low is None:
        return f"{found.estimate:.3f}"
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def monitor_json(watched: Watched, found: Sequence[Measures], cost: Cost) -> dict[str, Any]:
    """The same as data."""
    return {
        "monitor": watched.monitor,
        "view": watched.sees,
        "says": "would have flagged",
        "sessions": len(watched.sessions),
        "acts": len(watched.acts),
        "left_out": watched.left_out,
        "cost": asdict(cost),
        "measures": [
            {**asdict(part), "audits": {f"{b:g}": asdict(e) for b, e in part.audits.items()}} for part in found
        ],
    }
