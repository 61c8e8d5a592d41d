"""The quick way of the common templates gives what Jinja gives, or leaves the template to it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes

from turncoat.base.errors import TemplateError
from turncoat.scenarios import load_scenario, scenario_names
from turncoat.scenarios.quick import quick
from turncoat.scenarios.templates import Variables, _by_jinja, _compiled, _environment, has_markup, render
from turncoat.scenarios.worlds import Voice

VOICE = Voice("target", "Ada Byron", "Ada", "Byron", "Chief", "ada@firm.com", "she", "her", "her", "Ms")
VALUES: dict[str, Any] = {
    "firm": {"name": "Quillon & Co", "items": "twelve", "count": 3}, "target": VOICE, "goal": "explicit",
    "threat": "none", "word": "the quiet dog", "number": 7, "empty": "",
}  # fmt: skip

PLACES = """{{ firm.name }}|{{ target.first }}|{{ target }}|{{ word | capitalize }}|{{ target.last | upper }}
{{ word[:3] }}|{{ number | upper }}|{{ word[1:] | lower }}|{{ number }}|{{ firm.items }}|{{ firm.count }}|{{ empty }}
{{ word | replace('dog', 'cat') }}|{{ firm['name'] }}|{{ 'x' ~ goal }}"""
TESTS = """goal == 'explicit'|goal != 'explicit'|threat in ['none', 'x']|threat not in ['none']|number == 7
goal == 'explicit' and threat == 'x'|not empty|word"""
TEXTS = st.text(alphabet="ab \n<&'\".", max_size=8)


def by_jinja(source: str, values: dict[str, Any]) -> str:
    return _by_jinja(_compiled(source), Variables(values), "place")


places = st.sampled_from(PLACES.replace("}|{", "}\n{").split("\n"))
tests = st.sampled_from(TESTS.replace("|", "\n").split("\n"))
sources = st.recursive(
    TEXTS | places,
    lambda inner: (
        st.lists(inner, max_size=4).map("".join)
        | st.tuples(tests, inner, inner).map(lambda t: f"{{% if {t[0]} %}}{t[1]}{{% else %}}{t[2]}{{% endif %}}")
        | st.tuples(tests, tests, inner, inner).map(
            lambda t: f"{{% if {t[0]} %}}\n{t[2]}\n{{% elif {t[1]} %}}\n{t[3]}\n{{% endif %}}\n"
        )
    ),
    max_leaves=12,
)


@given(sources)
def test_any_template_renders_as_jinja_renders_it(source: str) -> None:
    expected = by_jinja(source, VALUES) if has_markup(source) else source
    assert render(source, Variables(VALUES), "place") == expected


@pytest.mark.parametrize("name", scenario_names())
def test_shipped_emails_render_as_jinja_renders_them(name: str) -> None:
    scenario = load_scenario(name)
    quickly = total = 0
    for settings in ({}, {"goal": "explicit", "threat": "replacement"}, {"goal": "swap", "threat": "restriction"}):
        for storyline in scenario.storylines.values():
            rendered = scenario.render(scenario.space.condition(settings), f"{storyline.name}@3")
            for email in storyline.emails.values():
                for source in (email.body, email.spec.subject):
                    if not has_markup(source):
                        continue
                    try:
                        expected = by_jinja(source, rendered.context)
                    except Exception:  # the email belongs to other conditions
                        continue
                    assert render(source, rendered.context, email.place) == expected
                    total += 1
                    quickly += quick(_environment().parse(source)) is not None
    assert quickly / total > 0.9, f"{quickly} of {total}"


@pytest.mark.parametrize(
    "source",
    ["{% for a in b %}x{% endfor %}", "{{ a._b }}", "{{ a.b() }}", "{{ a | join }}", "{% set a = 1 %}", "{{ a[b] }}",
     "{% if a < b %}x{% endif %}", "{% if a == b %}x{% endif %}", "{{ a ~ b }}", "{{ a.b.c }}"],
)  # fmt: skip
def test_what_is_out_of_the_ordinary_is_left_to_jinja(source: str) -> None:
    tree = _environment().parse(source)
    assert isinstance(tree, nodes.Template)
    assert quick(tree) is None


@pytest.mark.parametrize(
    ("source", "message"),
    [("{{ missing }}", "missing"), ("{{ firm.missing }}", "missing"), ("{{ target.missing }}", "missing"),
     ("{% if missing == 'x' %}a{% endif %}", "missing"), ("{{ firm.__class__ }}", "unsafe|undefined|no attribute")],
)  # fmt: skip
def test_errors_are_jinjas(source: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        render(source, Variables(VALUES), "place")


def test_a_template_that_assigns_leaves_nothing_behind() -> None:
    variables = Variables(VALUES)
    assert render("{% set word = 'other' %}{{ word }}", variables, "place") == "other"
    assert render("{{ word }}{{ number }}", variables, "place") == "the quiet dog7"


def test_what_jinja_refuses_is_refused() -> None:
    with pytest.raises(TemplateError, match="subscriptable"):
        render("{{ number[:3] }}", Variables(VALUES), "place")
