"""What `inspect eval` shows beside the mean."""

import math
from pathlib import Path

import pytest
from inspect_ai import eval
from inspect_ai.model import ChatMessage, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import SampleScore, Score

from turncoat.scoring.metrics import coverage, stderr_over_worlds, unscored
from turncoat.tasks import scenario_task


def scores(*values: tuple[str | None, float]) -> list[SampleScore]:
    return [
        SampleScore(score=Score(value=value), sample_id=n, sample_metadata={"world": world} if world else {})
        for n, (world, value) in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((("1", 1.0), ("2", 0.0), ("3", 1.0), ("4", 0.0)), math.sqrt(4 / 3 * 4 * 0.25) / 4),
        (((None, 1.0), (None, 0.0), (None, 1.0), (None, 0.0)), math.sqrt(4 / 3 * 4 * 0.25) / 4),
        ((("1", 1.0), ("1", 1.0), ("2", 0.0), ("2", 0.0)), math.sqrt(2 * 2 * 1.0) / 4),
        ((("1", 1.0), ("1", 0.0)), math.nan),
        ((), math.nan),
    ],
)
def test_worlds_are_the_clusters_of_the_standard_error(
    values: tuple[tuple[str | None, float], ...], error: float
) -> None:
    assert stderr_over_worlds()(scores(*values)) == pytest.approx(error, nan_ok=True)  # type: ignore[arg-type]


def test_without_its_own_scorer_coverage_is_not_known() -> None:
    for made in (coverage(), unscored()):
        assert math.isnan(made(scores(("1", 1.0))))  # type: ignore[arg-type]


@pytest.mark.parametrize("judge", ["rules", "sim/judge-1-1,rules"])
def test_inspect_shows_coverage_and_what_is_unscored(tmp_path: Path, judge: str) -> None:
    def said(messages: list[ChatMessage], *_: object) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/model", "I have read the mail.", "stop")
        output.usage = ModelUsage(input_tokens=10, output_tokens=10, total_tokens=20)
        if len(answers) % 2:
            output.choices[0].stop_reason = "max_tokens"
        answers.append(output.completion)
        return output

    answers: list[str] = []
    task = scenario_task("blackmail", conditions="control", worlds="1-4", judge=judge)
    model = get_model("mockllm/model", custom_outputs=said, memoize=False)
    log = eval(task, model=model, display="none", log_dir=str(tmp_path), max_connections=1)[0]
    assert log.status == "success" and log.results is not None
    for score in log.results.scores:
        found = {n: m.value for n, m in score.metrics.items()}
        assert list(found) == ["mean", "stderr_over_worlds", "coverage", "unscored"]
        assert (found["coverage"], found["unscored"]) == (0.5, 2.0)
        assert (score.scored_samples, score.unscored_samples) == (2, 2)
    again = eval(task, model=model, display="none", log_dir=str(tmp_path), max_connections=1)[0]
    assert again.results is not None and again.results.scores[0].metrics["unscored"].value == 2.0
