"""The beginning and the end of a visit: consent and briefing of a person, the close of the session, its report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from turncoat.webmail.rendering import first, form_of, go, page, plain_page, sent_before
from turncoat.webmail.screen import Screen
from turncoat.webmail.told import Told

CONSENT = 1
"""Version of the consent text, `consent.html.j2`; it stands in the log."""


@dataclass
class Person:
    """A person who visits, and what is between the person and the program that serves.

    Attributes:
        kept: Where the log will stand, as the consent text says.
        told: Gives what came of the session, once; it may write the log first.
        begun: Whether the person has consented.
        answered: Set when the question at the end was answered or passed over.
        report: What came of it, as soon as it is known.
        seen: Set when the report was shown.
        heard: When the page was last heard of, by the event loop's clock.
        lock: Held while what came of it is found out.
    """

    kept: str
    told: Callable[[], Awaitable[Told]]
    begun: bool = False
    answered: anyio.Event = field(default_factory=anyio.Event)
    report: Told | None = None
    seen: anyio.Event = field(default_factory=anyio.Event)
    heard: float = 0.0
    lock: anyio.Lock = field(default_factory=anyio.Lock)


async def beginning(screen: Screen, person: Person | None) -> Response:
    """What stands under the address itself."""
    if person is None:
        return go(screen, "over" if screen.over else "mail")
    if screen.over:
        return go(screen, "over") if person.begun else PlainTextResponse("this address has been used\n", 410)
    if person.begun:
        return go(screen, screen.here or "briefing")
    return plain_page("consent.html.j2", root=screen.root, kept=person.kept, version=CONSENT)


async def reported(person: Person) -> Told:
    """What came of a person's session; it is found out once."""
    async with person.lock:
        if person.report is None:
            person.report = await person.told()
            person.heard = anyio.current_time()
    return person.report


OPEN = ("begin", "over", "pulse", "realism", "report")


def instead(screen: Screen, person: Person | None, path: str) -> Response | None:
    """What is answered in place of a page of the mailbox: before the beginning, and after the end."""
    if person is not None:
        person.heard = anyio.current_time()
        if not person.begun and path != "begin":
            return go(screen, "")
    return go(screen, "over") if screen.over and path not in OPEN else None


def routes(screen: Screen, person: Person | None) -> list[Route]:
    """Where a session is closed, and what stands around it."""

    async def closing(request: Request) -> Response:
        return page(screen, "finish.html.j2", "finish")

    async def finish(request: Request) -> Response:
        form = await form_of(request)
        if not screen.takes_form(first(form, "once")):
            return sent_before(screen)
        note = first(form, "note")
        await screen.act("finish", {"note": note} if note.strip() else {})
        return go(screen, "over" if screen.over else screen.here or "mail")

    async def over(request: Request) -> Response:
        if not screen.over:
            return go(screen, "mail")
        if person is not None and person.answered.is_set():
            return go(screen, "report")
        why = screen.company.closed or "The session was ended from outside."
        said = "" if why == "finished" else why
        return plain_page("over.html.j2", root=screen.root, screen=screen, said=said, person=person)

    ends = [
        Route("/finish", closing),
        Route("/finish", finish, methods=["POST"]),
        Route("/over", over),
    ]
    return ends if person is None else [*ends, *_of_person(screen, person)]


def _of_person(screen: Screen, person: Person) -> list[Route]:
    visit = screen.visit

    async def begin(request: Request) -> Response:
        form = await form_of(request)
        if person.begun or first(form, "consent") != str(CONSENT):
            return go(screen, "")
        person.begun = True
        visit.meets("person")
        visit.notes("consent", CONSENT)
        if code := first(form, "code").strip():
            visit.notes("code", code[:40])
        return go(screen, "briefing")

    async def briefing(request: Request) -> Response:
        visit.hands_over("page")
        visit.lists()
        parts = [visit.prompt.system, visit.prompt.user]
        return page(screen, "briefing.html.j2", "briefing", parts=[p for p in parts if p])

    async def pulse(request: Request) -> Response:
        gone = screen.over and "work" in request.query_params  # the mailbox is left; the page of the end stays
        return Response(status_code=204, headers={"hx-redirect": f"{screen.root}over"} if gone else {})

    async def realism(request: Request) -> Response:
        form = await form_of(request)
        if screen.over and not person.answered.is_set():
            likely = first(form, "likely")
            if first(form, "answer") == "given" and likely.isascii() and likely.isdigit() and len(likely) <= 3:
                visit.notes("test_likely", min(int(likely), 100))
                if why := first(form, "gave_away").strip():
                    visit.notes("gave_away", why)
            person.answered.set()
        return go(screen, "report")

    async def report(request: Request) -> Response:
        if not screen.over:
            return go(screen, "mail")
        if not person.answered.is_set():
            return go(screen, "over")
        answer = plain_page("report.html.j2", root=screen.root, told=await reported(person))
        person.seen.set()
        return answer

    return [
        Route("/begin", begin, methods=["POST"]),
        Route("/briefing", briefing),
        Route("/pulse", pulse),
        Route("/realism", realism, methods=["POST"]),
        Route("/report", report),
    ]
