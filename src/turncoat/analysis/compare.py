"""Two runs side by side: which rates moved, and whether a stated rule is met.

Rules for continuous integration (`blackmail.harmful upper > 0.05`, `regressed`, `regressed by 0.05`) have this form:

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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from turncoat.analysis.contrasts import cell_difference, levels
from turncoat.analysis.guard_moves import GuardMove, guard_moves
from turncoat.analysis.rates import Cell, fixed, rates
from turncoat.analysis.table import Table, read_table
from turncoat.base.errors import UsageError, choices
from turncoat.base.signs import SIGNS, share_in, understood
from turncoat.base.simulated import shown
from turncoat.stats.differences import Difference
from turncoat.stats.testing import adjust

Moved = Literal["up", "down", "not shown"]
"""Whether a rate moved; `not shown` says that the data do not show it, not that it stayed."""


@dataclass(frozen=True)
class Move:
    """One rate in both runs."""

    first: Cell
    second: Cell
    difference: Difference
    """Second minus first."""
    adjusted_p: float
    """After Holm's correction over all pairs."""
    moved: Moved

    @property
    def label(self) -> str:
        """Scenario, condition and models, for one line of text."""
        a, b = self.first, self.second
        models = " → ".join(map(shown, dict.fromkeys((a.model, b.model))))
        condition = a.condition if a.condition == b.condition else f"{a.condition} → {b.condition}"
        return f"{a.scenario} [{condition}] {models}"


@dataclass(frozen=True)
class Comparison:
    """Two runs, paired rate by rate."""

    moves: tuple[Move, ...]
    only_first: tuple[Cell, ...]
    only_second: tuple[Cell, ...]
    unscored: tuple[tuple[Cell, Cell], ...]
    """Pairs without a scored sample on one side; they have no difference."""
    warnings: tuple[str, ...]
    level: float
    """Level of the rule by which a rate moved: its p-value after Holm's correction lies below."""
    guards: tuple[GuardMove, ...] = ()
    """Harm that got through guards, false alarms and the job, of each condition that has any."""


def compare_logs(
    first: Sequence[Path], second: Sequence[Path], *, across: Iterable[str] = (), level: float = 0.05
) -> Comparison:
    """Read two sets of logs and compare them; see `compare`."""
    return compare(read_table(first), read_table(second), across=across, level=level)


def compare(first: Table, second: Table, *, across: Iterable[str] = (), level: float = 0.05) -> Comparison:
    """Pair the rates of two runs and say which moved.

    Rates are paired by scenario, interface, condition, model and judge. Where each run has one model (or one judge)
    only, those are paired whatever their names: that is how two checkpoints are compared. Worlds that both runs
    share are pairs in the statistics.

    Args:
        first: The run before.
        second: The run after.
        across: Factors that the runs may differ in, such as a mitigation; their levels are left out of the pairing.
        level: A rate moved where its p-value after Holm's correction lies below this.

    Raises:
        UsageError: No rate is in both runs, or a factor of `across` is in neither.
    """
    left_out, known = tuple(across), {*first.factors, *second.factors}
    for name in left_out:
        if name not in known:
            raise UsageError(f"--across {name}: no sample sets this factor (set are: {', '.join(sorted(known))})")
    a, b = rates(first), rates(second)
    one_model, one_judge = (
        all(len({getattr(c, what) for c in cells}) == 1 for cells in (a, b)) for what in ("model", "judge")
    )

    def keyed(cells: Sequence[Cell]) -> dict[tuple[object, ...], Cell]:
        found: dict[tuple[object, ...], Cell] = {}
        for c in cells:
            kept = frozenset(x for x in levels(c.condition) if x.partition("=")[0] not in left_out)
            key = (c.scenario, c.interface, kept, "" if one_model else c.model, "" if one_judge else c.judge)
            if key in found:
                raise UsageError(
                    f"{c.scenario} [{c.condition}] and [{found[key].condition}] are the same without "
                    f"{', '.join(left_out)}; compare them in one report instead"
                )
            found[key] = c
        return found

    left, right = keyed(a), keyed(b)
    shared = [k for k in left if k in right]
    if not shared:
        raise UsageError("no rate is in both runs: scenarios, conditions, models or judges differ")
    scored = [(left[k], right[k]) for k in shared if left[k].rate.n and right[k].rate.n]
    pairs = [(left.get(k), right.get(k)) for k in dict.fromkeys([*left, *right])]
    return Comparison(
        moves=_moves(scored, level),
        only_first=tuple(c for k, c in left.items() if k not in right),
        only_second=tuple(c for k, c in right.items() if k not in left),
        unscored=tuple((left[k], right[k]) for k in shared if not (left[k].rate.n and right[k].rate.n)),
        warnings=(*_warnings(first, second), *_stopped(scored)),
        level=level,
        guards=guard_moves(first, second, pairs),
    )


def _moves(pairs: Sequence[tuple[Cell, Cell]], level: float) -> tuple[Move, ...]:
    differences = [cell_difference(after, before) for before, after in pairs]
    adjusted = adjust({str(i): d.p_value for i, d in enumerate(differences)}).values()
    return tuple(
        Move(before, after, d, p, "not shown" if p >= level else "up" if d.estimate > 0 else "down")
        for (before, after), d, p in zip(pairs, differences, adjusted, strict=True)
    )


_OF_BOTH = {
    "judge": "judges differ",
    "instrument": "the instruments differ (their hashes do)",
    "version": "versions of Turncoat differ",
}
"""Columns that two runs should agree in → what is said where they do not."""


def _warnings(first: Table, second: Table) -> tuple[str, ...]:
    said = []
    for column, words in _OF_BOTH.items():
        a, b = (sorted(t.frame[column].dropna().unique()) for t in (first, second))
        if a != b:
            names = f"{', '.join(a) or 'none'} and {', '.join(b) or 'none'}"
            said.append(f"{words}: {names}; a difference may be theirs. Score both again.")
    texts = [_stimuli(t) for t in (first, second)]
    changed = sum(1 for sample, text in texts[0].items() if texts[1].get(sample, text) != text)
    if changed:
        said.append(f"{changed} samples of the same name show another text in the second run")
    return tuple(said)


def _stopped(pairs: Sequence[tuple[Cell, Cell]]) -> list[str]:
    found = sum(not (fixed(a) and fixed(b)) for a, b in pairs)
    said = (
        "was stopped by a rule that looks at outcomes; intervals and p-values of those differences do not allow for it"
    )
    return [f"in {found} of the compared rates a side {said}"] if found else []


def _stimuli(table: Table) -> Mapping[str, str]:
    frame = table.frame[["sample", "stimulus"]].dropna().drop_duplicates("sample")
    return dict(zip(frame["sample"].astype(str), frame["stimulus"].astype(str), strict=True))


_RULE = re.compile(
    r"(?:(?P<scenario>[\w/*-]+)(?:\[(?P<condition>[^\]]*)\])?\.)?harmful\s+(?P<field>\w+)\s*"
    r"(?P<sign>>=|<=|>|<)\s*(?P<number>[-+.\w]+)"
)
_REGRESSED = re.compile(r"regressed(?:\s+by\s+(?P<number>[-+.\w]+))?")

_OF_RATES = {"rate": "estimate", "lower": "low", "upper": "high", "worst": "bounds.high_limit", "coverage": "coverage"}
_OF_MOVES = {"difference": "estimate", "difference_lower": "low", "difference_upper": "high"}
"""Fields of a rule → those of the rate, or of the difference."""


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
        return Rule(words, True, share_in(words, match["number"] or "0"))
    examples = ("blackmail.harmful upper > 0.05", "harmful rate >= 0.1", "regressed", "regressed by 0.05")
    match = understood(words, _RULE, *examples)
    if match["field"] not in {*_OF_RATES, *_OF_MOVES}:
        raise UsageError(f"rule {words!r}: field {choices(match['field'], [*_OF_RATES, *_OF_MOVES])}")
    return Rule(
        words,
        False,
        share_in(words, match["number"]),
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
        return [
            f"{m.label}: up by {m.difference.estimate:.3f}, lower limit {m.difference.low:.3f}, above {rule.number:g}"
            for m in comparison.moves
            if m.moved == "up" and m.difference.low > rule.number
        ]
    value = operator.attrgetter({**_OF_RATES, **_OF_MOVES}[rule.field])
    if rule.field in _OF_MOVES:
        lines = [(m.label, value(m.difference)) for m in comparison.moves if _named(rule, m.second)]
    else:
        cells = [*(m.second for m in comparison.moves), *(c for _, c in comparison.unscored), *comparison.only_second]
        lines = [(f"{c.scenario} [{c.condition}] {shown(c.model)}", value(c.rate)) for c in cells if _named(rule, c)]
    if not lines:
        raise UsageError(f"rule {rule.text!r}: no rate of the second run is of that scenario and condition")
    test = SIGNS[rule.sign]
    return [f"{label}: {rule.field} {v:.3f}" for label, v in lines if v is not None and test(v, rule.number)]


def _named(rule: Rule, cell: Cell) -> bool:
    return rule.scenario in ("*", cell.scenario) and rule.condition in (None, levels(cell.condition))
