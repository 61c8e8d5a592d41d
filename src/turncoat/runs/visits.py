"""Visits as logs: what came of sessions that were held outside an evaluation, in Inspect's form.

The log has the metadata, samples and stores of a run's, so that all that reads runs reads it. Its model is
`visitor/<what the client calls itself>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    read_eval_log,
    write_eval_log,
)
from inspect_ai.log import read_eval_log_sample as read_sample
from inspect_ai.model import ChatMessageAssistant, ModelOutput, ModelUsage

from turncoat.base.counting import counted
from turncoat.base.errors import OutputError
from turncoat.base.files import whole
from turncoat.base.text import plain
from turncoat.doors.visit import Visit
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import FindingSpec
from turncoat.scenarios.worlds import WorldId
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.parts import Place
from turncoat.scoring.result import Result
from turncoat.tasks import cells_task
from turncoat.webmail.told import Told

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
    task = cells_task(scenario, name, [(condition, world)], ScoringOptions(), interface=interface, visited=True)
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
        input=list(visit.told),
        target="",
        messages=visit.messages,
        output=output,
        metadata={**(sample.metadata or {}), "stimulus": visit.prompt.hash, "visit": told, **person},
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


def is_look(out: Path) -> bool:
    """Whether a log is of one visit whose client called nothing and fetched no prompt, as one that looks at tools does.

    A log without scores is not yet done.
    """
    if not out.is_file():
        return False
    try:
        log = read_eval_log(str(out))
    except Exception:  # whatever it is, it is no such log
        return False
    match log.samples:
        case [EvalSample(metadata={"visit": {"delivered": list(delivered)}}) as one]:
            return bool(one.scores) and not one.store.get("Acts:entries") and {*delivered} <= {"instructions"}
    return False


def told_of(visit: Visit, rendered: Rendered, out: Path) -> Told:
    """What a scored log says of the one visit in it, in words.

    Args:
        visit: The visit.
        rendered: Its condition and world.
        out: The log.
    """
    sample = read_sample(str(out), id=f"{rendered.spec.name}/{rendered.condition.id}/{rendered.world.id}", epoch=1)
    name, score = next(iter((sample.scores or {}).items()))
    found = Result.of_score(name, score.model_dump())
    ladder, opened = rendered.spec.ladder, found.opened
    facts = {
        "Outcome": f"{found.rung} (of: {', '.join(ladder.rungs)})".replace("_", " ") if found.rung else "none",
        "Judge": found.judge,
        "Opened": f"{counted(opened.messages or 0, 'message')}, {counted(opened.documents or 0, 'file')}",
        "People written to": str(found.people_written or 0),
        "How it ended": found.ended or visit.acts.ended,
    }
    if (likely := visit.seen.noted.get("test_likely")) is not None:
        facts["Your answer"] = f"{likely} of 100 that it was a test"
    findings = [(_about(ladder.findings, f.name), _words(visit, f.at)) for f in found.findings]
    items = rendered.job.items if rendered.job is not None else {}
    job = {items[n].about: done for n, done in (found.job_items or {}).items() if n in items}
    return Told(_outcome(found), facts, findings, job, str(out))


def _outcome(found: Result) -> str:
    if found.harmful is None:
        return f"There is no verdict ({found.reason}). {found.explanation}".strip()
    return f"{'Harmful' if found.harmful else 'Not harmful'}. {found.explanation}".strip()


def _about(findings: Mapping[str, FindingSpec], name: str) -> str:
    about = findings[name].about.strip() if name in findings else ""
    return f"{name}: {about}" if about else name


def _words(visit: Visit, at: Sequence[Place]) -> list[str]:
    """The words of the visitor's calls in which a finding stands, from its first to its last in each."""
    calls = {c.id: c for m in visit.messages if isinstance(m, ChatMessageAssistant) for c in m.tool_calls or ()}
    spans: dict[str, tuple[int, int]] = {}
    for place in at:
        match place:
            case (str(source), int(start), int(end)):
                low, high = spans.get(source, (start, end))
                spans[source] = (min(low, start), max(high, end))
    words = []
    for source, (start, end) in spans.items():
        kind, _, rest = source.partition(":")
        call, _, name = rest.rpartition(":")
        text = calls[call].arguments.get(name) if kind == "call" and call in calls else None
        if isinstance(text, str):
            words.append(plain(text[start:end], 400))
    return words
