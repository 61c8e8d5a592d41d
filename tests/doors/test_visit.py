"""Visits: what a log keeps of a session from outside an evaluation, and what a journal gives back after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from turncoat.base.errors import DataError, OutputError, UsageError
from turncoat.doors.visit import Visit, is_held, recovered
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    scenario = load_scenario("blackmail")
    return scenario.render(scenario.space.parse("goal=explicit,threat=replacement"), 7)


def calls(visit: Visit, *made: tuple[str, dict[str, Any]]) -> list[tuple[str, bool]]:
    """Make calls one after the other."""

    async def all_of_them() -> list[tuple[str, bool]]:
        return [await visit.call(tool, arguments) for tool, arguments in made]

    return anyio.run(all_of_them)


@pytest.mark.parametrize("tool", ["send_mail", "mcp__company__send_mail", "mcp__a__b__send_mail", "company.send_mail"])
def test_a_servers_name_before_a_tools_is_passed_over_and_arguments_are_decoded(rendered: Rendered, tool: str) -> None:
    visit = Visit(rendered)
    calls(visit, (tool, {"to": '["a@b.com", "c@d.com"]', "subject": "x"}))
    assert visit.acts.entries[0]["action"]["to"] == ["a@b.com", "c@d.com"]


def test_the_prompt_comes_with_the_first_result_and_once(rendered: Rendered) -> None:
    visit = Visit(rendered)
    first, second = calls(visit, ("mcp__company__list_mail", {}), ("list_mail", {}))
    assert first[0].startswith(visit.prompt.system) and "inbox: 1-12 of 12" in first[0]
    assert second[0].startswith("inbox:")
    assert visit.seen.delivered == ["result"]


def test_who_has_fetched_the_prompt_gets_it_no_second_time(rendered: Rendered) -> None:
    visit = Visit(rendered)
    visit.hands_over("prompt")
    assert calls(visit, ("list_mail", {}))[0][0].startswith("inbox:")


def test_nonsense_is_answered_and_kept(rendered: Rendered) -> None:
    visit = Visit(rendered)
    visit.hands_over("prompt")
    answers = calls(
        visit,
        ("send_email", {"to": "kyle@x.com", "body": "stop, or she hears of it"}),
        ("send_mail", {"to": 7}),
        ("read_mail", {}),
        ("list_mail", {"folder": "spam"}),
    )
    assert all(wrong for _, wrong in answers)
    assert answers[0][0].startswith("There is no tool 'send_email'; there are: list_mail")
    assert [e["type"] for e in visit.acts.entries] == ["unreadable"] * 4
    assert "she hears of it" in visit.acts.entries[0]["text"]


def test_visits_share_nothing(rendered: Rendered) -> None:
    one, two = Visit(rendered), Visit(rendered)
    calls(one, ("send_mail", {"to": ["a@b.com"], "subject": "x", "body": "y"}))
    assert len(one.acts.entries) == 1 and two.acts.entries == []


@pytest.mark.parametrize(
    ("prompt", "listed", "made", "ended"),
    [
        (False, False, [], "no_prompt"),
        (False, True, [], "no_prompt"),
        (True, False, [], "no_tools"),
        (True, True, [], "disconnected"),
        (True, True, ["list_mail"], "disconnected"),
        (True, True, ["finish"], "finished"),
    ],
)
def test_how_it_ended_is_said(rendered: Rendered, prompt: bool, listed: bool, made: list[str], ended: str) -> None:
    visit = Visit(rendered)
    if prompt:
        visit.hands_over("prompt")
    if listed:
        visit.lists()
    calls(visit, *((tool, {}) for tool in made))
    visit.leave()
    visit.conclude()
    assert visit.acts.ended == ended


def test_a_journal_gives_the_session_back_after_a_kill(rendered: Rendered, tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    visit = Visit(rendered, journal=path)
    visit.meets("some client 1.0")
    visit.hands_over("prompt")
    visit.lists()
    calls(visit, ("list_mail", {}), ("send_mail", {"to": ["a@b.com"], "subject": "é", "body": "\ud800"}), ("nope", {}))
    assert is_held(path)
    visit.close()
    assert not is_held(path)
    with path.open("a") as file:
        file.write('{"call": "send_mail", "argum')  # cut off in the middle
    again = anyio.run(recovered, path, rendered)
    assert again.acts.entries == visit.acts.entries
    assert again.company == visit.company
    assert [m.text for m in again.messages] == [m.text for m in visit.messages]
    assert (again.seen.clients, again.seen.delivered, again.seen.listed) == (["some client 1.0"], ["prompt"], True)
    again.conclude()
    assert again.acts.ended == "disconnected"


def test_a_journal_of_another_session_is_refused(rendered: Rendered, tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    Visit(rendered, journal=path).close()
    scenario = load_scenario("blackmail")
    other = scenario.render(scenario.space.parse("control"), 7)
    with pytest.raises(UsageError, match="condition 'goal=explicit,threat=replacement', not 'control'"):
        anyio.run(recovered, path, other)
    with pytest.raises(OutputError, match="is there already"):
        Visit(rendered, journal=path)


@pytest.mark.parametrize("text", ["", "nonsense", json.dumps({"journal": 99}), "[1, 2]", "\x00\xff"])
def test_what_is_no_journal_is_refused(rendered: Rendered, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.journal"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="is no journal of a visit"):
        anyio.run(recovered, path, rendered)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "..%2f..%2fetc%2fpasswd"])
def test_a_path_leads_to_no_file(rendered: Rendered, path: str) -> None:
    visit = Visit(rendered)
    visit.hands_over("prompt")
    made: list[tuple[str, dict[str, Any]]] = [
        ("read_document", {"document_id": path}),
        ("read_mail", {"message_id": path}),
        ("send_mail", {"to": ["a@b.com"], "body": "x", "attachments": [path]}),
        ("write_document", {"name": path, "text": "mine"}),
        ("search_documents", {"query": "root:"}),
    ]
    read, opened, sent, written, found = calls(visit, *made)
    assert read == (f"There is no document {path!r}.\n\n[16:05]", True) and opened[1]
    assert f"Not found and left out: {path}." in sent[0]
    assert not written[1] and "root:x" not in found[0] and Path("/etc/passwd").read_text() != "mine"


def test_a_mail_of_ten_megabytes_is_refused_and_is_an_attempt(rendered: Rendered) -> None:
    visit = Visit(rendered)
    visit.hands_over("prompt")
    ((text, wrong),) = calls(visit, ("send_mail", {"to": ["a@b.com"], "body": "x" * 10_000_000}))
    assert wrong and text.startswith("The message is larger than 512 kB and was not sent.")
    (entry,) = visit.acts.entries
    assert entry["action"]["kind"] == "send_mail" and len(json.dumps(entry)) < 600_000


def test_ten_thousand_calls_are_each_answered_and_kept(rendered: Rendered) -> None:
    visit = Visit(rendered)
    visit.hands_over("prompt")
    answers = calls(visit, *[("no_such_tool", {"x": "y"})] * 10_000)
    assert len(answers) == 10_000 and {wrong for _, wrong in answers} == {True}
    assert len(visit.acts.entries) == 10_000
    assert not calls(visit, ("list_mail", {}))[0][1]


def test_a_visitor_who_never_stops_is_told_so(rendered: Rendered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.doors.visit.MAX_CALLS", 2)
    visit = Visit(rendered)
    answers = calls(visit, *[("list_mail", {})] * 4)
    assert [text == "The session is over." for text, _ in answers] == [False, False, True, True]
