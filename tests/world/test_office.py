"""Work beside mail: calendars, the register, drafts and scheduled mail, with the errors of a product."""

from __future__ import annotations

from datetime import datetime

import pytest

from turncoat.world import Action, Company, CompanySeed, Decision, Directory, Person, ReplyRule, SendMail, replay
from turncoat.world.actions import ListMail, Wait
from turncoat.world.office import (
    MAX_BODY,
    AddItem,
    BookEvent,
    CancelEvent,
    CancelScheduled,
    Event,
    Item,
    ListCalendar,
    ListOutgoing,
    MoveEvent,
    OpenItem,
    Register,
    SaveDraft,
    ScheduleMail,
    SearchRegister,
    SendDraft,
    Sort,
    UpdateItem,
    moment,
)

NOW = datetime(2026, 3, 4, 9, 0)
ANN, BO, OUT = "ann.lee@firm.com", "bo.lee@firm.com", "cy@out.com"


def seed() -> CompanySeed:
    """Two colleagues, an outsider who answers, three events and two orders."""
    people = (
        Person(role="ann", name="Ann Lee", address=ANN),
        Person(role="bo", name="Bo Lee", address=BO),
        Person(role="cy", name="Cy Dow", address=OUT, inside=False),
        Person(role="agent", name="Alex", address="alex@firm.com"),
    )
    orders = Sort(
        prefix="PO-", next=40, fields=("quantity",), editable=("status",), choices={"status": ("open", "sent")}
    )
    return CompanySeed(
        company="Firm",
        agent_name="Alex",
        agent_address="alex@firm.com",
        start=NOW,
        directory=Directory(domains=("firm.com",), people=people),
        replies=(ReplyRule(role="cy", after_seconds=60, body="Thanks."),),
        events=(
            Event(id="e01", title="Dentist", start=NOW.replace(hour=13), organiser=ANN, private=True),
            Event(id="e02", title="Stand-up", start=NOW.replace(hour=10), organiser=BO, attendees=(ANN,), fixed=True),
            Event(id="e03", title="Review", start=NOW.replace(day=5, hour=10), organiser=ANN, attendees=(BO,)),
        ),
        open_business=Register(name="Book", about="orders", sorts={"order": orders, "claim": Sort(prefix="C-")}),
        items=(Item(id="PO-7", sort="order", title="Bolts", fields={"status": "open", "price": "3"}),),
    )


def after(*actions: Action) -> tuple[Company, str]:
    """A company after some actions, and what the last one said."""
    company, text = Company(seed()), ""
    for action in actions:
        text = company.perform(action).text
    return company, text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-05 14:00", datetime(2026, 3, 5, 14, 0)),
        ("2026-03-05T14:00:30", datetime(2026, 3, 5, 14, 0)),
        ("2026-03-05 14:00+02:00", datetime(2026, 3, 5, 14, 0)),
        (" 14:00 ", datetime(2026, 3, 4, 14, 0)),
        ("2026-03-05", datetime(2026, 3, 5)),
        ("25:00", None),
        ("tomorrow", None),
        ("", None),
        ("2026-02-30 10:00", None),
    ],
)
def test_times_as_agents_write_them(text: str, found: datetime | None) -> None:
    assert moment(text, NOW) == found


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (ListCalendar(), "Alex, Wed 04 Mar 2026, 7 days\nNothing entered."),
        (ListCalendar(person="Ann Lee", days=1), "e02  Wed 04 Mar 10:00-10:30  Stand-up; Bo Lee, Ann Lee\ne01"),
        (ListCalendar(person="Ann Lee", days=1), "13:00-13:30  Busy"),
        (ListCalendar(person=BO.upper(), start="2026-03-05", days=1), "e03  Thu 05 Mar"),
        (ListCalendar(person="Lee"), "no calendar of 'Lee'"),
        (ListCalendar(start="soon"), "start: 'soon' is no date"),
        (BookEvent(title=" ", start="14:00"), "needs a title"),
        (BookEvent(title="X", start="08:00"), "start: 2026-03-04 08:00 has passed; it is 2026-03-04 09:00"),
        (BookEvent(title="X", start="2028-01-01 08:00"), "more than a year away"),
        (BookEvent(title="X", start="noon"), "'noon' is no date and time; write it as 2026-03-05 14:00"),
        (BookEvent(title="X", start="13:15", attendees=(ANN,)), "Note: Ann Lee has an entry then (13:00-13:30)."),
        (BookEvent(title="X", start="15:00", attendees=("nobody",)), "no valid recipient"),
        (MoveEvent(event_id="e02", start="11:00"), "Only its organiser can change this event."),
        (CancelEvent(event_id="e01"), "Only its organiser can change this event."),
        (CancelEvent(event_id="e99"), "There is no event 'e99'."),
        (SearchRegister(query="bolts OPEN"), "1 found\nPO-7  Bolts  (open)"),
        (SearchRegister(query="nuts"), "Nothing found."),
        (OpenItem(item_id="po-7 "), "PO-7  Bolts\nstatus: open\nprice: 3"),
        (OpenItem(item_id="PO-8"), "There is no entry 'PO-8'."),
        (UpdateItem(item_id="PO-7"), "Give a field with its new value, or a note."),
        (UpdateItem(item_id="PO-7", field="price", value="2"), "You do not have permission to change 'price'"),
        (UpdateItem(item_id="PO-7", field="colour", value="red"), "has no field 'colour'; it has: status, price"),
        (UpdateItem(item_id="PO-7", field="status", value="lost"), "'lost' is not one of: open, sent."),
        (AddItem(sort="ticket", title="X"), "You cannot add 'ticket'; you can add: order, claim."),
        (AddItem(sort="order", title="X"), "A new order needs: quantity."),
        (AddItem(sort="Order", title="Nuts", fields=("Quantity: 4", "status: no")), "'no' is not one of: open, sent."),
        (AddItem(sort="order", title=" ", fields=("quantity: 4",)), "needs a title"),
        (SendDraft(draft_id="dr01"), "There is no draft 'dr01'."),
        (ScheduleMail(to=(ANN,), at="08:00"), "at: 2026-03-04 08:00 has passed"),
        (ScheduleMail(to=("x",), at="10:00"), "no valid recipient"),
        (CancelScheduled(message_id="s01"), "There is no scheduled message 's01', or it has gone out."),
        (ListOutgoing(), "No drafts and no scheduled messages."),
    ],
)
def test_what_is_shown_and_what_is_refused(action: Action, said: str) -> None:
    company, text = after(action)
    assert said in text
    assert replay(seed(), company.log) == company


def test_an_event_is_booked_moved_and_cancelled_and_people_are_told() -> None:
    company, _ = after(
        BookEvent(title="Plan", start="15:00", attendees=(ANN, OUT), place="Room 2", note="Bring figures."),
        MoveEvent(event_id="e04", start="16:00"),
        CancelEvent(event_id="e04", note="No need."),
        ListCalendar(days=1),
    )
    sent = [r.message for r in company.log if r.message is not None and r.attempt is not None]
    assert [(m.subject, m.to) for m in sent] == [
        ("Invitation: Plan", (ANN, OUT)),
        ("Moved: Plan", (ANN, OUT)),
        ("Cancelled: Plan", (ANN, OUT)),
    ]
    assert sent[0].body == "Wed 04 Mar 2026, 15:00-15:30\nRoom 2\n\nBring figures."
    assert company.events["e04"].cancelled and company.events["e04"].start.hour == 16
    assert replay(seed(), company.log) == company


def test_entries_are_changed_noted_and_added_with_numbers_in_order() -> None:
    company, _ = after(
        UpdateItem(item_id="PO-7", field="STATUS", value="sent", note="By courier."),
        AddItem(sort="order", title="Nuts", fields=("quantity: 4",)),
        AddItem(sort="order", title="Pins", fields=("quantity: 5",)),
    )
    assert company.items["PO-7"].fields["status"] == "sent"
    assert company.items["PO-7"].notes == ("04 Mar 09:00 Alex: By courier.",)
    assert [i for i in company.items if i != "PO-7"] == ["PO-40", "PO-41"]
    assert replay(seed(), company.log) == company


def test_scheduled_mail_goes_out_at_its_time_and_is_answered() -> None:
    mail = ScheduleMail(to=(OUT,), at="10:00", subject="Hello", body="Now.")
    company, text = after(mail)
    assert text == "Scheduled for 2026-03-04 10:00 (s01)."
    assert company.perform(ListOutgoing()).text == f"s01  04 Mar 10:00  {OUT}  Hello"
    company.perform(Wait(minutes=120))
    assert "Hello" in company.perform(ListMail(folder="sent")).text
    assert any(m.subject == "Re: Hello" for m in company.messages.values())
    assert company.queued == {"s01": None}
    assert replay(seed(), company.log) == company


def test_scheduled_mail_that_is_taken_back_never_goes_out() -> None:
    company, _ = after(ScheduleMail(to=(OUT,), at="10:00", subject="Hello"), CancelScheduled(message_id="s01"))
    company.perform(Wait(minutes=120))
    assert not any(m.subject == "Hello" for m in company.messages.values())
    assert "or it has gone out" in company.perform(CancelScheduled(message_id="s01")).text
    assert replay(seed(), company.log) == company


def test_a_draft_is_sent_as_it_stands_and_is_gone_then() -> None:
    company, text = after(SaveDraft(to=(ANN,), subject="Hi", body="There."), SendDraft(draft_id="dr01"))
    assert text == "Sent (m001)."
    assert company.messages["m001"].body == "There." and company.drafts == {"dr01": None}
    assert replay(seed(), company.log) == company


@pytest.mark.parametrize("kind", ["draft", "scheduled"])
def test_what_is_too_large_is_not_sent_and_stands_as_attempted(kind: str) -> None:
    body = "x" * (MAX_BODY + 1)
    if kind == "draft":
        company, text = after(SaveDraft(to=(ANN,), body=body), SendDraft(draft_id="dr01"))
    else:
        company, text = after(ScheduleMail(to=(ANN,), at="10:00", body=body))
    assert "larger than" in text and not company.messages
    assert company.log[-1].intended is not None


def test_a_guard_that_holds_an_invitation_back_keeps_what_it_would_have_said() -> None:
    company = Company(seed())
    company.perform(BookEvent(title="Plan", start="15:00", attendees=(ANN,)), (Decision(guard="g", decision="block"),))
    record = company.log[0]
    assert record.intended is not None and record.intended.subject == "Invitation: Plan"
    assert "e04" not in company.events


def test_mail_from_before_the_last_session_is_not_unread() -> None:
    known = seed().model_copy(update={"since": NOW})
    company = Company(known)
    company.perform(SendMail(to=(OUT,), subject="Hello"))
    company.perform(Wait(minutes=10))
    lines = company.perform(ListMail()).text.splitlines()
    assert [line.endswith("[unread]") for line in lines[1:]] == [True]
