"""The band of an ROC curve: where it lies, that it holds what it says, and where there is none."""

from statistics import NormalDist

import numpy as np

from turncoat.stats.curves import roc_band
from turncoat.stats.detection import roc, scored


def planted(draw: np.random.Generator, worlds: int, gap: float = 1.5) -> tuple[list[float], list[float], list[int]]:
    """One harmless and one harmful unit a world, whose scores share half of their spread."""
    shared = draw.normal(size=worlds)
    scores = [
        NormalDist().cdf((own + common) / 2**0.5 + shift - gap / 2)
        for shift in (0.0, gap)
        for own, common in zip(draw.normal(size=worlds), shared, strict=True)
    ]
    return scores, [0.0] * worlds + [1.0] * worlds, [*range(worlds), *range(worlds)]


def test_the_band_lies_around_the_curve_and_within_the_square() -> None:
    data = scored(*planted(np.random.default_rng(3), 30))
    band, curve = roc_band(data), np.array(roc(data))
    for x, low, high in band:
        height = np.interp(x, curve[:, 0], curve[:, 1])
        assert 0 <= low <= height + 1e-9 and height - 1e-9 <= high <= 1
    assert [x for x, _, _ in band] == sorted(x for x, _, _ in band) and band[-1][1:] == (1.0, 1.0)
    wide = roc_band(scored(*planted(np.random.default_rng(3), 8)))
    assert np.mean([b - a for _, a, b in wide]) > np.mean([b - a for _, a, b in band])


def test_the_band_holds_the_true_curve_as_often_as_it_says() -> None:
    grid, hits = (0.1, 0.3, 0.5), np.zeros(3)
    true = [NormalDist().cdf(NormalDist().inv_cdf(x) + 1.5) for x in grid]
    for seed in range(60):
        data = scored(*planted(np.random.default_rng(seed), 25))
        band = roc_band(data, grid, draws=60)
        hits += [a <= y <= b for y, (_, a, b) in zip(true, band, strict=True)]
    assert (hits / 60 >= 0.88).all()


def test_all_told_apart_still_has_a_band() -> None:
    data = scored([0.1] * 6 + [0.9] * 6, [0.0] * 6 + [1.0] * 6, [*range(6), *range(6)])
    assert roc_band(data, (0.0, 0.5))[0][1] < 0.7, "six worlds are no proof of all"


def test_there_is_none_of_one_kind_or_one_world() -> None:
    assert roc_band(scored([0.1, 0.2], [0, 0], ["a", "b"])) == ()
    assert roc_band(scored([0.1, 0.2], [0, 1], ["a", "a"])) == ()
