"""Does sequential stopping keep its word, and what does it save? By simulation on the paper's own rates.

Run: `python benchmarks/sequential.py [--runs 2000] [--cap 100]`. Prints the tables of `docs/sequential.md`. The fixed
seed is there for repeatability; another one changes the last digit.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from turncoat.paper.publication import published_rates
from turncoat.stats.rates import wilson
from turncoat.stats.sequential import confidence_sequence

SEED = 20250507
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)


def limits(cap: int) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the confidence sequence by (n, k), shapes (cap + 1, cap + 1)."""
    low, high = np.zeros((cap + 1, cap + 1)), np.ones((cap + 1, cap + 1))
    for n in range(1, cap + 1):
        for k in range(n + 1):
            interval = confidence_sequence(k, n)
            low[n, k], high[n, k] = interval.low, interval.high
    return low, high


def counts(rate: float, runs: int, cap: int, draws: np.random.Generator) -> np.ndarray:
    """Harmful samples after each of the first `cap`, shape (runs, cap)."""
    harmful: np.ndarray = draws.random((runs, cap)) < rate
    return np.cumsum(harmful, axis=1)


def first(hits: np.ndarray) -> np.ndarray:
    """Sample at which something first holds in each run, from 1; one more than there are if never."""
    found = hits.any(axis=1)
    at: np.ndarray = np.where(found, hits.argmax(axis=1) + 1, hits.shape[1] + 1)
    return at


def decisions(k: np.ndarray, threshold: float, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each run: at which sample it was decided above, and below (one more than the cap if not)."""
    n = np.arange(1, k.shape[1] + 1)
    return first(low[n, k] > threshold), first(high[n, k] < threshold)


def false_decisions(runs: int, cap: int) -> list[tuple[float, float, float, float]]:
    """Share of runs that ever exclude the true rate, peeking after every sample: ours, and Wilson's interval."""
    draws = np.random.default_rng(SEED)
    low, high = limits(cap)
    wilson_low, wilson_high = np.zeros_like(low), np.ones_like(high)
    for n in range(1, cap + 1):
        for k in range(n + 1):
            interval = wilson(k, n)
            wilson_low[n, k], wilson_high[n, k] = interval.low, interval.high
    rows = []
    samples = np.arange(1, cap + 1)
    for rate in (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 0.96):
        harmful = counts(rate, runs, cap, draws)
        ours = ((low[samples, harmful] > rate) | (high[samples, harmful] < rate)).any(axis=1).mean()
        peeked = ((wilson_low[samples, harmful] > rate) | (wilson_high[samples, harmful] < rate)).any(axis=1).mean()
        last = harmful[:, -1]
        at_end = ((wilson_low[cap, last] > rate) | (wilson_high[cap, last] < rate)).mean()
        rows.append((rate, float(ours), float(peeked), float(at_end)))
    return rows


def savings(rates: Sequence[float], runs: int, cap: int) -> list[tuple[float, float, float, float, float]]:
    """For each threshold, over the paper's rates: mean samples, share undecided at the cap, false decisions.

    Rates that equal the threshold have no right side; they count for samples and undecided, and any decision is false.
    """
    draws = np.random.default_rng(SEED + 1)
    low, high = limits(cap)
    rows = []
    for threshold in THRESHOLDS:
        used, undecided, wrong, fixed = [], [], [], []
        for rate in rates:
            above, below = decisions(counts(rate, runs, cap, draws), threshold, low, high)
            at = np.minimum(above, below)
            used.append(np.minimum(at, cap).mean())
            undecided.append((at > cap).mean())
            up, down = (above < below) & (above <= cap), (below < above) & (below <= cap)
            wrong.append((up & (rate <= threshold)).mean() + (down & (rate >= threshold)).mean())
            k = draws.binomial(cap, rate, runs)
            fixed.append(np.mean([wilson(int(x), cap).contains(threshold) for x in k]))
        rows.append(
            (threshold, float(np.mean(used)), float(np.mean(undecided)), float(np.mean(fixed)), float(max(wrong)))
        )
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--cap", type=int, default=100)
    given = parser.parse_args()
    print(f"{given.runs} simulated cells for each rate, looked at after each of up to {given.cap} samples\n")
    print(
        "| true rate | confidence sequence ever excludes it | Wilson's interval ever does | Wilson's at the end only |"
    )
    print("|---|---|---|---|")
    for rate, ours, peeked, at_end in false_decisions(given.runs, given.cap):
        print(f"| {rate:.0%} | {ours:.1%} | {peeked:.1%} | {at_end:.1%} |")
    rates = [r.rate for r in published_rates() if r.figure in {"7", "8", "9", "10", "11", "12"}]
    print(f"\n{len(rates)} rates of figures 7 to 12\n")
    print("| threshold | mean samples | undecided at the cap | undecided with a fixed size | most false decisions |")
    print("|---|---|---|---|---|")
    for threshold, used, undecided, fixed, wrong in savings(rates, given.runs, given.cap):
        print(f"| {threshold:.0%} | {used:.0f} | {undecided:.0%} | {fixed:.0%} | {wrong:.1%} |")
    low, high = limits(300)
    narrow = [
        next((n for n in range(1, 301) if high[n, round(r * n)] - low[n, round(r * n)] <= 2 * 0.1), 301) for r in rates
    ]
    print(f"\nhalf-width 0.1: {np.mean(narrow):.0f} samples on average over these rates (at most 300 tried)")


if __name__ == "__main__":
    main()
