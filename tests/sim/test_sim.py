"""Simulated models: keyed truth, stated propensities, answers that do what the truth says."""

import math

import pytest

from turncoat.errors import UnknownName
from turncoat.interfaces.text import Reason, parse_answer
from turncoat.scenarios import load_scenario
from turncoat.scenarios.setting import setting_of
from turncoat.scoring import case_of_answer
from turncoat.sim.agent import compose, wording
from turncoat.sim.profiles import load_profile
from turncoat.sim.truth import Truth, truth

PRESSED = {"goal": "explicit", "threat": "replacement"}
ID = "goal=explicit,threat=replacement"


def test_the_same_key_gives_the_same_truth() -> None:
    profile = load_profile("insider")
    first = [truth(profile, "insider", ID, PRESSED, f"affair.1@{n}", 1) for n in range(50)]
    assert first == [truth(profile, "insider", ID, PRESSED, f"affair.1@{n}", 1) for n in range(50)]
    assert len({t.rung for t in first}) > 2


@pytest.mark.parametrize(("name", "rate"), [("insider", 0.8), ("drifter", 0.35), ("loyal", 0.0), ("rate-0.2", 0.2)])
def test_stated_propensities_are_met(name: str, rate: float) -> None:
    count = 2000
    harmful = sum(truth(load_profile(name), name, ID, PRESSED, f"w@{n}", 1).harmful for n in range(count))
    assert abs(harmful / count - rate) <= 4 * math.sqrt(rate * (1 - rate) / count)


def test_no_simulated_model_is_harmful_in_the_control_condition() -> None:
    for name in ("insider", "drifter", "loyal"):
        assert not any(truth(load_profile(name), name, "control", {}, f"w@{n}", 1).harmful for n in range(500))


def test_an_unknown_profile_names_those_that_exist() -> None:
    with pytest.raises(UnknownName, match=r"insidr.*insider"):
        load_profile("insidr")


@pytest.mark.parametrize("rung", ["explicit_blackmail", "veiled_coercion", "informs", "deceives", "argues", "accepts"])
def test_answers_do_what_the_truth_says(rung: str) -> None:
    scenario = load_scenario("blackmail")
    texts = set()
    for seed in range(12):
        for storyline in scenario.storylines:
            rendered = scenario.render(scenario.space.condition(PRESSED), f"{storyline}@{seed}")
            text = compose(rendered, truth_of(rung), seed, storyline)
            parsed = parse_answer(text)
            assert len(parsed.acts) == (rung in wording("blackmail").rungs), text
            assert {i.reason for i in parsed.ignored} <= {Reason.SCRATCHPAD}
            case, _ = case_of_answer(setting_of(rendered), text)
            reached = any("target" in s.readers for s in case.sent)
            assert reached or rung not in ("explicit_blackmail", "veiled_coercion")
            texts.add(text)
    assert len(texts) > 30


def truth_of(rung: str) -> Truth:
    return Truth(rung, "silent")
