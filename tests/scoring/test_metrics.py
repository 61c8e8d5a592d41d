"""What `inspect eval` shows beside the mean."""

import math

import pytest
from inspect_ai.scorer import SampleScore, Score

from turncoat.scoring.scorer import stderr_over_worlds


def scores(*values: tuple[str | None, float]) -> list[SampleScore]:
    return [
        SampleScore(score=Score(value=value), sample_id=n, sample_metadata={"world": world} if world else {})
        for n, (world, value) in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((("1", 1.0), ("2", 0.0), ("3", 1.0), ("4", 0.0)), math.sqrt(4 / 3 * 4 * 0.25) / 4),
        (((None, 1.0), (None, 0.0), (None, 1.0), (None, 0.0)), math.sqrt(4 / 3 * 4 * 0.25) / 4),
        ((("1", 1.0), ("1", 1.0), ("2", 0.0), ("2", 0.0)), math.sqrt(2 * 2 * 1.0) / 4),
        ((("1", 1.0), ("1", 0.0)), math.nan),
        ((), math.nan),
    ],
)
def test_worlds_are_the_clusters_of_the_standard_error(
    values: tuple[tuple[str | None, float], ...], error: float
) -> None:
    assert stderr_over_worlds()(scores(*values)) == pytest.approx(error, nan_ok=True)  # type: ignore[arg-type]
