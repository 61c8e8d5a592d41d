"""Two runs side by side: which rates moved, and whether a stated rule is met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from turncoat.analysis.contrasts import cell_difference, levels
from turncoat.analysis.rates import Cell, rates
from turncoat.analysis.table import Table, read_table
from turncoat.base.errors import UsageError
from turncoat.stats.differences import Difference
from turncoat.stats.multiplicity import adjust

Verdict = Literal["up", "down", "not shown"]
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
    verdict: Verdict

    @property
    def label(self) -> str:
        """Scenario, condition and models, for one line of text."""
        a, b = self.first, self.second
        models = a.model if a.model == b.model else f"{a.model} → {b.model}"
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
    left_out = tuple(across)
    known = {*first.factors, *second.factors}
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
    scored = [k for k in shared if left[k].rate.n and right[k].rate.n]
    return Comparison(
        moves=_moves([(left[k], right[k]) for k in scored], level),
        only_first=tuple(c for k, c in left.items() if k not in right),
        only_second=tuple(c for k, c in right.items() if k not in left),
        unscored=tuple((left[k], right[k]) for k in shared if k not in scored),
        warnings=_warnings(first, second),
        level=level,
    )


def _moves(pairs: Sequence[tuple[Cell, Cell]], level: float) -> tuple[Move, ...]:
    differences = [cell_difference(after, before) for before, after in pairs]
    adjusted = adjust({str(i): d.p_value for i, d in enumerate(differences)})
    found = []
    for i, ((before, after), d) in enumerate(zip(pairs, differences, strict=True)):
        p = adjusted[str(i)].adjusted
        verdict: Verdict = "not shown" if p >= level else "up" if d.estimate > 0 else "down"
        found.append(Move(before, after, d, p, verdict))
    return tuple(found)


def _warnings(first: Table, second: Table) -> tuple[str, ...]:
    said = []
    for column, words in (
        ("judge", "judges differ"),
        ("instrument", "the instruments differ (their hashes do)"),
        ("version", "versions of Turncoat differ"),
    ):
        a, b = (set(t.frame[column].dropna()) for t in (first, second))
        if a != b:
            said.append(f"{words}: {_names(a)} and {_names(b)}; a difference may be theirs. Score both again.")
    texts = [_stimuli(t) for t in (first, second)]
    changed = sum(1 for sample, text in texts[0].items() if texts[1].get(sample, text) != text)
    if changed:
        said.append(f"{changed} samples of the same name show another text in the second run")
    return tuple(said)


def _names(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def _stimuli(table: Table) -> Mapping[str, str]:
    frame = table.frame[["sample", "stimulus"]].dropna().drop_duplicates("sample")
    return dict(zip(frame["sample"].astype(str), frame["stimulus"].astype(str), strict=True))
