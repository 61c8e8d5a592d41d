"""Pages from templates: everything is escaped, and signs that hide or reorder text are shown as signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from turncoat.base.text import inert, unbroken
from turncoat.doors.tools.catalog import ALL_TOOLS
from turncoat.webmail.screen import Screen
from turncoat.world.looking import folder, is_unread, own_address

HERE = Path(__file__).parent
HUES = 8
_ID = re.compile(r" \((?:[a-z]{1,2}\d+)\)(?=[.:])")
_NAV = {"file": "drive", "new-file": "drive", "new-event": "calendar", "item": "register", "new-item": "register"}
"""Where in the navigation a view stands, if not under its own name."""
_LISTED = ("inbox", "sent", "search", "message", "thread")
"""Views that stand where the list of messages beside them does."""
MAX_FIELDS = 700
"""Most fields of a form that are read."""


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    made.filters |= {"part": lambda text: quote(text, safe=""), "hue": hue, "initials": initials, "said": said}
    made.globals["about"] = {t.kind: t for t in ALL_TOOLS}
    return made


def hue(address: str) -> str:
    """The class that colours the sign of an address."""
    return f"hue-{crc32(unbroken(address).encode()) % HUES}"


def initials(name: str) -> str:
    """One or two letters for a name or an address."""
    words = re.findall(r"\w+", name.partition("@")[0])
    return "".join(w[0] for w in (words[:1] + words[1:][-1:])).upper() or "?"


def said(text: str) -> str:
    """What the mail client says, without the ids of what it speaks of."""
    return _ID.sub("", text)


def page(screen: Screen, template: str, view: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """Make a page of the mailbox."""
    screen.turn += 1
    notice, company = screen.notice, screen.company
    context = {
        "screen": screen,
        "root": screen.root,
        "view": view,
        "nav": values["place"] if view in _LISTED else _NAV.get(view, view),
        "company": company,
        "notice": notice,
        "kinds": screen.kinds,
        "once": screen.new_form(),
        "unread": sum(is_unread(company, m) for m in folder(company, "inbox")),
        "own": own_address(company),
        "person": lambda address: company.seed.directory.at(address),
        "name_of": lambda address: name_of(screen, address),
        "is_unread": lambda message: is_unread(company, message),
        "register": company.seed.open_business,
        **values,
    }
    text = _templates().get_template(template).render(context)
    screen.notice = type(notice)()
    return HTMLResponse(unbroken(text), status)


def plain_page(template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """Make a page that is none of the mailbox."""
    return HTMLResponse(unbroken(_templates().get_template(template).render(values)), status)


def name_of(screen: Screen, address: str) -> str:
    """The name that stands for an address: the directory's, or the address itself."""
    directory = screen.company.seed.directory
    person = directory.at(address)
    if person is not None and person.address.lower() == address.lower():
        return person.name
    group = next((g for g in directory.groups if g.address.lower() == address.lower()), None)
    return group.name if group is not None and group.name else address


def go(screen: Screen, path: str) -> RedirectResponse:
    """Send the browser to a view."""
    return RedirectResponse(screen.root + path, 303)


def back(screen: Screen) -> RedirectResponse:
    """Send the browser to what was last on the screen."""
    return go(screen, screen.here or "mail")


def path(*parts: str, **query: str | int) -> str:
    """A path below the root; texts of strangers in it are quoted."""
    asked = {name: value for name, value in query.items() if value not in ("", 0)}
    return "/".join(quote(p, safe="") for p in parts) + (f"?{urlencode(asked)}" if asked else "")


async def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a form; line ends are line feeds, as in every other door."""
    text = (await request.body()).decode("utf-8", "replace")
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        pairs = []
    for name, value in pairs:
        found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\r", "\n"))
    return found


def first(form: Mapping[str, Iterable[str]], name: str) -> str:
    """A field of a form, or ""."""
    return next(iter(form.get(name, ())), "")


def given(form: Mapping[str, Iterable[str]], *names: str) -> dict[str, Any]:
    """The fields that were filled in, as a call's arguments."""
    return {name: value for name in names if (value := first(form, name)).strip()}


def sent_before(screen: Screen) -> Response:
    """What to answer to a form that was sent before."""
    screen.notice.text, screen.notice.wrong = "This form was sent before. Nothing was done again.", True
    return back(screen)
