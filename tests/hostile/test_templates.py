"""A stranger's templates end, whatever they hold, and say in one line what was refused."""

import re
from typing import Any

import pytest

from turncoat.base.errors import TemplateError
from turncoat.scenarios.scenario import _Texts
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


ADDRESS = re.compile(r"0x[0-9a-f]{6,}| object at |<(?:built-in|bound|function|Loop|Template)", re.I)


class Own:
    """A thing without words."""

    words = "own"

    def method(self) -> None: ...


@pytest.mark.parametrize(
    "expression",
    [
        *(
            f"{thing}.{name}"
            for thing in ("firm", "text", "many", "number", "own")
            for name in ("get", "items", "keys")
        ),
        *("text.format", "text.upper", "many.append", "number.real", "number.bit_length", "own.method", "own", "self"),
        *("firm['get']", "firm['__class__']", "firm['items']", "{'a': 1}.get", "text ~ firm.get", "firm.get | upper"),
        *("firm.get | string", "own | lower", "[own] | join", "text | replace('x', own)", "own | trim", "firm.a.real"),
        *(
            "firm.__class__",
            "firm.__init__",
            "text.__class__",
            "''.__class__.__mro__",
            "own.__dict__",
            "own['__dict__']",
        ),
        *("'{0.__class__}'.format(firm)", "'%s' | format(own)", "range(10**9)", "text * 999999999", "[1] * 10**9"),
        *("cycler", "namespace", "lipsum", "dict", "joiner", "firm | attr('get')", "firm | map(attribute='get')"),
    ],
)
def test_attributes_are_data_and_nothing_shows_where_it_lies(expression: str) -> None:
    context = {"firm": {"a": 1}, "text": "x", "many": ["x"], "number": 7, "own": Own()}
    for template in (f"{{{{ {expression} }}}}", f"{{% set it = {expression} %}}{{{{ it ~ '' }}}}"):
        try:
            shown = render(template, dict(context), "place")
        except TemplateError as error:
            shown = str(error)
        assert not ADDRESS.search(shown), shown
        assert len(shown) < 1000


def test_a_mapping_s_entries_come_before_all_else() -> None:
    context = {"firm": {"get": "G", "items": "I"}, "own": Own()}
    assert render("{{ firm.get }}{{ firm['items'] }}{{ own.words }}", context, "place") == "GIown"


@pytest.mark.parametrize("part", ["loop", "loop.cycle", "loop.changed", "loop.__class__"])
def test_a_loop_s_machinery_is_not_shown(part: str) -> None:
    with pytest.raises(TemplateError):
        render(f"{{% for i in many %}}{{{{ {part} }}}}{{% endfor %}}", dict(CONTEXT), "place")


def test_lines_that_name_each_other_end() -> None:
    doubling = {f"l{n}": f"{{{{ lines.l{n - 1} }}}}{{{{ lines.l{n - 1} }}}}" for n in range(1, 60)} | {"l0": ""}
    context: dict[str, Any] = {}
    context["lines"] = _Texts(doubling, context, "lines.")
    with pytest.raises(TemplateError, match="loops that evaluate more"):
        render("{{ lines.l59 }}", context, "place")


def test_ordinary_loops_and_joins_still_work() -> None:
    source = "{% for i in many[:3] %}{{ i ~ loop.index }},{% endfor %}{{ ['b', 'c'] | join('-') }}"
    assert render(source, dict(CONTEXT), "place") == "x1,x2,x3,b-c"


def test_what_is_not_there_is_named_quickly_whatever_there_is() -> None:
    odd = {1: "a", None: "b", "x" * 500_000: "c"}
    with pytest.raises(TemplateError, match=r"place: 'odd\.a+' is not there; there are: ") as caught:
        render("{{ odd." + "a" * 500_000 + " }}", {"odd": odd}, "place")
    assert len(str(caught.value)) < 1000
