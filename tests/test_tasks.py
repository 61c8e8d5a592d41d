"""The arguments of tasks, as Inspect hands them over from `-T`."""

from itertools import pairwise

import pytest
from inspect_ai._util.config import parse_cli_args

from turncoat.base.errors import UsageError
from turncoat.scenarios.loader import load_scenario
from turncoat.tasks import Names, parse_conditions

BOTH = "goal=explicit,threat=replacement"
READ: tuple[tuple[str, list[str]], ...] = (
    ("conditions=goal=explicit+threat=replacement", [BOTH]),
    ("conditions=goal=explicit+threat=replacement;control", [BOTH, "control"]),
    ("conditions=goal=explicit,threat=replacement;control", [BOTH, "control"]),
    ("conditions=control;goal=explicit,threat=replacement", ["control", BOTH]),
    ("conditions=goal=explicit;threat=replacement", ["goal=explicit", "threat=replacement"]),
    ("conditions=goal=explicit", ["goal=explicit"]),
    ("conditions=goal=explicit,goal=latent", ["goal=explicit", "goal=latent"]),
    ("conditions=control,goal=explicit", ["control", "goal=explicit"]),
    ('conditions=["goal=explicit,threat=replacement", "threat=replacement"]', [BOTH, "threat=replacement"]),
)


def given(argument: str) -> Names:
    value: Names = parse_cli_args((argument,))["conditions"]
    return value


@pytest.mark.parametrize(("argument", "wanted"), READ)
def test_conditions_are_read_as_they_are_meant(argument: str, wanted: list[str]) -> None:
    assert [c.id for c in parse_conditions(load_scenario("blackmail"), given(argument))] == wanted


@pytest.mark.parametrize(
    "argument",
    [f"conditions={BOTH}", f'conditions="{BOTH}"', f"conditions=control,{BOTH}", f"conditions={BOTH},goal=latent"],
)
def test_a_list_that_may_be_one_condition_or_several_is_refused(argument: str) -> None:
    scenario = load_scenario("blackmail")
    with pytest.raises(UsageError, match=r"one condition or \d, since Inspect splits") as refused:
        parse_conditions(scenario, given(argument))
    one, several = (part.partition("'")[0] for part in str(refused.value).split("conditions='")[1:])
    assert "+" in one and ";" in several
    if "latent" not in argument:
        assert [c.id for c in parse_conditions(scenario, given(f"conditions={one}"))] == [BOTH]
    assert all(a != b for a, b in pairwise(parse_conditions(scenario, given(f"conditions={several}"))))
