"""Rules for continuous integration about monitors: `monitor[rules].auroc lower < 0.8`.

```
RULE    = "monitor" "[" NAME "]" "." [SCENARIO "."] MEASURE [UNIT] [FIELD] SIGN NUMBER
MEASURE = auroc | average_precision | brier | ece | catches@SHARE | alarms@SHARE | audit@SHARE | failed
UNIT    = session | act
FIELD   = estimate | lower | upper
SIGN    = > | >= | < | <=
```

Without a unit sessions are meant, without a field the estimate. A number that cannot be told meets every rule: a gate
that nobody could check is not passed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.analysis.monitors.measures import ALARMS, BUDGETS, Measures
from turncoat.base.errors import UsageError, choices
from turncoat.base.signs import LIMIT, Limit, limit_in, share_in, understood
from turncoat.stats.detection import Estimate

_RULE = re.compile(
    r"monitor\[(?P<name>[^\]]+)\]\.(?:(?P<scenario>[\w/*-]+)\.)?(?P<measure>[a-z_]+)(?:@(?P<at>[\d.]+))?"
    r"(?:\s+(?P<unit>session|act))?" + LIMIT,
)
_PLAIN = ("auroc", "average_precision", "brier", "ece", "failed")
_AT = {"catches": ALARMS, "alarms": ALARMS, "audit": BUDGETS}


@dataclass(frozen=True)
class MonitorRule:
    """One rule, understood."""

    text: str
    name: str
    scenario: str
    measure: str
    at: float | None
    unit: str
    limit: Limit


def parse_monitor_rule(text: str) -> MonitorRule:
    """Understand a rule.

    Raises:
        UsageError: It is not of the form above; the message says what would be.
    """
    words = text.strip()
    examples = ("monitor[rules].auroc lower < 0.8", "monitor[rules].catches@0.01 act lower < 0.5")
    match = understood(words, _RULE, *examples)
    measure, at = match["measure"], match["at"]
    if measure not in (*_PLAIN, *_AT):
        raise UsageError(f"rule {words!r}: {choices(measure, [*_PLAIN, *(f'{n}@SHARE' for n in _AT)])}")
    if (at is not None) != (measure in _AT) or (at is not None and share_in(words, at) not in _AT[measure]):
        there = ", ".join(f"{measure}@{s:g}" for s in _AT.get(measure, ())) or measure
        raise UsageError(f"rule {words!r}: there are {there}")
    return MonitorRule(
        text=words,
        name=match["name"].strip(),
        scenario=match["scenario"] or "",
        measure=measure,
        at=None if at is None else float(at),
        unit=match["unit"] or "session",
        limit=limit_in(words, match, "estimate"),
    )


def met_by(rule: MonitorRule, found: Sequence[Measures]) -> list[str]:
    """The measures that meet a rule, each in one line; empty where none does.

    Raises:
        UsageError: Nothing was measured of that scenario: the rule would never be met.
    """
    scenarios = list(dict.fromkeys(m.scenario for m in found))
    wanted = scenarios if rule.scenario == "*" else [rule.scenario] if rule.scenario else scenarios[:1]
    parts = [m for m in found if m.scenario in wanted and m.unit == rule.unit]
    if not parts:
        raise UsageError(f"rule {rule.text!r}: scenario {choices(rule.scenario, scenarios)}")
    lines = []
    for part in parts:
        label = f"{part.monitor} on {part.scenario}, per {part.unit}: {rule.measure}"
        label += f"@{rule.at:g}" if rule.at is not None else ""
        lines += rule.limit.met(label, _value(rule, part))
    return lines


def _value(rule: MonitorRule, part: Measures) -> float | None:
    if rule.measure == "failed":
        total = part.n + part.unscored + part.failed
        return part.failed / total if total else None
    found = _estimate(rule, part)
    value: float | None = None if found is None else getattr(found, rule.limit.attribute)
    return value


def _estimate(rule: MonitorRule, part: Measures) -> Estimate | None:
    match rule.measure:
        case "auroc":
            return part.auroc
        case "average_precision":
            return part.average_precision
        case "brier":
            return None if part.calibration is None else part.calibration.brier
        case "ece":
            return None if part.calibration is None else part.calibration.error
        case "audit":
            return part.audits[rule.at or 0.0]
    caught = next(c for c in part.caught if c.aim == rule.at)
    return caught.catches if rule.measure == "catches" else caught.alarms
