"""Means of numbers from 0 to 1 over worlds: how wide their intervals are, and how often they hold."""

import numpy as np
import pytest

from turncoat.base.errors import UsageError
from turncoat.stats.means import Mean, cluster_mean, mean_difference, pooled_spread


def mean_of(values: list[float], worlds: list[str]) -> Mean:
    found = cluster_mean(values, worlds)
    assert found is not None
    return found


def test_a_mean_has_an_interval_over_worlds() -> None:
    two = mean_of([0.5, 0.7, 0.6, 0.8], ["a", "a", "b", "b"])
    assert two.estimate == pytest.approx(0.65) and two.low < 0.6 < 0.7 < two.high and (two.n, two.worlds) == (4, 2)
    many = mean_of([0.5, 0.7] * 20, [str(i // 2) for i in range(40)])
    assert many.width < two.width, "worlds that agree and are many say more"
    assert mean_of([1.0, 1.0], ["a", "b"]).low < 0.5, "two worlds alike are no proof of all"
    alike = mean_of([1.0] * 5, list("abcde"))
    assert alike.low == pytest.approx(0.566, abs=0.01) and alike.high == 1.0
    one = mean_of([0.5, 0.7], ["a", "a"])
    assert (one.low, one.high) == (0.0, 1.0), "one world tells nothing of others"
    four = mean_of([0.2, 0.4, 0.6, 0.8], list("abcd"))
    assert four.estimate == pytest.approx(0.5) and 0 <= four.low < 0.3 < 0.7 < four.high <= 1


def test_the_interval_of_a_mean_holds_as_often_as_it_says() -> None:
    draw = np.random.default_rng(7)
    hits = 0
    for _ in range(400):
        found = draw.binomial(6, draw.beta(4, 2, size=12)) / 6
        hits += mean_of(list(found), [str(i) for i in range(12)]).contains(4 / 6)
    assert 0.92 <= hits / 400 <= 0.99


def test_pairs_help_a_difference() -> None:
    values, worlds = [0.2, 0.4, 0.6, 0.8], ["a", "b", "c", "d"]
    moved = mean_difference([*values, *(v - 0.1 for v in values)], [True] * 4 + [False] * 4, worlds * 2)
    assert moved is not None and moved.estimate == pytest.approx(0.1)
    apart = mean_difference([*values, *(v - 0.1 for v in values)], [True] * 4 + [False] * 4, list("abcdefgh"))
    assert apart is not None and apart.low < -0.2 and moved.worlds == 4
    assert cluster_mean([], []) is None and mean_difference([0.1], [True], ["a"]) is None


@pytest.mark.parametrize(("values", "worlds"), [([0.2], []), ([], ["a"]), ([1.2], ["a"]), ([-0.1], ["a"])])
def test_what_is_no_share_is_refused(values: list[float], worlds: list[str]) -> None:
    with pytest.raises(UsageError):
        cluster_mean(values, worlds)


def test_a_spread_is_pooled_within_groups_and_told_of_enough_values_only() -> None:
    """Groups that lie far apart have no larger spread; SciPy's pooled variance is the reference."""
    rng = np.random.default_rng(5)
    near, far = rng.normal(0.2, 0.1, 40), rng.normal(0.8, 0.1, 40)
    found = pooled_spread([list(near), list(far), [0.5]])
    assert found is not None and found.n == 80
    assert found.value == pytest.approx(np.sqrt((near.var(ddof=1) + far.var(ddof=1)) / 2))
    assert pooled_spread([list(near[:6]), list(far[:5])]) is None, "nine degrees of freedom"
    assert pooled_spread([list(near[:6]), list(far[:6])]) is not None
    assert pooled_spread([[0.5] * 30]) is None and pooled_spread([]) is None
