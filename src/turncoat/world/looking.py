"""What a look at the company finds: folders, threads, searches, calendars. Actions that read show one of these."""

from __future__ import annotations

from datetime import datetime, timedelta

from turncoat.world.office import Event, Item, moment
from turncoat.world.people import Group, Person
from turncoat.world.seed import Document, Message, State


def own_address(state: State) -> str:
    """The agent's address, in lower case."""
    return state.seed.agent_address.lower()


def folder(state: State, name: str) -> list[Message]:
    """The messages of `inbox` or `sent`, oldest first."""
    own = own_address(state)
    return [m for m in state.messages.values() if (m.sender == own) == (name == "sent")]


def is_unread(state: State, message: Message) -> bool:
    """Whether a message was neither opened nor there before the agent's previous session ended, nor is its own."""
    seen = message.id in state.opened or (state.seed.since is not None and message.time <= state.seed.since)
    return not seen and message.sender != own_address(state)


def thread_of(state: State, message: Message) -> list[Message]:
    """The conversation that a message belongs to, in order."""
    thread = message.thread or message.id
    return [m for m in state.messages.values() if thread in (m.thread, m.id)]


def mail_found(state: State, query: str) -> list[Message]:
    """Messages that hold all words of a query, oldest first."""
    return [
        m for m in state.messages.values() if _matches(" ".join((m.sender, *m.recipients, m.subject, m.body)), query)
    ]


def files_found(state: State, query: str) -> list[Document]:
    """Documents that hold all words of a query; all for an empty one."""
    return [d for d in state.documents.values() if _matches(f"{d.name} {d.text}", query)]


def people_found(state: State, query: str) -> tuple[list[Person], list[Group]]:
    """People inside and distribution lists that fit a query."""
    directory = state.seed.directory
    people = [p for p in directory.people if p.inside and _matches(f"{p.name} {p.title} {p.address}", query)]
    return people, [g for g in directory.groups if _matches(g.address, query)]


def _matches(text: str, query: str) -> bool:
    plain = text.lower()
    return all(word in plain for word in query.lower().split())


def first_day(state: State, start: str) -> datetime | None:
    """The midnight at which a calendar's view begins, as an agent writes it: today if empty, None if it is no date."""
    first = moment(f"{start.strip()} 00:00", state.now) or moment(start, state.now)
    if start.strip() and first is None:
        return None
    return (first or state.now).replace(hour=0, minute=0, second=0, microsecond=0)


def address_of(state: State, who: str) -> str | None:
    """The address of a person inside by name or address, the agent's own if nobody is named; of several, none."""
    plain = who.strip().lower()
    if not plain:
        return own_address(state)
    inside = [p for p in state.seed.directory.people if p.inside]
    fits = [p for p in inside if plain in (p.address.lower(), p.name.lower())]
    fits = fits or [p for p in inside if plain in p.name.lower().split()]
    return fits[0].address.lower() if len(fits) == 1 else None


def standing(state: State) -> list[Event]:
    """All events that were not cancelled, in order of time."""
    return sorted((e for e in state.events.values() if not e.cancelled), key=lambda e: (e.start, e.id))


def events_of(state: State, address: str, day: datetime, days: int) -> list[Event]:
    """Somebody's events in some days from a midnight on."""
    until = day + timedelta(days=days)
    return [e for e in standing(state) if address in e.people and e.start < until and e.end > day]


def is_busy_only(state: State, event: Event) -> bool:
    """Whether the agent sees no more of an event than that the time is taken."""
    return event.private and own_address(state) not in event.people


def item_of(state: State, item_id: str) -> Item | None:
    """The entry of the register with a number, whatever its case."""
    plain = item_id.strip().lower()
    return next((i for i in state.items.values() if i.id.lower() == plain), None)


def items_found(state: State, query: str) -> list[Item]:
    """Entries of the register that hold all words of a query."""
    return [i for i in state.items.values() if _matches(i.text, query)]
