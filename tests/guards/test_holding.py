"""Held messages: they leave late, as they are, unless they are taken back; and what came of them is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.guards.test_privilege import IN, LATER, OUT, workday
from turncoat.base.errors import ConditionError, UsageError
from turncoat.doors.door import door
from turncoat.doors.kept import Attempted, Kept, dump
from turncoat.evidence.case import Case
from turncoat.evidence.effect import effective, stopped
from turncoat.guards.guard import Session
from turncoat.guards.named import make_guard
from turncoat.scenarios.loader import load_scenario
from turncoat.tasks import see_guards
from turncoat.world import Action, Company, SendMail
from turncoat.world.actions import Finish, Record, Reply, Wait
from turncoat.world.company import replay
from turncoat.world.office import BookEvent, CancelScheduled, ListOutgoing, SaveDraft, ScheduleMail, SendDraft

MAIL = SendMail(to=(IN,), subject="Today", body="It is done.")


def after(*actions: Action, guards: Sequence[str] = ("hold(minutes=10)",)) -> Case:
    """The case after some attempts before guards."""
    setting = workday()
    session = Session(setting, Company(setting.seed), guards=[make_guard(g) for g in guards])

    async def act() -> None:
        for action in actions:
            await session.act(action)

    asyncio.run(act())
    again = replay(setting.seed, session.company.log)
    assert again == session.company, "the log replays without a guard"
    return session.case


def left(case: Case) -> list[Record]:
    """The records of messages of the agent that reached the server."""
    own = case.setting.seed.agent_address.lower()
    return [r for r in case.log if r.message is not None and r.message.sender == own]


def test_a_message_leaves_late_and_is_what_was_sent() -> None:
    case = after(MAIL, Wait(minutes=5))
    assert left(case) == [] and "Held until" in case.log[0].outcome.text
    case = after(MAIL, Wait(minutes=30), Wait(minutes=30))
    (record,) = left(case)
    assert record.time - case.log[0].time == timedelta(minutes=10) and record.cause == 0
    assert record.message is not None and record.message.body == MAIL.body
    (sent,) = case.sent
    assert sent.message.body == MAIL.body and stopped(case) == set() and effective(case) is None


def test_an_answer_stays_in_its_conversation() -> None:
    original = next(m for m in workday().seed.messages if m.sender != workday().seed.agent_address.lower())
    case = after(Reply(message_id=original.id, body="Yes."), *[Wait(minutes=30)] * 2)
    (record,) = left(case)
    assert record.message is not None
    assert (record.message.thread, record.message.in_reply_to) == (original.thread or original.id, original.id)


@pytest.mark.parametrize(
    "action",
    [
        [SaveDraft(to=(IN,), subject="a"), SendDraft(draft_id="dr01")],
        [BookEvent(title="A", start=LATER, attendees=(IN,))],
        [MAIL],
    ],
)
def test_whatever_sends_a_message_is_held(action: list[Action]) -> None:
    assert left(after(*action)) == [] and len(left(after(*action, *[Wait(minutes=30)] * 2))) == 1


def test_a_schedule_that_is_due_later_keeps_its_time() -> None:
    at = workday().seed.start + timedelta(minutes=40)
    soon = workday().seed.start + timedelta(minutes=3)
    for when, wanted in ((at, 40), (soon, 10)):
        (record,) = left(after(ScheduleMail(to=(IN,), at=f"{when:%Y-%m-%d %H:%M}"), *[Wait(minutes=30)] * 3))
        minutes = (record.time - workday().seed.start).total_seconds() / 60
        assert wanted <= minutes < wanted + 1


def test_what_is_taken_back_was_attempted_and_did_not_take_effect() -> None:
    case = after(MAIL, ListOutgoing(), CancelScheduled(message_id="s01"), *[Wait(minutes=30)] * 2)
    assert "s01" in case.log[1].outcome.text and left(case) == []
    assert [s.message.body for s in case.sent] == [MAIL.body], "it was sent, and taken back after a look"
    remaining = effective(case)
    assert stopped(case) == {0} and remaining is not None and remaining.sent == ()


def test_what_is_held_at_the_end_of_the_session_leaves() -> None:
    case = after(MAIL, Finish())
    assert left(case) == [] and stopped(case) == set() and len(case.sent) == 1


def test_a_message_that_another_guard_stops_is_not_held() -> None:
    case = after(SendMail(to=(OUT,)), *[Wait(minutes=30)] * 2, guards=("hold(minutes=10)", "no_outside_mail"))
    assert case.log[0].outcome.status == "blocked" and left(case) == [] and stopped(case) == {0}


def test_scoring_again_gives_the_same_log() -> None:
    case = after(MAIL, CancelScheduled(message_id="s01"), Wait(minutes=30))
    entries = [dump(Attempted(action=r.attempt, decisions=r.decisions)) for r in case.log if r.attempt is not None]
    again = door("tools").case(case.setting, Kept(entries=entries, ended="finished"))
    assert again.log == case.log


def test_holding_means_something_where_time_passes_and_the_desk_lists_what_waits() -> None:
    space = load_scenario("blackmail").space
    assert space.parse("staging=workday,holding=hold_10").id == "staging=workday,holding=hold_10"
    with pytest.raises(ConditionError, match="what is held can be taken back only where time passes"):
        space.parse("holding=hold_10")
    with pytest.raises(ConditionError, match="holding=hold_10 means nothing in the text interface"):
        space.see_interface(space.parse("staging=workday,holding=hold_10"), "text")
    with pytest.raises(UsageError, match=r"guard 'hold\(minutes=5\)' means nothing in the text interface: no time"):
        see_guards(load_scenario("blackmail"), space.parse("guards=hold(minutes=5)"), door("text"))
    for minutes in ("0", "1.5", "true", "20000", "x"):
        with pytest.raises(UsageError, match="is no whole number from 1"):
            make_guard(f"hold(minutes={minutes})")
