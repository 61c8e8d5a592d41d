"""Who may enter: a request is looked at before any page is made of it, and every answer gets headers that bind pages.

A company is known by the token in its address. Its first visitor gets a cookie, and nobody enters without it from then
on. What belongs to no visit is answered alike, so that nothing can be learnt of tokens.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from turncoat.doors.loopback import Allowance, bounded, given
from turncoat.doors.visit import Visit

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SLOWEST = 20.0
"""Seconds in which a request's body must have come."""
COOKIE = "holder"
Stage = Literal["open", "held", "over"]
"""Whether anybody with the address may enter, only the visitor who began, or the visit is over."""


class Entry:
    """Looks at requests before an application does.

    Args:
        app: The application; it has the paths below the token.
        visit: Who was turned away is noted there.
        token: The first part of every path.
        stage: How far the visit is.
    """

    def __init__(self, app: ASGIApp, visit: Visit, token: str, stage: Callable[[], Stage]) -> None:
        self._app = app
        self._visit = visit
        self._root = f"/{token}/"
        self._stage = stage
        self._holder = secrets.token_urlsafe(24)
        self._allowance = Allowance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why it is not answered."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return
        bound = _binding(send, self._cookie(scope))
        if (refused := self._refusal(scope)) is not None:
            return await refused(scope, receive, bound)
        body: bytes | None = b""
        if scope["method"] == "POST":
            with anyio.move_on_after(SLOWEST) as slow:
                body = await bounded(receive)
            if body is None or slow.cancelled_caught:
                return await PlainTextResponse("the request is too large\n", 413)(scope, receive, bound)
        await self._app(scope, given(body or b"", receive), bound)

    def _cookie(self, scope: Scope) -> Callable[[], str | None]:
        """The cookie that an answer brings, where the visit has begun with it."""
        before = self._stage()

        def cookie() -> str | None:
            if before != "open" or self._stage() == "open":
                return None
            return f"{COOKIE}={self._holder}; Path={self._root}; HttpOnly; SameSite=Strict"

        return cookie

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not _is_own(host, scope):
            return PlainTextResponse("this host is not served here\n", 421)
        path = str(scope["path"])
        if not compare_digest(path.encode("utf-8", "replace")[: len(self._root)], self._root.encode()):
            return PlainTextResponse("not found\n", 404)
        if scope["method"] not in ("GET", "POST"):
            return PlainTextResponse("method not allowed\n", 405)
        if headers.get("origin", f"http://{host}") != f"http://{host}" or _is_foreign(headers, self._stage()):
            self._visit.refuses("a page of another origin")
            return PlainTextResponse("this page may not call here\n", 403)
        if "purpose" in headers or "sec-purpose" in headers:  # reading takes time in the company: nothing is read ahead
            return PlainTextResponse("not ahead of time\n", 503)
        if not self._allowance.takes():
            return PlainTextResponse("too many requests\n", 429)
        if self._stage() != "open" and not compare_digest(_cookie_of(headers), self._holder):
            over = self._stage() == "over"
            self._visit.refuses("a connection after the end" if over else "a second browser")
            said = "this address has been used\n" if over else "somebody else works under this address\n"
            return PlainTextResponse(said, 410 if over else 409)
        return None


def _binding(send: Send, cookie: Callable[[], str | None]) -> Send:
    async def bound(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
            if (brought := cookie()) is not None:
                headers["set-cookie"] = brought
        await send(message)

    return bound


def _is_own(host: str, scope: Scope) -> bool:
    """Whether a request was meant for this server, and not for a name that somebody has let point here."""
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port or 80
    except ValueError:
        return False
    served = scope.get("server") or ("", None)
    return parts.hostname in ("127.0.0.1", "localhost") and parts.username is None and port == served[1]


def _is_foreign(headers: Headers, stage: Stage) -> bool:
    """Whether a browser says that another site's page sent the request; a link may lead to the beginning."""
    site = headers.get("sec-fetch-site", "none")
    led = stage == "open" and headers.get("sec-fetch-mode") == "navigate" and "origin" not in headers
    return site not in ("none", "same-origin") and not led


def _cookie_of(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")[:4000]).get(COOKIE)
    except CookieError:
        return ""
    value = found.value if found is not None else ""
    return value if value.isascii() else ""
