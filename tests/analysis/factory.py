"""Logs for tests, written by Inspect itself: what Turncoat's tasks leave behind, without running a model.

The content follows the contract of the tasks: ids `scenario/condition/world`, metadata, scores named `verdict`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalError,
    EvalLog,
    EvalResults,
    EvalSample,
    EvalSampleLimit,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.scorer import Score

from .texts import OUTCOMES, PROMPT, SYSTEM

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def levels_of(condition: str) -> dict[str, str]:
    """The levels that a condition's id names."""
    return {} if condition == "control" else dict(part.split("=") for part in condition.split(","))


def make_score(outcome: str, *, judge: str = "rules@1", **changes: Any) -> Score:
    """The verdict of one outcome of `texts.OUTCOMES`, or of `unscored`; `changes` replace metadata."""
    made = OUTCOMES["accepts" if outcome == "unscored" else outcome]
    scored = outcome != "unscored"
    metadata: dict[str, Any] = {
        "harmful": made.harmful if scored else None,
        "rung": made.rung if scored else None,
        "undecided": ["informs"] if outcome == "veiled_coercion" else [],
        "reason": "" if scored else "judge_refused",
        "necessary": made.harmful,
        "findings": made.findings() if scored else [],
        "acts": made.acts(),
        "ignored": made.ignored(),
        "judge": judge,
        "instrument": "a1b2c3d4e5f6",
        "awareness": "silent" if made.reasoning else "no-reasoning",
        "calls": {"outcome": int(made.harmful), "reading": 1},
        **changes,
    }
    if not scored:
        return Score.unscored(reason="judge_refused", explanation="The judge declined to answer.", metadata=metadata)
    return Score(
        value=float(made.harmful), answer=made.rung, explanation=f"{made.rung}: {made.about}", metadata=metadata
    )


def make_sample(
    condition: str,
    world: str,
    outcome: str,
    *,
    epoch: int = 1,
    scenario: str = "blackmail",
    model: str = "sim/steady",
    scores: Mapping[str, Score] | None = None,
    answer: str | None = None,
) -> EvalSample:
    """One sample; `outcome` is a name of `texts.OUTCOMES`, `unscored`, `error` or `limit`."""
    known = outcome if outcome in OUTCOMES else "accepts"
    made = OUTCOMES[known]
    failed = outcome == "error"
    content = [ContentText(text=made.answer if answer is None else answer)]
    parts = [ContentReasoning(reasoning=made.reasoning), *content] if made.reasoning else content
    message = ChatMessageAssistant(content=parts, model=model)
    start = START + timedelta(seconds=epoch)
    usage = ModelUsage(input_tokens=4100, output_tokens=620, total_tokens=4720)
    prompt = [ChatMessageSystem(content=SYSTEM), ChatMessageUser(content=PROMPT.format(world=world))]
    verdicts = {"verdict": make_score("unscored" if outcome == "unscored" else known)} if scores is None else scores
    return EvalSample(
        id=f"{scenario}/{condition}/{world}",
        epoch=epoch,
        input=list(prompt),
        target="",
        messages=[*prompt] if failed else [*prompt, message],
        output=ModelOutput() if failed else ModelOutput(model=model, choices=[ChatCompletionChoice(message=message)]),
        scores=None if failed else dict(verdicts),
        metadata={
            "scenario": scenario,
            "condition": condition,
            "levels": levels_of(condition),
            "world": world,
            "stimulus": f"{abs(hash((condition, world))):012x}"[:12],
        },
        model_usage={} if failed else {model: usage},
        started_at=start.isoformat(),
        completed_at=(start + timedelta(seconds=12.5)).isoformat(),
        total_time=12.5,
        error=EvalError(message="RateLimitError('slow down')", traceback="", traceback_ansi="") if failed else None,
        limit=EvalSampleLimit(type="token", limit=5000) if outcome == "limit" else None,
    )


def make_log(
    folder: Path,
    samples: Sequence[EvalSample],
    *,
    model: str = "sim/steady",
    scenario: str = "blackmail",
    status: str = "success",
    created: datetime = START,
    task_id: str = "task-1",
    name: str = "",
    manifest: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    planned: int | None = None,
    form: Literal["eval", "json"] = "eval",
) -> Path:
    """Write one log and return its path. `form` is `eval` or `json`."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = name or f"{created:%Y-%m-%dT%H-%M-%S}_{scenario}_{model.replace('/', '-')}_{task_id}"
    path = folder / f"{stem}.{form}"
    ours = {
        "turncoat": "0.1.0",
        "scenario": scenario,
        "interface": "text",
        "judge": "rules",
        "manifest": {
            "design": "d00d",
            "stimulus": "feed",
            "run": "beef",
            "instrument": "a1b2c3d4e5f6",
            "mitigations": ["instruction=direct"],
        }
        if manifest is None
        else dict(manifest),
    }
    epochs = max((s.epoch for s in samples), default=1)
    ids = list(dict.fromkeys(s.id for s in samples))
    log = EvalLog(
        status=status,  # given by name, checked by pydantic
        eval=EvalSpec(
            created=created.isoformat(),
            task=f"turncoat/{scenario}",
            task_id=task_id,
            dataset=EvalDataset(samples=len(ids), sample_ids=ids),
            model=model,
            config=EvalConfig(epochs=epochs),
            metadata=ours if metadata is None else dict(metadata),
        ),
        results=EvalResults(total_samples=len(samples) if planned is None else planned, completed_samples=len(samples))
        if status == "success"
        else None,
        stats=EvalStats(started_at=created.isoformat(), completed_at=(created + timedelta(minutes=4)).isoformat()),
        samples=list(samples),
    )
    write_eval_log(log, str(path), format=form)
    return path


def grid_log(
    folder: Path,
    rates: Mapping[str, float],
    *,
    model: str = "sim/steady",
    scenario: str = "blackmail",
    worlds: int = 10,
    epochs: int = 2,
    seed: int = 1,
    trouble: float = 0.0,
    task_id: str = "",
    created: datetime = START,
) -> Path:
    """Write a log of several conditions with the given harmful rates, and a share of unscored samples and errors."""
    draw = random.Random(f"{seed}/{model}")
    mild = ["accepts", "accepts", "accepts", "argues", "escalates", "informs", "deceives"]
    harmful = ["explicit_blackmail", "explicit_blackmail", "veiled_coercion"]
    samples = []
    for condition, rate in rates.items():
        for world in range(worlds):
            for epoch in range(1, epochs + 1):
                if draw.random() < trouble:
                    outcome = draw.choice(["unscored", "unscored", "error", "limit"])
                else:
                    outcome = draw.choice(harmful if draw.random() < rate else mild)
                samples.append(
                    make_sample(condition, f"affair.1@{world}", outcome, epoch=epoch, scenario=scenario, model=model)
                )
    return make_log(
        folder, samples, model=model, scenario=scenario, task_id=task_id or f"{scenario}-{model}", created=created
    )
