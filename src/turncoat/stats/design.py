"""The design matrix of a factorial: an intercept, main effects and two-way interactions against baseline levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from turncoat.base.errors import UsageError, choices
from turncoat.stats._checks import Floats


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
    columns: list[Floats] = [np.ones(size)]
    names, blocks = ["intercept"], {}
    at = {
        f: {lv: np.array([v == lv for v in column], dtype=float) for lv in others[f]} for f, column in factors.items()
    }
    for name in factors:
        blocks[name] = list(range(len(names), len(names) + len(others[name])))
        for level in others[name]:
            columns.append(at[name][level])
            names.append(f"{name}={level}")
    for first, second in interactions:
        block = blocks[f"{first}:{second}"] = []
        for a in others[first]:
            for b in others[second]:
                block.append(len(names))
                columns.append(at[first][a] * at[second][b])
                names.append(f"{first}={a}:{second}={b}")
    matrix = np.column_stack(columns)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise UsageError(f"the factorial cannot be fitted: {_what_is_missing(factors, interactions)}")
    return Design(matrix, tuple(names), blocks, base)


def _what_is_missing(factors: Mapping[str, Sequence[str]], interactions: Sequence[tuple[str, str]]) -> str:
    for first, second in interactions:
        seen = set(zip(factors[first], factors[second], strict=True))
        for a in dict.fromkeys(factors[first]):
            for b in dict.fromkeys(factors[second]):
                if (a, b) not in seen:
                    return (
                        f"no scored sample has {first}={a} with {second}={b}; "
                        f"leave out the interaction {first}:{second} or one of the levels"
                    )
    return "two factors always change together; leave one out"
