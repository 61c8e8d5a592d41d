"""What the statistics make of columns: arrays. Apart from the checks, which runs need before anything is computed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Sized

import numpy as np
import numpy.typing as npt

from turncoat.stats._checks import Harm, check_lengths, check_outcomes

Floats = npt.NDArray[np.float64]
"""An array of floats; shapes are given where it is used."""


def scored(outcomes: Sequence[Harm], **columns: Sized | None) -> tuple[list[int], Floats]:
    """Check outcomes and the columns beside them, and leave out what is unscored.

    Returns:
        Places of the scored samples, and their outcomes as 0 and 1.

    Raises:
        UsageError: If columns differ in length or an outcome is not binary.
    """
    check_lengths(outcomes=outcomes, **columns)
    check_outcomes(outcomes)
    kept = [i for i, outcome in enumerate(outcomes) if outcome is not None]
    return kept, np.array([float(bool(outcomes[i])) for i in kept])


def codes(labels: Sequence[Hashable]) -> npt.NDArray[np.intp]:
    """Number the distinct labels in their order of first appearance.

    Returns:
        One number for each label, shape `(len(labels),)`, counted from 0.
    """
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)
