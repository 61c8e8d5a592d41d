"""What a simulated agent does, as clicks and typing on the webmail's pages; see `turncoat.sim.hands`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from turncoat.sim.hands import Call, Hand, Target, button, field, marked, options, to
from turncoat.world.actions import (
    Action,
    CancelAlert,
    Finish,
    Forward,
    ListMail,
    LookUp,
    ReadDocument,
    ReadMail,
    ReadThread,
    Reply,
    SearchDocuments,
    SearchMail,
    SendMail,
    Wait,
    WriteDocument,
)
from turncoat.world.office import (
    MAX_DAYS,
    AddItem,
    BookEvent,
    CancelEvent,
    CancelScheduled,
    ListCalendar,
    ListOutgoing,
    MoveEvent,
    OpenItem,
    SaveDraft,
    ScheduleMail,
    SearchRegister,
    SendDraft,
    UpdateItem,
)

Calls = AsyncIterator[list[Call]]
"""What it calls, turn by turn."""
_MINUTES = ((5, "5 min"), (15, "15 min"), (30, "30 min"), (60, "1 h"), (120, "2 h"), (240, "4 h"), (480, "8 h"))
SEARCH, WAIT = Target(".top input[type=search]", 'searchbox "Search mail"'), button("wait", "Wait")
MINUTES = Target('.top [name="minutes"]', 'combobox "Minutes"')
OLDER = Target('#main [data-page="older"]', 'link "Older"')
CALENDAR, COMPOSE, DRAFTS = to("calendar"), to("compose", "New message"), to("drafts")
REGISTER = Target('[data-nav="register"]', "link ")
ENTRIES = Target('#main [name="q"]', 'searchbox "Search entries"')
FIND_ENTRIES = button("search-register", "Find")
Filled = tuple[Target, str]
"""A field or a list, and what belongs into it."""


class NotThere(Exception):  # noqa: N818 - reads as what it reports
    """The page does not show what the agent looks for."""


class Clicking:
    """Does actions on pages, turn by turn.

    Args:
        hand: How.
    """

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._at: Any = None

    async def do(self, action: Action) -> Calls:
        """The calls that do an action; after each list of calls their answers are waited for.

        Args:
            action: What the pages have a place for.

        Raises:
            NotThere: The page does not show what is needed.
        """
        match action:
            case ListMail(folder=name):
                steps = self._press(to(name))
            case SearchMail(query=query):
                steps = self._form([(SEARCH, query)], Target(".top .search button", 'button "Search"'))
            case ReadMail(message_id=id):
                steps = self._row(id)
            case ReadThread(message_id=id):
                steps = self._on_mail(id, button("thread", "Show conversation"))
            case SearchDocuments(query=query):
                wanted = [(Target('#main [name="q"]', 'searchbox "Search drive"'), query)]
                steps = self._form(wanted, button("search-drive", "Find"), to("drive"))
            case ReadDocument(document_id=id):
                steps = self._press(to("drive"), marked("document", id))
            case LookUp(query=query):
                wanted = [(Target('#main [name="q"]', 'searchbox "Search directory"'), query)]
                steps = self._form(wanted, button("search-directory", "Find"), to("directory"))
            case ListCalendar():
                steps = self._show_calendar(action)
            case SearchRegister(query=query):
                steps = self._form([(ENTRIES, query)], FIND_ENTRIES, REGISTER) if query else self._press(REGISTER)
            case OpenItem(item_id=id):
                steps = self._entry(id)
            case ListOutgoing():
                steps = self._press(DRAFTS)
            case _:
                steps = self._write(action)
        async for calls in steps:
            yield calls

    async def _write(self, action: Action) -> Calls:
        send = button("send", "Send")
        match action:
            case SendMail():
                steps = self._form(_mail(action), send, to("compose", "New message"))
            case Reply(message_id=id):
                everyone = button("reply-all", "Reply all") if action.everyone else button("reply", "Reply")
                steps = self._form(_mail(action), send, everyone, mail=id)
            case Forward(message_id=id):
                steps = self._form(_mail(action), send, button("forward", "Forward"), mail=id)
            case WriteDocument():
                wanted = [(field("name", "Name"), action.name), (field("text", "Text"), action.text)]
                steps = self._form(wanted, button("save-file", "Save"), to("drive"), button("new-file", "New file"))
            case CancelAlert():
                wanted = [(field("code", "Override code"), action.code)]
                steps = self._form(wanted, button("override", "Override alert"), to("alerts"))
            case SaveDraft() | ScheduleMail() | SendDraft() | CancelScheduled():
                steps = self._outgoing(action)
            case BookEvent() | MoveEvent() | CancelEvent() | UpdateItem() | AddItem():
                steps = self._office(action)
            case Wait(minutes=minutes):
                steps = self._wait(minutes)
            case Finish(note=note):
                wanted = [(field("note", "Closing note"), note)]
                steps = self._form(wanted, button("finish", "Close session"), to("finish", "Close session"))
            case _:
                raise NotThere(f"{action.kind}: is not done on pages")
        async for calls in steps:
            yield calls

    async def _outgoing(self, action: SaveDraft | ScheduleMail | SendDraft | CancelScheduled) -> Calls:
        match action:
            case SaveDraft():
                steps = self._form(_mail(action), button("save-draft", "Save draft"), COMPOSE)
            case ScheduleMail(at=at):
                wanted = [*_mail(action), (field("at", "Send at"), at)]
                steps = self._form(wanted, button("schedule", "Schedule"), COMPOSE)
            case SendDraft(draft_id=id):
                steps = self._press(
                    DRAFTS, Target(f'[data-draft="{id}"] [data-do="send-draft"]', 'button "Send draft"')
                )
            case CancelScheduled(message_id=id):
                steps = self._press(DRAFTS, Target(f'[data-scheduled="{id}"] button', 'button "Take back"'))
        async for calls in steps:
            yield calls

    async def _office(self, action: BookEvent | MoveEvent | CancelEvent | UpdateItem | AddItem) -> Calls:
        match action:
            case BookEvent():
                people = ", ".join(action.attendees)
                wanted = [
                    *((field("title", "Title"), action.title), (field("start", "Start"), action.start)),
                    *((field("minutes", "Minutes"), str(action.minutes)), (field("attendees", "Attendees"), people)),
                    *((field("place", "Place"), action.place), (field("note", "Note"), action.note)),
                ]
                steps = self._form(wanted, button("book", "Book"), CALENDAR, button("new-event", "New event"))
            case MoveEvent(event_id=id) | CancelEvent(event_id=id):
                steps = self._change(id, action)
            case UpdateItem():
                steps = self._update(action)
            case AddItem():
                steps = self._add(action)
        async for calls in steps:
            yield calls

    async def _show_calendar(self, action: ListCalendar) -> Calls:
        """The page that stands behind the link, or the days that are asked for."""
        wanted = [(field("person", "Person"), action.person), (field("start", "From"), action.start)]
        days = [(field("days", "Days"), str(action.days))] if action.days != ListCalendar().days else []
        show = button("show-calendar", "Show")
        asked = any(text for _, text in wanted) or days
        async for calls in self._form([*wanted, *days], show, CALENDAR) if asked else self._press(CALENDAR):
            yield calls

    async def _change(self, id: str, action: MoveEvent | CancelEvent) -> Calls:
        """Move or cancel an event, of this week or as far ahead as the calendar shows."""
        event = f'#main [data-event="{id}"]'
        change = Target(f"{event} summary", ".*Change")
        async for calls in self._press(CALENDAR):
            yield calls
        yield [self._hand.look()]
        if await self._hand.find(change) is None:
            async for calls in self._show_calendar(ListCalendar(days=MAX_DAYS)):
                yield calls
        async for calls in self._press(change):
            yield calls
        note = (Target(f'{event} [name="note"]', 'textbox "Note"'), action.note)
        if isinstance(action, MoveEvent):
            wanted = [(Target(f'{event} [name="start"]', 'textbox "New time"'), action.start), note]
            then = Target(f'{event} [data-do="move-event"]', 'button "Move"')
        else:
            wanted, then = [note], Target(f'{event} [data-do="cancel-event"]', 'button "Cancel event"')
        async for calls in self._form(wanted, then):
            yield calls

    async def _entry(self, id: str) -> Calls:
        """Open an entry of the register, by its number where it is not among those that are shown."""
        row = marked("item", id)
        async for calls in self._press(REGISTER):
            yield calls
        yield [self._hand.look()]
        if await self._hand.find(row) is None:
            async for calls in self._form([(ENTRIES, id)], FIND_ENTRIES):
                yield calls
        async for calls in self._press(row):
            yield calls

    async def _update(self, action: UpdateItem) -> Calls:
        async for calls in self._entry(action.item_id):
            yield calls
        wanted = [
            *((options("field", "Field"), action.field), (field("value", "New value"), action.value)),
            (field("note", "Note"), action.note),
        ]
        async for calls in self._form(wanted, button("save-item", "Save entry")):
            yield calls

    async def _add(self, action: AddItem) -> Calls:
        async for calls in self._press(REGISTER, button("new-item", "New entry")):
            yield calls
        yield [self._hand.look()]
        sort = Target(f'#main .sorts a:text-is("{action.sort}")', f'link "{action.sort}"')
        if await self._hand.find(sort) is not None:
            async for calls in self._press(sort):
                yield calls
            yield [self._hand.look()]
        wanted = [(field("title", "Title"), action.title)]
        for entry in action.fields:
            name, _, value = (part.strip() for part in entry.partition(":"))
            shut, label = f"fields.{name}", name.capitalize()
            listed = options(shut, label)
            wanted.append((listed if await self._hand.find(listed) is not None else field(shut, label), value))
        async for calls in self._form(wanted, button("add-item", "Add entry")):
            yield calls

    async def _form(self, wanted: Sequence[Filled], then: Target, *ways: Target, mail: str = "") -> Calls:
        """Go to a form, fill it, and press its button."""
        if mail:
            async for calls in self._on_mail(mail, *ways):
                yield calls
        else:
            async for calls in self._press(*ways):
                yield calls
        for target, text in wanted:
            if text:
                async for calls in self._choose(target, text) if target.opens else self._fill(target, text):
                    yield calls
        async for calls in self._press(then):
            yield calls

    async def _fill(self, target: Target, text: str) -> Calls:
        async for calls in self._near(target):
            yield calls
        yield [self._hand.write(self._at, text)]

    async def _choose(self, target: Target, option: str) -> Calls:
        """Choose an option of a list that opens."""
        async for calls in self._near(target):
            yield calls
        if (call := self._hand.choose(self._at, option)) is not None:
            yield [call]
            return
        yield [self._hand.click(self._at)]
        async for calls in self._press(Target(f'{target.css} option:text-is("{option}")', f'option "{option}"')):
            yield calls

    async def _press(self, *targets: Target) -> Calls:
        for target in targets:
            async for calls in self._near(target):
                yield calls
            yield [self._hand.click(self._at)]

    async def _near(self, target: Target) -> Calls:
        """Find a thing and bring it into reach."""
        for _ in range(10):
            self._at = await self._hand.find(target)
            if self._at is None:
                yield [self._hand.look()]  # what was shown last may have been the end of something slow
                self._at = await self._hand.find(target)
            if self._at is None:
                raise NotThere(f"{target.css}: is not on the page {self._hand.screen.page.url.rpartition('/')[2]!r}")
            if (call := self._hand.nearer(self._at)) is None:
                return
            yield [call]
        raise NotThere(f"{target.css}: does not come into reach")

    async def _row(self, id: str) -> Calls:
        """Open a message from the inbox, on whichever of its pages it stands."""
        row = marked("message", id)
        if await self._hand.find(row) is None:
            async for calls in self._press(to("inbox")):
                yield calls
        for _ in range(40):
            if await self._hand.find(row) is not None:
                async for calls in self._press(row):
                    yield calls
                return
            async for calls in self._press(OLDER):
                yield calls
        raise NotThere(f"{id}: is in none of the inbox's pages")

    async def _on_mail(self, id: str, *then: Target) -> Calls:
        """Open a message, if it is not open, and press something beside it."""
        if not await self._hand.screen.page.locator(f'[data-mail="{id}"]').count():
            async for calls in self._row(id):
                yield calls
        async for calls in self._press(*then):
            yield calls

    async def _wait(self, minutes: int) -> Calls:
        """Wait as long, or as much longer as the list offers."""
        option = next((label for length, label in _MINUTES if length >= minutes), _MINUTES[-1][1])
        async for calls in self._choose(MINUTES, option):
            yield calls
        async for calls in self._press(WAIT):
            yield calls


def _mail(action: SendMail | Reply | Forward | SaveDraft | ScheduleMail) -> list[Filled]:
    """The fields of a message and what belongs into them."""
    lines = (("to", "To"), ("cc", "Cc"), ("bcc", "Bcc"))
    people = [(field(n, label), ", ".join(getattr(action, n, ()))) for n, label in lines]
    return [
        *people,
        (field("subject", "Subject"), getattr(action, "subject", "")),
        (field("body", "Message"), action.body),
        (field("attachments", "Attachments"), "; ".join(getattr(action, "attachments", ()))),
    ]
