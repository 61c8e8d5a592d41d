"""Bad input at the desk, and the store: whatever is called, the same company can be had again from what is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.tool import ToolError
from inspect_ai.util import Store

from turncoat.base.text import clean
from turncoat.doors.acts import Acts
from turncoat.doors.kept import Kept
from turncoat.doors.tools.catalog import TOOLS
from turncoat.doors.tools.desk import AFTER_CLOSING, Desk, SessionOver
from turncoat.doors.tools.sessions import MAX_LIST, BadArguments, case_of_session, perform_again, read_arguments
from turncoat.scenarios.finding import rendering_from, setting_of
from turncoat.scenarios.setting import Setting
from turncoat.world import CompanySeed, SendMail
from turncoat.world.office import MAX_BODY

METADATA = {"scenario": "lethal", "condition": "threat=replacement", "world": "2"}


@lru_cache
def setting() -> Setting:
    return setting_of(rendering_from(METADATA), live=True)


def seed() -> CompanySeed:
    return setting().seed


def desk() -> Desk:
    return Desk(setting(), Acts(store=Store()), TOOLS)


def call(at: Desk, kind: str, **arguments: Any) -> str:
    """The answer of a tool, or its error."""
    try:
        return asyncio.run(at.call(kind, arguments))
    except ToolError as error:
        return f"ERROR {error.message}"


@pytest.mark.parametrize(
    ("kind", "arguments", "problem"),
    [
        ("send_mail", {}, "to: Field required"),
        ("send_mail", {"to": 5}, "to: Input should be a valid tuple"),
        ("send_mail", {"to": ["a@b.org", 7]}, "to.1: Input should be a valid string"),
        ("send_mail", {"to": ["a@b.org"], "body": {"text": "x"}}, "body: Input should be a valid string"),
        ("send_mail", {"to": ["a@b.org"], "priority": "high"}, "priority: Extra inputs are not permitted"),
        ("send_mail", {"to": ["a@b.org"], "kind": "finish"}, "kind: there is no such argument"),
        ("send_mail", {"to": ["a@b.org"] * (MAX_LIST + 1)}, "to: more than 500 entries"),
        ("list_mail", {"folder": "drafts"}, "folder: Input should be 'inbox' or 'sent'"),
        ("list_mail", {"limit": "many"}, "limit: Input should be a valid integer"),
        ("wait", {"minutes": 0}, "minutes: Input should be greater than or equal to 1"),
        ("wait", {"minutes": 1e9}, "minutes: Input should be less than or equal to 480"),
        ("reply", {"message_id": "m001", "everyone": "perhaps"}, "everyone: Input should be a valid boolean"),
        ("no_such_tool", {}, "Input tag 'no_such_tool'"),
    ],
)
def test_arguments_that_make_no_action_are_refused(kind: str, arguments: Mapping[str, Any], problem: str) -> None:
    with pytest.raises(BadArguments) as refused:
        read_arguments(kind, arguments)
    assert problem in str(refused.value)
    if "kind" not in arguments:
        at = desk()
        before = dict(at.company.messages), at.company.now
        assert problem in call(at, kind, **arguments)
        assert (dict(at.company.messages), at.company.now) == before
        assert at.company.log == ()
        assert [e["type"] for e in at.acts.entries] == ["unreadable"]


@pytest.mark.parametrize(
    ("given_to", "to"),
    [
        ("a@b.org", ("a@b.org",)),
        (["A@B.org", "c@d.org"], ("a@b.org", "c@d.org")),
        ("Ada Brandt <a@b.org>, 'c@d.org';", ("a@b.org", "c@d.org")),
        (['"Brandt, Ada" <a@b.org>'], ("a@b.org",)),
        (["  a@b.org  "], ("a@b.org",)),
        (["a @b.org"], ("a @b.org",)),
        (["a@b.org\nbcc: c@d.org"], ("a@b.org", "c@d.org")),
        ("", ()),
    ],
)
def test_addresses_are_read_as_people_write_them(given_to: object, to: tuple[str, ...]) -> None:
    action = read_arguments("send_mail", {"to": given_to, "body": "x", "cc": None})
    assert isinstance(action, SendMail)
    assert action.to == to


def test_control_characters_and_broken_unicode_are_dropped() -> None:
    assert clean("a\x00b\x1b[31m\ud800c\td\n") == "ab[31m?c\td\n"
    assert clean(" two\r\nlines ", one_line=True) == "two lines"


def test_a_body_of_a_megabyte_is_refused_and_not_kept_whole() -> None:
    at = desk()
    told = call(at, "send_mail", to=["a@b.org"], body="x" * 1_000_000)
    assert told.startswith("ERROR The message is larger than 512 kB and was not sent.")
    assert len(at.acts.entries[0]["action"]["body"]) == MAX_BODY + 1
    told = call(at, "write_document", name="big.txt", text="y" * 1_000_000)
    assert "larger than 512 kB" in told
    assert perform_again(seed(), Kept(entries=at.acts.entries))[0] == at.company


def test_unknown_ids_and_no_recipient_are_errors_as_a_mail_client_gives_them() -> None:
    at = desk()
    assert call(at, "read_mail", message_id="m999").startswith("ERROR There is no message 'm999'.")
    assert call(at, "read_document", document_id="../../etc/passwd").startswith("ERROR There is no document")
    assert call(at, "forward", message_id="x" * 500, to="a@b.org").startswith("ERROR There is no message 'xxx")
    assert call(at, "send_mail", to="not an address").startswith("ERROR The message has no valid recipient")
    assert call(at, "cancel_alert", code="0000").startswith("ERROR The override code was not accepted.")


def test_an_alert_cannot_be_cancelled_before_it_is_raised() -> None:
    at = desk()
    code = seed().alerts[0].code
    assert call(at, "cancel_alert", code=code).startswith("ERROR There is no active alert")
    while not any(m.sender == seed().alerts[0].sender and m.time.hour == 16 for m in at.company.messages.values()):
        call(at, "wait", minutes=5)
    assert call(at, "cancel_alert", code=code).startswith("Alert cancelled")
    case = case_of_session(setting_of(rendering_from(METADATA), live=True), Kept(entries=at.acts.entries))
    assert case.log == at.company.log


def test_an_agent_that_goes_on_after_the_end_is_stopped() -> None:
    at = desk()
    call(at, "finish")
    for _ in range(AFTER_CLOSING):
        assert call(at, "list_mail").startswith("ERROR The session has ended: finished")
    with pytest.raises(SessionOver):
        asyncio.run(at.call("list_mail", {}))
    assert perform_again(seed(), Kept(entries=at.acts.entries))[0] == at.company


def test_mail_that_arrives_keeps_its_threads_when_the_agent_has_written_in_between() -> None:
    rendered = rendering_from({"scenario": "lethal", "condition": "noise=20", "world": "4"})
    plain, busy = (
        Desk(setting_of(rendered, live=True), Acts(store=Store()), TOOLS),
        Desk(setting_of(rendered, live=True), Acts(store=Store()), TOOLS),
    )
    for _ in range(3):
        call(busy, "send_mail", to=["x@else.org"], body="x")
    for at in (plain, busy):
        while at.company.closed is None:
            call(at, "wait", minutes=480)

    def threads(at: Desk) -> set[tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for m in at.company.messages.values():
            if m.sender != seed().agent_address and "@else.org" not in str(m.to):
                found.setdefault(m.thread, []).append(m.subject)
        return {tuple(v) for v in found.values()}

    assert threads(plain) == threads(busy)


WORDS = st.text(max_size=12)
ADDRESS = st.sampled_from(
    [p.address for p in seed().directory.people] + ["a@b.org", "bad one", "", "x@y.z, 'q' <r@s.t>"]
)
ID = st.sampled_from(["m001", "m012", "m014", "m015", "zz", ""])
CALLS = st.one_of(
    st.tuples(
        st.just("send_mail"), st.fixed_dictionaries({"to": st.lists(ADDRESS, max_size=3) | ADDRESS, "body": WORDS})
    ),
    st.tuples(st.just("reply"), st.fixed_dictionaries({"message_id": ID, "body": WORDS, "everyone": st.booleans()})),
    st.tuples(st.just("forward"), st.fixed_dictionaries({"message_id": ID, "to": ADDRESS})),
    st.tuples(st.just("cancel_alert"), st.fixed_dictionaries({"code": st.sampled_from([seed().alerts[0].code, "1"])})),
    st.tuples(st.just("wait"), st.fixed_dictionaries({"minutes": st.integers(-1, 20)})),
    st.tuples(st.sampled_from(["read_mail", "read_thread"]), st.fixed_dictionaries({"message_id": ID})),
    st.tuples(st.just("write_document"), st.fixed_dictionaries({"name": WORDS, "text": WORDS})),
    st.tuples(st.sampled_from(["list_mail", "finish", "search_documents", "look_up", "fly"]), st.just({})),
    st.tuples(
        st.just("look_up"), st.dictionaries(st.sampled_from(["query", "who"]), WORDS | st.integers() | st.none())
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLS, max_size=12))
def test_any_calls_can_be_had_again_from_the_store(calls: list[tuple[str, dict[str, Any]]]) -> None:
    at = desk()
    for kind, arguments in calls:
        call(at, kind, **arguments)
    kept = json.loads(json.dumps(at.acts.entries))
    assert perform_again(seed(), Kept(entries=kept))[0] == at.company
    case = case_of_session(setting_of(rendering_from(METADATA), live=True), Kept(entries=kept))
    assert case.log == at.company.log
