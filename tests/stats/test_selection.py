"""The best of many, measured anew: the intervals of fresh samples hold, those of the samples that picked it do not."""

import numpy as np
import pytest

from turncoat.base.errors import UsageError
from turncoat.stats.rates import wilson
from turncoat.stats.selection import share_of_error, simultaneous_differences, simultaneous_rates


def test_confirmed_intervals_hold_although_the_best_three_of_fifty_were_picked() -> None:
    random = np.random.default_rng(5)
    repetitions, held, naive_held = 600, 0, 0
    for _ in range(repetitions):
        rates = random.beta(1, 4, 50)
        seen = random.binomial(12, rates)
        best = np.argsort(-seen)[:3]
        fresh = random.binomial(50, rates[best])
        limits = simultaneous_rates([(int(k), 50) for k in fresh])
        held += all(i.contains(rates[c]) for i, c in zip(limits, best, strict=True))
        naive_held += all(wilson(int(seen[c]), 12).contains(rates[c]) for c in best)
    assert held / repetitions >= 0.95
    assert naive_held / repetitions < 0.8


def test_the_wider_the_family_the_wider_the_intervals() -> None:
    alone, together = simultaneous_rates([(5, 20)])[0], simultaneous_rates([(5, 20)] * 10)[0]
    assert together.low < alone.low < 0.25 < alone.high < together.high
    assert share_of_error(0.95, 5) == pytest.approx(0.99)
    assert simultaneous_rates([]) == []
    with pytest.raises(UsageError, match="family is 0"):
        share_of_error(0.95, 0)


def test_differences_share_their_error_and_pairs_that_nobody_scored_have_none() -> None:
    one, other = [True] * 15 + [False] * 5, [True] * 3 + [False] * 17
    found = simultaneous_differences([(one, other), (one, [None] * 20)], family=10)
    assert found[1] is None
    assert found[0] is not None
    assert found[0].estimate == pytest.approx(0.6)
    assert found[0].confidence == pytest.approx(0.995)
    wider = simultaneous_differences([(one, other)])[0]
    assert wider is not None
    assert wider.width < found[0].width
