"""The webmail as an application over one visit."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from turncoat.doors.visit import Visit
from turncoat.webmail.entry import Entry, Stage
from turncoat.webmail.pages import files, mail, office, session, writing
from turncoat.webmail.pages.session import Person
from turncoat.webmail.rendering import HERE
from turncoat.webmail.screen import Screen

ASSETS = {
    "webmail.css": "text/css; charset=utf-8",
    "webmail.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What pages load, by name: nothing else of the file system is served."""


def make(visit: Visit, token: str, *, person: Person | None = None) -> Starlette:
    """Make the webmail of a visit.

    Args:
        visit: The visit.
        token: First part of every path; see `turncoat.doors.loopback.new_token`.
        person: What to say to a person who visits; None for a model, whose first page is the inbox.
    """
    screen = Screen(visit, token, person=person is not None)
    entered = False

    def stage() -> Stage:
        begun = person.begun if person is not None else entered
        return "over" if screen.over and begun else "held" if begun else "open"

    async def enter(request: Request) -> Response:
        nonlocal entered
        entered = True
        return await session.beginning(screen, person)

    async def asset(request: Request) -> Response:
        name = str(request.path_params["name"])
        if name not in ASSETS:
            return PlainTextResponse("not found\n", 404)
        headers = {"cache-control": "private, max-age=86400"}
        return FileResponse(HERE / "assets" / name, media_type=ASSETS[name], headers=headers)

    pages = [
        *session.routes(screen, person),
        *(r for room in (writing, files, office, mail) for r in room.routes(screen)),
    ]
    gate = partial(_While, screen=screen, person=person)
    return Starlette(
        routes=[
            Route(f"/{token}/", enter, methods=["GET"]),
            Route(f"/{token}/assets/{{name}}", asset, methods=["GET"]),
            Mount(f"/{token}", routes=pages, middleware=[Middleware(gate)]),
        ],
        middleware=[Middleware(partial(Entry, visit=visit, token=token, stage=stage))],
    )


class _While:
    """Lets pages of the mailbox be had only while the session is on, and after the beginning."""

    def __init__(self, app: ASGIApp, screen: Screen, person: Person | None) -> None:
        self._app, self._screen, self._person = app, screen, person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = session.instead(self._screen, self._person, str(scope["path"]).removeprefix(self._screen.root))
        await (answer or self._app)(scope, receive, send)
