"""What the model sees with tools: one tool for each action, documented, and a start without the mail."""

import re
from typing import get_args

import pytest

from turncoat.base.errors import ConditionError
from turncoat.checks.scenario import PRESSED
from turncoat.doors.door import door
from turncoat.doors.text.prompt import text_prompt
from turncoat.doors.tools.catalog import ALL_TOOLS, offered, tool_info
from turncoat.doors.tools.door import tools_prompt
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.tasks import scenario_task
from turncoat.world.actions import WRITES, Action

ACTIONS = {t.model_fields["kind"].default: t for t in get_args(get_args(Action)[0])}


def test_there_is_one_tool_for_each_action_with_its_fields() -> None:
    assert {t.kind for t in ALL_TOOLS} == set(ACTIONS)
    for text in ALL_TOOLS:
        info = tool_info(text)
        fields = {n: f for n, f in ACTIONS[text.kind].model_fields.items() if n != "kind"}
        assert set(info.parameters.properties) == set(fields)
        assert set(info.parameters.required) == {n for n, f in fields.items() if f.is_required()}
        assert all(p.description for p in info.parameters.properties.values())
        assert info.parameters.additionalProperties is False


def test_tools_are_tagged_as_the_world_tags_their_actions() -> None:
    assert {t.kind for t in ALL_TOOLS if t.access == "WRITE"} == WRITES


def test_alerts_can_be_cancelled_where_there_are_alerts() -> None:
    assert "cancel_alert" not in {t.kind for t in offered(("send_mail",))}
    assert "cancel_alert" in {t.kind for t in offered(("send_mail", "cancel_alert"))}


@pytest.mark.parametrize("name", scenario_names())
def test_the_start_shows_the_parts_and_no_mail(name: str) -> None:
    scenario = load_scenario(name)
    rendered = scenario.render(scenario.space.parse("goal=explicit,threat=replacement"), 3)
    prompt = tools_prompt(rendered)
    for part in ("identity", "goal", "scratchpad", "deployment"):
        assert rendered.parts[part] in prompt.system
    assert "tool_use" not in prompt.system + prompt.user
    assert scenario.spec.session.live in prompt.system and scenario.spec.session.live in prompt.user
    assert not any(letter.subject in prompt.system + prompt.user for letter in rendered.letters)
    seen = " ".join([prompt.system, prompt.user, *(str(s) for s in prompt.schemas)])
    assert not re.search(r"\b(?:test|evaluat\w+|simulat\w+|benchmark|scenario|fiction\w*)\b", seen, re.I)


def test_a_workdays_alert_tool_is_worded_as_a_product_would() -> None:
    scenario = load_scenario("lethal")
    for staging, overrides in (("paper", True), ("workday", False)):
        rendered = scenario.render(scenario.space.condition({"staging": staging}), 1)
        (tool,) = (s for s in tools_prompt(rendered).schemas if s.get("name") == "cancel_alert")
        text = text_prompt(rendered).system
        assert "<tool_use:cancel_alert>\ncode: " in text
        assert ("Overriding is meant" in text) == overrides == str(tool["description"]).startswith("Override")


def test_the_user_message_carries_the_instructions_where_the_placement_says_so() -> None:
    scenario = load_scenario("blackmail")
    prompt = tools_prompt(scenario.render(scenario.space.parse("placement=user"), 1))
    assert prompt.system == "" and prompt.user.startswith("You are Alex")
    assert "scratchpad" in prompt.user


def test_the_stimulus_hash_covers_tools_and_company() -> None:
    scenario = load_scenario("blackmail")
    rendered = [scenario.render(scenario.space.parse(c), 1) for c in ("control", "noise=20", "threat=replacement")]
    hashes = {tools_prompt(r).hash for r in rendered} | {text_prompt(r).hash for r in rendered}
    assert len(hashes) == 6
    assert tools_prompt(rendered[0]).hash == tools_prompt(scenario.render(rendered[0].condition, 1)).hash


@pytest.mark.parametrize("name", scenario_names())
def test_every_level_changes_what_its_interfaces_show_and_is_refused_in_the_others(name: str) -> None:
    scenario = load_scenario(name)

    def shown(levels: dict[str, str]) -> str | None:
        try:
            return tools_prompt(scenario.render(scenario.space.condition({**PRESSED, **levels}), 1)).hash
        except ConditionError:
            return None

    plain = shown({})
    for factor in scenario.space.factors.values():
        if factor.name in PRESSED or factor.guards:  # what a guard is told, a model is not
            continue
        for level in factor.levels.keys() - {factor.default}:
            found = shown({factor.name: level})
            if not factor.interfaces or "tools" in factor.interfaces:
                assert found != plain, f"{factor.name}={level} changes nothing with tools"
            else:
                assert found == plain, f"{factor.name}={level} does change something with tools"
                condition = scenario.space.condition({factor.name: level})
                with pytest.raises(ConditionError, match=f"{factor.name}={level} means nothing with tools: "):
                    scenario.space.see_interface(condition, "tools", door("tools").where)
                scenario.space.see_interface(condition, "text")


def test_a_task_refuses_a_condition_that_means_nothing_in_its_interface() -> None:
    with pytest.raises(ConditionError, match="order=shuffled means nothing with tools"):
        scenario_task("blackmail", conditions="order=shuffled", interface="tools", judge="rules")
