"""The calendar and the register of open business."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from turncoat.webmail.rendering import back, first, form_of, given, go, page, path, sent_before
from turncoat.webmail.screen import Screen
from turncoat.world.actions import Entered
from turncoat.world.looking import address_of, events_of, first_day, is_busy_only, item_of, items_found
from turncoat.world.performing_office import MAX_LISTED

NEW_EVENT = ("title", "start", "minutes", "attendees", "place", "note")


def routes(screen: Screen) -> list[Route]:
    """Where the day is planned and business is kept, as far as the desk has them."""
    return [
        *(_calendar(screen) if "list_calendar" in screen.kinds else ()),
        *(_register(screen) if "search_register" in screen.kinds else ()),
    ]


def _calendar(screen: Screen) -> list[Route]:
    async def shown_days(request: Request) -> Response:
        person, start = request.query_params.get("person", ""), request.query_params.get("start", "")
        days = _whole(request.query_params.get("days", "")) or 7
        asked: dict[str, Any] = {n: v for n, v in (("person", person), ("start", start)) if v} | {"days": days}
        shown = await screen.look(path("calendar", person=person, start=start, days=days), "list_calendar", asked)
        address, day = address_of(screen.company, person), first_day(screen.company, start)
        found = None
        if (shown is None or shown.ok) and address is not None and day is not None:
            found = {"address": address, "day": day, "days": days, "by_day": _by_day(screen, address, day, days)}
        fields = {"who": person, "start": start, "days": days}
        return page(screen, "calendar.html.j2", "calendar", fields=fields, found=found)

    async def new(request: Request) -> Response:
        return page(screen, "new_event.html.j2", "new-event", fields=dict.fromkeys(NEW_EVENT, ""))

    async def book(request: Request) -> Response:
        form = await form_of(request)
        if not screen.takes_form(first(form, "once")):
            return sent_before(screen)
        minutes = first(form, "minutes")
        length = {"minutes": _whole(minutes) or minutes} if minutes.strip() else {}
        asked = {n: first(form, n) for n in ("title", "start")} | given(form, "attendees", "place", "note") | length
        shown = await screen.act("book_event", asked)
        if shown.ok or screen.over:
            return _to(screen, "calendar")
        return page(screen, "new_event.html.j2", "new-event", fields={n: first(form, n) for n in NEW_EVENT})

    async def move(request: Request) -> Response:
        form = await form_of(request)
        fields = {"event_id": request.path_params["id"], "start": first(form, "start"), **given(form, "note")}
        return await _change(screen, form, "move_event", fields)

    async def cancel(request: Request) -> Response:
        form = await form_of(request)
        return await _change(
            screen, form, "cancel_event", {"event_id": request.path_params["id"], **given(form, "note")}
        )

    return [
        Route("/calendar", shown_days),
        Route("/calendar", book, methods=["POST"]),
        Route("/calendar/new", new),
        Route("/calendar/{id}/move", move, methods=["POST"]),
        Route("/calendar/{id}/cancel", cancel, methods=["POST"]),
    ]


def _by_day(screen: Screen, address: str, day: Any, days: int) -> list[Any]:
    company = screen.company
    events = events_of(company, address, day, days)
    dates = [day + timedelta(days=n) for n in range(days)]
    rows = [(d, [(e, is_busy_only(company, e)) for e in events if _on(e, d, day)]) for d in dates]
    return [(d, found) for d, found in rows if found or d.weekday() < 5 or d.date() == company.now.date()]


def _on(event: Any, date: Any, begin: Any) -> bool:
    """Whether an event stands under a day: that of its start, or the first day shown if it began earlier."""
    start = max(event.start, begin)
    return bool(date <= start < date + timedelta(days=1))


async def _change(screen: Screen, form: dict[str, list[str]], tool: str, fields: dict[str, Any]) -> Response:
    if not screen.takes_form(first(form, "once")):
        return sent_before(screen)
    await screen.act(tool, fields)
    return _to(screen, "calendar")


def _to(screen: Screen, place: str) -> Response:
    """Back to what was on the screen, if it is of the place; else to the place."""
    return back(screen) if screen.here.partition("?")[0] == place or screen.over else go(screen, place)


def _register(screen: Screen) -> list[Route]:
    async def search(request: Request) -> Response:
        query = request.query_params.get("q", "")
        shown = await screen.look(path("register", q=query), "search_register", {"query": query} if query else {})
        if shown is None or shown.ok:
            screen.items = query
        return _entries(screen, None)

    async def opened(request: Request) -> Response:
        number = str(request.path_params["id"])
        shown = await screen.look(path("register", number), "open_item", {"item_id": number})
        number = getattr(shown.action, "item_id", number) if shown is not None and shown.ok else number
        return _entries(screen, number if shown is None or shown.ok else None)

    async def update(request: Request) -> Response:
        form = await form_of(request)
        number = str(request.path_params["id"])
        if not screen.takes_form(first(form, "once")):
            return sent_before(screen)
        shown = await screen.act("update_item", {"item_id": number, **given(form, "field", "value", "note")})
        if shown.ok:
            screen.notice.text, screen.here = "Saved.", path("register", number)  # the answer shows the entry
        return go(screen, path("register", number))

    async def new(request: Request) -> Response:
        return _new(screen, request.query_params.get("sort", ""), {})

    async def add(request: Request) -> Response:
        form = await form_of(request)
        if not screen.takes_form(first(form, "once")):
            return sent_before(screen)
        values = {n.removeprefix("fields."): v[0] for n, v in form.items() if n.startswith("fields.") and v[0].strip()}
        written = {"fields": [f"{n}: {v}" for n, v in values.items()]} if values else {}
        shown = await screen.act("add_item", {n: first(form, n) for n in ("sort", "title")} | written)
        if not shown.ok:
            return _new(screen, first(form, "sort"), {**values, "": first(form, "title")})
        number = next((e.item.id for e in shown.effects if isinstance(e, Entered)), "")
        screen.notice.text, screen.here = "Added.", path("register", number)  # the answer shows the entry
        return go(screen, screen.here)

    return [
        Route("/register", search),
        Route("/register", add, methods=["POST"]),
        Route("/register/new", new),
        Route("/register/{id}", opened),
        Route("/register/{id}", update, methods=["POST"]),
    ]


def _entries(screen: Screen, number: str | None) -> Response:
    company, query = screen.company, screen.items or ""
    hits = items_found(company, query) if screen.items is not None else []
    item = item_of(company, number) if number is not None else None
    register = company.seed.open_business
    sort = register.sorts.get(item.sort) if item is not None and register is not None else None
    values = {"query": query, "rows": hits[:MAX_LISTED], "count": len(hits), "item": item, "sort": sort}
    return page(screen, "register.html.j2", "register" if item is None else "item", **values)


def _new(screen: Screen, name: str, values: dict[str, str]) -> Response:
    register = screen.company.seed.open_business
    sorts = {n: s for n, s in register.sorts.items() if s.addable} if register is not None else {}
    chosen = name if name in sorts else next(iter(sorts), "")
    return page(screen, "new_item.html.j2", "new-item", sorts=sorts, chosen=chosen, values=values)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
