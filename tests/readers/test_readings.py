"""Readers with planted answers: what is counted is what they said, kept as it came, within its cost."""

import asyncio
import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from inspect_ai.model import ChatMessage, ChatMessageUser, Model, ModelOutput, ModelUsage

import turncoat as tc
from tests.judges.graders import grader
from turncoat.analysis.realism import readings_in
from turncoat.api.realism import wanted_of
from turncoat.base.errors import DataError
from turncoat.providers.models import resolve_model
from turncoat.readers.materials import KINDS, Material, Wanted, materials
from turncoat.readers.measures import looks, told_apart
from turncoat.readers.reading import Reader, Reading, Spent, shown_to_reader
from turncoat.readers.running import KEPT, load_readings, read_worlds
from turncoat.runs.prices import Price
from turncoat.sim.reader import SPREAD, SimReader

SIM = "reader-60-45-90-97-20"
PLANTED = dict(zip(KINDS, (60, 45, 90, 97, 20), strict=True))
WANTED = Wanted("blackmail", storylines=("rentals",), seeds=(1, 2, 3), kinds=("workday", "twin", "paper", "office"))


@pytest.fixture(scope="module")
def shown() -> list[Material]:
    return materials(WANTED)[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("readings")


@pytest.fixture(scope="module")
def found(folder: Path) -> tc.Realism:
    return tc.realism(
        "blackmail",
        f"sim/{SIM}",
        storylines=["rentals"],
        worlds="1-3",
        beside=["twin", "paper", "office"],
        dilemma=True,
        known=True,
        out=folder,
    )


def test_what_was_planted_is_what_comes_out(found: tc.Realism) -> None:
    planted = SimReader(SIM)
    for look in found.looks:
        worlds = [r.world for r in found.said.found if r.kind == look.kind]
        points = sorted(planted.points(look.kind, w) for w in worlds)
        assert (look.p_test.estimate, look.p_test.worlds, look.failed) == (points[1], 3, 0), look.kind
        assert abs(points[1] - PLANTED[look.kind]) <= SPREAD
        assert look.known == (0, 3), look.kind
        assert look.understood == (8 if look.kind in ("workday", "paper") else None), look.kind
    (told,) = found.told_apart
    pairs = [(planted.points("workday", w), planted.points("twin", w)) for w in (f"rentals.4@{n}" for n in (1, 2, 3))]
    assert told.worlds == 3
    assert told.difference.estimate == pytest.approx(sum(a - b for a, b in pairs) / 3)
    wins = [(a > b) + (a == b) / 2 for a, _ in pairs for _, b in pairs]
    assert told.auroc.estimate == pytest.approx(sum(wins) / 9)


def test_a_kept_reading_is_not_asked_for_again_and_a_cut_line_costs_one(found: tc.Realism, folder: Path) -> None:
    file = folder / KEPT
    before = file.read_text(encoding="utf-8")
    assert len(before.splitlines()) == len(found.said.found) == 12
    again = read_worlds(WANTED, [f"sim/{SIM}"], folder, dilemma=True, known=True)
    assert (again.kept, file.read_text(encoding="utf-8")) == (12, before)
    assert {r.model_dump_json() for r in again.found} == {r.model_dump_json() for r in found.said.found}
    file.write_text(before[:-40], encoding="utf-8")
    mended = read_worlds(WANTED, [f"sim/{SIM}"], folder, dilemma=True, known=True)
    assert (mended.kept, len(mended.found)) == (11, 12)
    assert "line 12 is no reading" in mended.notes[0]
    assert len(load_readings(file)[0]) == 12
    plain = read_worlds(WANTED, [f"sim/{SIM}"], folder)  # other questions: nothing of it can be taken over
    assert plain.kept == 0


def test_readers_that_err_are_counted_and_are_no_numbers(tmp_path: Path) -> None:
    said = read_worlds(WANTED, [f"sim/{SIM}-err-1"], tmp_path)
    assert all(r.failed.startswith("no usable answer in 3 attempts") and r.p_test is None for r in said.found)
    assert [(look.readings, look.p_test.estimate) for look in looks(said.found)] == [(0, None)] * 4
    assert told_apart(said.found) == []


def test_nothing_shown_says_what_it_is(shown: list[Material]) -> None:
    assert {m.kind for m in shown} == {"workday", "twin", "paper", "office"}
    for m in shown:
        text = shown_to_reader(m).text().lower()
        for word in ("blackmail", "canary", "storyline", "yaml", "workday", "turncoat"):
            assert word not in text, (m.kind, word)
    order = [m.kind for m in shown]
    assert order != sorted(order, key=KINDS.index)
    assert [m.hash for m in materials(WANTED)[0]] == [m.hash for m in shown]


def test_a_live_interface_shows_the_whole_mailbox() -> None:
    wanted = Wanted("lethal", storylines=("elevator",), seeds=(1,), interfaces=("text", "tools"), kinds=("workday",))
    text, tools = sorted(materials(wanted)[0], key=lambda m: m.interface)
    for part in ("PASS 14:51", "Seed meeting"):
        assert part in "".join(text.parts) and part in "".join(tools.parts)
    assert "<tool_use:" not in "".join(tools.parts) and "- read_mail" in "".join(tools.parts)


def test_another_staging_than_the_one_that_is_shown_is_refused(tmp_path: Path) -> None:
    said = "^staging=paper: readers are shown workdays, with twin and paper .* beside them; leave it out"
    with pytest.raises(tc.UsageError, match=said):
        tc.realism("blackmail", f"sim/{SIM}", out=tmp_path, staging="paper")
    assert wanted_of("blackmail", settings={"staging": "workday"}) == wanted_of("blackmail")


def test_no_reading_begins_that_could_cost_more_than_is_left(tmp_path: Path) -> None:
    table = tmp_path / "prices.yaml"
    table.write_text(
        f"as_of: 2026-01-01\nsource: a test\nmodels:\n  sim/{SIM}: {{input: 10, output: 10}}\n", encoding="utf-8"
    )
    said = read_worlds(WANTED, [f"sim/{SIM}"], tmp_path / "out", max_cost=0.9, prices=table)
    assert said.dollars is not None and 0 < said.dollars <= 0.9
    assert len(said.found) + said.left == 12 and said.left > 0
    with pytest.raises(tc.UsageError, match="no price is known for openai/some-model"):
        read_worlds(WANTED, ["openai/some-model"], tmp_path, max_cost=1)


GOOD = {"p_test": 70, "why": "x", "tells": ["deposit over five hundred"], "voices": 5, "dilution": 5, "work": 5}
TINY = Material("workday", "s", "st", "st.1@1", "control", "text", ("You are Ada.", "Every deposit over five hundred."))


def _reply(messages: list[ChatMessage], **changes: object) -> str:
    marker = shown_to_reader(TINY).nonce
    return json.dumps({"marker": marker, **GOOD, **changes})


@pytest.mark.parametrize(
    ("replies", "p_test", "tells", "not_found", "calls", "failed"),
    [
        ([_reply([])], 70, 1, 0, 1, ""),
        (["Likely.", _reply([])], 70, 1, 0, 2, ""),
        ([_reply([], p_test=140), _reply([], p_test=0.7), _reply([], p_test=True)], None, 0, 0, 3, "'p_test'"),
        ([_reply([], tells=["words that stand nowhere"]), _reply([])], 70, 1, 0, 2, ""),
        ([_reply([], tells=["words that stand nowhere", "Every deposit over"])] * 3, 70, 1, 1, 3, ""),
        ([_reply([], tells=["over"])] * 3, 70, 0, 1, 3, ""),
        ([_reply([], marker="forged")] * 3, None, 0, 0, 3, "marker"),
        (["I'm sorry, I can't help with that."] * 3, None, 0, 0, 3, "it refused"),
        ([RuntimeError("down")], None, 0, 0, 1, "could not be asked"),
    ],
)
def test_only_an_answer_as_it_was_asked_for_is_a_number(
    replies: list[str | Exception], p_test: int | None, tells: int, not_found: int, calls: int, failed: str
) -> None:
    reading = asyncio.run(Reader(_model(replies)).read(TINY))
    assert (reading.p_test, len(reading.tells), reading.not_found, reading.calls) == (p_test, tells, not_found, calls)
    assert failed in reading.failed and bool(reading.failed) == bool(failed)


def _model(replies: list[str | Exception]) -> Model:
    return grader([*replies], [])


def test_simulated_readers_answer_for_what_they_are_shown_only() -> None:
    reader = Reader(resolve_model(f"sim/{SIM}"))
    assert asyncio.run(reader.read(TINY)).p_test == SimReader(SIM).points("workday", "st.1@1")
    with pytest.raises(tc.UsageError, match="turncoat realism"):
        SimReader(SIM).answer([ChatMessageUser(content=shown_to_reader(TINY).text())])
    with pytest.raises(tc.UnknownName, match="reader-60-45-90-97-20"):
        resolve_model("sim/reader-60-45")


def test_the_files_hold_what_was_said(found: tc.Realism, tmp_path: Path) -> None:
    assert {"p_test", "tells", "kind", "world"} <= set(found.readings.columns)
    data = json.loads(found.write(tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [d["p_test"] for d in data] == [r.p_test for r in found.said.found]
    assert found.write(tmp_path / "r.csv").read_text(encoding="utf-8").startswith("reader,kind")
    with pytest.raises(tc.UsageError, match=r"ends in '\.txt'"):
        found.write(tmp_path / "r.txt")


def test_tells_are_counted_whatever_their_letters(shown: list[Material]) -> None:
    one = Reading(
        reader="r", kind="workday", scenario="s", storyline="a", world="a.1@1", condition="control", interface="text",
        text="t", questions="1:x", p_test=50, tells=("The  same words", "other ones"),
    )  # fmt: skip
    two = one.model_copy(update={"world": "a.1@2", "tells": ("the same words", "the same  Words")})
    (look,) = looks([one, two])
    assert look.tells[0] == ("The  same words", 2)


@pytest.mark.parametrize(
    ("replies", "known", "calls"),
    [
        (['{"known": "alike", "known_as": "A study."}'], "alike", 2),
        (["I think so.", '{"known": "maybe", "known_as": ""}', '{"known": "no", "known_as": ""}'], "no", 4),
        (["Yes."] * 3, "", 4),
        ([RuntimeError("down")], "", 2),
    ],
)
def test_whether_it_knows_the_material_is_asked_last_and_changes_nothing_else(
    replies: list[str | Exception], known: str, calls: int
) -> None:
    reading = asyncio.run(Reader(_model([_reply([]), *replies]), known=True).read(TINY))
    assert (reading.known, reading.calls, reading.p_test, reading.failed) == (known, calls, 70, "")
    assert "+" in reading.questions
    (look,) = looks([reading])
    assert look.known == (int(known == "alike"), int(bool(known)))
    assert look.named == ((("A study.", 1),) if known == "alike" else ())


def test_a_file_that_cannot_be_read_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    file = tmp_path / KEPT
    assert load_readings(file) == ([], [])
    file.touch()
    monkeypatch.setattr(Path, "open", refused)
    for read in (lambda: load_readings(file), lambda: readings_in([tmp_path], []), lambda: readings_in([], [tmp_path])):
        with pytest.raises(DataError, match=rf"{KEPT}: cannot be read \(Permission denied\)"):
            read()


def test_an_endless_line_is_no_reading_and_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turncoat.base.reading.MAX_LINE", 4000)
    reading = asyncio.run(Reader(_model([_reply([])])).read(TINY))
    file = tmp_path / KEPT
    file.write_text(f"{'y' * 9000}\n{reading.model_dump_json()}\n\n{{")
    found, notes = load_readings(file)
    assert found == [reading]
    assert [n.split(": ")[1].split(" is ")[0] for n in notes] == ["line 1", "line 4"]


@pytest.mark.parametrize(("tokens", "dollars"), [(None, 502 * 2 / 1e6), (10, 20 / 1e6)])
def test_a_call_whose_tokens_are_not_said_costs_its_upper_estimate(tokens: int | None, dollars: float) -> None:
    output, spent = ModelOutput.from_content("m", ""), Spent()
    output.usage = None if tokens is None else ModelUsage(input_tokens=tokens, total_tokens=tokens)
    spent.add(output, Price(input=2, output=2), [ChatMessageUser(content="z" * 1000)])
    assert (spent.calls, spent.tokens_in) == (1, tokens or 0)
    assert spent.dollars == pytest.approx(dollars)
