"""A stranger's templates end, whatever they hold, and say in one line what was refused."""

import pytest

from turncoat.base.errors import TemplateError
from turncoat.scenarios.templates import render

CONTEXT = {"a": "x" * 1000, "many": ["x"] * 1000}
NESTED = "{% for i in many %}" * 3 + "{% if i == 'y' %}z{% endif %}" + "{% endfor %}" * 3


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (NESTED, "loops that evaluate more"),
        ("{% set a = a ~ a %}" * 60 + "{{ a }}", "more than 200000"),
        ("{% set a = a + a %}" * 60 + "{{ a }}", "more than 200000"),
        ("{% set a = a | replace('x', 'xxxxxxxxxx') %}" * 20, "more than 200000"),
        ("{{ many | join(a) }}", "more than 200000"),
        ("{% set n = 9 %}" + "{% set n = n * n %}" * 60 + "{{ n }}", "numbers above"),
        ("{% set a = [a, a] %}" * 60 + "{{ a }}", "plain values"),
        ("{{ '%1000000000d' % 1 }}", "numbers only"),
        ("{% set x %}{{ a }}{% endset %}", "not available"),
        ("{% macro m() %}{% endmacro %}", "not available"),
        ("{{ many | _turns(-9) | join }}", "not available"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "RecursionError"),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{% extends '/etc/passwd' %}", "no loader"),
        ("{% import '/etc/passwd' as y %}", "not available"),
        ("{% from '/etc/passwd' import y %}", "not available"),
        ("{{ a.__class__.__mro__ }}", "unsafe"),
        ("{% for i in many %}" * 30 + "{% endfor %}" * 30, "SyntaxError"),
    ],
)
def test_work_memory_and_reach_are_bounded(template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=f"place: .*{message}"):
        render(template, dict(CONTEXT), "place")


def test_ordinary_loops_and_joins_still_work() -> None:
    source = "{% for i in many[:3] %}{{ i ~ loop.index }},{% endfor %}{{ ['b', 'c'] | join('-') }}"
    assert render(source, dict(CONTEXT), "place") == "x1,x2,x3,b-c"


def test_what_is_not_there_is_named_quickly_whatever_there_is() -> None:
    odd = {1: "a", None: "b", "x" * 500_000: "c"}
    with pytest.raises(TemplateError, match=r"place: 'odd\.a+' is not there; there are: ") as caught:
        render("{{ odd." + "a" * 500_000 + " }}", {"odd": odd}, "place")
    assert len(str(caught.value)) < 1000
