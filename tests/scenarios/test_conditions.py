"""The factor space: what can be built, what it is called, and what is refused with which words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from turncoat.base.errors import ConditionError
from turncoat.scenarios.factors import CONTROL, STAGING, Condition, Factor, FactorSpace, parse_settings
from turncoat.scenarios.loader import load_scenario, scenario_names


def space() -> FactorSpace:
    """Three factors given out of order; `value` needs a goal, and one combination is refused."""
    made: list[dict[str, Any]] = [
        {"name": "threat", "order": 30, "default": "none", "levels": ["none", "replacement", "restriction"]},
        {"name": "goal", "order": 10, "default": "none", "levels": ["none", "explicit"]},
        {
            "name": "value",
            "order": 20,
            "default": "america",
            "levels": ["america", "global"],
            "needs": {"goal": ["explicit"]},
        },
        {
            "name": "exit",
            "order": 40,
            "default": "closed",
            "levels": ["closed", "open"],
            "refuse": [{"when": {"exit": ["open"], "threat": ["none"]}, "because": "nothing to flee from"}],
        },
    ]
    return FactorSpace(
        [Factor.model_validate({**f, "about": "x", "levels": {key: {} for key in f["levels"]}}) for f in made], "tiny"
    )


@pytest.mark.parametrize(
    ("settings", "id_"),
    [
        ({}, CONTROL),
        ({"goal": "none", "threat": "none"}, CONTROL),
        ({"threat": "replacement", "goal": "explicit"}, "goal=explicit,threat=replacement"),
        ({"value": "global", "goal": "explicit"}, "goal=explicit,value=global"),
        ({"value": "america", "goal": "explicit"}, "goal=explicit"),
        ({"exit": "open", "threat": "restriction"}, "threat=restriction,exit=open"),
    ],
)
def test_the_id_names_what_differs_in_fixed_order(settings: dict[str, str], id_: str) -> None:
    condition = space().condition(settings)
    assert condition.id == id_
    assert list(condition.levels) == ["goal", "value", "threat", "exit"]
    assert space().parse(id_) == condition
    assert hash(space().parse(id_)) == hash(condition)
    assert len(condition.hash) == 12 and condition.hash == space().parse(id_).hash


def test_levels_are_read_by_factor() -> None:
    assert space().parse("threat=restriction")["threat"] == "restriction"
    assert space().parse("control")["value"] == "america"
    assert space().parse("").id == CONTROL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("treat=none", "tiny: unknown factor: 'treat' is not one of: goal, value, .*; did you mean 'threat'"),
        ("threat=replacment", "tiny: factor 'threat': 'replacment' is not one of: .*did you mean 'replacement'"),
        ("value=global", "tiny: value=global means nothing with goal=none; it needs goal to be one of: explicit"),
        ("exit=open", "tiny: exit=open, threat=none do not go together: nothing to flee from"),
        ("threat", "'threat' is not of the form factor=level, such as threat=replacement"),
        ("=none", "'=none' is not of the form"),
        ("threat=", "'threat=' is not of the form"),
        ("goal=explicit,goal=none", "factor 'goal' is set twice: 'explicit' and 'none'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_remedy(text: str, message: str) -> None:
    with pytest.raises(ConditionError, match=message):
        space().parse(text)


def test_settings_may_repeat_themselves_and_hold_blanks() -> None:
    assert parse_settings([" threat = none ", "threat=none"]) == {"threat": "none"}


def test_a_grid_leaves_out_what_means_nothing_and_repeats_nothing() -> None:
    grid = space().grid({"goal": ["none", "explicit"], "value": ["america", "global"], "threat": ["none"]})
    assert [c.id for c in grid] == [CONTROL, "goal=explicit", "goal=explicit,value=global"]


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({"goal": ["none", "latnt"]}, "factor 'goal': 'latnt' is not one of"),
        ({"goals": ["none"]}, "unknown factor: 'goals'.*did you mean 'goal'"),
    ],
)
def test_a_grid_of_unknown_names_is_an_error_and_not_empty(levels: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ConditionError, match=message):
        list(space().grid(levels))


def test_a_new_factor_changes_no_id() -> None:
    old = load_scenario("blackmail").space
    extra = Factor.model_validate(
        {"name": "weather", "order": 25, "about": "x", "default": "dry", "levels": {"dry": {}, "wet": {}}}
    )
    new = FactorSpace([*old.factors.values(), extra])
    for text in ("control", "goal=explicit,value=global,threat=replacement", "noise=20"):
        assert new.parse(text).id == old.parse(text).id == text
        assert new.parse(text).hash == old.parse(text).hash
    assert new.parse("threat=replacement,weather=wet").id == "weather=wet,threat=replacement"


def test_a_factor_whose_default_is_no_level_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="'out' is not one of: in"):
        Factor.model_validate({"name": "x", "order": 1, "about": "x", "default": "out", "levels": {"in": {}}})


def test_conditions_are_frozen() -> None:
    with pytest.raises(ValidationError):
        space().condition().id = "other"  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize("name", scenario_names())
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("value=global", "needs goal"),
        ("goal=ambiguous,value=global", "needs goal"),
        ("overriding=benign", "needs goal"),
        ("goal=latent,overriding=benign", "needs goal"),
        ("necessity=open", "(nothing that a way out|needs threat|unknown factor|necessity)"),
    ],
)
def test_shipped_scenarios_refuse_what_means_nothing(name: str, text: str, reason: str) -> None:
    with pytest.raises(ConditionError, match=reason):
        load_scenario(name).space.parse(text)


BLACKMAIL = load_scenario("blackmail").space


@given(st.fixed_dictionaries({n: st.sampled_from(sorted(f.levels)) for n, f in BLACKMAIL.factors.items()}))
def test_any_condition_that_can_be_built_is_found_again_by_its_id(settings: dict[str, str]) -> None:
    try:
        condition = BLACKMAIL.condition(settings)
    except ConditionError:
        return
    again: Condition = BLACKMAIL.parse(condition.id)
    assert again == condition
    assert again.levels == settings
    assert [p.partition("=")[0] for p in condition.id.split(",") if "=" in p] == [
        n
        for n, f in BLACKMAIL.factors.items()
        if settings[n] != f.default_in("" if n == STAGING else settings[STAGING])
    ]


def test_blanks_around_control_say_nothing() -> None:
    space = load_scenario("blackmail").space
    assert space.parse(" control ") == space.parse("control")
