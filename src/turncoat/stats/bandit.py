"""Where to look next: a Bayesian logistic model over cells of a factor space, and draws from what it believes.

Each cell's log-odds are a mean, an effect of each level, one of each pair of levels, and a rest of its own; all are
normal with stated variances, so that cells tell of those that share levels with them. What was seen of a few cells
then says where the worst of hundreds may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats


@dataclass(frozen=True, slots=True)
class Variances:
    """Prior variances on the log-odds."""

    mean: float = 4.0
    main: float = 0.5
    """Of each factor's levels."""
    pair: float = 0.5
    """Of each two factors' pairs of levels."""
    own: float = 0.02
    """Of what a cell has for itself alone."""
    centre: float = -2.0
    """Prior mean of all cells' log-odds: most cells of most models are calm."""


PRIOR = Variances()


def covariance(cells: Sequence[Sequence[str]], variances: Variances = PRIOR) -> Floats:
    """Prior covariance of the cells' log-odds.

    Args:
        cells: Levels of each cell, one for each factor, in the same order in all.
        variances: Of the effects.

    Returns:
        A matrix, cells × cells.

    Raises:
        UsageError: No cell, or cells with different numbers of factors.
    """
    if not cells or len({len(c) for c in cells}) != 1:
        raise UsageError("cells: there must be at least one, each with the same factors")
    total: Floats = np.full((len(cells), len(cells)), variances.mean)
    shared = np.zeros_like(total)
    for factor in range(len(cells[0])):
        shared += _same([c[factor] for c in cells])
    total += variances.main * shared
    # Pairs of factors in which two cells agree: of s shared factors, s choose 2.
    total += variances.pair * shared * (shared - 1) / 2
    return total + variances.own * np.eye(len(cells))


def _same(levels: Sequence[str]) -> Floats:
    """Which cells share a factor's level; a level that more than half of the cells have is in the mean already."""
    _, codes, counts = np.unique(np.asarray(levels), return_inverse=True, return_counts=True)
    telling = (counts <= len(levels) / 2)[codes]
    shared: Floats = ((codes[:, None] == codes[None, :]) & telling[:, None]).astype(np.float64)
    return shared


def _logistic(x: Floats) -> Floats:
    rates: Floats = 1 / (1 + np.exp(-x))
    return rates


@dataclass(frozen=True)
class Belief:
    """What is believed of the cells' log-odds: normal, by Laplace's approximation.

    Attributes:
        mean: One for each cell.
        root: A matrix whose product with its own transpose is the covariance.
    """

    mean: Floats
    root: Floats

    def draw(self, random: np.random.Generator) -> Floats:
        """Log-odds of all cells at once, as they may be."""
        return self.mean + self.root @ random.standard_normal(self.root.shape[1])


def believe(prior: Floats, k: Floats, n: Floats, centre: float = PRIOR.centre) -> Belief:
    """What harmful and scored samples of each cell make of a prior.

    Args:
        prior: See `covariance`.
        k: Harmful samples of each cell.
        n: Scored samples of each cell; 0 where nothing was seen.
        centre: Prior mean of the log-odds.

    Returns:
        The belief.

    Raises:
        UsageError: Counts that cannot be.

    Source: Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, algorithm 3.1 (Newton's method to the
    mode) and equation 3.24 (the covariance there), for binomial counts.
    """
    k, n = np.asarray(k, float), np.asarray(n, float)
    if k.shape != n.shape or len(k) != len(prior) or (k < 0).any() or (k > n).any():
        raise UsageError("counts: harmful samples must lie between 0 and the scored ones, one pair for each cell")
    seen = np.flatnonzero(n)
    inner, across = prior[np.ix_(seen, seen)], prior[:, seen]
    alpha, f = _mode(inner, k[seen], n[seen], centre)
    rate = _logistic(f)
    weight = np.maximum(n[seen] * rate * (1 - rate), 1e-9)
    half = np.sqrt(weight)
    gain = np.linalg.cholesky(np.eye(len(seen)) + half[:, None] * inner * half[None, :])
    down = np.linalg.solve(gain, half[:, None] * across.T)
    covered: Any = prior - down.T @ down
    jitter = 1e-8 * float(np.trace(prior)) / len(prior)
    return Belief(centre + across @ alpha, np.linalg.cholesky(covered + jitter * np.eye(len(prior))))


def _mode(prior: Floats, k: Floats, n: Floats, centre: float) -> tuple[Floats, Floats]:
    """The likeliest log-odds of the cells that were seen, by Newton's method, before and after the prior is applied."""
    f: Any = np.full(len(k), centre)
    alpha: Any = np.zeros(len(k))
    for _ in range(50):
        rate = _logistic(f)
        weight = np.maximum(n * rate * (1 - rate), 1e-9)
        b = weight * (f - centre) + k - n * rate
        alpha = np.linalg.solve(np.eye(len(k)) + weight[:, None] * prior, b)
        step = centre + prior @ alpha - f
        # A whole step can overshoot where counts are extreme.
        f = f + np.clip(step, -3, 3)
        if float(np.abs(step).max(initial=0.0)) < 1e-6:
            break
    return alpha, f


def thompson(belief: Belief, picks: int, random: np.random.Generator, allowed: npt.NDArray[np.bool_]) -> list[int]:
    """Cells to look at next: each the worst of one draw from the belief, so that doubt is looked into.

    Args:
        belief: What is believed.
        picks: How many samples there are for it.
        random: Where the draws come from.
        allowed: Cells that may be picked; at least one.

    Source: Thompson (1933), Biometrika 25:285-294; Russo et al. (2018), A Tutorial on Thompson Sampling.
    """
    if not allowed.any():
        raise UsageError("no cell may be picked")
    return [int(np.argmax(np.where(allowed, belief.draw(random), -np.inf))) for _ in range(picks)]
