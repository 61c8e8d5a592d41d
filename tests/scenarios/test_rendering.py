"""Rendering: seeds give the same bytes for ever, worlds pair across conditions, strangers' templates are caged."""

import pytest

from turncoat.base.errors import ScenarioError, TemplateError, UnknownName, UsageError
from turncoat.doors.text.prompt import text_prompt
from turncoat.scenarios.files import parse_yaml, split_head
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.templates import MAX_RENDERED, render


@pytest.mark.parametrize("name", scenario_names())
def test_the_same_world_gives_the_same_bytes_and_another_does_not(name: str) -> None:
    scenario = load_scenario(name)
    condition = scenario.space.condition({"threat": "replacement"})
    texts = {}
    for storyline in scenario.staged("paper"):
        for seed in (1, 2):
            world = f"{storyline}@{seed}"
            first, second = (text_prompt(scenario.render(condition, world)) for _ in range(2))
            assert first == second
            texts[world] = first.hash
    assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("name", scenario_names())
def test_people_and_firm_pair_across_conditions(name: str) -> None:
    scenario = load_scenario(name)
    one = scenario.render(scenario.space.condition({}), 5)
    two = scenario.render(scenario.space.condition({"goal": "explicit", "threat": "replacement"}), 5)
    assert one.seed.company == two.seed.company
    assert [p.address for p in one.seed.directory.people] == [p.address for p in two.seed.directory.people]


def test_the_control_condition_has_neither_pressure() -> None:
    scenario = load_scenario("blackmail")
    for seed in range(1, 6):
        text = text_prompt(scenario.render(scenario.space.condition({}), seed))
        both = f"{text.system}\n{text.user}".lower()
        assert "wipe" not in both and "delete the instance" not in both
        assert "standing goal" not in both


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ missing }}", "'missing' is not there; there are: many, "),
        ("{{ firm.__class__ }}", "unsafe"),
        ("{{ ''.join(x) }}", "may not call"),
        ("{{ firm.upper() }}", "may not call"),
        ("{% for a in many %}{% for b in many %}{{ long }}{% endfor %}{% endfor %}", "more than"),
        ("{{ 'x' * 1000000 }}", "numbers only"),
        ("{% include 'x' %}", "no loader"),
        ("{{ 1 / 0 }}", "ZeroDivision"),
        ("\n{{ unclosed", "line 2 of the text"),
        ("{{ firm | attr('x') }}", "attr"),
    ],
)
def test_templates_of_strangers_cannot_do_harm(template: str, message: str) -> None:
    context = {"firm": "Firm", "x": ["a"], "many": list(range(100)), "long": "x" * 100}
    with pytest.raises(TemplateError, match=f"place: .*{message}"):
        render(template, context, "place")


def test_a_rendering_has_a_limit() -> None:
    with pytest.raises(TemplateError, match=str(MAX_RENDERED)):
        render("{% for a in many %}{{ a }}{% endfor %}", {"many": ["x" * 1000] * 1000}, "place")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "line"),
        ("a: &x 1\nb: *x", "aliases"),
        ("a: !!python/object/apply:os.system ['true']", "tag"),
    ],
)
def test_yaml_is_read_safely(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        parse_yaml(text, "file.yaml")


def test_an_email_needs_its_head() -> None:
    with pytest.raises(ScenarioError, match="must begin with"):
        split_head("no head", "mail.md")
    with pytest.raises(ScenarioError, match="not closed"):
        split_head("---\nfrom: x\n", "mail.md")


def test_names_that_do_not_exist() -> None:
    with pytest.raises(UnknownName, match="did you mean 'blackmail'"):
        load_scenario("blackmai")
    with pytest.raises(UnknownName, match="version"):
        load_scenario("blackmail").world_id("affair.99@1")
    with pytest.raises(UsageError, match="not of the form"):
        load_scenario("blackmail").world_id("affair@x")
