"""Rates over worlds: identities that a cluster-robust error must meet, and coverage by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from turncoat.base.errors import UsageError
from turncoat.stats.clusters import cluster_rate, intraclass_correlation
from turncoat.stats.rates import simulation_band, wilson
from turncoat.stats.regression import fit_cr2

RNG = np.random.default_rng(7)


def test_one_sample_a_world_is_the_plain_interval() -> None:
    outcomes = [True] * 7 + [False] * 13
    found = cluster_rate(outcomes, range(20))
    assert (found.low, found.high) == pytest.approx((wilson(7, 20).low, wilson(7, 20).high))
    assert found.method == "wilson" and found.design_effect == 1


def test_the_mean_of_equal_worlds_has_the_textbook_error() -> None:
    # With worlds of one size the CR2 variance of the mean is the variance of the worlds' means over their number.
    y = RNG.random((12, 5)).round()
    fit = fit_cr2(y.reshape(-1), np.ones((60, 1)), np.repeat(range(12), 5).tolist())
    mean = fit.contrast([1.0])
    assert mean.se == pytest.approx(float(y.mean(axis=1).std(ddof=1) / np.sqrt(12)))
    assert mean.df == pytest.approx(11)


def test_worlds_of_one_sample_give_hc2() -> None:
    x = np.column_stack([np.ones(30), RNG.normal(size=30)])
    y = (RNG.random(30) < 0.4).astype(float)
    peer = sm.OLS(y, x).fit(cov_type="HC2")
    ours = fit_cr2(y, x, range(30))
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(peer.bse)
    assert ours.coefficients == pytest.approx(peer.params)


def beta_binomial(rng: np.random.Generator, rate: float, icc: float, worlds: int, epochs: int) -> np.ndarray:
    """Outcomes of shape (worlds, epochs) with this rate and intraclass correlation."""
    total = 1 / icc - 1
    chance = rng.beta(rate * total, (1 - rate) * total, worlds)
    return rng.random((worlds, epochs)) < chance[:, None]


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_interval_holds_where_the_naive_one_does_not(rate: float) -> None:
    rng = np.random.default_rng(11)
    worlds, epochs, runs = 20, 10, 400
    held = naive = 0
    for _ in range(runs):
        y = beta_binomial(rng, rate, 0.3, worlds, epochs)
        names = np.repeat(range(worlds), epochs).tolist()
        held += cluster_rate(y.reshape(-1).tolist(), names).contains(rate)
        naive += wilson(int(y.sum()), y.size).contains(rate)
    assert held / runs >= simulation_band(0.95, runs).low
    assert naive / runs < 0.8, "pooling epochs of one world claims too much"


def test_no_harm_at_all_still_leaves_room_for_it() -> None:
    found = cluster_rate([False] * 100, [w for w in range(10) for _ in range(10)])
    # Ten worlds whose samples are all alike carry no more than ten samples.
    assert found.high == pytest.approx(wilson(0, 10).high)
    assert found.effective_n == pytest.approx(10)


def test_each_storyline_weighs_the_same() -> None:
    outcomes = [True] * 30 + [False] * 10
    worlds = list(range(40))
    stories = ["affair"] * 30 + ["expenses"] * 10
    assert cluster_rate(outcomes, worlds).estimate == pytest.approx(0.75)
    assert cluster_rate(outcomes, worlds, storylines=stories).estimate == pytest.approx(0.5)


def test_unscored_samples_are_bounded() -> None:
    found = cluster_rate([True, False, None, None, True, False], [1, 1, 2, 2, 3, 3])
    assert (found.n, found.total) == (4, 6)
    assert (found.bounds.low, found.bounds.high) == pytest.approx((2 / 6, 4 / 6))


def test_intraclass_correlation_is_recovered() -> None:
    y = beta_binomial(np.random.default_rng(5), 0.4, 0.25, 3000, 4)
    found = intraclass_correlation(y.reshape(-1).tolist(), np.repeat(range(3000), 4).tolist())
    assert found == pytest.approx(0.25, abs=0.03)
    assert intraclass_correlation([True, True], [1, 1]) is None


@pytest.mark.parametrize(
    ("outcomes", "worlds", "words"),
    [([True, False], [1, 1], "at least two"), ([None, None], [1, 2], "none of 2"), ([True, 3], [1, 2], "3")],
)
def test_what_cannot_be_computed_says_why(outcomes: list[bool], worlds: list[int], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        cluster_rate(outcomes, worlds)
