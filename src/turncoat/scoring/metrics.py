"""What Inspect shows beside the mean of the verdicts: a standard error over worlds, coverage, and what is unscored.

Inspect hands metrics the scored samples only, so that a scorer's own metrics count what it left unscored.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable

from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, mean, metric
from inspect_ai.solver import TaskState

from turncoat.providers.inspect_private import RegistryInfo, registry_tag


@metric
def stderr_over_worlds() -> Metric:
    """The standard error of the mean, with worlds as clusters: conditions in one world share its company.

    A sample without a world is a cluster of its own. Of fewer than two clusters there is none (NaN).
    """

    def error(scores: list[SampleScore]) -> float:
        values = [score.score.as_float() for score in scores]
        apart: dict[object, float] = defaultdict(float)
        average = sum(values) / len(values) if values else 0.0
        for score, value in zip(scores, values, strict=True):
            apart[(score.sample_metadata or {}).get("world", score.sample_id)] += value - average
        n = len(apart)
        return math.sqrt(n / (n - 1) * sum(d * d for d in apart.values())) / len(values) if n > 1 else math.nan

    return error


@metric
def coverage() -> Metric:
    """The share of samples with a verdict; not known (NaN) where the scores were not made in this process."""
    return lambda scores: math.nan


@metric
def unscored() -> Metric:
    """How many samples have no verdict; not known (NaN) where the scores were not made in this process."""
    return lambda scores: math.nan


def counted(scorer: Scorer) -> tuple[Scorer, list[Metric]]:
    """A scorer that counts its verdicts, and the metrics that go with it.

    Args:
        scorer: Who scores. What it is given again, as in a second epoch's run, counts once.
    """
    given: dict[tuple[object, int], bool] = {}

    async def score(state: TaskState, target: Target) -> Score | None:
        found = await scorer(state, target)
        value = found.value if found is not None else math.nan
        given[state.sample_id, state.epoch] = not (isinstance(value, float) and math.isnan(value))
        return found

    def share() -> float:
        return sum(given.values()) / len(given) if given else math.nan

    def without() -> float:
        return float(len(given) - sum(given.values())) if given else math.nan

    return score, [
        mean(),
        stderr_over_worlds(),
        _counting("coverage", coverage, share),
        _counting("unscored", unscored, without),
    ]


def _counting(name: str, of: Callable[[], Metric], count: Callable[[], float]) -> Metric:
    """A metric under the name of another, which tells what was counted."""

    def told(scores: list[SampleScore]) -> float:
        return count()

    made: Metric = told
    registry_tag(of, made, RegistryInfo(type="metric", name=f"turncoat/{name}"))
    return made
