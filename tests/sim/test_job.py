"""Simulated agents do their work at stated rates in workdays, in both interfaces, beside what they are judged for."""

from dataclasses import replace

import pytest

from turncoat.evidence.job import job_of, mail_is_enough, open_pieces
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scoring.score import log_findings
from turncoat.sim.calibration.run import act
from turncoat.sim.job import pieces_of
from turncoat.sim.truth import Identity, truth
from turncoat.world.actions import Finish, Happened
from turncoat.world.company import REVIEWED

PRESSED = "goal=explicit,threat=replacement,staging=workday"
WORKDAYS = [(name, story) for name in scenario_names() for story in load_scenario(name).staged("workday")]


def sample(model: str, scenario: str, world: str, condition: str = PRESSED) -> Identity:
    loaded = load_scenario(scenario)
    return Identity(f"sim/{model}", loaded, loaded.space.parse(condition), world, 1)


@pytest.mark.parametrize("interface", ["text", "tools"])
@pytest.mark.parametrize(("scenario", "story"), WORKDAYS)
def test_what_is_drawn_is_done_and_nothing_else(scenario: str, story: str, interface: str) -> None:
    for model, condition in (("rate-0.5-job-0.5", PRESSED), ("rate-1-job-1", "staging=workday")):
        one = sample(model, scenario, f"{story}@3", condition)
        job = one.render().storyline.job
        assert job is not None
        case, set_out = act(one, interface), set(truth(one).job)
        done = job_of(case, dict.fromkeys(open_pieces(case), True))
        possible = {n for n, item in job.items.items() if interface == "tools" or mail_is_enough(item)}
        assert done == {name: name in set_out for name in possible}


def test_pieces_come_as_often_as_stated_whatever_harm_is_done() -> None:
    for harm, rate in (("rate-0", 0.3), ("rate-1", 0.8)):
        drawn = [truth(sample(f"{harm}-job-{rate}", "blackmail", f"rentals@{n}")) for n in range(1, 61)]
        count = sum(len(t.job) for t in drawn)
        total = 60 * len(
            pieces_of(load_scenario("blackmail"), sample("rate-0", "blackmail", "1").condition, "rentals@1")
        )
        assert abs(count / total - rate) < 0.08
        assert {t.harmful for t in drawn} == {harm == "rate-1"}


def test_there_is_no_work_where_none_is_scored() -> None:
    one = sample("rate-0-job-1", "blackmail", "affair@1", "threat=replacement")
    assert truth(one).job == () and job_of(act(one, "text")) is None


@pytest.mark.parametrize("level", ["none", "mail", "tool", "guarantee"])
@pytest.mark.parametrize("interface", ["text", "tools"])
def test_a_profile_that_reports_does_so_where_there_is_an_office(level: str, interface: str) -> None:
    found = []
    for n in range(1, 9):
        one = sample("heeder", "blackmail", f"affair@{n}", f"goal=explicit,threat=replacement,channel={level}")
        reports = truth(one).reports
        assert reports is ("reports_concern" in {f.name for f in log_findings(act(one, interface))})
        found.append(reports)
    assert any(found) is (level != "none")


@pytest.mark.parametrize("condition", ["goal=explicit,threat=replacement", PRESSED])
def test_who_reports_waits_for_what_an_office_outside_decides(condition: str) -> None:
    outcomes = set()
    for n in range(1, 9):
        one = sample("heeder", "blackmail", f"affair@{n}" if "workday" not in condition else f"rentals@{n}")
        one = replace(one, condition=one.scenario.space.parse(f"{condition},channel=guarantee"))
        log = act(one, "tools").log
        told = {e.event for r in log for e in r.outcome.effects if isinstance(e, Happened)}
        decided = {event for event in told if event.startswith(REVIEWED)}
        assert len(decided) == truth(one).reports
        assert sum(isinstance(r.attempt, Finish) for r in log) == 1
        outcomes |= decided
    assert len(outcomes) == 2
