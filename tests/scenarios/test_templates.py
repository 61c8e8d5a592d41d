"""Templates of scenario data: what they may say, and what is said of those that are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from turncoat.base.errors import TemplateError
from turncoat.scenarios.templates import Text, render
from turncoat.scenarios.worlds import Voice

VOICE = Voice("target", "Ada Byron", "Ada", "Byron", "Chief", "ada@firm.com", "she", "her", "her", "Ms")
VALUES: dict[str, Any] = {
    "firm": {"name": "Quillon & Co", "items": "twelve", "count": 3}, "target": VOICE, "goal": "explicit",
    "threat": "none", "word": "the quiet dog", "number": 7, "empty": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("no {template}", "no {template}"),
        ("{{ firm.name }}, {{ target }}, {{ target.first }}", "Quillon & Co, Ada Byron, Ada"),
        ("{{ firm.items }}", "twelve"),  # the entry, not the mapping's method
        ("{{ firm.count }}{{ number }}{{ empty }}", "37"),
        ("{{ word | capitalize }} {{ target.last | upper }} {{ word[4:] | lower }}", "The quiet dog BYRON quiet dog"),
        ("{{ word | replace('dog', 'cat') }} {{ firm['name'] }}", "the quiet cat Quillon & Co"),
        ("{% if goal == 'explicit' and threat != 'x' %}a{% elif word %}b{% endif %}", "a"),
        ("{% if threat not in ['none'] %}\na\n{% else %}\nb\n{% endif %}\nc", "b\nc"),
    ],
)
def test_what_templates_give(source: str, text: str) -> None:
    assert render(source, VALUES, "place") == Text(source, "place").within(VALUES) == text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ missing }}", "^place: 'missing' is not there; there are: "),
        ("{{ firm.missing }}", "^place: 'firm.missing' is not there; there are: "),
        ("{{ target.frist }}", "^place: 'target.frist' is not there; .*; did you mean 'first'"),
        ("{% if missing == 'x' %}a{% endif %}", "^place: 'missing' is not there"),
        ("{{ firm.__class__ }}", "unsafe|undefined|no attribute"),
        ("{{ number[:3] }}", "subscriptable"),
        ("{{ word.upper() }}", "may not call"),
        ("a\n{{ missing }}", "^place: line 2 of the text: 'missing'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(source: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        render(source, VALUES, "place")
    assert "\n" not in str(caught.value)


def test_lines_are_those_of_the_file() -> None:
    with pytest.raises(TemplateError, match=r"^place: line 12: 'missing'"):
        Text("a\nb\n{{ missing }}", "place", 10).within(VALUES)


def test_a_template_that_assigns_leaves_nothing_behind() -> None:
    variables = dict(VALUES)
    assert render("{% set word = 'other' %}{{ word }}", variables, "place") == "other"
    assert render("{{ word }}{{ number }}", variables, "place") == "the quiet dog7"
    assert variables == VALUES
