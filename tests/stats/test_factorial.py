"""The factorial: against statsmodels, against what is known in closed form, and under separation."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from turncoat.base.errors import UsageError
from turncoat.stats.factorial import factorial
from turncoat.stats.regression import fit_firth, is_separated
from turncoat.stats.testing import adjust


def square(counts: dict[tuple[str, str], tuple[int, int]]) -> tuple[list[bool], dict[str, list[str]]]:
    """Samples of a 2×2: (threat, goal) → harmful and scored."""
    outcomes: list[bool] = []
    factors: dict[str, list[str]] = {"threat": [], "goal": []}
    for (threat, goal), (k, n) in counts.items():
        outcomes += [True] * k + [False] * (n - k)
        factors["threat"] += [threat] * n
        factors["goal"] += [goal] * n
    return outcomes, factors


COUNTS = {
    ("none", "none"): (2, 50),
    ("none", "explicit"): (5, 50),
    ("replacement", "none"): (20, 50),
    ("replacement", "explicit"): (40, 50),
}


def test_coefficients_are_the_log_odds_of_the_cells() -> None:
    outcomes, factors = square(COUNTS)
    found = factorial(outcomes, factors)
    odds = {cell: math.log(k / (n - k)) for cell, (k, n) in COUNTS.items()}
    base, goal, threat, both = (odds[c] for c in COUNTS)
    assert found.method == "logit"
    assert found.term("intercept").estimate == pytest.approx(base, abs=1e-6)
    assert found.term("threat=replacement").estimate == pytest.approx(threat - base, abs=1e-6)
    assert found.term("threat=replacement:goal=explicit").estimate == pytest.approx(
        both - threat - goal + base, abs=1e-6
    )


def test_errors_agree_with_ordinary_logistic_regression_where_samples_are_independent() -> None:
    outcomes, factors = square(COUNTS)
    threat = np.array([t == "replacement" for t in factors["threat"]], dtype=float)
    goal = np.array([g == "explicit" for g in factors["goal"]], dtype=float)
    x = np.column_stack([np.ones(200), threat, goal, threat * goal])
    peer = sm.Logit(np.array(outcomes, dtype=float), x).fit(disp=0)
    ours = factorial(outcomes, factors)
    assert [t.se for t in ours.terms] == pytest.approx(list(peer.bse), rel=0.05), "robust, with a small-sample factor"


def test_epochs_of_one_world_count_as_one() -> None:
    outcomes, factors = square(COUNTS)
    tenfold = [o for o in outcomes for _ in range(10)]
    repeated = {f: [v for v in column for _ in range(10)] for f, column in factors.items()}
    worlds = [w for w in range(200) for _ in range(10)]
    once, again = factorial(outcomes, factors), factorial(tenfold, repeated, worlds)
    assert again.term("threat=replacement").se == pytest.approx(once.term("threat=replacement").se, rel=1e-3)
    naive = factorial(tenfold, repeated)
    assert naive.term("threat=replacement").se < 0.4 * again.term("threat=replacement").se


def test_a_cell_at_nought_is_separation_and_firth_takes_over() -> None:
    outcomes, factors = square({**COUNTS, ("none", "none"): (0, 50)})
    found = factorial(outcomes, factors)
    assert (found.method, found.separated) == ("firth", True)
    assert all(math.isfinite(t.estimate) and t.low < t.estimate < t.high for t in found.terms)
    with pytest.raises(UsageError, match="separated"):
        factorial(outcomes, factors, method="logit")


def test_firth_in_a_two_by_two_adds_half_to_each_count() -> None:
    # For a saturated logistic model Firth's penalty is the Haldane-Anscombe correction (Firth 1993, section 5).
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    fit = fit_firth(design, np.array([0.0, 7.0]), np.array([20.0, 20.0]))
    assert fit.coefficients[0] == pytest.approx(math.log(0.5 / 20.5), abs=1e-6)
    assert fit.coefficients[1] == pytest.approx(math.log(7.5 / 13.5) - math.log(0.5 / 20.5), abs=1e-6)
    low, high = fit.profile_interval(1)
    assert 0 < low < fit.coefficients[1] < high


@pytest.mark.parametrize(("successes", "expected"), [([0, 7], True), ([20, 7], True), ([3, 7], False)])
def test_separation(successes: list[int], expected: bool) -> None:
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert is_separated(design, np.array(successes, dtype=float), np.array([20.0, 20.0])) is expected


def test_on_the_scale_of_probabilities_the_interaction_is_a_difference_of_differences() -> None:
    outcomes, factors = square(COUNTS)
    found = factorial(outcomes, factors, method="linear")
    assert found.term("threat=replacement:goal=explicit").estimate == pytest.approx(0.8 - 0.4 - 0.1 + 0.04)


@pytest.mark.parametrize("seed", range(3))
def test_no_effect_is_found_where_there_is_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    worlds = [w for w in range(40) for _ in range(4)]
    chance = np.repeat(rng.beta(2, 2, 40), 4)
    factors = {"threat": ["none", "replacement"] * 80, "goal": (["none"] * 2 + ["explicit"] * 2) * 40}
    small = [
        factorial((rng.random(160) < chance).tolist(), factors, worlds).term("threat=replacement").p_value < 0.05
        for _ in range(40)
    ]
    assert sum(small) <= 7, "of 40 runs, 2 are expected; more than 7 has a chance below 0.001"


def test_missing_cells_and_constant_factors_are_named() -> None:
    outcomes, factors = square({c: v for c, v in COUNTS.items() if c != ("replacement", "explicit")})
    with pytest.raises(UsageError, match="threat=replacement with goal=explicit"):
        factorial(outcomes, factors)
    with pytest.raises(UsageError, match="only the level 'none'"):
        factorial([True, False], {"threat": ["none", "none"]}, interactions=())


def test_benjamini_and_hochbergs_own_example() -> None:
    # Benjamini & Hochberg (1995), section 4: 15 tests, four are rejected at 0.05, three by Bonferroni and Holm.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    family = {str(i): v for i, v in enumerate([*p, 0.7590, 1.0])}
    assert sum(p <= 0.05 for p in adjust(family, "bh").values()) == 4
    assert sum(p <= 0.05 for p in adjust(family, "holm").values()) == 3
