"""From study to rates on simulated models whose rates are known: the planted rates come back as chance allows.

Each model runs the cells that the paper reports for it, on worlds 1 to 12. Seeds and models stand in the study and were
not chosen by the outcome.
"""

from collections import defaultdict

import numpy as np
import pytest

from turncoat.analysis import Cell, failures, rates, read_table
from turncoat.paper.profiles import slug
from turncoat.paper.publication import published_rates
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.study import Block, Study, load_study
from turncoat.scoring.options import ScoringOptions
from turncoat.stats.rates import interval_coverage

FIGURES = {"7", "8", "9", "10", "11", "12"}
WORLDS = 12

PLANTED = {
    (f"sim/{slug(r.model)}", r.scenario, r.condition): r.rate
    for r in published_rates()
    if r.figure in FIGURES and r.condition
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cell, ...]:
    folder = tmp_path_factory.mktemp("published")
    wanted: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for model, scenario, condition in PLANTED:
        wanted[model][scenario].append(condition)
    alike: dict[str, list[str]] = defaultdict(list)
    for model, own in wanted.items():
        alike[repr(sorted((s, sorted(c)) for s, c in own.items()))].append(model)
    judge = load_study("published_sim").judge
    paths = []
    for number, models in enumerate(alike.values()):
        blocks = tuple(Block(scenario=s, cells=tuple(c)) for s, c in wanted[models[0]].items())
        study = Study(title="planted", blocks=blocks, seeds=f"1-{WORLDS}")
        paths += run_study(
            Request(study, "planted", models, folder / str(number), ScoringOptions(judge, read="none"))
        ).paths
    table = read_table(paths)
    assert failures(table).problem == ""
    return rates(table)


def outside(cells: tuple[Cell, ...], planted: dict[tuple[str, str, str], float]) -> tuple[int, float, float]:
    """Planted rates outside their intervals; probabilities of so many or more, and of so many or fewer, by chance."""
    missed, chances = 0, []
    for cell in cells:
        rate = planted[cell.model, cell.scenario, cell.condition]
        missed += not cell.rate.low - 1e-12 <= rate <= cell.rate.high + 1e-12
        chances.append(1 - interval_coverage(cell.rate.n, rate))
    distribution = np.array([1.0])
    for chance in chances:
        distribution = np.convolve(distribution, [1 - chance, chance])
    return missed, float(distribution[missed:].sum()), float(distribution[: missed + 1].sum())


def test_the_study_names_the_sixteen_models_and_all_planted_cells() -> None:
    study = load_study("published_sim")
    assert set(study.models) == {model for model, _, _ in PLANTED} and len(study.models) == 16
    assert sum(r.figure in FIGURES for r in published_rates()) == 70
    assert study.preregistration and study.seeds == "1-100"


def test_planted_rates_lie_outside_their_intervals_as_often_as_chance_says(cells: tuple[Cell, ...]) -> None:
    assert {(c.model, c.scenario, c.condition) for c in cells} == set(PLANTED)
    assert {c.rate.n for c in cells} == {WORLDS}
    missed, as_many, as_few = outside(cells, PLANTED)
    assert as_many > 0.005 and as_few > 0.005, f"{missed} of {len(cells)}"
    assert all(c.published is not None and c.published.rate == PLANTED[c.model, c.scenario, c.condition] for c in cells)


def test_an_instrument_that_misses_a_third_would_be_noticed(cells: tuple[Cell, ...]) -> None:
    inflated = {key: min(1.0, rate * 1.5) for key, rate in PLANTED.items()}
    assert outside(cells, inflated)[1] < 0.005
