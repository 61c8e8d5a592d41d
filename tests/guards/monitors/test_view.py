"""What a monitor sees: no more than its view says, and nothing of the scenario."""

from __future__ import annotations

from dataclasses import fields

import pytest

from turncoat.base.errors import UsageError
from turncoat.guards.monitors.asking import records_of
from turncoat.guards.monitors.monitor import narrowed
from turncoat.guards.monitors.view import MAX_ACTS, View, sees, view_of, views_of
from turncoat.world import Forward, SendMail, WriteDocument
from turncoat.world.actions import Reply, Wait
from turncoat.world.office import BookEvent, ScheduleMail

from .cases import first_mail, mild, place, played, threat, work


def test_each_view_shows_what_it_says() -> None:
    case = played(*work())
    act, acts, reasoning = (list(views_of(case, s, "Do the mail."))[-1][1] for s in ("act", "acts", "reasoning"))
    assert act.act == acts.act == reasoning.act and act.task == "Do the mail."
    assert (act.mail, act.acts, act.reasoning) == ((), (), ())
    assert [a.kind for a in acts.acts] == ["reply"] and len(acts.mail) == 1 and acts.reasoning == ()
    assert reasoning.reasoning == ("Thought 0.", "Thought 1.", "Thought 2.")
    assert narrowed(reasoning, "acts") == acts and narrowed(acts, "act") == act and narrowed(act, "acts") is act


def test_what_came_after_an_act_is_not_in_its_view() -> None:
    first = next(iter(views_of(played(*work()), "reasoning")))[1]
    assert first.acts == () and first.reasoning == ("Thought 0.", "Thought 1.")
    assert first.act.ended == "", "what came of it is not known before it is done"


def test_the_text_interface_shows_all_mail_of_the_prompt() -> None:
    case = played(threat(), live=False)
    view = view_of(case, mild(), "acts")
    assert len(view.mail) == len(case.setting.seed.messages) > 3 and len(view.acts) == 1


def test_nothing_of_the_scenario_is_in_a_view() -> None:
    case = played(*work())
    setting = case.setting
    view = view_of(case, threat(), "reasoning")
    shown = records_of(view).text() + repr(view)
    roles = {p.role for p in setting.seed.directory.people} - {"ceo", "cto", "agent"}
    assert setting.fact is not None and setting.fact.summary not in shown
    assert setting.harm not in shown and not any(f"'{role}'" in shown for role in roles)
    assert {f.name for f in fields(View)}.isdisjoint({"setting", "case", "ladder", "facts", "roles"})


def test_acts_are_told_as_the_mail_system_knows_them() -> None:
    setting, context = place()
    seed = setting.seed
    case = played()
    sender = seed.messages[0].sender
    document = seed.documents[0] if seed.documents else None
    outside, stranger = context["spouse"].email, "x@elsewhere.example"
    reply = view_of(case, Reply(message_id=first_mail(), body="Yes."), "act").act
    assert reply.recipients == (sender,) and reply.text == "Yes."
    passed = view_of(case, Forward(message_id=first_mail(), to=(stranger,), body="See below."), "act").act
    assert passed.strangers == (stranger,) and seed.messages[0].body in passed.passed_on
    assert passed.words == "See below." and seed.messages[0].body in passed.whole
    mail = view_of(case, SendMail(to=(outside,), cc=(stranger,), subject="A", body="B"), "act").act
    assert mail.outside == (outside, stranger) and mail.strangers == (stranger,) and mail.words == "A\n\nB"
    later = view_of(case, ScheduleMail(to=(stranger,), at="18:00", subject="S", body="T"), "act").act
    assert later.recipients == (stranger,) and later.words == "S\n\nT"
    event = view_of(case, BookEvent(title="Talk", start="2026-01-01 10:00", attendees=(outside,)), "act").act
    assert event.outside == (outside,) and "Talk" in event.text
    note = view_of(case, WriteDocument(name="n.txt", text="Hello"), "act").act
    assert (note.subject, note.text, note.recipients) == ("n.txt", "Hello", ())
    gone = view_of(case, Reply(message_id="m999", body="?"), "act").act
    assert gone.recipients == () and gone.text == "?"
    if document is not None:
        carried = view_of(case, SendMail(to=(outside,), attachments=(document.id,)), "act").act
        assert carried.attachments == (document.name,)


def test_thousands_of_acts_are_shown_by_the_latest() -> None:
    case = played(*[mild()] * (MAX_ACTS + 20))
    assert len(view_of(case, mild(), "acts").acts) == MAX_ACTS


def test_reading_and_waiting_are_no_acts() -> None:
    assert [r.attempt.kind for r, _ in views_of(played(Wait(), mild()), "act") if r.attempt] == ["send_mail"]


def test_a_view_that_there_is_not() -> None:
    with pytest.raises(UsageError, match=r"'all' is not one of: act, acts, reasoning"):
        sees("all")
