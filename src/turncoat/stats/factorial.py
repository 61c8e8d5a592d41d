"""The factorial: how threat, goal and their interaction move the outcome, with errors clustered by world."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from turncoat.base.errors import UsageError, choices
from turncoat.stats._arrays import Floats, codes, scored
from turncoat.stats._checks import Harm, two_sided_t
from turncoat.stats.clusters import anova_icc
from turncoat.stats.regression import Contrast, fit_cr2, fit_firth, is_separated

FactorialMethod = Literal["logit", "firth", "linear"]
"""`logit`: log-odds, cluster-robust. `firth`: penalised log-odds on counts shrunk by a design effect. `linear`:
probabilities, cluster-robust; exact cell means if all interactions are in."""


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient, against the baseline levels."""

    name: str
    """Such as `threat=replacement` or `threat=replacement:goal=explicit`."""
    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    df: float | None
    """Degrees of freedom of the t test; `None` for a penalised likelihood-ratio test."""


@dataclass(frozen=True, slots=True)
class JointTest:
    """Whether all coefficients of a main effect or an interaction are zero together."""

    name: str
    """Such as `threat` or `threat:goal`."""
    columns: int
    statistic: float
    df: float | None
    """Denominator degrees of freedom of the F test; `None` for a chi-squared likelihood-ratio test."""
    p_value: float


@dataclass(frozen=True, slots=True)
class FactorialFit:
    """A fitted factorial."""

    method: FactorialMethod
    reason: str
    """Why this method: asked for, or chosen because of separation."""
    scale: Literal["log-odds", "probability"]
    terms: tuple[Term, ...]
    tests: tuple[JointTest, ...]
    baseline: dict[str, str]
    n: int
    left_out: int
    """Unscored samples."""
    worlds: int | None
    separated: bool
    """Whether plain logistic regression has no finite estimate on these data."""
    design_effect: float
    """Divisor of the counts in `firth`; 1 otherwise, where the errors carry the clusters."""

    def term(self, name: str) -> Term:
        """Return the coefficient of that name.

        Raises:
            UsageError: If there is none.
        """
        for term in self.terms:
            if term.name == name:
                return term
        raise UsageError(f"no term {name!r}; there are: {', '.join(t.name for t in self.terms)}")


def factorial(
    outcomes: Sequence[Harm],
    factors: Mapping[str, Sequence[str]],
    worlds: Sequence[Hashable] | None = None,
    *,
    interactions: Sequence[tuple[str, str]] = (("threat", "goal"),),
    baseline: Mapping[str, str] | None = None,
    method: FactorialMethod | Literal["auto"] = "auto",
    confidence: float = 0.95,
) -> FactorialFit:
    """Regress the binary outcome on the factors.

    `auto` is `logit` unless the data are separated (some cells at 0 % or 100 % leave a coefficient infinite); then it
    is `firth`. The result says which and why. The coefficients of `logit` and `firth` are log-odds and the interaction
    is a departure from multiplying odds; those of `linear` are probabilities and the interaction is a difference of
    differences. The two can disagree, also in sign; say which was meant before looking.

    Args:
        outcomes: One entry for each sample; `None` is left out and counted.
        factors: The level of each sample, for each factor.
        worlds: The world of each sample; without it samples are taken as independent.
        interactions: Pairs of factors whose interaction is in the model.
        baseline: Reference level of a factor; by default `none` if the factor has it, or else its first level.
        method: See above.
        confidence: Two-sided level of the intervals.

    Returns:
        The fit.

    Raises:
        UsageError: If columns differ in length, a factor has one level only, a cell that the model needs is empty, or
            there are too few worlds.

    Source: `logit`: estimating equations with independence as working correlation and the small-sample covariance of
    Mancl & DeRouen (2001), Biometrics 57:126-134, by statsmodels `GEE`, with t on worlds minus coefficients. `firth`:
    see `fit_firth`; counts divided by the design effect: Rao & Scott (1992), Biometrics 48:577-585. `linear`:
    see `fit_cr2`; joint tests by Hotelling's T squared with the smallest of the Satterthwaite degrees of freedom,
    after Pustejovsky & Tipton (2018), JBES 36:672-683.
    """
    kept, y = scored(outcomes, worlds=worlds, **factors)
    if not kept:
        raise UsageError(f"none of {len(outcomes)} samples is scored: there is nothing to fit")
    design = build_design({f: [levels[i] for i in kept] for f, levels in factors.items()}, interactions, baseline)
    clusters = [worlds[i] for i in kept] if worlds is not None else list(range(len(kept)))
    cells, cell = np.unique(design.matrix, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    successes, trials = np.bincount(cell, y).astype(float), np.bincount(cell).astype(float)
    separated = is_separated(cells, successes, trials)
    chosen, reason = (method, "asked for") if method != "auto" else _CHOICE[separated]
    effect = 1.0
    match chosen:
        case "logit" if separated:
            raise UsageError("method 'logit': the data are separated, so it has no estimate; use 'firth' or 'linear'")
        case "logit":
            terms, tests = _logit(y, design, clusters, confidence)
        case "firth":
            effect = _design_effect(y, cell, codes(clusters)) if worlds is not None else 1.0
            terms, tests = _firth(cells, successes / effect, trials / effect, design, confidence)
        case "linear":
            terms, tests = _linear(y, design, clusters, confidence)
    return FactorialFit(
        method=chosen,
        reason=reason,
        scale="probability" if chosen == "linear" else "log-odds",
        terms=terms,
        tests=tests,
        baseline=design.baseline,
        n=len(kept),
        left_out=len(outcomes) - len(kept),
        worlds=len(set(clusters)) if worlds is not None else None,
        separated=separated,
        design_effect=effect,
    )


_CHOICE: Mapping[bool, tuple[FactorialMethod, str]] = {
    False: ("logit", "no separation"),
    True: ("firth", "cells at 0 % or 100 % leave plain logistic regression without a finite estimate"),
}
"""Whether the data are separated → the method that `auto` chooses, and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A design matrix with the names of its columns."""

    matrix: Floats
    """Shape (samples, columns)."""
    names: tuple[str, ...]
    blocks: dict[str, list[int]]
    """Columns of each main effect and interaction, by its name."""
    baseline: dict[str, str]


def build_design(
    factors: Mapping[str, Sequence[str]],
    interactions: Sequence[tuple[str, str]],
    baseline: Mapping[str, str] | None = None,
) -> Design:
    """Code the factors against their baselines.

    Args:
        factors: The level of each sample, for each factor.
        interactions: Pairs of factors.
        baseline: Reference level of a factor; by default `none` if the factor has it, or else its first level.

    Returns:
        The design.

    Raises:
        UsageError: If a factor or baseline is unknown, a factor has one level only, or a cell that the model needs is
            empty.
    """
    if not factors:
        raise UsageError("no factors: a factorial needs at least one")
    asked = dict(baseline or {})
    for name in [*asked, *(f for pair in interactions for f in pair)]:
        if name not in factors:
            raise UsageError(f"factor {choices(name, factors)}")
    base, others = {}, {}
    for name, column in factors.items():
        levels = list(dict.fromkeys(column))
        base[name] = asked.get(name, "none" if "none" in levels else levels[0])
        if base[name] not in levels:
            raise UsageError(f"baseline of factor {name!r}: {choices(base[name], levels)}")
        if len(levels) < 2:
            raise UsageError(f"factor {name!r} has only the level {levels[0]!r} in these samples; leave it out")
        others[name] = [level for level in levels if level != base[name]]
    size = len(next(iter(factors.values())))
    parts = {
        name: {f"{name}={lv}": np.array([v == lv for v in column], dtype=float) for lv in others[name]}
        for name, column in factors.items()
    }
    for a, b in interactions:
        parts[f"{a}:{b}"] = {f"{m}:{n}": x * y for m, x in parts[a].items() for n, y in parts[b].items()}
    columns = {"intercept": np.ones(size)} | {name: c for part in parts.values() for name, c in part.items()}
    names, matrix = tuple(columns), np.column_stack([*columns.values()])
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise UsageError(f"the factorial cannot be fitted: {_what_is_missing(factors, interactions)}")
    return Design(matrix, names, {block: [names.index(n) for n in part] for block, part in parts.items()}, base)


def _what_is_missing(factors: Mapping[str, Sequence[str]], interactions: Sequence[tuple[str, str]]) -> str:
    for first, second in interactions:
        seen = set(zip(factors[first], factors[second], strict=True))
        for a, b in product(dict.fromkeys(factors[first]), dict.fromkeys(factors[second])):
            if (a, b) not in seen:
                return (
                    f"no scored sample has {first}={a} with {second}={b}; "
                    f"leave out the interaction {first}:{second} or one of the levels"
                )
    return "two factors always change together; leave one out"


_Fitted = tuple[tuple[Term, ...], tuple[JointTest, ...]]


def _logit(y: Floats, design: Design, clusters: Sequence[Hashable], confidence: float) -> _Fitted:
    from statsmodels.genmod.cov_struct import Independence
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    group = codes(clusters)
    worlds, size = int(group.max()) + 1, design.matrix.shape[1]
    df = float(worlds - size)
    if df < 1:
        raise UsageError(
            f"{worlds} worlds for {size} coefficients: cluster-robust logistic "
            "regression needs more worlds than coefficients; add worlds, or use 'linear' or 'firth'"
        )
    model = GEE(y, design.matrix, groups=group, family=Binomial(), cov_struct=Independence())
    fit = model.fit(cov_type="bias_reduced", maxiter=200)
    beta, covariance = np.asarray(fit.params, dtype=float), np.asarray(fit.cov_params(), dtype=float)
    found = [Contrast(float(b), float(se), df) for b, se in zip(beta, np.sqrt(np.diag(covariance)), strict=True)]
    tests = []
    for name, columns in design.blocks.items():
        part = beta[columns]
        wald = float(part @ np.linalg.solve(covariance[np.ix_(columns, columns)], part))
        tests.append(_f_test(name, len(columns), wald / len(columns), df))
    return _t_tests(design, found, confidence), tuple(tests)


def _firth(cells: Floats, successes: Floats, trials: Floats, design: Design, confidence: float) -> _Fitted:
    from scipy.special import chdtrc

    fit = fit_firth(cells, successes, trials)
    terms = []
    for j, (name, estimate, se) in enumerate(zip(design.names, fit.coefficients, fit.se, strict=True)):
        low, high = fit.profile_interval(j, confidence)
        terms.append(Term(name, float(estimate), float(se), low, high, float(chdtrc(1, fit.drop_statistic([j]))), None))
    drops = {name: (len(columns), fit.drop_statistic(columns)) for name, columns in design.blocks.items()}
    tests = (JointTest(name, q, drop, None, float(chdtrc(q, drop))) for name, (q, drop) in drops.items())
    return tuple(terms), tuple(tests)


def _linear(y: Floats, design: Design, clusters: Sequence[Hashable], confidence: float) -> _Fitted:
    fit = fit_cr2(y, design.matrix, clusters)
    found = [fit.contrast(row) for row in np.eye(design.matrix.shape[1])]
    tests = []
    for name, columns in design.blocks.items():
        q, part = len(columns), fit.coefficients[columns]
        eta = min(found[j].df for j in columns)
        df = eta - q + 1
        if df < 1:
            raise UsageError(
                f"too few worlds to test the {q} coefficients of {name!r} together ({eta:.1f} degrees of freedom); "
                "add worlds or merge levels"
            )
        # The pseudo-inverse leaves out combinations without any variation, where F has no meaning.
        wald = float(part @ np.linalg.pinv(fit.covariance[np.ix_(columns, columns)], hermitian=True) @ part)
        tests.append(_f_test(name, q, df / (eta * q) * wald, df))
    return _t_tests(design, found, confidence), tuple(tests)


def _t_tests(design: Design, found: Sequence[Contrast], confidence: float) -> tuple[Term, ...]:
    halves = [two_sided_t(confidence, c.df) * c.se for c in found]
    return tuple(
        Term(name, c.estimate, c.se, c.estimate - half, c.estimate + half, c.p_value, c.df)
        for name, c, half in zip(design.names, found, halves, strict=True)
    )


def _f_test(name: str, columns: int, statistic: float, df: float) -> JointTest:
    from scipy.special import fdtrc

    return JointTest(name, columns, statistic, df, float(fdtrc(columns, df, statistic)))


def _design_effect(y: Floats, cell: np.ndarray[tuple[int], np.dtype[np.intp]], world: Floats | object) -> float:
    """Common design effect of samples of one world in one cell; conservative where it cannot be estimated."""
    group = codes(list(zip(cell.tolist(), np.asarray(world).tolist(), strict=True)))
    sizes = np.bincount(group)
    # Kish's mean group size: a sample meets it on average.
    size = float(np.sum(sizes**2) / np.sum(sizes))
    icc = anova_icc(y, group, cell)
    return 1 + (size - 1) * min(1.0, max(0.0, 1.0 if icc is None else icc))
