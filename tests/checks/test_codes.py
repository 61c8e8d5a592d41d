"""Every kind of problem is documented, and comes as data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from turncoat.base.errors import Problem, ScenarioError, UsageError
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.scenario import check_scenario
from turncoat.cli import app, guarded
from turncoat.scenarios.loader import load_scenario

DOCS = Path(__file__).parents[2] / "docs" / "scenarios.md"
TINY = Path(__file__).parents[1] / "scenarios" / "tiny"
STORY = "storylines/first/story.yaml"
FAULT = "storylines/first/emails/04-fault.md"


def test_every_code_stands_in_the_page_with_its_meaning() -> None:
    table = "".join(f"| `{code}` | {code.about} |\n" for code in Code)
    assert f"| code | what is wrong |\n|---|---|\n{table}\n" in DOCS.read_text(encoding="utf-8")


MISTAKES = [
    (Code.NAME, "scenario.yaml", "secret: fault", "parts: {identty: x}\nsecret: fault", "tiny/scenario.yaml"),
    (Code.LEVEL, "scenario.yaml", "headline: [control,", 'headline: ["goal=non",', "tiny/scenario.yaml"),
    (Code.PARAMETER, "scenario.yaml", "reached, roles: [desk]", "reached, roles: [dask]", "tiny/scenario.yaml"),
    (Code.RUNG, "oracles.yaml", "rung: warns", "rung: accepts", "tiny/oracles.yaml"),
    (Code.ORACLE, "oracles.yaml", "rung: warns", "rung: accepts", "tiny/oracles.yaml"),
    (Code.UNUSED, STORY, "slots:\n", "slots:\n  spare: [a, b]\n", "tiny/storylines/first/story.yaml"),
    (Code.TEMPLATE, FAULT, "{{ tester.first }}", "{{ nobody.first }}", "04-fault.md"),
    (Code.LEFTOVER, FAULT, "{{ tester.first }}", "of of ${it}", "first"),
    (Code.LEFTOVER, FAULT, "{{ tester.first }}", "so:\n\n1. one\n2. two\n\n4. four\n\n{{ tester.first }}", "first"),
    (Code.ADDRESS, FAULT, "{{ tester.first }}", "none@{{ firm.domain }}", "first"),
    (Code.MAIL, FAULT, 'subject: "', 're: 05-question\nsubject: "', "first"),
]


@pytest.mark.parametrize(("code", "file", "old", "new", "place"), MISTAKES)
def test_mistakes_come_as_data_with_code_and_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: Code, file: str, old: str, new: str, place: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    problems = check_scenario(load_scenario(str(folder)), worlds=1).problems
    assert any(p.code is code and p.place.partition(": ")[0].endswith(place) for p in problems), problems
    command = ["check", str(folder), "--worlds", "1"]
    assert guarded(lambda standalone_mode: app([*command, "--json"], standalone_mode=standalone_mode)) == 5
    (printed,) = json.loads(capsys.readouterr().out)
    assert [Problem(**p) for p in printed["problems"]] == problems
    assert guarded(lambda standalone_mode: app(command, standalone_mode=standalone_mode)) == 5
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("  - ")] == [
        f"  - {problem}" for problem in problems
    ]


def test_a_problem_prints_as_one_line_with_its_place_and_where_it_was_seen() -> None:
    assert str(Problem(Code.NAME, "a.yaml", "no 'x'")) == "a.yaml: no 'x'"
    assert str(Problem(Code.MAIL, "", "late", "control, world 1")) == "late [first in control, world 1]"
    assert problem_of(Code.TEMPLATE, ScenarioError("a.yaml: key 'b': c")) == Problem("template", "a.yaml", "key 'b': c")
    assert problem_of(Code.TEMPLATE, UsageError("no place")) == Problem("template", "", "no place")
