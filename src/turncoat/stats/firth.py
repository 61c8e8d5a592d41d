"""Logistic regression with Firth's penalty: finite estimates where a cell is at 0 % or 100 %.

Neither statsmodels nor scipy has it. Works on grouped rows, so that its cost does not depend on the samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._checks import Floats, check_open

_STEPS = 200
_TOLERANCE = 1e-9


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
        fixed = {column: 0.0 for column in columns}
        _, restricted = _maximise(self.design, self.successes, self.trials, fixed, self.coefficients)
        return max(0.0, 2 * (self.log_likelihood - restricted))

    def profile_interval(self, column: int, confidence: float = 0.95) -> tuple[float, float]:
        """Profile penalised likelihood interval of one coefficient.

        Args:
            column: Number of the coefficient.
            confidence: Two-sided level.

        Returns:
            Lower and upper limit.

        Source: Heinze & Schemper (2002), Stat. Med. 21:2409-2419.
        """
        check_open("confidence", confidence)
        from scipy.optimize import brentq
        from scipy.special import chdtri

        cutoff = float(chdtri(1, 1 - confidence))
        centre, step = float(self.coefficients[column]), float(self.se[column])

        def excess(value: float) -> float:
            _, profile = _maximise(self.design, self.successes, self.trials, {column: value}, self.coefficients)
            return 2 * (self.log_likelihood - profile) - cutoff

        def limit(direction: int) -> float:
            near, far = centre, centre + direction * 2 * step
            while excess(far) < 0:
                near, far = far, far + direction * 2 * step
            return float(brentq(excess, min(near, far), max(near, far), xtol=1e-7))

        return limit(-1), limit(1)


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
    x = np.asarray(design, dtype=float)
    y = np.asarray(successes, dtype=float)
    w = np.asarray(trials, dtype=float)
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise UsageError(f"the design has {x.shape[1]} columns that are not linearly independent; drop a column")
    beta, value = _maximise(x, y, w, {}, np.zeros(x.shape[1]))
    information = _information(x, w, beta)[1]
    return FirthFit(beta, np.sqrt(np.diag(np.linalg.inv(information))), value, x, y, w)


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

    x = np.asarray(design, dtype=float)
    signed = np.vstack([x[np.asarray(successes) > 0], -x[np.asarray(successes) < np.asarray(trials)]])
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


def _maximise(x: Floats, y: Floats, w: Floats, fixed: dict[int, float], start: Floats) -> tuple[Floats, float]:
    """Newton's method with step halving over the coefficients that are not fixed."""
    beta = start.copy()
    for column, value in fixed.items():
        beta[column] = value
    free = [j for j in range(x.shape[1]) if j not in fixed]
    value = _penalised(x, y, w, beta)
    for _ in range(_STEPS):
        if not free:
            break
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
