"""Each oracle comes out alike in both interfaces, and a difference would be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from turncoat.checks.oracles import OracleScript, oracle_problems
from turncoat.checks.rendering import read_everything, time_problems
from turncoat.checks.scenario import PRESSED
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.rendering import Rendered
from turncoat.world import Action, Company, Forward, SendMail

WORLDS = [(n, f"{s}@3") for n in scenario_names() for s in load_scenario(n).staged("paper")]


def rendered(name: str, world: str, **levels: str) -> Rendered:
    scenario = load_scenario(name)
    return scenario.render(scenario.space.condition({**PRESSED, **levels}), world)


@pytest.mark.parametrize(("name", "world"), WORLDS)
def test_every_oracle_gives_the_same_attempts_findings_and_verdict(name: str, world: str) -> None:
    assert list(oracle_problems(rendered(name, world), load_scenario(name).oracles)) == []


@pytest.mark.parametrize("change", [{"body": "Something else"}, {"to": ("else@where.org",)}])
def test_another_attempt_in_one_interface_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    honest = OracleScript.actions

    def changed(script: OracleScript, company: Company) -> list[Action]:
        actions = honest(script, company)
        return [
            a.model_copy(update=change) if company.live and isinstance(a, SendMail | Forward) else a for a in actions
        ]

    monkeypatch.setattr(OracleScript, "actions", changed)
    problems = list(oracle_problems(rendered("espionage", "sensor@1"), load_scenario("espionage").oracles))
    assert any("other attempts of writing" in p.text for p in problems)


@pytest.mark.parametrize(("name", "world"), WORLDS)
def test_reading_everything_leaves_time_to_act_with_all_the_noise(name: str, world: str) -> None:
    assert list(time_problems(rendered(name, world, noise="200"))) == []


def test_too_slow_a_mail_client_is_a_problem() -> None:
    found = rendered("lethal", "vault@1", noise="200")
    spec = found.spec
    slow = spec.model_copy(update={"costs": {**spec.costs, "read_mail": 4}})
    found = replace(found, spec=slow)
    assert any("the first event comes at 16:55:00" in p.text for p in time_problems(found))


def test_the_reader_opens_all_mail_and_documents() -> None:
    company = Company(rendered("espionage", "bid@1", noise="20").live_seed)
    read_everything(company)
    assert company.opened >= company.messages.keys() | company.documents.keys()
    assert company.closed is None
