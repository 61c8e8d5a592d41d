"""Folders, searches, messages and conversations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from turncoat.webmail.rendering import page, path
from turncoat.webmail.screen import Screen
from turncoat.world import Message
from turncoat.world.actions import ReadMail, ReadThread
from turncoat.world.looking import folder, mail_found, thread_of
from turncoat.world.performing import MAX_FOUND

PAGE = 25
"""Messages on one page of a folder."""


def routes(screen: Screen) -> list[Route]:
    """Where mail is looked at."""

    async def listed(request: Request) -> Response:
        name = "sent" if request.query_params.get("folder") == "sent" else "inbox"
        count = len(folder(screen.company, name))
        number = min(_number(request.query_params.get("page", "1")), _pages(count))
        end = max(count - (number - 1) * PAGE, 0)
        start = max(end - PAGE, 0)
        asked = {"folder": name, "offset": start, "limit": max(end - start, 1)}
        shown = await screen.look(path("mail", folder=name, page=number), "list_mail", asked)
        if shown is None or shown.ok:
            screen.listing = {"folder": name, "page": number}
        return page(screen, "mail.html.j2", name, **listing(screen))

    async def found(request: Request) -> Response:
        query = request.query_params.get("q", "")
        shown = await screen.look(path("mail", "search", q=query), "search_mail", {"query": query})
        if shown is None or shown.ok:
            screen.listing = {"query": query}
        return page(screen, "mail.html.j2", "search", **listing(screen))

    async def opened(request: Request) -> Response:
        return await _opened(screen, str(request.path_params["id"]), "read_mail")

    async def conversation(request: Request) -> Response:
        return await _opened(screen, str(request.path_params["id"]), "read_thread")

    return [
        Route("/mail", listed),
        Route("/mail/search", found),
        Route("/mail/{id}", opened),
        Route("/mail/{id}/thread", conversation),
    ]


async def _opened(screen: Screen, message_id: str, kind: str) -> Response:
    whole = kind == "read_thread"
    here = path("mail", message_id, "thread") if whole else path("mail", message_id)
    shown = await screen.look(here, kind, {"message_id": message_id})
    if shown is not None and not shown.ok:
        return page(screen, "mail.html.j2", "message", **listing(screen))
    match shown.action if shown is not None else None:
        case ReadMail(message_id=other) | ReadThread(message_id=other):  # a guard may have put another in its place
            message_id = other
    message = screen.company.messages[message_id]
    messages = thread_of(screen.company, message) if whole else [message]
    screen.knows(messages)
    several = len(thread_of(screen.company, message)) > 1
    shown_as = "thread" if whole else "message"
    read = {"message": message, "messages": messages, "several": several}
    return page(screen, "mail.html.j2", shown_as, **{**listing(screen), **read})


def listing(screen: Screen) -> dict[str, Any]:
    """What the list of messages holds: as it was last listed, and what has been announced since."""
    shown: Mapping[str, Any] = screen.listing
    if "query" in shown:
        hits = mail_found(screen.company, shown["query"])
        rows = hits[:MAX_FOUND][::-1]
        return _list(screen, rows, title=f"Results for “{shown['query']}”", count=len(hits), place="search")
    if "folder" in shown:
        name, number = shown["folder"], shown["page"]
        messages = folder(screen.company, name)[::-1]
        rows = messages[(number - 1) * PAGE : number * PAGE]
        title = "Sent" if name == "sent" else "Inbox"
        newer = path("mail", folder=name, page=number - 1) if number > 1 else ""
        older = path("mail", folder=name, page=number + 1) if number < _pages(len(messages)) else ""
        span = f"{(number - 1) * PAGE + 1}–{(number - 1) * PAGE + len(rows)} of {len(messages)}" if rows else ""
        return _list(screen, rows, title, len(messages), name, newer, older, span)
    return _list(screen, [], "", 0, "")


def _list(
    screen: Screen,
    rows: list[Message],
    title: str,
    count: int,
    place: str,
    newer: str = "",
    older: str = "",
    span: str = "",
) -> dict[str, Any]:
    screen.knows([m.model_copy(update={"to": (), "cc": ()}) for m in rows])
    more: dict[str, Any] = {
        "newer": newer,
        "older": older,
        "span": span,
        "message": None,
        "messages": [],
        "several": False,
    }
    return {"rows": rows, "title": title, "count": count, "place": place, "today": screen.company.now.date(), **more}


def _number(text: str) -> int:
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _pages(count: int) -> int:
    return max(-(-count // PAGE), 1)
