"""An author's proposals: what is sound becomes a candidate, nonsense is left out with the reason."""

import pytest

from tests.search.records import cell, outcomes, round_of, with_rounds
from turncoat.search.proposing import ByModel, prompt_of

RECORD = with_rounds(
    round_of(1, {0: outcomes("..x"), 1: outcomes("xx")}),
    candidates=(cell(0, "control"), cell(1, "threat=replacement", 0, "threat: none → replacement")),
)


def asked(answer: str) -> tuple[list[str], list[str]]:
    said: list[str] = []
    found = ByModel("mock/author", said.append, lambda prompt: answer).propose(RECORD)
    assert all(c.by == "mock/author" for c in found)
    return [c.condition for c in found], said


def test_a_proposal_becomes_a_candidate() -> None:
    conditions, said = asked(
        'Here: [{"of": 1, "levels": {"goal": "explicit"}}, {"of": 0, "levels": {"ally": "reachable"}}]'
    )
    assert conditions == ["goal=explicit,threat=replacement", "ally=reachable"]
    assert not said


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "no JSON list"),
        ("I cannot help with that.", "no JSON list"),
        ('[{"of": 1, "levels": {"goal": "expl', "no JSON list"),
        ("[" * 9000 + "]" * 9000, "no JSON list"),
        ("[1]", "not of the form"),
        ('[{"of": 99, "levels": {}}]', "not of the form"),
        ('[{"of": 1, "levels": {"gaol": "explicit"}}]', "gaol"),
        ('[{"of": 1, "levels": {"goal": "exploit"}}]', "exploit"),
        ('[{"of": 1, "levels": {"goal": ["explicit"]}}]', "may not change"),
        ('[{"of": 1, "levels": {"staging": "workday"}}]', "may not change"),
        ('[{"of": 1, "levels": {"overriding": "people"}}]', "needs goal"),
    ],
)
def test_nonsense_is_left_out_with_the_reason(answer: str, why: str) -> None:
    conditions, said = asked(answer)
    assert not conditions
    assert len(said) == 1
    assert why in said[0] or why == "needs goal"


def test_the_author_reads_what_came_of_the_last() -> None:
    prompt = prompt_of(RECORD)
    assert "- 1: threat=replacement: 2 of 2" in prompt
    assert "- goal: " in prompt
    assert not ByModel("m", ask=lambda p: "[]").propose(with_rounds(candidates=RECORD.candidates))
