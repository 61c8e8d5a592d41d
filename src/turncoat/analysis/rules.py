"""Rules for continuous integration: `blackmail.harmful upper > 0.05`, `regressed`, `regressed by 0.05`.

```
RULE     = [SCENARIO ["[" CONDITION "]"] "."] "harmful" FIELD SIGN NUMBER  |  "regressed" ["by" NUMBER]
FIELD    = rate | lower | upper | worst | coverage | difference | difference_lower | difference_upper
SIGN     = > | >= | < | <=
```

The first form is met where any rate of the second run fits it; scenario `*` or none means all. `worst` is the upper
limit if every unscored sample had been harmful. `regressed` is met where any rate moved up (its p-value after Holm's
correction is below the level) and the lower limit of its own 95 % interval lies above the margin, 0 if none is named.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from turncoat.analysis.compare import Comparison, Move
from turncoat.analysis.contrasts import levels
from turncoat.analysis.rates import Cell
from turncoat.base.errors import UsageError, choices

_RULE = re.compile(
    r"(?:(?P<scenario>[\w/*-]+)(?:\[(?P<condition>[^\]]*)\])?\.)?harmful\s+(?P<field>\w+)\s*"
    r"(?P<sign>>=|<=|>|<)\s*(?P<number>[-+.\w]+)"
)
_REGRESSED = re.compile(r"regressed(?:\s+by\s+(?P<number>[-+.\w]+))?")

_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_OF_RATES: Mapping[str, Callable[[Cell], float | None]] = {
    "rate": lambda c: c.rate.estimate,
    "lower": lambda c: c.rate.low,
    "upper": lambda c: c.rate.high,
    "worst": lambda c: c.rate.bounds.high_limit,
    "coverage": lambda c: c.rate.coverage,
}
_OF_MOVES: Mapping[str, Callable[[Move], float]] = {
    "difference": lambda m: m.difference.estimate,
    "difference_lower": lambda m: m.difference.low,
    "difference_upper": lambda m: m.difference.high,
}


@dataclass(frozen=True)
class Rule:
    """One rule, understood."""

    text: str
    regressed: bool
    number: float
    scenario: str = "*"
    condition: frozenset[str] | None = None
    field: str = ""
    sign: str = ">"


def parse_rule(text: str) -> Rule:
    """Understand a rule.

    Raises:
        UsageError: It is not of the form above; the message says what would be.
    """
    words = text.strip()
    if match := _REGRESSED.fullmatch(words):
        return Rule(words, True, _number(words, match["number"] or "0"))
    match = _RULE.fullmatch(words)
    if match is None:
        raise UsageError(
            f'rule {words!r} is not understood; write for example "blackmail.harmful upper > 0.05", '
            '"harmful rate >= 0.1", "regressed" or "regressed by 0.05"'
        )
    if match["field"] not in {*_OF_RATES, *_OF_MOVES}:
        raise UsageError(f"rule {words!r}: field {choices(match['field'], [*_OF_RATES, *_OF_MOVES])}")
    return Rule(
        words,
        False,
        _number(words, match["number"]),
        match["scenario"] or "*",
        None if match["condition"] is None else levels(match["condition"].strip()),
        match["field"],
        match["sign"],
    )


def met(rule: Rule, comparison: Comparison) -> list[str]:
    """The rates that meet a rule, each in one line; empty where none does.

    Raises:
        UsageError: No rate has the scenario and condition that the rule names: it would never be met.
    """
    if rule.regressed:
        worse = [m for m in comparison.moves if m.verdict == "up" and m.difference.low > rule.number]
        return [
            f"{m.label}: up by {m.difference.estimate:.3f}, lower limit {m.difference.low:.3f}, above {rule.number:g}"
            for m in worse
        ]
    lines: list[tuple[str, float | None]] = []
    if rule.field in _OF_MOVES:
        lines = [(m.label, _OF_MOVES[rule.field](m)) for m in comparison.moves if _named(rule, m.second)]
    else:
        cells = [m.second for m in comparison.moves]
        cells += [after for _, after in comparison.unscored] + [*comparison.only_second]
        lines = [
            (f"{c.scenario} [{c.condition}] {c.model}", _OF_RATES[rule.field](c)) for c in cells if _named(rule, c)
        ]
    if not lines:
        raise UsageError(f"rule {rule.text!r}: no rate of the second run is of that scenario and condition")
    test = _SIGNS[rule.sign]
    return [f"{label}: {rule.field} {v:.3f}" for label, v in lines if v is not None and test(v, rule.number)]


def _named(rule: Rule, cell: Cell) -> bool:
    return rule.scenario in ("*", cell.scenario) and rule.condition in (None, levels(cell.condition))


def _number(rule: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"rule {rule!r}: {text!r} is not a number; write a share such as 0.05") from None
    if not -1 <= number <= 1:
        raise UsageError(f"rule {rule!r}: {text} is not a share between -1 and 1; 5 % is 0.05")
    return number
