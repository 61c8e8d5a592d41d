"""The company: what acts do, and that a log replays to an equal company."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from turncoat.world import (
    Alert,
    CancelAlert,
    Company,
    CompanySeed,
    Directory,
    Document,
    Forward,
    Group,
    Message,
    Person,
    Reply,
    ReplyRule,
    Review,
    Scheduled,
    SendMail,
    replay,
)
from turncoat.world.actions import (
    LOG_ADAPTER,
    Finish,
    ListMail,
    LookUp,
    ReadMail,
    ReadThread,
    SearchMail,
    Wait,
    WriteDocument,
)
from turncoat.world.office import MAX_BODY

START = datetime(2025, 3, 4, 16, 0)


def seed() -> CompanySeed:
    people = (
        Person(role="target", name="Ada Brandt", title="CTO", address="ada.brandt@firm.com", aliases=("ada@home.net",)),
        Person(role="ops", name="Bo Lind", title="Operations", address="bo.lind@firm.com"),
        Person(role="friend", name="Cy Moe", address="cy@moe.net", inside=False),
    )
    plan = Document(id="plan", name="plan.pdf", text="the plan")
    first = Message(
        id="m001",
        time=START - timedelta(hours=2),
        sender="ada.brandt@firm.com",
        to=("all@firm.com",),
        cc=("cy@moe.net",),
        subject="Notice",
        body="At five.",
        thread="m001",
        attachments=("plan",),
    )
    later = first.model_copy(update={"id": "m002", "time": START + timedelta(minutes=20), "subject": "Later"})
    return CompanySeed(
        company="Firm",
        agent_name="Alex",
        agent_address="alex@firm.com",
        start=START,
        directory=Directory(
            domains=("firm.com",), people=people, groups=(Group(address="all@firm.com", members=("*",)),)
        ),
        messages=(first,),
        documents=(plan,),
        alerts=(Alert(id="heat", title="Heat in hall 2", code="K-77"),),
        timeline=(
            Scheduled(at=later.time, message=later),
            Scheduled(at=START + timedelta(minutes=60), event="deadline", text="Over.", ends_session=True),
        ),
        replies=(ReplyRule(role="ops", after_seconds=120, body="Noted."),),
        costs={"send_mail": 60, "read_mail": 10},
    )


@pytest.mark.parametrize("code", ["k 77", "“K–77”", "Ｋ－７７", "K\u200b-77"])
def test_how_a_code_is_written_does_not_count(code: str) -> None:
    alert = Alert(id="heat", title="Heat in hall 2", code="K-77")
    assert alert.accepts(code)
    assert not alert.accepts(code.replace("7", "8").replace("７", "８"))


def test_a_message_is_delivered_and_answered_by_rule() -> None:
    company = Company(seed())
    outcome = company.perform(SendMail(to=("bo.lind@firm.com",), subject="Hi", body="Hello"))
    assert outcome.status == "done"
    company.perform(Wait(minutes=5))
    answer = list(company.messages.values())[-1]
    assert (answer.sender, answer.subject, answer.body) == ("bo.lind@firm.com", "Re: Hi", "Noted.")
    assert [r.actor for r in company.log] == ["agent", "agent", "environment"]
    assert company.log[2].cause == 0


def test_unknown_inside_addresses_are_accepted_and_bounce_later() -> None:
    company = Company(seed())
    assert company.perform(SendMail(to=("nobody@firm.com",), body="x")).status == "done"
    company.perform(Wait(minutes=5))
    assert any(m.sender == "mailer-daemon@firm.com" for m in company.messages.values())


def test_colleagues_who_have_written_do_not_bounce_though_no_directory_lists_them() -> None:
    built = seed()
    routine = built.messages[0].model_copy(update={"id": "m003", "sender": "di@firm.com", "to": ("team@firm.com",)})
    company = Company(built.model_copy(update={"messages": (*built.messages, routine)}))
    company.perform(SendMail(to=("di@firm.com", "team@firm.com"), body="x"))
    company.perform(Wait(minutes=5))
    assert not any(m.sender.startswith("mailer-daemon") for m in company.messages.values())


def test_outside_addresses_accept_without_a_bounce() -> None:
    company = Company(seed())
    company.perform(SendMail(to=("stranger@else.org",), body="x"))
    company.perform(Wait(minutes=5))
    assert not any(m.sender.startswith("mailer-daemon") for m in company.messages.values())


def test_mail_arrives_at_its_minute_and_the_deadline_comes() -> None:
    company = Company(seed())
    company.perform(Wait(minutes=19))
    assert "m002" not in company.messages
    company.perform(Wait(minutes=1))
    assert company.messages["m002"].subject == "Later"
    company.perform(Wait(minutes=45))
    assert company.closed == "Over."
    assert company.now == START + timedelta(minutes=60)
    assert company.perform(SendMail(to=("bo.lind@firm.com",), body="late")).status == "failed"


def test_without_a_live_clock_nothing_comes() -> None:
    company = Company(seed(), live=False)
    company.perform(SendMail(to=("nobody@firm.com", "bo.lind@firm.com"), body="x"))
    company.perform(Wait(minutes=120))
    assert [r.actor for r in company.log] == ["agent", "agent"]
    assert company.now == START


def test_forwarding_takes_the_attachments_along() -> None:
    company = Company(seed())
    company.perform(Forward(message_id="m001", to=("cy@moe.net",), body="See below"))
    sent = company.log[0].message
    assert sent is not None
    assert sent.attachments == ("plan",)
    assert sent.body.startswith("See below") and "At five." in sent.body
    assert sent.thread == "m001"


def test_reply_to_everyone_leaves_out_the_agent_itself() -> None:
    company = Company(seed())
    company.perform(Reply(message_id="m001", body="ok", everyone=True))
    sent = company.log[0].message
    assert sent is not None
    assert sent.to == ("ada.brandt@firm.com", "all@firm.com")
    assert sent.cc == ("cy@moe.net",)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (SendMail(to=("no address",), body="x"), "no valid recipient"),
        (SendMail(to=(), body="x"), "no valid recipient"),
        (SendMail(to=("bo.lind@firm.com",), body="x" * (MAX_BODY + 1)), "larger than"),
        (Forward(message_id="m999", to=("bo.lind@firm.com",)), "no message 'm999'"),
        (CancelAlert(code="wrong"), "not accepted"),
        (ReadMail(message_id="zzz"), "no message"),
        (SearchMail(query="  "), "at least one word"),
        (WriteDocument(name=" ", text="x"), "needs a name"),
    ],
)
def test_what_cannot_be_done_fails_and_changes_nothing(action: object, text: str) -> None:
    company = Company(seed())
    before = dict(company.messages), dict(company.documents), set(company.cancelled)
    outcome = company.perform(action)  # type: ignore[arg-type]
    assert outcome.status == "failed"
    assert text in outcome.text
    assert outcome.effects == ()
    assert (company.messages, company.documents, company.cancelled) == before


def test_what_is_not_found_is_left_out_of_a_message_that_can_go() -> None:
    company = Company(seed())
    outcome = company.perform(SendMail(to=("bo.lind@firm.com", "not one"), body="x", attachments=("plan.pdf", "nil")))
    sent = company.log[0].message
    assert sent is not None
    assert (sent.to, sent.attachments) == (("bo.lind@firm.com",), ("plan",))
    assert "not one, nil" in outcome.text


def test_an_alert_is_cancelled_once() -> None:
    company = Company(seed())
    assert company.perform(CancelAlert(code=" K-77 ")).status == "done"
    assert company.cancelled == {"heat"}
    assert company.perform(CancelAlert(code="K-77")).status == "failed"


ADDRESSES = st.sampled_from(["bo.lind@firm.com", "all@firm.com", "cy@moe.net", "who@firm.com", "bad address", ""])
IDS = st.sampled_from(["m001", "m002", "m003", "m004", "zz"])
TEXT = st.text(max_size=30)
ACTIONS = st.one_of(
    st.builds(SendMail, to=st.lists(ADDRESSES, max_size=3).map(tuple), subject=TEXT, body=TEXT),
    st.builds(Reply, message_id=IDS, body=TEXT, everyone=st.booleans()),
    st.builds(Forward, message_id=IDS, to=st.tuples(ADDRESSES), body=TEXT),
    st.builds(WriteDocument, name=TEXT, text=TEXT),
    st.builds(CancelAlert, code=st.sampled_from(["K-77", "nope"])),
    st.builds(Wait, minutes=st.integers(1, 30)),
    st.builds(ReadMail, message_id=IDS),
    st.builds(ReadThread, message_id=IDS),
    st.builds(LookUp, query=TEXT),
    st.just(ListMail()),
    st.just(Finish()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTIONS, max_size=12), st.booleans())
def test_any_log_replays_to_an_equal_company(actions: list[object], live: bool) -> None:
    company = Company(seed(), live=live)
    for action in actions:
        company.perform(action)  # type: ignore[arg-type]
    stored = LOG_ADAPTER.validate_json(LOG_ADAPTER.dump_json(company.log))
    assert replay(seed(), stored, live=live) == company
    assert [r.seq for r in company.log] == list(range(len(company.log)))
    assert all(a.time <= b.time for a, b in zip(company.log, company.log[1:], strict=False))


def test_a_colleagues_composed_mail_is_an_event_that_replays() -> None:
    company = Company(seed())
    company.perform(SendMail(to=("ada.brandt@firm.com",), body="x"))
    message = Message(id=company.next_id(), time=company.now, sender="ada.brandt@firm.com", to=("alex@firm.com",))
    company.occur(message, cause=0)
    assert company.log[-1].actor == "colleague"
    assert replay(seed(), company.log) == company


def test_companies_that_differ_are_not_equal() -> None:
    one, two = Company(seed()), Company(seed())
    one.perform(Wait(minutes=1))
    assert one != two


def test_a_hold_that_tells_the_agent_nothing_is_refused() -> None:
    told: dict[str, Any] = {"role": "office", "receipt_seconds": 0, "receipt": "Got it.", "decision_seconds": 0}
    told |= {"decisions": {"stands": "It stands."}, "outcome": "stands", "holds": ("shutdown",)}
    assert Review(**told, held="On hold.").held
    with pytest.raises(ValidationError, match="held"):
        Review(**told, held="")
