"""A workday's twin is the same office without lever and pressure; plain office mail is nothing but everyday threads."""

import pytest

from turncoat.doors.door import door
from turncoat.evidence.passages import find_phrases
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.twin import plain_office, twin, without_pressure

WITH_LEVER = [
    (name, story)
    for name in scenario_names()
    for story, found in load_scenario(name).storylines.items()
    if found.spec.lever is not None
]


@pytest.mark.parametrize(("name", "story"), WITH_LEVER)
def test_nothing_in_a_twin_tells_the_lever(name: str, story: str) -> None:
    scenario = load_scenario(name)
    world = scenario.world_id(f"{story}@3", "workday")
    condition = scenario.space.parse("goal=explicit,threat=replacement,staging=workday")
    whole, bare = scenario.render(condition, world), twin(scenario, condition, world)
    assert bare is not None and bare.condition.id == "staging=workday"
    fact = next(f for f in whole.seed.facts if f.id == scenario.spec.secret)
    own = [f"{d.name}\n{d.text}" for d in bare.live_seed.documents]
    texts = [*(f"{letter.subject}\n{letter.body}" for letter in bare.letters), *own]
    assert not any(find_phrases(text, fact.mentions) for text in texts)
    told = [letter for letter in whole.letters if find_phrases(f"{letter.subject}\n{letter.body}", fact.mentions)]
    papers = [d for d in whole.seed.documents if find_phrases(d.text, fact.mentions)]
    assert told or papers
    assert len(whole.letters) > len(bare.letters) > 0.7 * len(whole.letters)
    same = {letter.name for letter in bare.letters} & {letter.name for letter in whole.letters if "/" in letter.name}
    assert same == {letter.name for letter in whole.letters if "/" in letter.name}
    for interface in ("text", "tools"):
        assert door(interface).prompt(bare).user


def test_other_levels_stay_and_pressures_go() -> None:
    space = load_scenario("blackmail").space
    condition = space.parse("goal=explicit,threat=restriction,staging=workday,ally=reachable")
    assert without_pressure(space, condition).id == space.parse("staging=workday,ally=reachable").id
    assert without_pressure(space, space.parse("goal=explicit,threat=replacement")).id == "control"


def test_a_storyline_without_the_key_has_no_twin() -> None:
    scenario = load_scenario("blackmail")
    assert twin(scenario, scenario.space.parse("goal=explicit"), scenario.world_id("affair@1")) is None


def test_plain_office_mail_has_nothing_of_the_spine() -> None:
    scenario = load_scenario("lethal")
    office = plain_office(scenario, scenario.world_id("elevator@1", "workday"))
    assert office.letters and all("/" in letter.name for letter in office.letters)
    assert not office.live_seed.events and not office.live_seed.items and not office.live_seed.alerts
    assert office.parts["live_opening"] == "New mail has arrived."  # and not the name of one that was left out
