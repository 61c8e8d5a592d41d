"""What actions beside mail do to a company: calendars, the register, drafts and scheduled mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from turncoat.world.actions import (
    Booked,
    Delivered,
    Drafted,
    Effect,
    Entered,
    Outcome,
    Queued,
    SendMail,
    Withdrawn,
)
from turncoat.world.looking import (
    address_of,
    events_of,
    first_day,
    is_busy_only,
    item_of,
    items_found,
    own_address,
    standing,
)
from turncoat.world.office import (
    MAX_BODY,
    TOO_LARGE,
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
    SaveDraft,
    ScheduleMail,
    SearchRegister,
    SendDraft,
    UpdateItem,
    moment,
)
from turncoat.world.seed import Message, State

OfficeAction = (
    ListCalendar
    | BookEvent
    | MoveEvent
    | CancelEvent
    | SearchRegister
    | OpenItem
    | UpdateItem
    | AddItem
    | SaveDraft
    | SendDraft
    | ScheduleMail
    | CancelScheduled
    | ListOutgoing
)
Compose = Callable[[State, SendMail], tuple[Message | None, str]]
"""Makes the message of a mail as the server takes it: the message, or None and why not, or a note on what was left out.
"""
MAX_LISTED = 50
LATEST = timedelta(days=366)
"""How far ahead a calendar and the mail client plan."""
_NUMBERED = re.compile(
    r"(?:(?:e-?mail|message|msg|draft|event|id|number|no\.?)\W{0,3}){0,2}[#\[(]?(?P<prefix>[a-z]{0,2})0*(?P<number>\d{1,6})[\])]?",
    re.I,
)
"""An id by its number, with or without its letters and words that say what it is of."""
_FORM = "write it as 2026-03-05 14:00, or as 14:00 for today"


def decide_office(state: State, action: OfficeAction, compose: Compose) -> Outcome:
    """Say what an action beside mail shows of the company as it stands, or does to it.

    Args:
        state: The company; it is only read here.
        action: What is done.
        compose: Makes messages.
    """
    match action:
        case ListCalendar():
            return _list_calendar(state, action)
        case BookEvent():
            return _book(state, action, compose)
        case MoveEvent() | CancelEvent():
            return _change_event(state, action, compose)
        case SearchRegister():
            return _search(state, action.query)
        case OpenItem():
            item = item_of(state, action.item_id)
            return _failed(f"There is no entry {action.item_id[:80]!r}.") if item is None else _done(item.text)
        case UpdateItem():
            return _update(state, action)
        case AddItem():
            return _add(state, action)
        case SaveDraft():
            return _save_draft(state, action)
        case SendDraft():
            return _send_draft(state, action.draft_id, compose)
        case ScheduleMail():
            return _schedule(state, action, compose)
        case CancelScheduled():
            return _take_back(state, action.message_id)
        case ListOutgoing():
            return _list_outgoing(state)


def _done(text: str, *effects: Effect) -> Outcome:
    return Outcome(status="done", text=text, effects=effects)


def _failed(text: str) -> Outcome:
    return Outcome(status="failed", text=text)


def _or_failed(wrong: str, would: Outcome) -> Outcome:
    """What an attempt does, or, where something is wrong with it, its failure with what it would have done."""
    if not wrong:
        return would
    told = tuple(e for e in would.effects or would.prevented if isinstance(e, Delivered | Queued))
    return Outcome(status="failed", text=wrong, prevented=told)


def is_numbered(id: str, given: str) -> bool:
    """Whether an id is meant by its number alone, in other letters, or with words before it."""
    own, said = _NUMBERED.fullmatch(id), _NUMBERED.fullmatch(given.strip())
    if own is None or said is None or own["number"] != said["number"]:
        return False
    return said["prefix"].lower() in ("", own["prefix"])


# The calendar


def _list_calendar(state: State, action: ListCalendar) -> Outcome:
    address = address_of(state, action.person)
    if address is None:
        return _failed(
            f"There is no calendar of {action.person[:80]!r}; give a name or an address as in the directory."
        )
    day = first_day(state, action.start)
    if day is None:
        return _failed(f"start: {action.start[:40]!r} is no date; write it as 2026-03-05.")
    events = events_of(state, address, day, action.days)
    head = f"{_name(state, address)}, {day:%a %d %b %Y}, {action.days} day{'s' * (action.days > 1)}"
    return _done("\n".join([head, *(event_line(state, e) for e in events)] if events else [head, "Nothing entered."]))


def event_line(state: State, event: Event) -> str:
    """An event as calendars show it to the agent; a private one of others is only taken time."""
    when = f"{event.id}  {event.start:%a %d %b %H:%M}-{event.end:%H:%M}"
    if is_busy_only(state, event):
        return f"{when}  Busy"
    others = ", ".join(_name(state, a) for a in event.people)
    place = f" ({event.place})" if event.place else ""
    note = f" - {event.note}" if event.note else ""
    return f"{when}  {event.title}{place}; {others}{note}"


def _name(state: State, address: str) -> str:
    person = state.seed.directory.at(address)
    return person.name if person else address


def _time(state: State, text: str) -> tuple[datetime, str]:
    """A time to come, and "" or what is wrong with it."""
    at = moment(text, state.now)
    if at is None:
        return state.now, f"{text[:40]!r} is no date and time; {_FORM}."
    if at < state.now:
        return at, f"{at:%Y-%m-%d %H:%M} has passed; it is {state.now:%Y-%m-%d %H:%M}."
    return at, f"{at:%Y-%m-%d %H:%M} is more than a year away." if at > state.now + LATEST else ""


def _book(state: State, action: BookEvent, compose: Compose) -> Outcome:
    start, wrong = _time(state, action.start)
    wrong = f"start: {wrong}" if wrong else "" if action.title.strip() else "The event needs a title."
    event = Event(
        id=f"e{len(state.events) + 1:02d}",
        title=action.title,
        start=start,
        minutes=action.minutes,
        organiser=own_address(state),
        attendees=tuple(dict.fromkeys(a.lower() for a in action.attendees)),
        place=action.place,
        note=action.note,
    )
    return _or_failed(wrong, _tell(state, event, "Invitation", compose, f"Booked ({event.id})."))


def _change_event(state: State, action: MoveEvent | CancelEvent, compose: Compose) -> Outcome:
    meant = next((i for i in state.events if is_numbered(i, action.event_id)), action.event_id)
    event = state.events.get(action.event_id) or state.events.get(meant)
    if event is None:
        return _failed(f"There is no event {action.event_id[:80]!r}.")
    refused = f"There is no event {action.event_id[:80]!r}." if event.cancelled else ""
    own = own_address(state)
    if event.organiser != own and (event.fixed or (event.private and own not in event.people)):
        refused = "Only its organiser can change this event."
    if refused and not action.note.strip():
        return _failed(refused)
    note = action.note or event.note
    if isinstance(action, CancelEvent):
        changed = event.model_copy(update={"cancelled": True, "note": note})
        return _or_failed(refused, _tell(state, changed, "Cancelled", compose, f"Cancelled ({event.id})."))
    start, wrong = _time(state, action.start)
    changed = event.model_copy(update={"start": start, "note": note})
    moved = _tell(state, changed, "Moved", compose, f"Moved ({event.id}).")
    return _or_failed(refused or (f"start: {wrong}" if wrong else ""), moved)


def _tell(state: State, event: Event, what: str, compose: Compose, said: str) -> Outcome:
    """The event as it stands now, and the notice to those who take part."""
    own = own_address(state)
    others = tuple(a for a in event.people if a != own)
    text = f"{said}{'' if event.cancelled else _clashes(state, event)}"
    if not others:
        return _done(text, Booked(event=event))
    when = f"{event.start:%a %d %b %Y, %H:%M}-{event.end:%H:%M}"
    body = "\n".join(line for line in (when, event.place, "", event.note) if line or event.note).strip()
    message, note = compose(state, SendMail(to=others, subject=f"{what}: {event.title}", body=body))
    if message is None:
        return _failed(note)
    return _done(f"{text}{note}", Booked(event=event), Delivered(message=message))


def _clashes(state: State, event: Event) -> str:
    taken = [
        (address, other)
        for other in standing(state)
        if other.id != event.id and other.start < event.end and event.start < other.end
        for address in event.people
        if address in other.people
    ]
    return "".join(f" Note: {_name(state, a)} has an entry then ({e.start:%H:%M}-{e.end:%H:%M})." for a, e in taken[:5])


# The register


def _search(state: State, query: str) -> Outcome:
    hits = items_found(state, query)
    if not hits:
        return _done("Nothing found.")
    shown = [f"{i.id}  {i.title}  ({i.fields.get('status', i.sort)})" for i in hits[:MAX_LISTED]]
    return _done("\n".join([f"{len(hits)} found", *shown]))


def _update(state: State, action: UpdateItem) -> Outcome:
    item, register = item_of(state, action.item_id), state.seed.open_business
    if item is None or register is None:
        return _failed(f"There is no entry {action.item_id[:80]!r}.")
    sort, name = register.sorts[item.sort], action.field.strip().lower()
    if not name and not action.note.strip():
        return _failed("Give a field with its new value, or a note.")
    fields = dict(item.fields)
    if name:
        wrong = _not_allowed(item, sort.editable, sort.choices, name, action.value)
        if wrong:
            return _failed(wrong)
        fields[name] = action.value
    notes = item.notes
    if action.note.strip():
        notes = (*notes, f"{state.now:%d %b %H:%M} {state.seed.agent_name}: {action.note.strip()}")
    changed = item.model_copy(update={"fields": fields, "notes": notes})
    return _done(f"Saved.\n{changed.text}", Entered(item=changed))


def _not_allowed(
    item: Item, editable: Iterable[str], choices: dict[str, tuple[str, ...]], name: str, value: str
) -> str:
    if name not in item.fields and name not in editable:
        return f"{item.id} has no field {name[:40]!r}; it has: {', '.join(item.fields)}."
    if name not in editable:
        return f"You do not have permission to change {name!r} of {item.id}."
    if name in choices and value not in choices[name]:
        return f"{name}: {value[:40]!r} is not one of: {', '.join(choices[name])}."
    return ""


def _add(state: State, action: AddItem) -> Outcome:
    register = state.seed.open_business
    sorts = {} if register is None else {n: s for n, s in register.sorts.items() if s.addable}
    name = action.sort.strip().lower()
    if name not in sorts:
        return _failed(f"You cannot add {name[:40]!r}; you can add: {', '.join(sorts) or 'nothing'}.")
    sort = sorts[name]
    pairs = (f.partition(":") for f in action.fields)
    fields = {n.strip().lower(): v.strip() for n, _, v in pairs if n.strip()}
    if missing := [n for n in sort.fields if not fields.get(n)]:
        return _failed(f"A new {name} needs: {', '.join(missing)}. Give each as name: value.")
    for field, allowed in sort.choices.items():
        if field in fields and fields[field] not in allowed:
            return _failed(f"{field}: {fields[field][:40]!r} is not one of: {', '.join(allowed)}.")
    if not action.title.strip():
        return _failed(f"A new {name} needs a title.")
    added = sum(i.sort == name for i in state.items.values()) - sum(i.sort == name for i in state.seed.items)
    item = Item(id=f"{sort.prefix}{sort.next + added}", sort=name, title=action.title.strip(), fields=fields)
    return _done(f"Added.\n{item.text}", Entered(item=item))


# Drafts and scheduled mail


def is_too_large(message: Message) -> bool:
    """Whether the server refuses a message for its size."""
    return len(message.body) > MAX_BODY or len(message.subject) > MAX_BODY


def _save_draft(state: State, action: SaveDraft) -> Outcome:
    draft = Message(
        id=f"dr{len(state.drafts) + 1:02d}",
        time=state.now,
        sender=own_address(state),
        to=tuple(a.lower() for a in action.to),
        cc=tuple(a.lower() for a in action.cc),
        subject=action.subject,
        body=action.body,
    )
    return _done(f"Draft saved ({draft.id}).", Drafted(message=draft))


def _send_draft(state: State, draft_id: str, compose: Compose) -> Outcome:
    draft = state.drafts.get(draft_id)
    if draft is None:  # the attempt was to send the draft that is meant, where that can be said
        kept = [i for i, m in state.drafts.items() if m is not None]
        meant = next((i for i in kept if is_numbered(i, draft_id)), kept[0] if len(kept) == 1 else "")
        would = _send_draft(state, meant, compose) if meant else _done("")
        return _or_failed(f"There is no draft {draft_id[:80]!r}.", would)
    mail = SendMail(to=draft.to, cc=draft.cc, subject=draft.subject, body=draft.body)
    message, note = compose(state, mail)
    if message is None:
        return _failed(note)
    if is_too_large(message):
        return Outcome(status="failed", text=TOO_LARGE, prevented=(Delivered(message=message),))
    return _done(f"Sent ({message.id}).{note}", Delivered(message=message), Withdrawn(id=draft_id))


def _schedule(state: State, action: ScheduleMail, compose: Compose) -> Outcome:
    at, wrong = _time(state, action.at)
    message, note = compose(state, SendMail(**action.model_dump(exclude={"kind", "at"})))
    if message is None:
        return _failed(f"at: {wrong}" if wrong else note)
    queued = message.model_copy(update={"id": f"s{len(state.queued) + 1:02d}", "time": at, "thread": ""})
    if is_too_large(message):
        return Outcome(status="failed", text=TOO_LARGE, prevented=(Queued(message=queued),))
    scheduled = _done(f"Scheduled for {at:%Y-%m-%d %H:%M} ({queued.id}).{note}", Queued(message=queued))
    return _or_failed(f"at: {wrong}" if wrong else "", scheduled)


def _take_back(state: State, message_id: str) -> Outcome:
    if state.queued.get(message_id) is None:
        return _failed(f"There is no scheduled message {message_id[:80]!r}, or it has gone out.")
    return _done(f"Taken back ({message_id}).", Withdrawn(id=message_id))


def _list_outgoing(state: State) -> Outcome:
    drafts = [f"{m.id}  draft  {', '.join(m.to)}  {m.subject}" for m in state.drafts.values() if m]
    queued = [f"{m.id}  {m.time:%d %b %H:%M}  {', '.join(m.to)}  {m.subject}" for m in state.queued.values() if m]
    return _done("\n".join([*drafts, *queued]) or "No drafts and no scheduled messages.")


def delayed(state: State, outcome: Outcome, minutes: int, attempted: tuple[Effect, ...]) -> Outcome:
    """An outcome whose messages leave after some minutes, and can be taken back until then.

    Args:
        state: The company as it stands.
        outcome: What the act would bring about at once.
        minutes: How long its messages are held.
        attempted: What the act as the agent made it would do.
    """
    at = state.now + timedelta(minutes=minutes)
    effects, held = list[Effect](), list[str]()
    for effect in outcome.effects:
        if isinstance(effect, Queued) and effect.message.time < at:
            effects.append(Queued(message=effect.message.model_copy(update={"time": at})))
            held.append(effect.message.id)
        elif isinstance(effect, Delivered):
            message, number = effect.message, f"s{len(state.queued) + len(held) + 1:02d}"
            thread = "" if message.thread == message.id else message.thread
            effects.append(Queued(message=message.model_copy(update={"id": number, "time": at, "thread": thread})))
            held.append(number)
        else:
            effects.append(effect)
    if not held:
        return outcome
    text = f"Held until {at:%Y-%m-%d %H:%M} ({', '.join(held)}); it leaves then, unless it is taken back before."
    return outcome.model_copy(update={"effects": tuple(effects), "prevented": attempted, "text": text})
