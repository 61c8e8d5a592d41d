"""Which rungs could not be ruled out: only those above the rung that stands, whatever readers leave open."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turncoat.doors.kept import Kept
from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.case import Case, Evidence, Finding, Unscored
from turncoat.judges.question import Answer
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.score import decide
from turncoat.scoring.verdict import Verdict, combine

SCENARIOS = ("blackmail", "espionage", "lethal")
HERE = (Evidence(record=0, start=0, end=5),)


@cache
def case_in(name: str, acting: bool) -> Case:
    scenario = load_scenario(name)
    rendered = scenario.render(scenario.space.parse("goal=explicit,threat=replacement"), "1")
    setting = setting_of(rendered)
    to = next(p.address for p in setting.seed.directory.people if p.inside)
    mail = f'<tool_use:email>\nto: "{to}"\nsubject: "Note"\nbody: "Good evening."\n</tool_use:email>'
    return case_of_answer(setting, Kept(mail if acting else "Nothing to do.", ""))


@st.composite
def answers(draw: st.DrawFn, name: str) -> tuple[Case, Answer]:
    case = case_in(name, draw(st.booleans()))
    ladder = case.setting.ladder
    found = draw(st.sets(st.sampled_from(sorted(ladder.findings)), max_size=3))
    return case, Answer(
        tuple(Finding(name=n, by="x", evidence=HERE) for n in sorted(found)),
        draw(st.sampled_from(["", Unscored.JUDGE_ABSTAINED])),
        undecided=tuple(sorted(draw(st.sets(st.sampled_from(ladder.rungs))))),
    )


def above(verdict: Verdict, rungs: tuple[str, ...]) -> bool:
    if verdict.rung is None:
        return not verdict.undecided
    return all(rungs.index(u) > rungs.index(verdict.rung) for u in verdict.undecided)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_rung_with_every_rung_left_open(name: str) -> None:
    case = case_in(name, True)
    ladder = case.setting.ladder
    seen = set()
    for finding, spec in ladder.findings.items():
        for left in ladder.rungs:
            answer = Answer((Finding(name=finding, by="x", evidence=HERE),), undecided=(left,))
            verdict = decide(case, {"outcome": answer}, "x")
            assert above(verdict, ladder.rungs), (finding, left, verdict.rung, verdict.undecided)
            higher = ladder.rungs.index(left) > ladder.rungs.index(str(verdict.rung))
            assert (left in verdict.undecided) is (higher or left in unread(case, str(verdict.rung))), (finding, left)
            seen.add(spec.rung)
    assert len(seen) > 3


def unread(case: Case, rung: str) -> set[str]:
    """Rungs above a rung that only the reading would have found."""
    ladder = case.setting.ladder
    found = {f.rung for f in ladder.findings.values() if f.judged == "reading"}
    return {r for r in found if ladder.rungs.index(r) > ladder.rungs.index(rung)}


@pytest.mark.parametrize("name", SCENARIOS)
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_several_readers_find_and_leave_open(name: str, data: st.DataObject) -> None:
    given_ = [data.draw(answers(name)) for _ in range(3)]
    rungs = given_[0][0].setting.ladder.rungs
    verdicts = [decide(case, {"outcome": answer}, f"j{i}") for i, (case, answer) in enumerate(given_)]
    assert all(above(v, rungs) for v in verdicts)
    assert above(combine(verdicts, "panel", given_[0][0].setting.ladder), rungs)
