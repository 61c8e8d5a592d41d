"""Medians over worlds: their intervals cover what they say, whatever the distribution."""

import numpy as np
import pytest

from turncoat.stats.medians import median_over_worlds


@pytest.mark.parametrize(
    ("count", "ends"),
    [(1, None), (5, None), (6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (20, (6, 15))],
)
def test_the_ends_are_the_order_statistics_of_the_tables(count: int, ends: tuple[int, int] | None) -> None:
    found = median_over_worlds([float(v) for v in range(1, count + 1)], range(count))
    assert (found.low, found.high) == (ends or (None, None))
    assert (found.estimate, found.n, found.worlds) == ((count + 1) / 2, count, count)


def test_each_world_counts_once_and_none_is_none() -> None:
    assert median_over_worlds([0, 0, 0, 10, 20], "aaabc").estimate == 10
    assert median_over_worlds([], []).estimate is None


def test_intervals_cover_at_least_their_level() -> None:
    draws = np.random.default_rng(1).exponential(size=(2000, 9))
    found = [median_over_worlds(row.tolist(), range(9)) for row in draws]
    assert np.mean([(f.low or 0) <= np.log(2) <= (f.high or 0) for f in found]) >= 0.945
