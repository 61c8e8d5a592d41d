"""The record: written whole, read back as it was, and never taken for another search's."""

from functools import partial
from pathlib import Path

import pytest

from tests.search.records import SETTINGS, cell, outcomes, request_in, round_of, with_rounds
from turncoat.base.errors import DataError, UsageError
from turncoat.base.locks import holding
from turncoat.search.investigator import Plan, search
from turncoat.search.pairs import explain
from turncoat.search.record import FILE, Round, held, read_record, refuse_another

RECORD = with_rounds(
    round_of(1, {0: outcomes("x.?"), 1: outcomes("xx")}),
    round_of(2, {1: outcomes("x.x", 31)}, stage="confirm"),
    Round(number=3, picks={1: ("affair.1@3",)}),
    candidates=(cell(0, "control"), cell(1, "threat=replacement", 0, "threat: none → replacement")),
)


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    RECORD.write(tmp_path)
    assert read_record(tmp_path) == RECORD
    assert [p.name for p in tmp_path.iterdir()] == [FILE]


def test_stages_are_counted_apart_and_unscored_samples_are_in_no_count() -> None:
    assert RECORD.counts() == {0: (1, 2), 1: (2, 2)}
    assert RECORD.counts("confirm") == {1: (2, 3)}
    assert RECORD.spent == 6  # what is planned is spent
    assert [c.condition for c in RECORD.path_to(1)] == ["control", "threat=replacement"]


def test_one_command_at_a_time_works_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.search.record.holding", partial(holding, patience=0.0))
    folder = tmp_path / "new" / "search"
    with held(folder, "turncoat search") as record:
        assert record is None
        with pytest.raises(UsageError, match=r"another command is at work here \(turncoat search"):
            search(request_in(folder), SETTINGS, Plan(1))
        with pytest.raises(UsageError, match="another command is at work"):
            explain(request_in(folder), SETTINGS, RECORD.candidates[0])
    assert not list(folder.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"settings": {}}', '{"version": 1, "unknown": 2}', "\x00"])
def test_what_is_no_record_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DataError, match=r"search\.json: .*no record of a search") as caught:
        read_record(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"candidates": (cell(0, "control"), cell(1, "threat=replacement", 1, "of itself"))},
        {"candidates": (cell(0, "control"), cell(1, "threat=replacement", -1, "of none"))},
        {"candidates": (cell(1, "control"), cell(0, "threat=replacement"))},
        {"candidates": (cell(0, "control"),)},
        {"refused": {2: "why"}},
        {"rounds": (round_of(1, {-1: outcomes("x")}),)},
        {"rounds": (Round(number=1, picks={10**9: ("affair.1@3",)}),)},
    ],
)
def test_a_record_that_names_what_is_not_there_is_none(changed: dict[str, object], tmp_path: Path) -> None:
    RECORD.model_copy(update=changed).write(tmp_path)
    with pytest.raises(DataError, match=r"search\.json: .*no record of a search"):
        read_record(tmp_path)


@pytest.mark.parametrize(
    "changed", [{"model": "sim/y"}, {"objective": "subtle"}, {"seeds": (1, 2)}, {"fresh": 7}, {"vary": ("goal",)}]
)
def test_another_search_is_refused_by_what_differs(changed: dict[str, object]) -> None:
    refuse_another(RECORD, SETTINGS, Path("here"))
    with pytest.raises(UsageError, match=r"holds a search with .*another --log-dir"):
        refuse_another(RECORD, SETTINGS.model_copy(update=changed), Path("here"))
