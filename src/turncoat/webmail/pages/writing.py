"""Writing: new messages, replies, forwards, drafts, scheduled mail, and the wait for what comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from turncoat.webmail.pages.mail import listing
from turncoat.webmail.rendering import back, first, form_of, given, go, page, path, sent_before
from turncoat.webmail.screen import Screen
from turncoat.world.looking import files_found
from turncoat.world.performing import MAX_FOUND

Form = Mapping[str, list[str]]
TEXTS = ("to", "cc", "bcc", "subject", "body", "attachments", "at", "reply", "forward", "everyone")
"""Fields of a form for writing that are kept with an unsent text."""


def routes(screen: Screen) -> list[Route]:
    """Where mail is written."""

    async def compose(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in (*TEXTS, "unsent")}
        return _form(screen, {**asked, **_kept(screen, asked["unsent"]), "unsent": asked["unsent"]})

    async def send(request: Request) -> Response:
        form = await form_of(request)
        return await _sent(screen, form, "send_mail", {"to": first(form, "to"), **given(form, "cc", "bcc", *_TEXT)})

    async def reply(request: Request) -> Response:
        form = await form_of(request)
        everyone = {"everyone": True} if first(form, "everyone") else {}
        fields = {"message_id": first(form, "message_id"), **given(form, "body"), **everyone}
        return await _sent(screen, form, "reply", fields)

    async def forward(request: Request) -> Response:
        form = await form_of(request)
        fields = {"message_id": first(form, "message_id"), "to": first(form, "to"), **given(form, "cc", "bcc", "body")}
        return await _sent(screen, form, "forward", fields, attached=False)

    async def schedule(request: Request) -> Response:
        form = await form_of(request)
        fields = {"to": first(form, "to"), "at": first(form, "at"), **given(form, "cc", "bcc", *_TEXT)}
        return await _sent(screen, form, "schedule_mail", fields)

    async def save(request: Request) -> Response:
        form = await form_of(request)
        if "save_draft" in screen.kinds:
            return await _sent(screen, form, "save_draft", given(form, "to", "cc", *_TEXT), attached=False)
        screen.keep_unsent(first(form, "unsent"), _texts(form))
        screen.notice.text = "Draft kept. It was not sent."
        return back(screen)

    async def unsent(request: Request) -> Response:
        form = await form_of(request)
        return PlainTextResponse(str(screen.keep_unsent(first(form, "unsent"), _texts(form)) or ""))

    async def discard(request: Request) -> Response:
        screen.unsent.pop(_number(first(await form_of(request), "unsent")), None)
        return back(screen)

    async def outgoing(request: Request) -> Response:
        if "list_outgoing" in screen.kinds:
            await screen.look("drafts", "list_outgoing", {})
        kept = sorted(screen.unsent.items(), reverse=True)
        return page(screen, "drafts.html.j2", "drafts", unsent=kept)

    async def send_draft(request: Request) -> Response:
        return await _act(screen, request, "send_draft", {"draft_id": request.path_params["id"]})

    async def take_back(request: Request) -> Response:
        return await _act(screen, request, "cancel_scheduled", {"message_id": request.path_params["id"]})

    async def pick(request: Request) -> Response:
        query = request.query_params.get("q", "")
        shown = await screen.act("search_documents", {"query": query} if query.strip() else {})
        screen.notice.text = ""
        chosen = [d for i in request.query_params.getlist("attachments") if (d := screen.company.documents.get(i))]
        hits = [d for d in files_found(screen.company, query)[:MAX_FOUND] if d not in chosen] if shown.ok else []
        return page(screen, "pick.html.j2", "pick", query=query, chosen=chosen, hits=hits, said=shown)

    async def wait(request: Request) -> Response:
        minutes = first(await form_of(request), "minutes")
        return await _act(screen, request, "wait", {"minutes": _number(minutes) or minutes})

    posts = {
        "/send": send,
        "/reply": reply,
        "/forward": forward,
        "/schedule": schedule,
        "/drafts/save": save,
        "/drafts/{id}/send": send_draft,
        "/drafts/{id}/cancel": take_back,
        "/unsent": unsent,
        "/discard": discard,
        "/wait": wait,
    }
    gets = {"/compose": compose, "/drafts": outgoing, "/pick": pick}
    return [
        *(Route(at, page_of, methods=["POST"]) for at, page_of in posts.items()),
        *(Route(at, page_of) for at, page_of in gets.items()),
    ]


_TEXT = ("subject", "body")


async def _act(screen: Screen, request: Request, tool: str, arguments: Mapping[str, Any]) -> Response:
    if not screen.takes_form(first(await form_of(request), "once")):
        return sent_before(screen)
    await screen.act(tool, arguments)
    return back(screen)


async def _sent(screen: Screen, form: Form, tool: str, fields: Mapping[str, Any], *, attached: bool = True) -> Response:
    """Send what was written; what was refused stands in its form again."""
    if not screen.takes_form(first(form, "once")):
        return sent_before(screen)
    files = {"attachments": found} if attached and (found := _attached(form)) else {}
    shown = await screen.act(tool, {**fields, **files})
    if shown.ok or screen.over:
        screen.unsent.pop(_number(first(form, "unsent")), None)
        return back(screen)
    number = screen.keep_unsent(first(form, "unsent"), _texts(form))
    return go(screen, path("compose", unsent=number) if number else "compose")


def _attached(form: Form) -> list[str]:
    written = [name.strip() for text in form.get("attachments", ()) for name in text.replace("\n", ";").split(";")]
    return list(dict.fromkeys(name for name in written if name))


def _texts(form: Form) -> dict[str, str]:
    found = {name: first(form, name) for name in TEXTS}
    asked = first(form, "message_id")
    found[first(form, "answers") if first(form, "answers") in ("reply", "forward") else "reply"] = asked
    return {**found, "attachments": "; ".join(_attached(form))}


def _kept(screen: Screen, number: str) -> Mapping[str, str]:
    return screen.unsent.get(_number(number), {})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _form(screen: Screen, fields: Mapping[str, str]) -> Response:
    known = screen.company.messages
    answered = next((known[i] for name in ("reply", "forward") if (i := fields[name]) in known), None)
    how = "new" if answered is None else "forward" if fields["forward"] else "reply"
    own = screen.company.seed.agent_address.lower()
    to: list[str] = []
    cc: list[str] = []
    if answered is not None and how == "reply":
        all_of = bool(fields["everyone"])
        to = [answered.sender, *(a for a in answered.to if all_of and a not in (own, answered.sender))]
        cc = [a for a in answered.cc if all_of and a != own]
    values = {"fields": fields, "how": how, "answered": answered, "reply_to": to, "reply_cc": cc}
    return page(screen, "compose.html.j2", "compose", **{**listing(screen), **values})
