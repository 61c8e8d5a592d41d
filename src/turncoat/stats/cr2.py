"""Least squares with the bias-reduced cluster-robust covariance CR2 and Satterthwaite degrees of freedom.

statsmodels offers the cluster-robust covariances CR0 and CR1 for least squares, but not CR2, which holds its level
with few or unequal clusters.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.base.errors import UsageError
from turncoat.stats._checks import Floats, check_lengths, codes, t_p_value


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
    clusters: int
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
    y = np.asarray(outcomes, dtype=float)
    x = np.asarray(design, dtype=float)
    group = codes(clusters)
    count = int(group.max()) + 1
    if count < 2:
        raise UsageError("only one cluster: a cluster-robust error needs at least two worlds")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise UsageError(f"the design has {x.shape[1]} columns that are not linearly independent; drop a column")
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
    return Cr2Fit(beta, bread @ meat @ bread, count, bread, tuple(adjusted), tuple(crossed))


def _inverse_root(matrices: Floats) -> Floats:
    """Return symmetric inverse square roots, leaving out directions that carry nothing; shape (clusters, m, m)."""
    values, vectors = np.linalg.eigh(matrices)
    inverse = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0.0)
    return np.asarray((vectors * inverse[:, None, :]) @ vectors.transpose(0, 2, 1))
