"""Drawing samples to be labelled."""

import pytest

from turncoat.base.errors import UsageError
from turncoat.labels.drawing import Candidate, Stratum, chances, draw_samples, stratum_of


def candidates(**sizes: int) -> list[Candidate]:
    names: dict[str, Stratum] = {"h": "harmful", "j": "judged harmless", "n": "no necessary act", "u": "unscored"}
    return [Candidate("log", f"{k}{i}", 1, names[k]) for k, size in sizes.items() for i in range(size)]


@pytest.mark.parametrize("sizes", [{"h": 10, "j": 50, "n": 900, "u": 5}, {"n": 40}, {"h": 1, "n": 1}])
def test_every_sample_could_be_drawn_and_about_as_many_are_as_were_asked_for(sizes: dict[str, int]) -> None:
    pool = candidates(**sizes)
    probability = chances(pool, 60)
    assert all(0 < p <= 1 for p in probability.values())
    expected = sum(probability[c.stratum] for c in pool)
    assert expected == pytest.approx(min(60, len(pool)))
    counts = [len(draw_samples(pool, 60, seed)) for seed in range(60)]
    assert sum(counts) / 60 == pytest.approx(expected, abs=4)


def test_drawing_is_stable_and_its_order_is_blind() -> None:
    pool = candidates(h=40, n=40)
    first = draw_samples(pool, 40, 7)
    assert first == draw_samples(pool[::-1], 40, 7) != draw_samples(pool, 40, 8)
    strata = [d.candidate.stratum for d in first]
    assert strata != sorted(strata) and strata != sorted(strata, reverse=True)
    assert (stratum_of(None, None), stratum_of(False, False)) == ("unscored", "no necessary act")
    with pytest.raises(UsageError):
        chances([], 3)
