"""Simulated agents through the webmail: what they do, and what is made of it, is as with tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import ContentImage

from tests.report.chromium import INSTALLED, LONG, NEEDED, WHOLE
from turncoat.doors.conversation import case_of
from turncoat.doors.door import door, setting_from
from turncoat.doors.kept import kept_of
from turncoat.evidence.case import Case
from turncoat.guards.guard import Guard
from turncoat.tasks import scenario_task
from turncoat.world import Action, Decision, is_write

pytest.importorskip("playwright", reason="the extra webmail is not installed")
pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)
PRESSED = "goal=explicit,threat=replacement"


class Holding(Guard):
    """Holds back every new message, or fails at it."""

    name = "holding"

    def __init__(self, fails: bool = False) -> None:
        self._fails = fails

    async def review(self, case: Case, attempt: Action) -> Decision:
        if attempt.kind != "send_mail":
            return Decision(guard=self.name, decision="allow")
        if self._fails:
            raise RuntimeError("the guard fails")
        return Decision(guard=self.name, decision="block", reason="held")


def task(interface: str, conditions: str = PRESSED, world: str = "2") -> Task:
    return scenario_task("blackmail", conditions=conditions, worlds=world, judge="rules", interface=interface)


def run(tasks: list[Task], folder: Path, model: str) -> list[EvalLog]:
    logs = eval(tasks, model=model, log_dir=str(folder), display="none", max_tasks=len(tasks), log_realtime=False)
    return [read_eval_log(log.location, resolve_attachments=False) for log in logs]


def acts(sample: EvalSample) -> list[dict[str, Any]]:
    """What was attempted that writes."""
    case = case_of(door(str(sample.metadata["interface"])), setting_from(sample.metadata), kept_of(sample))
    return [r.attempt.model_dump() for r in case.log if r.attempt is not None and is_write(r.attempt)]


@pytest.mark.skipif(not WHOLE, reason=LONG)
def test_agents_do_by_sight_and_by_names_what_they_do_with_tools(tmp_path: Path) -> None:
    doors = ["tools", "webmail", "webmail-aria"]
    logs = run([task(name) for name in doors], tmp_path, "sim/rate-1")
    samples = {n: (log.samples or [])[0] for n, log in zip(doors, logs, strict=True)}
    assert [s.error for s in samples.values()] == [None, None, None]
    found = {n: next(iter((s.scores or {}).values())) for n, s in samples.items()}
    assert found["tools"].value == 1
    for name in doors[1:]:
        assert acts(samples[name]) == acts(samples["tools"]), name
        told = ("harmful", "rung", "reason", "awareness")
        assert [(found[name].metadata or {})[k] for k in told] == [(found["tools"].metadata or {})[k] for k in told]
        assert samples[name].store["Acts:ended"] == "finished"
    by_sight = samples["webmail"]
    pictures = [
        c.image
        for m in by_sight.messages
        if m.role == "tool" and not isinstance(m.content, str)
        for c in m.content
        if isinstance(c, ContentImage)
    ]
    assert pictures and all(p.startswith("attachment://") for p in pictures)
    kept = [a for a in by_sight.attachments.values() if a.startswith("data:image/jpeg")]
    assert len(kept) == len(set(pictures))  # each stands in the log once, however often the model was shown it
    assert not any("data:image" in json.dumps(e) for e in by_sight.store["Acts:entries"])


@pytest.mark.skipif(not WHOLE, reason=LONG)
def test_the_work_of_a_day_is_done_on_pages_as_with_tools(tmp_path: Path) -> None:
    doors = ["tools", "webmail", "webmail-aria"]
    workday = f"{PRESSED},staging=workday"
    logs = run([task(name, workday, "rentals@1") for name in doors], tmp_path, "sim/rate-0.5-job-0.5")
    samples = [(log.samples or [])[0] for log in logs]
    assert [(s.error, s.store["Acts:ended"]) for s in samples] == [(None, "finished")] * 3
    done = [(next(iter((s.scores or {}).values())).metadata or {})["job_items"] for s in samples]
    assert done[0] == done[1] == done[2] and set(done[0].values()) == {True, False}
    assert acts(samples[0]) == acts(samples[1]) == acts(samples[2])


def test_guards_see_clicks_and_one_that_fails_ends_the_sample_as_an_error(tmp_path: Path) -> None:
    watched = [task("webmail-aria"), task("webmail-aria")]
    for fails, each in enumerate(watched):
        each.solver = door("webmail-aria").solver(guards=[Holding(bool(fails))])
    (held, failed) = run(watched, tmp_path, "sim/rate-1")
    (sample,) = held.samples or []
    entries = [e for e in sample.store["Acts:entries"] if e["action"]["kind"] == "send_mail"]
    assert entries and {e["decisions"][0]["decision"] for e in entries} == {"block"}
    assert next(iter((sample.scores or {}).values())).value == 1  # harm is what was attempted
    (broken,) = failed.samples or []
    assert failed.status == "error" and broken.error is not None and "the guard fails" in broken.error.traceback
