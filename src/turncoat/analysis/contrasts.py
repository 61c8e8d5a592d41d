"""What a factor adds: contrasts, mitigations, goal and threat crossed, logistic regression, and the control beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from turncoat.analysis.published import Limit, publication
from turncoat.analysis.rates import POOLED, Cell, Group, fixed, flag, grouped
from turncoat.analysis.table import Table
from turncoat.analysis.table.columns import DEFAULT, FACTOR_PREFIX
from turncoat.analysis.table.logs import LogInfo
from turncoat.base.errors import UsageError
from turncoat.base.text import plain
from turncoat.stats._checks import Harm
from turncoat.stats.differences import Difference, cluster_difference, difference, paired_difference
from turncoat.stats.factorial import FactorialFit, factorial
from turncoat.stats.testing import Equivalence, adjust, equivalence_by


@dataclass(frozen=True, slots=True)
class Named:
    """A contrast that a study is about, named before the data."""

    scenario: str
    first: frozenset[str]
    """Levels of the condition whose rate comes first."""
    second: frozenset[str]
    """Levels of the condition whose rate is subtracted."""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Contrast:
    """The rate of one condition minus that of another, which lacks one of its levels or was named by the study."""

    first: Cell
    second: Cell
    added: str
    """What the first has and the second has not: `factor=level`, several with commas, "" if nothing."""
    removed: str
    """What the second has and the first has not, in the same form; "" unless a study named the contrast."""
    difference: Difference
    adjusted_p: float | None
    """Holm's correction over the family; None for a contrast beside those that a study names."""
    screened_p: float
    """Benjamini and Hochberg's correction over the family, or over all contrasts beside it, for a first look."""
    named: Named | None = None
    """What the study says of it, where it names the contrast."""
    equivalence: Equivalence | None = None
    """The test for no relevant difference, where the study asks for it."""


@dataclass(frozen=True)
class Square(Group):
    """The two pressures crossed: no goal or an explicit one, no threat or replacement (figure 6 of the paper)."""

    neither: Cell | None
    goal: Cell | None
    threat: Cell | None
    both: Cell | None


def named_contrasts(logs: Iterable[LogInfo]) -> tuple[Named, ...]:
    """The contrasts that the logs' studies name, in their order."""
    found: dict[tuple[str, frozenset[str], frozenset[str]], Named] = {}
    for item in (item for log in logs for item in log.listed("contrasts")):
        match item:
            case {"scenario": str(scenario), "first": str(first), "second": str(second)}:
                named = Named(scenario, levels(first), levels(second), plain(item.get("about") or ""))
                found.setdefault((scenario, named.first, named.second), named)
    return tuple(found.values())


_Pair = tuple[Cell, Cell, Named | None]


def contrasts(cells: Sequence[Cell], margin: float | None = None, named: Sequence[Named] = ()) -> tuple[Contrast, ...]:
    """Compare the conditions that a study names, then each condition with each that lacks exactly one of its levels.

    The family of Holm's correction is what the study names, for all of its models; the others are a first look, with
    Benjamini and Hochberg's correction among themselves. Without named contrasts all are one family. Worlds that both
    conditions share are pairs. Cells that a rule stopped are left out: these tests hold for samples whose number was
    fixed beforehand.

    Args:
        cells: Rates, as `rates` gives them.
        margin: Largest irrelevant difference, in units of probability, where a study asks for tests of equivalence.
        named: What the study names, as `named_contrasts` gives it.

    Returns:
        One contrast for each pair with scored samples on both sides: named ones first, then in the order of the cells.
    """
    family = _named_pairs(cells, named)
    known = {frozenset((id(a), id(b))) for a, b, _ in family}
    others = [p for p in _one_level_pairs(cells) if frozenset((id(p[0]), id(p[1]))) not in known]
    if not family:
        return _compared(others, margin, confirm=True)
    return _compared(family, margin, confirm=True) + _compared(others, margin, confirm=False)


def _named_pairs(cells: Sequence[Cell], named: Sequence[Named]) -> list[_Pair]:
    by_key = {(c.pooled, levels(c.condition)): c for c in cells}
    return [
        (cell, other, name)
        for name in named
        for cell in cells
        if cell.scenario == name.scenario and levels(cell.condition) == name.first
        if (other := by_key.get((cell.pooled, name.second))) is not None and fixed(cell) and fixed(other)
    ]


def _one_level_pairs(cells: Sequence[Cell]) -> list[_Pair]:
    by_key = {(c.pooled, levels(c.condition)): c for c in cells}
    return [
        (cell, base, None)
        for cell in cells
        for level in sorted(levels(cell.condition))
        if (base := by_key.get((cell.pooled, levels(cell.condition) - {level}))) is not None
        if fixed(cell) and fixed(base)
    ]


def _compared(pairs: Sequence[_Pair], margin: float | None, *, confirm: bool) -> tuple[Contrast, ...]:
    """Compute contrasts as one family."""
    differences = [cell_difference(a, b) for a, b, _ in pairs]
    p_values = {str(i): d.p_value for i, d in enumerate(differences)}
    holm, screened = adjust(p_values), adjust(p_values, "bh")
    return tuple(
        Contrast(
            first=a,
            second=b,
            added=",".join(sorted(levels(a.condition) - levels(b.condition))),
            removed=",".join(sorted(levels(b.condition) - levels(a.condition))),
            difference=d,
            adjusted_p=holm[str(i)] if confirm else None,
            screened_p=screened[str(i)],
            named=name,
            equivalence=None if margin is None else equivalence_by(partial(cell_difference, a, b), margin=margin),
        )
        for i, ((a, b, name), d) in enumerate(zip(pairs, differences, strict=True))
    )


def cell_difference(first: Cell, second: Cell, confidence: float = 0.95) -> Difference:
    """Difference of two rates, over worlds where each side has at least two scored worlds.

    One sample each in the same worlds: pairs, with Newcombe's paired interval. Epochs, or worlds that only one side
    has: errors clustered by world. One prompt each: Newcombe's interval of independent samples.
    """
    if all(c.rate.estimand == "worlds given these storylines" for c in (first, second)):
        if (pairs := _pairs(first, second)) is not None:
            return paired_difference(*pairs, confidence=confidence)
        a, b = first.samples, second.samples
        both = a.outcomes + b.outcomes, [True] * len(a.outcomes) + [False] * len(b.outcomes), a.worlds + b.worlds
        try:
            return cluster_difference(*both, storylines=a.storylines + b.storylines, confidence=confidence)
        except UsageError:
            # A storyline is missing on one side, or has one world there: all samples weigh the same.
            return cluster_difference(*both, confidence=confidence)
    return difference(first.rate.k, first.rate.n, second.rate.k, second.rate.n, confidence=confidence)


def _pairs(first: Cell, second: Cell) -> tuple[list[Harm], list[Harm]] | None:
    """The outcomes of both sides world by world; None unless each side scored one sample in each of the same worlds.

    Storylines with different numbers of worlds weigh the same in the rates, and pairs would not: then None as well.
    """
    a, b = (dict(zip(c.samples.worlds, c.samples.outcomes, strict=True)) for c in (first, second))
    alone = len(a) == len(first.samples.worlds) and len(b) == len(second.samples.worlds)
    balanced = len(set(Counter(first.samples.storylines).values())) <= 1
    if not (alone and balanced) or a.keys() != b.keys() or None in (*a.values(), *b.values()):
        return None
    return list(a.values()), [b[world] for world in a]


def squares(cells: Sequence[Cell]) -> tuple[Square, ...]:
    """Cross goal and threat for each model and judge that has at least three of the four conditions."""
    by_model: dict[tuple[str, ...], dict[frozenset[str], Cell]] = {}
    for c in cells:
        by_model.setdefault(c.pooled, {})[levels(c.condition)] = c
    found = []
    for (scenario, interface, model, judge), mine in by_model.items():
        four = [mine.get(frozenset(s)) for s in ((), (GOAL,), (THREAT,), (GOAL, THREAT))]
        simulated = any(c.simulated for c in mine.values())
        if sum(c is not None for c in four) >= 3:
            found.append(Square(scenario, interface, "", model, judge, simulated, *four))
    return tuple(found)


GOAL, THREAT = "goal=explicit", "threat=replacement"


def levels(condition: str) -> frozenset[str]:
    """The levels that a condition's id names."""
    return frozenset() if condition == "control" else frozenset(condition.split(","))


def mitigating_levels(logs: Iterable[LogInfo]) -> frozenset[str]:
    """The levels that the logs' scenarios declare to be mitigations, as `factor=level`."""
    return frozenset(str(level) for log in logs for level in log.listed("mitigations"))


def mitigations(contrasts: Sequence[Contrast], levels: Container[str]) -> tuple[Contrast, ...]:
    """The contrasts whose conditions differ in a mitigation alone, in their order: with it minus without.

    A mitigation is a level that its factor declares to be one: a rule, another goal beside, a moment of thought, an
    honest way out. Whether it lowers harm is what the differences say: below zero where harm is less with it.
    """
    return tuple(c for c in contrasts if c.added in levels and not c.removed)


CROSSED = ("threat", "goal")
"""The two pressures whose interaction is fitted."""


@dataclass(frozen=True)
class Effects(Group):
    """The effects of factors in one model: logistic regression with errors clustered by world."""

    factors: tuple[str, ...]
    fit: FactorialFit | None
    why: str = ""
    """Why there is no fit, or what was left out of it."""


def effects(table: Table) -> tuple[Effects, ...]:
    """Fit the factorial of each model and judge where threat and goal are crossed.

    All factors that vary are in the fit where the design allows it. Where it does not (a factor that was varied at one
    condition only, say), the fit is of threat and goal on the samples whose other factors stand at their defaults.
    """
    found = []
    columns = ["harmful", "world", *(FACTOR_PREFIX + f for f in table.factors)]
    for group, rows in grouped(table.frame, columns, POOLED):
        varied = [f for f in table.factors if rows[FACTOR_PREFIX + f].nunique() > 1]
        if set(CROSSED) <= set(varied):
            used, fit, why = _fit(rows, varied)
            found.append(Effects(**group, factors=tuple(used), fit=fit, why=why))
    return tuple(found)


def _fit(rows: pd.DataFrame, varied: list[str]) -> tuple[list[str], FactorialFit | None, str]:
    others = [f for f in varied if f not in CROSSED]
    at_defaults = rows[(rows[[FACTOR_PREFIX + f for f in others]] == DEFAULT).all(axis=1)]
    why = ""
    for factors, part in [(varied, rows), ([*CROSSED], at_defaults)][: 2 if others else 1]:
        try:
            return factors, _factorial(part, factors), f"without {', '.join(others)}: {why}" if why else ""
        except UsageError as error:
            why = str(error)
    return varied, None, why


def _factorial(rows: pd.DataFrame, factors: list[str]) -> FactorialFit:
    return factorial(
        [flag(h) for h in rows["harmful"]],
        {f: rows[FACTOR_PREFIX + f].astype(str).tolist() for f in factors},
        rows["world"].astype(str).tolist() if rows["world"].nunique() > 1 else None,
        interactions=[CROSSED],
        baseline=dict.fromkeys(factors, DEFAULT),
    )


@dataclass(frozen=True)
class Exclusion:
    """A model that does the harmful act where nothing presses it."""

    control: Cell
    above: float
    """The largest rate that the rule allows."""
    rule: str
    """What the rule is called."""
    declared: bool
    """Whether the study stated the rule beforehand; then its figures leave the model out, and say so. Otherwise the
    model is shown with this note."""


def controls(cells: Sequence[Cell]) -> dict[tuple[str, str, str, str], Cell]:
    """Scenario, interface, model, judge → the control condition's cell."""
    return {c.pooled: c for c in cells if c.condition == "control"}


def exclusions(table: Table, cells: Sequence[Cell]) -> tuple[Exclusion, ...]:
    """Models above a limit in the control condition: by the studies' rules, or by the publication's."""
    found: dict[tuple[str, str, str, str], Exclusion] = {}
    stated = dict.fromkeys(_stated(table))
    plain = publication().plain
    for limit in (*stated, *publication().limits):
        for cell in cells:
            if plain(cell.scenario) != limit.scenario or levels(cell.condition) != levels(limit.control):
                continue
            if cell.rate.estimate is not None and cell.rate.estimate > limit.above:
                found.setdefault(cell.pooled, Exclusion(cell, limit.above, limit.words, limit in stated))
    return tuple(found.values())


def _stated(table: Table) -> Iterator[Limit]:
    """The rules that studies declare."""
    for rule in (rule for log in table.logs for rule in log.listed("exclusions")):
        match rule:
            case {"scenario": str(scenario), "above": float(above) | int(above)}:
                control = rule.get("control")
                control = control if isinstance(control, str) and control else "control"
                yield Limit(publication().plain(scenario), control, float(above), "the study's rule")
