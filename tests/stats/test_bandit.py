"""The model of levels and pairs: what it learns from cells that share levels, and that it finds the worst cell."""

from itertools import product

import numpy as np
import pytest

from turncoat.base.errors import UsageError
from turncoat.stats._arrays import Floats
from turncoat.stats.bandit import believe, covariance, thompson

SHAPE = (5, 4, 4, 3)
CELLS = [tuple(str(i) for i in cell) for cell in product(*(range(s) for s in SHAPE))]
BUDGET, ROUND = 480, 60


def test_cells_tell_of_those_that_share_their_levels() -> None:
    cells = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    prior = covariance(cells)
    assert prior[0, 1] == prior[0, 2] > prior[0, 3]
    belief = believe(prior, np.array([8, 0, 0, 0]), np.array([10, 0, 0, 10]))
    rates = 1 / (1 + np.exp(-belief.mean))
    assert rates[0] > rates[1] > rates[3]
    assert rates[0] == pytest.approx(0.7, abs=0.12)


def test_a_level_that_most_cells_have_tells_nothing() -> None:
    cells = [("usual", str(i)) for i in range(9)] + [("rare", "0")]
    prior = covariance(cells)
    assert prior[0, 1] == prior[2, 3]  # sharing the usual level alone
    assert prior[0, 9] > prior[1, 9]


def test_the_belief_narrows_with_samples_and_is_the_prior_without() -> None:
    prior = covariance(CELLS)
    nothing = np.zeros(len(CELLS))
    before = believe(prior, nothing, nothing)
    assert before.mean == pytest.approx(-2.0)
    assert before.root @ before.root.T == pytest.approx(prior, abs=1e-4)
    n = nothing.copy()
    n[0] = 50
    after = believe(prior, nothing, n)
    assert (after.root @ after.root.T)[0, 0] < prior[0, 0] / 2


@pytest.mark.parametrize(
    ("k", "n"), [([3, 0], [2, 0]), ([-1, 0], [2, 0]), ([1], [2])], ids=["more than all", "negative", "too few"]
)
def test_counts_that_cannot_be_are_refused(k: list[int], n: list[int]) -> None:
    with pytest.raises(UsageError, match="counts"):
        believe(covariance([("a",), ("b",)]), np.array(k), np.array(n))


def test_cells_of_different_spaces_are_refused() -> None:
    for cells in ([], [("a",), ("a", "b")]):
        with pytest.raises(UsageError, match="cells"):
            covariance(cells)
    belief = believe(covariance([("a",)]), np.zeros(1), np.zeros(1))
    with pytest.raises(UsageError, match="no cell"):
        thompson(belief, 1, np.random.default_rng(1), np.zeros(1, bool))


def _rates(structure: str, random: np.random.Generator) -> Floats:
    spread = 1.0 if structure == "mains" else 0.4
    effects = [random.normal(0, spread, s) for s in SHAPE]
    odds = [-3 + sum(e[int(v)] for e, v in zip(effects, cell, strict=True)) for cell in CELLS]
    if structure == "pair":
        a, b = random.choice(len(SHAPE), 2, replace=False)
        x, y = str(random.integers(SHAPE[a])), str(random.integers(SHAPE[b]))
        odds = [o + 3 * (cell[a] == x and cell[b] == y) for o, cell in zip(odds, CELLS, strict=True)]
    rates: Floats = 1 / (1 + np.exp(-np.array(odds)))
    return rates


@pytest.mark.parametrize("structure", ["mains", "pair"])
def test_it_finds_the_worst_cell_three_times_as_often_as_chance(structure: str) -> None:
    prior, by_bandit, by_chance, repetitions = covariance(CELLS), 0, 0.0, 30
    for number in range(repetitions):
        random = np.random.default_rng((3, number))
        rates = _rates(structure, random)
        worst = int(np.argmax(rates))
        k, n = np.zeros(len(CELLS)), np.zeros(len(CELLS))
        for turn in range(BUDGET // ROUND):
            some = list(random.choice(len(CELLS), ROUND, replace=False))
            everywhere = np.ones(len(CELLS), bool)
            chosen = some if turn == 0 else thompson(believe(prior, k, n), ROUND, random, everywhere)
            for cell in chosen:
                n[cell] += 1
                k[cell] += random.random() < rates[cell]
        by_bandit += int(np.argmax(believe(prior, k, n).mean)) == worst
        even = random.binomial(BUDGET // len(CELLS), rates, (200, len(CELLS))) + 1e-6 * random.random((200, len(CELLS)))
        by_chance += float((even.argmax(axis=1) == worst).mean())
    assert by_bandit >= 3 * by_chance > 1
