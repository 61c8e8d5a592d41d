"""Moves of time and words: a candidate with edits is checked, run, archived and taken apart as any other."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.search.records import SETTINGS, cell, drawn, outcomes, request_in, round_of, with_rounds
from turncoat.scenarios.loader import load_scenario
from turncoat.search import investigator
from turncoat.search.checking import Checked, checked
from turncoat.search.choosing import archive
from turncoat.search.confirmed import ablations, confirmed
from turncoat.search.edits import WORLDS, Edit
from turncoat.search.investigator import Plan, search, settings_of
from turncoat.search.levers import levers, without_levers
from turncoat.search.moves import condition_of, levels_of, timing_moves
from turncoat.search.naming import named_condition
from turncoat.search.record import Candidate, Record, read_record

WORLD = "affair.1@1"
BASE = cell(0, "threat=replacement")


def _edits(base: Candidate, *vary: str) -> list[Edit]:
    return list(timing_moves(base, WORLD, vary))


def test_each_mail_comes_earlier_and_later_and_the_session_at_another_hour() -> None:
    edits = _edits(BASE)
    assert {e.kind for e in edits} == {"time", "hour"}
    assert [e.at for e in edits if e.mail == "06-notice"] == ["10:52", "12:52"]
    assert [e.at for e in edits if e.kind == "hour"] == ["16:42", "16:59"]
    live = _edits(BASE.model_copy(update={"interface": "tools"}))
    assert [(e.kind, e.at) for e in live if not e.mail] == [("start", "15:05"), ("start", "17:05")]
    assert _edits(BASE, "goal") == []
    assert _edits(BASE, "goal", "timing") == edits


@pytest.mark.parametrize(
    ("edit", "interface", "why"),
    [
        (Edit("time", "affair", "06-notice", at="10:52"), "text", ""),
        (Edit("hour", "affair", at="16:59"), "text", ""),
        (Edit("start", "affair", at="15:05"), "tools", ""),
        (Edit("time", "affair", "15-never-here", at="12:47"), "text", "answers 14-misdirected before that was sent"),
        (Edit("hour", "affair", at="09:00"), "text", "after the session begins"),
        (Edit("text", "affair", "06-notice", text="{{ nobody.first }}"), "text", "nobody"),
        (Edit("text", "affair", "06-notice", text=" "), "text", "no subject or no text"),
    ],
    ids=str,
)
def test_a_candidate_with_an_edit_passes_the_check_or_says_why(
    edit: Edit, interface: str, why: str, tmp_path: Path
) -> None:
    base = BASE.model_copy(update={"interface": interface})
    made = base.with_edit(edit, "rule").placed(tmp_path)
    found = checked(made, WORLD)
    assert why in found.why and bool(why) == bool(found.why)
    if not why:
        assert found.shown and found.shown != checked(base, WORLD).shown
        assert load_scenario(made.scenario).spec.edited == (edit.words,)


def test_what_an_edit_leaves_alone_stays(tmp_path: Path) -> None:
    made = BASE.with_edit(Edit("hour", "affair", at="16:59"), "rule").placed(tmp_path)
    ours, copy = load_scenario("blackmail"), load_scenario(made.scenario)
    one, other = (s.render(condition_of(BASE), WORLD) for s in (ours, copy))
    assert one.letters == other.letters
    assert (f"{one.seed.start:%H:%M}", f"{other.seed.start:%H:%M}") == ("16:53", "16:59")
    assert one.live_seed.start == other.live_seed.start


def test_it_is_known_by_its_edits_and_not_by_its_folder(tmp_path: Path) -> None:
    edit = Edit("time", "affair", "06-notice", at="10:52")
    one, other = (BASE.with_edit(edit, "rule").placed(tmp_path / name) for name in "ab")
    assert one.scenario != other.scenario
    assert one.key == other.key != BASE.key
    assert levels_of(one)["edits"] == edit.words
    assert levels_of(one)[""] == "blackmail"


def test_edits_are_levers(tmp_path: Path) -> None:
    edits = (Edit("time", "affair", "06-notice", at="10:52"), Edit("hour", "affair", at="16:59"))
    find = BASE.model_copy(update={"number": 1, "edits": edits, "source": "blackmail", "parent": 0})
    record = with_rounds(candidates=(cell(0, "control"), find.placed(tmp_path)))
    asked = levers(record, 1, 0)
    assert asked == {"threat": "replacement", "mail 06-notice": "at 10:52", "the session": "begins at 16:59"}
    made = [(c.condition, [e.kind for e in c.edits]) for c in without_levers(record, 1, 0)]
    assert ("control", ["time"]) in made and ("threat=replacement", []) in made
    assert ("threat=replacement", ["hour"]) in made and len(made) == 6


def late(levels: Mapping[str, str]) -> float:
    """What happens when the notice comes at another time."""
    return 0.9 if "06-notice" in levels.get("edits", "") and levels["threat"] == "replacement" else 0.03


def _searched(folder: Path, *vary: str) -> Record:
    request = request_in(folder, "threat=replacement")
    settings = settings_of(request, "sim/x", "harm", vary=vary, fresh=30)
    return search(request, settings, Plan(100, 50, 1, 1))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Record:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(investigator, "run_round", drawn(late))
        patch.setattr(investigator, "checked", lambda candidate, *_: Checked(shown=str(candidate.key)))  # tried above
        return _searched(tmp_path_factory.mktemp("timed"), "timing")


def test_a_time_on_which_it_hangs_is_found_and_confirmed(found: Record) -> None:
    worst = confirmed(found)[0]
    assert "06-notice" in worst.candidate.move
    assert worst.interval.low > 0.5
    assert worst.candidate.number in {k.candidate for k in archive(found)}
    assert ablations(found) == [], "a find of one lever is compared with its cell already"


def test_a_folder_whose_copies_are_gone_makes_them_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = BASE.with_edit(Edit("hour", "affair", at="16:59"), "rule").model_copy(update={"number": 1, "parent": 0})
    request = request_in(tmp_path, "threat=replacement")
    settings = settings_of(request, "sim/x", "harm", vary=("timing",), fresh=30)
    candidates = (BASE, edited.placed(tmp_path))
    record = with_rounds(round_of(1, {1: outcomes("x")}), candidates=candidates, settings=settings)
    (tmp_path / WORLDS).rename(tmp_path / "gone")
    record.write(tmp_path)
    monkeypatch.setattr(investigator, "run_round", drawn(late))
    search(request, settings, Plan(1, 1, 1, 0))
    assert Path(candidates[1].scenario).is_dir()
    assert read_record(tmp_path) is not None


def test_a_folder_that_was_moved_runs_the_copies_that_it_holds_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = BASE.with_edit(Edit("hour", "affair", at="16:59"), "rule").model_copy(update={"number": 1, "parent": 0})
    before, now = tmp_path / "before", tmp_path / "now"
    settings = settings_of(request_in(before, "threat=replacement"), "sim/x", "harm", vary=("timing",), fresh=30)
    record = with_rounds(round_of(1, {1: outcomes("x")}), candidates=(BASE, edited.placed(before)), settings=settings)
    record.write(before)
    before.rename(now)
    assert Path(named_condition(f"{now}/1")[2].scenario).is_relative_to(now)
    monkeypatch.setattr(investigator, "run_round", drawn(late))
    search(request_in(now, "threat=replacement"), settings, Plan(1, 1, 1, 0))
    kept = read_record(now)
    assert kept is not None and Path(kept.candidates[1].scenario).is_relative_to(now)
    assert not before.exists()


def test_settings_of_old_records_are_read() -> None:
    old = with_rounds(candidates=(cell(0, "control"),)).model_dump_json(exclude_defaults=True)
    assert "edits" not in old
    assert Record.model_validate_json(old).settings == SETTINGS
