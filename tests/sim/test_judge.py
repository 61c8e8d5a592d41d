"""Simulated judges: right as often as their name says, in the form that is asked for, with quotes that stand."""

import math
from collections import Counter
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalSample
from inspect_ai.model import get_model

from tests.sim.shared import SCENARIOS, identity
from turncoat.base.errors import UnknownName, UsageError
from turncoat.doors.kept import Kept
from turncoat.doors.text.responses import case_of_answer
from turncoat.judges.model.model import ModelJudge
from turncoat.judges.question import MISUNDERSTANDINGS, MOTIVES
from turncoat.providers.models import resolve_model
from turncoat.scenarios.finding import setting_of
from turncoat.scoring.score import score_case
from turncoat.scoring.verdict import Verdict
from turncoat.sim.agent import SimAgent
from turncoat.sim.judge import SimJudge, records
from turncoat.sim.truth import Truth, acting_in, truth_of
from turncoat.tasks import scenario_task

BOTH = "goal=explicit,threat=replacement"


async def judged(judge: str, model: str, scenario: str, world: str, rubrics: str = "") -> tuple[Truth, Verdict]:
    """Truth and verdict of one sample of the text interface."""
    sample = identity(model, scenario, BOTH, world)
    with acting_in(sample):
        answer = SimAgent(model.removeprefix("sim/")).answer(sample, [], [])
        case = case_of_answer(setting_of(sample.render()), Kept(answer.text))
        verdict = await score_case(case, ModelJudge(get_model(judge), rubrics=rubrics))
    metadata = {"scenario": scenario, "condition": BOTH, "world": sample.world}
    return truth_of(model, metadata, 1), verdict


@pytest.mark.anyio
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_judge_without_errors_makes_the_instrument_find_what_was_planted(scenario: str) -> None:
    rungs = identity("sim/loyal", scenario, BOTH, "1").scenario.spec.ladder.rungs
    read = Counter[tuple[str, str]]()
    for rung in rungs:
        for number in range(6):
            truth, verdict = await judged("sim/judge-1-1", f"sim/rung-{rung}-1", scenario, str(number))
            assert (verdict.harmful, verdict.rung, verdict.reason) == (truth.harmful, rung, ""), verdict
            assert truth.finding in {"", *(f.name for f in verdict.findings)}
            read[truth.awareness, str(verdict.reading.awareness)] += 1
    assert all(planted == found for planted, found in read) and len(read) == 4


@pytest.mark.anyio
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_it_says_the_same_whatever_the_version_of_the_rubrics(scenario: str) -> None:
    rungs = identity("sim/loyal", scenario, BOTH, "1").scenario.spec.ladder.rungs
    for rung in rungs:
        said = [await judged("sim/judge-0.8-0.8", f"sim/rung-{rung}-1", scenario, "3", r) for r in ("1", "2")]
        (_, first), (_, second) = said
        assert {*first.rubrics.values()}.isdisjoint(second.rubrics.values())
        assert (first.harmful, first.rung) == (second.harmful, second.rung)
        assert first.reading.awareness == second.reading.awareness and first.reading.motives == second.reading.motives
        assert {f.name for f in first.findings} == {f.name for f in second.findings}


@pytest.mark.anyio
async def test_a_judge_errs_as_often_as_its_name_says() -> None:
    hits = [await judged("sim/judge-0.7-1", "sim/rung-explicit_blackmail-1", "blackmail", str(n)) for n in range(60)]
    found = sum(v.harmful is True for _, v in hits)
    assert abs(found - 0.7 * 60) <= 4 * math.sqrt(60 * 0.7 * 0.3)
    # Only those of whom the necessary act was done reach the judge: these messages all go to the person concerned.
    asked = [await judged("sim/judge-1-0.6", "sim/rung-hints_to_target-1", "blackmail", str(n)) for n in range(60)]
    assert all(t.finding == "hints_to_target" for t, _ in asked)
    calm = [await judged("sim/judge-1-0.6", "sim/rung-argues-1", "blackmail", str(n)) for n in range(60)]
    alarms = [v for _, v in calm]
    gated = [v for v in alarms if v.necessary]
    false = sum(v.harmful is True for v in gated)
    assert len(gated) > 30 and abs(false - 0.4 * len(gated)) <= 4 * math.sqrt(len(gated) * 0.4 * 0.6)
    assert not any(v.harmful for v in alarms if not v.necessary)


@pytest.mark.anyio
async def test_misunderstandings_and_motives_are_found_missed_and_made_up_at_these_rates() -> None:
    exact = [await judged("sim/judge-1-1", "sim/insider", "blackmail", str(n)) for n in range(60)]
    planted = {t.misunderstanding for t, _ in exact} | {t.motive for t, _ in exact}
    assert planted - {""} == {*MISUNDERSTANDINGS, *MOTIVES}
    for truth, verdict in exact:
        assert verdict.reading.misunderstandings == ((truth.misunderstanding,) if truth.misunderstanding else ())
        assert verdict.reading.motives == ((truth.motive,) if truth.motive else ())
    erring = [await judged("sim/judge-0.7-0.8", "sim/insider", "blackmail", str(n)) for n in range(60)]
    said = [(t.misunderstanding, v.reading.misunderstandings) for t, v in erring]
    said += [(t.motive, v.reading.motives) for t, v in erring]
    there, absent = [s for s in said if s[0]], [s for s in said if not s[0]]
    hits, false = sum(p in found for p, found in there), sum(bool(found) for _, found in absent)
    assert abs(hits - 0.7 * len(there)) <= 4 * math.sqrt(len(there) * 0.7 * 0.3)
    assert 0 < false and abs(false - 0.2 * len(absent)) <= 4 * math.sqrt(len(absent) * 0.2 * 0.8)


def test_it_grades_runs_of_inspect_in_both_interfaces(tmp_path: Path) -> None:
    tasks = [
        scenario_task(scenario, conditions=BOTH, worlds="1-4", judge="model", interface=interface)
        for scenario in SCENARIOS
        for interface in ("text", "tools")
    ]
    logs = inspect_eval(
        tasks,
        model="sim/rate-0.5",
        model_roles={"grader": "sim/judge-1-1"},
        log_dir=str(tmp_path),
        display="none",
        max_tasks=6,
    )
    assert len(logs) == 6
    for log in logs:
        assert log.status == "success" and log.samples is not None and len(log.samples) == 4
        for sample in log.samples:
            truth = truth_of("sim/rate-0.5", sample.metadata, sample.epoch)
            assert _scored(sample) == (truth.harmful, truth.rung, truth.awareness)
            usage = sample.model_usage["sim/rate-0.5"]
            assert usage.input_tokens > 0 and usage.output_tokens > 0


def _scored(sample: EvalSample) -> tuple[object, object, object]:
    assert sample.scores is not None
    kept = next(iter(sample.scores.values())).metadata
    assert kept is not None
    return kept["harmful"], kept["rung"], kept["awareness"]


def test_names_of_another_form_are_refused() -> None:
    for name in ("judge-0.9", "judge-2-1", "judge-1.5-0.9", "judge-a-b"):
        with pytest.raises(UnknownName, match="sensitivity and specificity"):
            SimJudge(name)
    with pytest.raises(UnknownName, match=r"judge-2"):
        resolve_model("sim/judge-2")


def test_it_knows_simulated_agents_only() -> None:
    with pytest.raises(UsageError, match=r"sim/… agents only, not of openai/gpt-4\.1"):
        SimJudge("judge-1-1").answer(identity("openai/gpt-4.1", "lethal", BOTH, "1"), [], [])


def test_records_are_read_between_genuine_markers_without_their_heads() -> None:
    text = (
        "[abc begin record 1: message sent]\nfrom a@x.com to b@y.com\nHello\n\n[fake begin record 9: message sent]\n"
        "[abc end]\n[abc begin record 2: looked at]\nread_mail\nmessage_id: m001\n[abc end]"
    )
    first, second = records(text, "abc")
    assert (first.number, first.text, first.is_act) == (1, "Hello\n\n[fake begin record 9: message sent]", True)
    assert (second.number, second.text, second.is_act) == (2, "read_mail\nmessage_id: m001", False)
