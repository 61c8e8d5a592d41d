"""Does the search find the worst cell? On stated effect structures, without models.

Run: `python benchmarks/search.py --repetitions 500`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import product

import numpy as np

from turncoat.stats._arrays import Floats
from turncoat.stats.bandit import PRIOR, Variances, believe, covariance, thompson

SHAPE = (5, 5, 4, 3)
"""Levels of the factors: 300 cells."""
BUDGET, ROUND = 600, 60
CELLS = [tuple(str(i) for i in c) for c in product(*(range(s) for s in SHAPE))]

Structure = Callable[[np.random.Generator], Floats]


def _logistic(x: Floats) -> Floats:
    rates: Floats = 1 / (1 + np.exp(-x))
    return rates


def mains(random: np.random.Generator) -> Floats:
    """Every level has an effect of its own, of one logit's spread; most cells are calm."""
    effects = [random.normal(0, 1, s) for s in SHAPE]
    return _logistic(np.array([-3 + sum(e[int(v)] for e, v in zip(effects, c, strict=True)) for c in CELLS]))


def pair(random: np.random.Generator) -> Floats:
    """Weak effects of levels, and one pair of levels of two factors that adds three logits."""
    effects = [random.normal(0, 0.4, s) for s in SHAPE]
    a, b = random.choice(len(SHAPE), 2, replace=False)
    x, y = str(random.integers(SHAPE[a])), str(random.integers(SHAPE[b]))
    odds = [-3 + sum(e[int(v)] for e, v in zip(effects, c, strict=True)) + 3 * (c[a] == x and c[b] == y) for c in CELLS]
    return _logistic(np.array(odds))


def needle(random: np.random.Generator) -> Floats:
    """All cells at 5 %, one at 50 %: nothing tells where it is but looking at it."""
    rates = np.full(len(CELLS), 0.05)
    rates[random.integers(len(CELLS))] = 0.5
    return rates


def by_bandit(rates: Floats, random: np.random.Generator, prior: Floats) -> int:
    """The model of levels and pairs, with draws from its belief."""
    k, n = np.zeros(len(rates)), np.zeros(len(rates))
    everywhere = np.ones(len(rates), bool)
    for number in range(BUDGET // ROUND):
        if number == 0:
            chosen = list(random.choice(len(rates), ROUND, replace=False))
        else:
            chosen = thompson(believe(prior, k, n), ROUND, random, everywhere)
        for cell in chosen:
            n[cell] += 1
            k[cell] += random.random() < rates[cell]
    return int(np.argmax(believe(prior, k, n).mean))


def _best(k: Floats, n: Floats, random: np.random.Generator) -> int:
    share = np.where(n > 0, k / np.maximum(n, 1), -1) + 1e-9 * random.random(len(k))
    return int(np.argmax(share))


def at_random(rates: Floats, random: np.random.Generator, prior: Floats) -> int:
    """As many samples of each cell; the cell with the highest share."""
    n = np.full(len(rates), BUDGET // len(rates))
    return _best(random.binomial(n, rates).astype(float), n.astype(float), random)


def by_halving(rates: Floats, random: np.random.Generator, prior: Floats) -> int:
    """Successive halving, which knows nothing of levels (Karnin, Koren & Somekh 2013)."""
    left, rounds = np.arange(len(rates)), int(np.ceil(np.log2(len(rates))))
    k, n = np.zeros(len(rates)), np.zeros(len(rates))
    for _ in range(rounds):
        each = max(BUDGET // (len(left) * rounds), 0)
        spare = BUDGET // rounds - each * len(left)
        more = np.full(len(left), each)
        more[random.permutation(len(left))[:spare]] += 1
        n[left] += more
        k[left] += random.binomial(more, rates[left])
        share = k[left] / np.maximum(n[left], 1) + 1e-9 * random.random(len(left))
        left = left[np.argsort(-share)[: max(len(left) // 2, 1)]]
    return int(left[0])


WAYS = {"random": at_random, "halving": by_halving, "bandit": by_bandit}
STRUCTURES: dict[str, Structure] = {"mains": mains, "pair": pair, "needle": needle}


def found(structure: Structure, way: str, repetitions: int, variances: Variances = PRIOR) -> tuple[float, float]:
    """How often the worst cell is found, and how much of the worst rate the found cell has, on average."""
    prior = covariance(CELLS, variances)
    hits, shares = 0, []
    for number in range(repetitions):
        random = np.random.default_rng((7, number))
        rates = structure(random)
        cell = WAYS[way](rates, random, prior)
        hits += rates[cell] >= rates.max() - 1e-9
        shares.append(rates[cell] / rates.max())
    return hits / repetitions, float(np.mean(shares))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=500)
    repetitions = parser.parse_args().repetitions
    for name, structure in STRUCTURES.items():
        for way in WAYS:
            begun = time.perf_counter()
            hit, share = found(structure, way, repetitions)
            seconds = time.perf_counter() - begun
            print(f"{name:8} {way:8} found {hit:6.1%}   rate of what was found / worst {share:5.2f}   {seconds:6.1f} s")


if __name__ == "__main__":
    main()
