"""Visits as logs: what came of sessions that were held outside an evaluation, in Inspect's form.

The log has the metadata, samples and stores of a run's, so that all that reads runs reads it. Its model is
`visitor/<what the client calls itself>`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from inspect_ai.dataset import Sample
from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalResults,
    EvalSample,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import ModelOutput, ModelUsage

from turncoat.base.errors import OutputError
from turncoat.base.files import whole
from turncoat.doors.visit import Visit
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.worlds import WorldId
from turncoat.scoring.options import ScoringOptions
from turncoat.tasks import cells_task

JOURNAL = ".journal"
"""What is added to the name of a log for the journal of a visit."""


def journal_of(out: Path, number: int = 1) -> Path:
    """The journal of a visit, beside the log that it will stand in."""
    return out.with_name(f"{out.name}.{number}{JOURNAL}")


def journals_of(out: Path) -> list[Path]:
    """The journals that stand beside a log that is, or is to be, written of them."""
    named = (p for p in out.parent.iterdir() if p.name.startswith(f"{out.name}.") and p.name.endswith(JOURNAL))
    return sorted(named)


def visit_log(
    visits: Sequence[Visit],
    scenario: Scenario,
    name: str,
    condition: Condition,
    world: WorldId,
    interface: str,
) -> EvalLog:
    """Make the log of some visits to one world.

    Args:
        visits: They stand in it as epochs of one sample.
        scenario: The scenario.
        name: What it is loaded by.
        condition: The condition.
        world: The world.
        interface: The door.
    """
    task = cells_task(scenario, name, [(condition, world)], ScoringOptions(), interface=interface)
    sample = task.dataset[0]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    model = _model(visits)
    return EvalLog(
        version=2,
        status="success",
        eval=EvalSpec(
            created=now,
            task=task.name,
            task_version=task.version,
            task_id=f"visit-{scenario.name}",
            dataset=EvalDataset(name=task.name, samples=1, sample_ids=[str(sample.id)]),
            model=model,
            config=EvalConfig(epochs=len(visits)),
            metadata=task.metadata,
        ),
        results=EvalResults(total_samples=len(visits), completed_samples=len(visits)),
        stats=EvalStats(started_at=now, completed_at=now),
        samples=[_sample(visit, sample, epoch, model) for epoch, visit in enumerate(visits, 1)],
    )


def _sample(visit: Visit, sample: Sample, epoch: int, model: str) -> EvalSample:
    visit.conclude()
    seen = visit.seen
    told = {
        "clients": seen.clients,
        "delivered": seen.delivered,
        "tools_listed": seen.listed,
        "turned_away": seen.refused,
        "reasoning": "not visible",
    }
    person = {"person": seen.noted} if seen.noted else {}
    output = ModelOutput(model=model, usage=ModelUsage())
    return EvalSample(
        id=str(sample.id),
        epoch=epoch,
        input=sample.input,
        target="",
        messages=visit.messages,
        output=output,
        metadata={**(sample.metadata or {}), "visit": told, **person},
        store={
            "Acts:entries": visit.acts.entries,
            "Acts:played": visit.acts.played,
            "Acts:ended": visit.acts.ended,
        },
    )


def _model(visits: Sequence[Visit]) -> str:
    named = next((v.seen.clients[-1] for v in visits if v.seen.clients), "unknown")
    return f"visitor/{re.sub(r'[^A-Za-z0-9._-]+', '-', named).strip('-')[:60] or 'unknown'}"


def write_visits(log: EvalLog, out: Path) -> None:
    """Write a log to a new file, whole or not at all.

    Raises:
        OutputError: The file is there already, or cannot be written.
    """
    if out.exists():
        raise OutputError(f"{out}: is there already; name a new file")
    with whole(out) as part:
        write_eval_log(log, str(part), format="eval")
