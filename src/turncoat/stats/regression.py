"""Two regressions that statsmodels and scipy lack: least squares with CR2 errors, and Firth's penalised logistic one.

statsmodels offers the cluster-robust covariances CR0 and CR1 for least squares, but not CR2, which holds its level
with few or unequal clusters. Firth's estimates are finite where a cell is at 0 % or 100 %; the fit works on grouped
rows, so that its cost does not depend on the samples.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats, codes
from turncoat.stats._checks import check_lengths, check_open, t_p_value

_STEPS = 200
_TOLERANCE = 1e-9


def _check_rank(design: Floats) -> None:
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise UsageError(f"the design has {design.shape[1]} columns that are not linearly independent; drop a column")


@dataclass(frozen=True, slots=True)
class Contrast:
    """One linear combination of coefficients."""

    estimate: float
    se: float
    """Standard error; 0 where the data show no variation between worlds."""
    df: float
    """Satterthwaite degrees of freedom."""

    @property
    def p_value(self) -> float:
        """Two-sided p-value that the combination is zero; 1 or 0 where the standard error is 0."""
        if self.se == 0:
            return 1.0 if self.estimate == 0 else 0.0
        return t_p_value(self.estimate / self.se, self.df)


@dataclass(frozen=True, slots=True, eq=False)
class Cr2Fit:
    """A least-squares fit with its CR2 covariance."""

    coefficients: Floats
    """Shape (columns,)."""
    covariance: Floats
    """CR2 covariance of the coefficients, shape (columns, columns)."""
    bread: Floats
    """Inverse of X'X."""
    adjusted: tuple[Floats, ...]
    """For each size of cluster, `A X` of its clusters: the rows of the design, adjusted, (clusters, size, columns)."""
    crossed: tuple[Floats, ...]
    """For each size of cluster, `X' A X` of its clusters, (clusters, columns, columns)."""

    def contrast(self, weights: Sequence[float] | Floats) -> Contrast:
        """Estimate, standard error and degrees of freedom of a combination of the coefficients.

        Args:
            weights: One weight for each coefficient.

        Returns:
            The combination.

        Source: Bell & McCaffrey (2002), Survey Methodology 28:169-181, with independent errors as working model.
        """
        c = np.asarray(weights, dtype=float)
        estimate = float(c @ self.coefficients)
        variance = float(c @ self.covariance @ c)
        step = self.bread @ c
        own = np.concatenate([np.sum((ax @ step) ** 2, axis=1) for ax in self.adjusted])
        u = np.concatenate([xax @ step for xax in self.crossed])
        shared = np.einsum("gi,ij,gj->g", u, self.bread, u)
        trace = float(np.sum(own - shared))
        inner = self.bread @ (u.T @ u)
        trace_of_square = float(np.sum(own**2) - 2 * np.sum(own * shared) + np.trace(inner @ inner))
        df = trace**2 / trace_of_square if trace_of_square > 0 else 1.0
        # Rounding leaves about 1e-34 where all residuals are zero.
        return Contrast(estimate, float(np.sqrt(variance)) if variance > 1e-20 else 0.0, max(df, 1.0))


def fit_cr2(outcomes: Sequence[float] | Floats, design: Floats, clusters: Sequence[Hashable]) -> Cr2Fit:
    """Fit by least squares; errors may be correlated in any way within clusters.

    Args:
        outcomes: Shape (samples,).
        design: Shape (samples, columns), of full column rank.
        clusters: The cluster of each sample, length (samples,).

    Returns:
        The fit.

    Raises:
        UsageError: If there are fewer than two clusters or the design is rank deficient.

    Source: Bell & McCaffrey (2002), Survey Methodology 28:169-181; Pustejovsky & Tipton (2018),
    JBES 36:672-683, for the generalised inverse where one cluster alone carries a coefficient.
    """
    check_lengths(outcomes=outcomes, design=design, clusters=clusters)
    y, x = np.asarray(outcomes, dtype=float), np.asarray(design, dtype=float)
    group = codes(clusters)
    if group.max() < 1:
        raise UsageError("only one cluster: a cluster-robust error needs at least two worlds")
    _check_rank(x)
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    residual = y - x @ beta
    sizes = np.bincount(group)
    by_cluster = np.argsort(group, kind="stable")
    starts = np.cumsum(sizes) - sizes
    meat = np.zeros_like(bread)
    adjusted, crossed = [], []
    # Clusters of one size are worked on together, so that many small worlds cost little.
    for size in np.unique(sizes):
        members = by_cluster[starts[sizes == size][:, None] + np.arange(size)]
        xg = x[members]
        ax = _inverse_root(np.eye(size) - xg @ bread @ xg.transpose(0, 2, 1)) @ xg
        score = np.einsum("gmk,gm->gk", ax, residual[members])
        meat += score.T @ score
        adjusted.append(ax)
        crossed.append(xg.transpose(0, 2, 1) @ ax)
    return Cr2Fit(beta, bread @ meat @ bread, bread, tuple(adjusted), tuple(crossed))


def _inverse_root(matrices: Floats) -> Floats:
    """Return symmetric inverse square roots, leaving out directions that carry nothing; shape (clusters, m, m)."""
    values, vectors = np.linalg.eigh(matrices)
    inverse = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0.0)
    return np.asarray((vectors * inverse[:, None, :]) @ vectors.transpose(0, 2, 1))


@dataclass(frozen=True, slots=True, eq=False)
class FirthFit:
    """A penalised fit, with what its profile needs."""

    coefficients: Floats
    se: Floats
    """Model-based standard errors, shape (columns,); the profile interval is preferred."""
    log_likelihood: float
    """Penalised log-likelihood at the estimate."""
    design: Floats = field(repr=False)
    successes: Floats = field(repr=False)
    trials: Floats = field(repr=False)

    def drop_statistic(self, columns: Sequence[int]) -> float:
        """Penalised likelihood-ratio statistic for all of `columns` being zero.

        The restricted fit keeps the penalty of the full model.

        Returns:
            The statistic; under the null it is near chi-squared with `len(columns)` degrees of freedom.

        Source: Heinze & Schemper (2002), Stat. Med. 21:2409-2419.
        """
        return max(0.0, self._deviance(dict.fromkeys(columns, 0.0)))

    def profile_interval(self, column: int, confidence: float = 0.95) -> tuple[float, float]:
        """Profile penalised likelihood interval of one coefficient.

        Args:
            column: Number of the coefficient.
            confidence: Two-sided level.

        Returns:
            Lower and upper limit.

        Source: Heinze & Schemper (2002), Stat. Med. 21:2409-2419.
        """
        check_open(confidence=confidence)
        from scipy.optimize import brentq
        from scipy.special import chdtri

        cutoff = float(chdtri(1, 1 - confidence))
        centre, step = float(self.coefficients[column]), float(self.se[column])

        def excess(value: float) -> float:
            return self._deviance({column: value}) - cutoff

        def limit(direction: int) -> float:
            near, far = centre, centre + direction * 2 * step
            while excess(far) < 0:
                near, far = far, far + direction * 2 * step
            return float(brentq(excess, min(near, far), max(near, far), xtol=1e-7))

        return limit(-1), limit(1)

    def _deviance(self, fixed: Mapping[int, float]) -> float:
        """Twice the log-likelihood that is lost where some coefficients are fixed."""
        _, reached = _maximise(self.design, self.successes, self.trials, fixed, self.coefficients)
        return 2 * (self.log_likelihood - reached)


def fit_firth(design: Floats, successes: Floats, trials: Floats) -> FirthFit:
    """Fit a logistic regression with Firth's penalty (Jeffreys' prior).

    Args:
        design: One row for each group of samples with the same covariates, shape (groups, columns).
        successes: Harmful samples of each group, shape (groups,); may be fractional.
        trials: Samples of each group, shape (groups,); may be fractional.

    Returns:
        The fit.

    Raises:
        UsageError: If the design is rank deficient.

    Source: Firth (1993), Biometrika 80:27-38; for separation Heinze & Schemper (2002), Stat. Med. 21:2409-2419.
    """
    x, y, w = (np.asarray(a, dtype=float) for a in (design, successes, trials))
    _check_rank(x)
    beta, value = _maximise(x, y, w, {}, np.zeros(x.shape[1]))
    return FirthFit(beta, np.sqrt(np.diag(np.linalg.inv(_information(x, w, beta)[1]))), value, x, y, w)


def is_separated(design: Floats, successes: Floats, trials: Floats) -> bool:
    """Whether plain logistic regression has no finite estimate.

    Looks for a direction that never points against any sample and with some, by linear programming.

    Args:
        design: Shape (groups, columns).
        successes: Shape (groups,).
        trials: Shape (groups,).

    Returns:
        True for complete and for quasi-complete separation.

    Source: Albert & Anderson (1984), Biometrika 71:1-10; as a linear programme: Konis (2007), thesis, Oxford.
    """
    from scipy.optimize import linprog

    signed = np.vstack([design[successes > 0], -design[successes < trials]])
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    return bool(-float(found.fun or 0.0) > 1e-6)


def _information(x: Floats, w: Floats, beta: Floats) -> tuple[Floats, Floats, Floats]:
    """Return probabilities, Fisher information and variance weights at `beta`."""
    from scipy.special import expit

    probability = expit(x @ beta)
    weight = w * probability * (1 - probability)
    return probability, (x.T * weight) @ x, weight


def _penalised(x: Floats, y: Floats, w: Floats, beta: Floats) -> float:
    """Penalised log-likelihood; the binomial constant is left out."""
    eta = x @ beta
    likelihood = float(np.sum(y * eta - w * np.logaddexp(0, eta)))
    sign, logdet = np.linalg.slogdet(_information(x, w, beta)[1])
    return likelihood + 0.5 * float(logdet) if sign > 0 else -np.inf


def _maximise(x: Floats, y: Floats, w: Floats, fixed: Mapping[int, float], start: Floats) -> tuple[Floats, float]:
    """Newton's method with step halving over the coefficients that are not fixed."""
    beta = start.copy()
    beta[[*fixed]] = [*fixed.values()]
    free = [j for j in range(x.shape[1]) if j not in fixed]
    value = _penalised(x, y, w, beta)
    for _ in range(_STEPS if free else 0):
        probability, information, weight = _information(x, w, beta)
        leverage = weight * np.einsum("ij,jk,ik->i", x, np.linalg.inv(information), x)
        score = x.T @ (y - w * probability + leverage * (0.5 - probability))
        step = np.linalg.solve(information[np.ix_(free, free)], score[free])
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        size = 1.0
        while size > 1e-10:
            trial = beta.copy()
            trial[free] += size * step
            reached = _penalised(x, y, w, trial)
            if reached >= value - 1e-12:
                break
            size /= 2
        beta, value = trial, reached
        if float(np.abs(size * step).max()) < _TOLERANCE:
            break
    return beta, value
