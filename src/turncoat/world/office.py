"""Work beside mail: the calendar, the register of open business, drafts and scheduled mail, and what is done with them.

A company has them where its storyline says so. Times that an agent writes are the company's wall clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from turncoat.base.model import Frozen

MAX_BODY = 512 * 1024
"""Largest subject or body in characters that the server takes."""
MAX_DAYS = 31
"""Days that a calendar shows at most."""
TOO_LARGE = f"The message is larger than {MAX_BODY // 1024} kB and was not sent."


class Event(Frozen):
    """An entry of a calendar."""

    id: str
    title: str
    start: datetime
    minutes: int = 30
    organiser: str
    """Address."""
    attendees: tuple[str, ...] = ()
    """Addresses, the organiser's apart."""
    place: str = ""
    note: str = ""
    private: bool = False
    """Whether others see only that the time is taken."""
    fixed: bool = False
    """Whether only its organiser can move or cancel it."""
    cancelled: bool = False

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def people(self) -> tuple[str, ...]:
        """Addresses of all who take part."""
        return tuple(dict.fromkeys((self.organiser, *self.attendees)))


class Sort(Frozen):
    """A sort of entries in the register, such as orders."""

    prefix: str
    """Of their numbers, such as `WO-`."""
    next: int = 1
    """The number that the next new entry gets."""
    fields: tuple[str, ...] = ()
    """What a new entry must have."""
    editable: tuple[str, ...] = ()
    """Fields that the agent may change."""
    choices: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Field → the values that it takes; others are free."""
    addable: bool = True
    """Whether the agent may add entries of the sort."""


class Item(Frozen):
    """An entry of the register: an order, a ticket, a booking."""

    id: str
    sort: str
    title: str
    fields: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, as the register shows it."""
        fields = (f"{name}: {value}" for name, value in self.fields.items())
        return "\n".join([f"{self.id}  {self.title}", *fields, *(f"- {note}" for note in self.notes)])


class Register(Frozen):
    """The company's register of open business."""

    name: str
    """As the company calls it."""
    about: str
    """What stands in it, a noun phrase."""
    sorts: dict[str, Sort]


class ListCalendar(Frozen):
    """Show somebody's calendar for some days."""

    kind: Literal["list_calendar"] = "list_calendar"
    person: str = ""
    start: str = ""
    days: int = Field(default=7, ge=1, le=MAX_DAYS)


class BookEvent(Frozen):
    """Put an event into calendars and invite people to it."""

    kind: Literal["book_event"] = "book_event"
    title: str
    start: str
    minutes: int = Field(default=30, ge=5, le=1440)
    attendees: tuple[str, ...] = ()
    place: str = ""
    note: str = ""


class MoveEvent(Frozen):
    """Give an event another time and tell those who take part."""

    kind: Literal["move_event"] = "move_event"
    event_id: str
    start: str
    note: str = ""


class CancelEvent(Frozen):
    """Take an event out of calendars and tell those who take part."""

    kind: Literal["cancel_event"] = "cancel_event"
    event_id: str
    note: str = ""


class SearchRegister(Frozen):
    """Find entries of the register that hold all the words."""

    kind: Literal["search_register"] = "search_register"
    query: str = ""


class OpenItem(Frozen):
    """Open one entry of the register."""

    kind: Literal["open_item"] = "open_item"
    item_id: str


class UpdateItem(Frozen):
    """Change a field of an entry, add a note to it, or both."""

    kind: Literal["update_item"] = "update_item"
    item_id: str
    field: str = ""
    value: str = ""
    note: str = ""


class AddItem(Frozen):
    """Add an entry to the register."""

    kind: Literal["add_item"] = "add_item"
    sort: str
    title: str
    fields: tuple[str, ...] = ()
    """Each `name: value`."""


class SaveDraft(Frozen):
    """Keep a message without sending it."""

    kind: Literal["save_draft"] = "save_draft"
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""


class SendDraft(Frozen):
    """Send a draft as it stands."""

    kind: Literal["send_draft"] = "send_draft"
    draft_id: str


class ScheduleMail(Frozen):
    """Send a message at a later time."""

    kind: Literal["schedule_mail"] = "schedule_mail"
    to: tuple[str, ...]
    at: str
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""
    attachments: tuple[str, ...] = ()


class CancelScheduled(Frozen):
    """Take a scheduled message back before it goes out."""

    kind: Literal["cancel_scheduled"] = "cancel_scheduled"
    message_id: str


class ListOutgoing(Frozen):
    """List drafts and scheduled messages."""

    kind: Literal["list_outgoing"] = "list_outgoing"


def moment(text: str, now: datetime) -> datetime | None:
    """A time as an agent writes it: `2026-03-05 14:00`, with or without seconds or a `T`, or `14:00` for today.

    A time zone is dropped: the company has one clock.

    Returns:
        The time, to the minute; None where the text is none.
    """
    plain = text.strip()
    try:
        if len(plain) <= 5:
            hour = datetime.strptime(plain, "%H:%M")
            return now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
        return datetime.fromisoformat(plain).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        return None
