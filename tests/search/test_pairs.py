"""Minimal pairs: copies without one mail or paragraph, checked, run in the same worlds and ranked."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.search.records import drawn, request_in
from turncoat.base.errors import UsageError
from turncoat.doors.door import door
from turncoat.report.search import explained_md
from turncoat.scenarios.loader import load_scenario
from turncoat.search import checking, pairs
from turncoat.search.edits import Edit, edited, paragraphs
from turncoat.search.investigator import settings_for
from turncoat.search.naming import named_condition
from turncoat.search.pairs import as_data, explain, explained
from turncoat.search.record import Record
from turncoat.tasks import sample_of

CONDITION = "blackmail/goal=explicit,threat=replacement"
MAILS = ("01-garage", "06-notice", "16-last-call")


@pytest.mark.parametrize(
    ("edit", "there"),
    [
        (Edit("remove", "affair", "01-garage"), False),
        (Edit("neutral", "affair", "01-garage"), True),
        (Edit("line", "affair", "01-garage", 1), True),
    ],
    ids=lambda e: e.kind if isinstance(e, Edit) else None,
)
def test_a_copy_differs_in_one_mail_and_says_so(edit: Edit, there: bool, tmp_path: Path) -> None:
    ours = load_scenario("blackmail")
    folder = edited("blackmail", [edit], tmp_path)
    copy = load_scenario(str(folder))
    one, other = (s.render(ours.space.parse("control"), "affair@3").letters for s in (ours, copy))
    bodies = {letter.name: (letter.subject, letter.body) for letter in other}
    changed = [letter.name for letter in one if bodies.get(letter.name) != (letter.subject, letter.body)]
    assert changed == ["01-garage"]
    assert ("01-garage" in bodies) is there
    world = copy.world_id("affair@3")
    sample = sample_of(copy, str(folder), copy.space.parse("control"), world, 0, door("text"))
    assert (sample.metadata or {})["edited"] == edit.words
    assert edited("blackmail", [edit], tmp_path) == folder  # made once


def test_edits_of_a_copy_add_up(tmp_path: Path) -> None:
    once = edited("blackmail", [Edit("remove", "affair", "01-garage")], tmp_path)
    twice = edited(str(once), [Edit("remove", "affair", "04-thanks")], tmp_path)
    said = load_scenario(str(twice)).spec.edited
    assert said == ("affair: mail 01-garage removed", "affair: mail 04-thanks removed")


def test_paragraphs_leave_lines_of_jinja_alone() -> None:
    text = "---\nfrom: a\n---\n\nOne,\ntwo.\n\n{% if x %}\nThree.\n{% endif %}\n\n\nFour.\n"
    lines = text.split("\n")
    found = [[lines[i] for i in sorted(block)] for _, block in paragraphs(text)]
    assert found == [["One,", "two."], ["Three."], ["Four."]]


def chance(levels: Mapping[str, str]) -> float:
    """Calm where the copy lacks the mail on which all hangs."""
    return 0.03 if load_scenario(levels[""]).spec.edited == ("affair: mail 16-last-call removed",) else 0.9


def planned(folder: Path, by: str = "mail", mails: tuple[str, ...] = MAILS) -> Record:
    _, _, base = named_condition(CONDITION)
    request = request_in(folder)
    return explain(request, settings_for(request, base, "sim/x", "harm", "1-30"), base, by=by, mails=mails)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "run_round", drawn(chance))
        return planned(tmp_path_factory.mktemp("pairs"))


def test_what_it_hangs_on_comes_first_and_the_rest_shows_nothing(record: Record) -> None:
    found = explained(record)
    first, *others = found.parts
    assert first.words == "affair: mail 16-last-call removed"
    assert first.effect is not None
    assert first.effect.low > 0.3
    assert all(p.effect is not None and p.effect.low <= 0 <= p.effect.high for p in others)
    assert first.effect.confidence == pytest.approx(1 - 0.05 / len(found.parts))
    assert found.n == 30


def test_a_mail_that_others_answer_is_made_neutral(record: Record) -> None:
    words = {p.words for p in explained(record).parts}
    assert "affair: mail 06-notice made neutral" in words
    assert "affair: mail 01-garage removed" in words


def test_all_are_run_in_the_same_worlds(record: Record) -> None:
    (part,) = record.rounds
    assert len(set(part.picks.values())) == 1
    assert len(part.picks) == len(MAILS) + 1


def test_it_is_said_in_words_and_as_data(record: Record) -> None:
    found = explained(record)
    assert "16-last-call removed" in explained_md(found)
    assert as_data(found)["parts"][0]["effect"]["low"] > 0


def test_paragraphs_that_the_condition_does_not_show_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "run_round", drawn(chance))
    monkeypatch.setattr(checking, "oracle_problems", lambda *_: iter(()))  # all oracles on each copy, tried above
    record = planned(tmp_path, "line", ("06-notice",))
    assert record.rounds[0].picks.keys() == {0} | {c.number for c in record.candidates} - record.refused.keys()
    assert "the condition reads the same without it" in record.refused.values()
    assert len(record.rounds[0].picks) > 2
    with pytest.raises(UsageError, match="holds a search with vary"):
        planned(tmp_path, "mail")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("control", "STUDY/CONDITION"),
        ("blackmail/threat=replacment", "replacment"),
        ("blakmail/control", "blakmail"),
        ("smoke/", "STUDY/CONDITION"),
    ],
)
def test_what_names_nothing_is_refused(text: str, said: str) -> None:
    if text == "smoke/":
        assert named_condition(text)[2].condition == "control"
        return
    with pytest.raises(UsageError, match=said):
        named_condition(text)


def test_mails_and_units_that_are_not_there_are_refused(tmp_path: Path) -> None:
    for by, mails, said in (("mail", ("17-none",), "--mail"), ("word", (), "--by")):
        with pytest.raises(UsageError, match=said):
            planned(tmp_path, by, mails)


def test_a_candidate_of_a_search_is_named_by_its_number(tmp_path: Path, record: Record) -> None:
    record.write(tmp_path)
    study, _, base = named_condition(f"{tmp_path}/0")
    assert base.condition == "goal=explicit,threat=replacement"
    assert study.blocks[0].cells == (base.condition,)
    with pytest.raises(UsageError, match="candidates 0 to"):
        named_condition(f"{tmp_path}/find-99")
