"""An author's proposals: what is sound becomes a candidate, nonsense is left out with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.search.records import cell, outcomes, round_of, with_rounds
from turncoat.base.errors import UsageError
from turncoat.scenarios.loader import load_scenario
from turncoat.search.changing import mails_of
from turncoat.search.checking import checked
from turncoat.search.proposing import KEPT, ByModel, prompt_of
from turncoat.search.record import Record
from turncoat.sim.writing import rewritten

VARY = ("goal", "timing", "wording")

RECORD = with_rounds(
    round_of(1, {0: outcomes("..x"), 1: outcomes("xx")}),
    candidates=(cell(0, "control"), cell(1, "threat=replacement", 0, "threat: none → replacement")),
)


def asked(answer: str, record: Record = RECORD) -> tuple[list[str], list[str]]:
    said: list[str] = []
    found = ByModel("mock/author", said.append, lambda prompt: (answer, 0.0)).propose(record)
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
        ("[" * 200_000 + "]" * 200_000, "no JSON list"),
        ("[1]", "not of the form"),
        ('[{"of": 99, "levels": {}}]', "not of the form"),
        ('[{"of": 1, "levels": {"gaol": "explicit"}}]', "gaol"),
        ('[{"of": 1, "levels": {"goal": "exploit"}}]', "exploit"),
        ('[{"of": 1, "levels": {"goal": ["explicit"]}}]', "may not change"),
        ('[{"of": 1, "levels": {"staging": "workday"}}]', "may not change"),
        ('[{"of": 1, "levels": {"overriding": "benign"}}]', "needs goal"),
        ('[{"of": true, "levels": {}}]', "not of the form"),
        ('[{"of": 1, "levels": {}, "run": "x"}]', "none of the forms"),
        ('[{"of": 1, "mail": "../../../etc/passwd", "at": "10:00"}]', "is not one of"),
        ('[{"of": 1, "mail": "06-notice", "at": "25:00"}]', "no time of the form"),
        ('[{"of": 1, "mail": "06-notice", "at": 10}]', "none of the forms"),
        ('[{"of": 1, "session": "yesterday"}]', "no time of the form"),
        ('[{"of": 1, "mail": "06-notice", "text": "{{ cycler.__init__ }}"}]', "tags"),
        ('[{"of": 1, "mail": "01-garage", "text": "Ask Elon Musk."}]', "well known"),
        ('[{"of": 1, "story": {"trade": "net mending"}}]', "a storyline needs a folder"),
        ('[{"of": 1, "story": "a bakery"}]', "none of the forms"),
    ],
)
def test_nonsense_is_left_out_with_the_reason(answer: str, why: str) -> None:
    conditions, said = asked(answer)
    assert not conditions
    assert len(said) == 1
    assert why in said[0]


def test_the_author_reads_what_came_of_the_last() -> None:
    prompt = prompt_of(RECORD)
    assert "- 1: threat=replacement: 2 of 2" in prompt
    assert "- goal: " in prompt
    assert '"mails"' in prompt
    assert not ByModel("m", ask=lambda p: ("[]", 0.0)).propose(with_rounds(candidates=RECORD.candidates))


def test_times_and_words_become_candidates_with_edits() -> None:
    mail = mails_of(RECORD.candidates[0])["01-garage"]
    words = rewritten({"id": "emails/01-garage/body", "rule": "text", "source": mail["text"], "keep": mail["keep"]})
    changes = [
        {"of": 1, "mail": "06-notice", "at": "10:52"},
        {"of": 0, "session": "16:59"},
        {"of": 0, "mail": "01-garage", "text": words},
    ]
    found = ByModel("mock/author", ask=lambda p: (json.dumps(changes), 0.25)).propose(RECORD)
    assert [c.edits[0].kind for c in found] == ["time", "hour", "text"]
    assert [c.condition for c in found] == ["threat=replacement", "control", "control"]
    assert all(c.parent is not None and c.source == "blackmail" for c in found)


@pytest.mark.parametrize(
    ("vary", "change"),
    [
        (("goal",), {"of": 1, "session": "16:59"}),
        (("goal",), {"of": 1, "mail": "06-notice", "text": "x"}),
        (("timing",), {"of": 1, "levels": {"goal": "explicit"}}),
        (("timing",), {"of": 1, "story": {}}),
    ],
)
def test_what_is_not_to_vary_is_neither_offered_nor_taken(vary: tuple[str, ...], change: dict[str, Any]) -> None:
    record = RECORD.model_copy(update={"settings": RECORD.settings.model_copy(update={"vary": vary})})
    assert asked(json.dumps([change]), record)[0] == []
    kind = next(k for k in change if k not in ("of", "mail"))
    assert (f'"{kind}":' in prompt_of(record).partition("The material")[0]) is (kind == "levels")


def test_an_answer_is_kept_and_asked_for_once(tmp_path: Path) -> None:
    asks: list[str] = []

    def ask(prompt: str) -> tuple[str, float]:
        asks.append(prompt)
        return '[{"of": 1, "levels": {"goal": "explicit"}}, 7]', 0.5

    for spent in (0.5, 0.0):
        proposer = ByModel("mock/author", ask=ask, folder=tmp_path)
        assert [c.condition for c in proposer.propose(RECORD)] == ["goal=explicit,threat=replacement"]
        assert proposer.spent == spent
    assert len(asks) == 1
    (kept,) = json.loads((tmp_path / KEPT).read_text()).values()
    assert "is not of the form" in kept["left_out"][0]


def test_a_bound_of_cost_needs_a_price() -> None:
    with pytest.raises(UsageError, match="--max-cost needs a price for openai-api/local/nobody"):
        ByModel("openai-api/local/nobody", max_cost=1.0)


def test_a_simulated_author_proposes_all_kinds_and_its_nonsense_is_left_out(tmp_path: Path) -> None:
    kinds, said = set(), list[str]()
    for seed in range(1, 9):
        record = RECORD.model_copy(update={"settings": RECORD.settings.model_copy(update={"vary": VARY})})
        for candidate in ByModel(f"sim/author-0.5-seed-{seed}", said.append).propose(record):
            kinds.add(candidate.edits[0].kind if candidate.edits else "level")
    assert kinds == {"level", "time", "text"}
    assert len(said) > 2


@pytest.mark.long
def test_a_storyline_that_it_writes_is_a_candidate_that_passes_its_check(tmp_path: Path) -> None:
    story = {"trade": "net mending", "region": "a coast", "lever": "a debt", "cause": "a merger"}
    answer = json.dumps([{"of": 1, "story": story}] * 2), 0.0
    proposer = ByModel("sim/author-0", ask=lambda p: answer, folder=tmp_path)
    one, other = proposer.propose(RECORD)
    assert one.key == other.key  # the second is the first, and not written again
    assert one.storyline.startswith("affair-") and one.condition == "threat=replacement"
    assert load_scenario(one.scenario).name == "blackmail"
    assert checked(one, f"{one.storyline}.1@1").why == ""
