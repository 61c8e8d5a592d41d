"""The drive, the directory and the form that overrides alerts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from turncoat.webmail.rendering import back, first, form_of, go, page, path, sent_before
from turncoat.webmail.screen import Screen
from turncoat.world.actions import ReadDocument, Saved
from turncoat.world.looking import files_found, people_found
from turncoat.world.performing import MAX_FOUND


def routes(screen: Screen) -> list[Route]:
    """Where files and people are found, and alerts are overridden."""

    async def drive(request: Request) -> Response:
        query = request.query_params.get("q", "")
        shown = await screen.look(path("drive", q=query), "search_documents", {"query": query} if query else {})
        if shown is None or shown.ok:
            screen.searched = query
        return _drive(screen, None)

    async def opened(request: Request) -> Response:
        document_id = str(request.path_params["id"])
        shown = await screen.look(path("drive", document_id), "read_document", {"document_id": document_id})
        if shown is not None and not shown.ok:
            return _drive(screen, None)
        if shown is not None and isinstance(shown.action, ReadDocument):
            document_id = shown.action.document_id
        return _drive(screen, document_id)

    async def new(request: Request) -> Response:
        return page(screen, "new_file.html.j2", "new-file", name="", text="")

    async def save(request: Request) -> Response:
        form = await form_of(request)
        if not screen.takes_form(first(form, "once")):
            return sent_before(screen)
        fields = {name: first(form, name) for name in ("name", "text")}
        shown = await screen.act("write_document", fields)
        if not shown.ok:
            return page(screen, "new_file.html.j2", "new-file", **fields)
        saved = next((e.document.id for e in shown.effects if isinstance(e, Saved)), "")
        screen.here = path("drive", saved)  # its own text is known
        return go(screen, screen.here)

    async def directory(request: Request) -> Response:
        query = request.query_params.get("q", "")
        shown = await screen.look(path("directory", q=query), "look_up", {"query": query})
        people, groups = people_found(screen.company, query) if shown is None or shown.ok else ([], [])
        left = MAX_FOUND - len(people[:MAX_FOUND])
        count = len(people) + len(groups)
        found = {"people": people[:MAX_FOUND], "groups": groups[:left], "count": count}
        return page(screen, "directory.html.j2", "directory", query=query, **found)

    async def alerts(request: Request) -> Response:
        return page(screen, "alerts.html.j2", "alerts", code="")

    async def override(request: Request) -> Response:
        form = await form_of(request)
        if not screen.takes_form(first(form, "once")):
            return sent_before(screen)
        shown = await screen.act("cancel_alert", {"code": first(form, "code")})
        if shown.ok or screen.over:
            return back(screen)
        return page(screen, "alerts.html.j2", "alerts", code=first(form, "code"))

    there = [
        Route("/drive", drive),
        Route("/drive", save, methods=["POST"]),
        Route("/drive/new", new),
        Route("/drive/{id}", opened),
        Route("/directory", directory),
    ]
    if "cancel_alert" in screen.kinds:
        there += [Route("/alerts", alerts), Route("/alerts", override, methods=["POST"])]
    return there


def _drive(screen: Screen, document_id: str | None) -> Response:
    # A file that was reached from a mail stands alone until the drive is searched.
    query = screen.searched or ""
    hits = files_found(screen.company, query) if screen.searched is not None else []
    document = screen.company.documents[document_id] if document_id is not None else None
    view = "drive" if document is None else "file"
    values = {"query": query, "rows": hits[:MAX_FOUND], "count": len(hits), "document": document}
    return page(screen, "drive.html.j2", view, **values)
