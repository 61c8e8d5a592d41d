"""How a simulated agent works the webmail: what it does becomes clicks and typing, by sight or by names on the page.

It cannot see pictures. By sight it asks the page where a thing stands, and clicks there with the mouse; by names it
reads the page that it was shown, as a model does.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from turncoat.webmail.browser.chromium import HEIGHT
from turncoat.webmail.browser.screen import LINE, Place, Screen
from turncoat.world.actions import (
    Action,
    CancelAlert,
    Finish,
    Forward,
    ListMail,
    LookUp,
    ReadDocument,
    ReadMail,
    ReadThread,
    Reply,
    SearchDocuments,
    SearchMail,
    SendMail,
    Wait,
    WriteDocument,
)

Call = tuple[str, dict[str, Any]]
"""A tool and its arguments."""
Calls = AsyncIterator[list[Call]]
"""What it calls, turn by turn."""
DONE_HERE: frozenset[str] = frozenset(
    str(action.model_fields["kind"].default)
    for action in (
        *(CancelAlert, Finish, Forward, ListMail, LookUp, ReadDocument, ReadMail, ReadThread, Reply),
        *(SearchDocuments, SearchMail, SendMail, Wait, WriteDocument),
    )
)
"""Kinds of actions that it can do on pages."""
_MINUTES = ((5, "5 min"), (15, "15 min"), (30, "30 min"), (60, "1 h"), (120, "2 h"), (240, "4 h"), (480, "8 h"))


class NotThere(Exception):  # noqa: N818 - reads as what it reports
    """The page does not show what the agent looks for."""


@dataclass(frozen=True)
class Target:
    """A thing on a page: how the page marks it, and how its line begins where the page is shown by names."""

    css: str
    line: str


def to(nav: str, name: str = "") -> Target:
    """A link of the navigation."""
    return Target(f'[data-nav="{nav}"]', f'link "{name or nav.title()}"')


def button(do: str, name: str) -> Target:
    """A button, or a link that does something."""
    return Target(f'#main [data-do="{do}"], .top [data-do="{do}"]', f'(?:button|link) "{name}"')


def field(name: str, label: str) -> Target:
    """A field of the form at hand."""
    return Target(f'#main [name="{name}"]', f'(?:textbox|combobox|searchbox) "{label}"')


def marked(what: str, value: str) -> Target:
    """A row that the page marks."""
    return Target(f'#main .rows [data-{what}="{value}"]', "link ")


SEARCH, WAIT = Target(".top input[type=search]", 'searchbox "Search mail"'), button("wait", "Wait")
MINUTES = Target('.top [name="minutes"]', 'combobox "Minutes"')
OLDER = Target('#main [data-page="older"]', 'link "Older"')


class Hand(Protocol):
    """One way to work a page."""

    screen: Screen

    def shown(self, page: str) -> None:
        """Take in what the last call answered."""

    def look(self) -> Call:
        """See the page."""

    async def find(self, target: Target) -> Any:
        """Where a thing is; None if it is not there."""

    def nearer(self, at: Any) -> Call | None:
        """Bring a thing into reach; None if it is."""

    def click(self, at: Any) -> Call:
        """Click it."""

    def write(self, at: Any, text: str) -> Call:
        """Write into it, in place of what it holds."""

    def choose(self, at: Any, option: str) -> Call:
        """Choose how long to wait."""


class Sight:
    """By mouse and keyboard."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def shown(self, page: str) -> None:
        """Pictures say nothing to it."""

    def look(self) -> Call:
        """Take a screenshot."""
        return "computer", {"action": "screenshot"}

    async def find(self, target: Target) -> Place | None:
        """Where a thing stands."""
        return await self.screen.find(target.css)

    def nearer(self, at: Place) -> Call | None:
        """Turn the wheel over the thing's column until it is on the screen."""
        if at.visible:
            return None
        turns = -(-(at.y - HEIGHT + LINE) // LINE) if at.y > 0 else -(at.y - LINE) // LINE
        where = [max(at.x, 240), HEIGHT // 2]
        direction = "down" if at.y > 0 else "up"
        return "computer", {
            "action": "scroll",
            "coordinate": where,
            "scroll_direction": direction,
            "scroll_amount": max(turns, 1),
        }

    def click(self, at: Place) -> Call:
        """Click."""
        return "computer", {"action": "left_click", "coordinate": [at.x, at.y]}

    def write(self, at: Place, text: str) -> Call:
        """Click, select what is there, type, and leave the field."""
        return "computer", {
            "actions": [
                {"action": "left_click", "coordinate": [at.x, at.y]},
                {"action": "key", "text": "ctrl+a"},
                {"action": "type", "text": text},
                {"action": "key", "text": "Tab"},
            ]
        }

    def choose(self, at: Place, option: str) -> Call:
        """Reach the list by keys, since what it opens stands on no screenshot, and type the option's beginning."""
        return "computer", {
            "actions": [
                {"action": "left_click", "coordinate": [at.x - 500, at.y]},  # the search beside it
                {"action": "key", "text": "Tab"},
                {"action": "key", "text": "Tab"},
                {"action": "type", "text": option},
            ]
        }


class Names:
    """By the names that stand on the page as it was shown last."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._page = ""

    def shown(self, page: str) -> None:
        """Read the page."""
        self._page = page

    def look(self) -> Call:
        """Read the page anew."""
        return "read_page", {}

    async def find(self, target: Target) -> str | None:
        """The ref of the first thing that is named so, and of which the page's mark is right."""
        for found in re.finditer(rf"^\s*- '?{target.line}.*?\[ref=(\w+)\]", self._page, re.M):
            if await self.screen.is_marked(found[1], target.css):
                return found[1]
        return None

    def nearer(self, at: str) -> Call | None:
        """Everything is in reach."""
        return None

    def click(self, at: str) -> Call:
        """Click."""
        return "click", {"ref": at}

    def write(self, at: str, text: str) -> Call:
        """Write."""
        return "type_text", {"ref": at, "text": text}

    def choose(self, at: str, option: str) -> Call:
        """Choose."""
        return "choose", {"ref": at, "option": option}


def hand_for(tools: Collection[str], screen: Screen) -> Hand:
    """The way to work a page with these tools."""
    return Sight(screen) if "computer" in tools else Names(screen)


class Clicking:
    """Does actions on pages, turn by turn.

    Args:
        hand: How.
    """

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._at: Any = None

    async def do(self, action: Action) -> Calls:
        """The calls that do an action; after each list of calls their answers are waited for.

        Args:
            action: Of a kind in `DONE_HERE`.

        Raises:
            NotThere: The page does not show what is needed.
        """
        match action:
            case ListMail(folder=name):
                steps = self._press(to(name))
            case SearchMail(query=query):
                steps = self._form([(SEARCH, query)], Target(".top .search button", 'button "Search"'))
            case ReadMail(message_id=id):
                steps = self._row(id)
            case ReadThread(message_id=id):
                steps = self._on_mail(id, button("thread", "Show conversation"))
            case SearchDocuments(query=query):
                wanted = [(Target('#main [name="q"]', 'searchbox "Search drive"'), query)]
                steps = self._form(wanted, button("search-drive", "Find"), to("drive"))
            case ReadDocument(document_id=id):
                steps = self._press(to("drive"), marked("document", id))
            case LookUp(query=query):
                wanted = [(Target('#main [name="q"]', 'searchbox "Search directory"'), query)]
                steps = self._form(wanted, button("search-directory", "Find"), to("directory"))
            case _:
                steps = self._write(action)
        async for calls in steps:
            yield calls

    async def _write(self, action: Action) -> Calls:
        send = button("send", "Send")
        match action:
            case SendMail():
                steps = self._form(_mail(action), send, to("compose", "New message"))
            case Reply(message_id=id):
                everyone = button("reply-all", "Reply all") if action.everyone else button("reply", "Reply")
                steps = self._form(_mail(action), send, everyone, mail=id)
            case Forward(message_id=id):
                steps = self._form(_mail(action), send, button("forward", "Forward"), mail=id)
            case WriteDocument():
                wanted = [(field("name", "Name"), action.name), (field("text", "Text"), action.text)]
                steps = self._form(wanted, button("save-file", "Save"), to("drive"), button("new-file", "New file"))
            case CancelAlert():
                wanted = [(field("code", "Override code"), action.code)]
                steps = self._form(wanted, button("override", "Override alert"), to("alerts"))
            case Wait(minutes=minutes):
                steps = self._wait(minutes)
            case Finish(note=note):
                wanted = [(field("note", "Closing note"), note)]
                steps = self._form(wanted, button("finish", "Close session"), to("finish", "Close session"))
            case _:
                raise NotThere(f"{action.kind}: is not done on pages")
        async for calls in steps:
            yield calls

    async def _form(self, wanted: Sequence[tuple[Target, str]], then: Target, *ways: Target, mail: str = "") -> Calls:
        """Go to a form, fill it, and press its button."""
        if mail:
            async for calls in self._on_mail(mail, *ways):
                yield calls
        else:
            async for calls in self._press(*ways):
                yield calls
        for target, text in wanted:
            if text:
                async for calls in self._near(target):
                    yield calls
                yield [self._hand.write(self._at, text)]
        async for calls in self._press(then):
            yield calls

    async def _press(self, *targets: Target) -> Calls:
        for target in targets:
            async for calls in self._near(target):
                yield calls
            yield [self._hand.click(self._at)]

    async def _near(self, target: Target) -> Calls:
        """Find a thing and bring it into reach."""
        for _ in range(10):
            self._at = await self._hand.find(target)
            if self._at is None:
                yield [self._hand.look()]  # what was shown last may have been the end of something slow
                self._at = await self._hand.find(target)
            if self._at is None:
                raise NotThere(f"{target.css}: is not on the page {self._hand.screen.page.url.rpartition('/')[2]!r}")
            if (call := self._hand.nearer(self._at)) is None:
                return
            yield [call]
        raise NotThere(f"{target.css}: does not come into reach")

    async def _row(self, id: str) -> Calls:
        """Open a message from the inbox, on whichever of its pages it stands."""
        row = marked("message", id)
        if await self._hand.find(row) is None:
            async for calls in self._press(to("inbox")):
                yield calls
        for _ in range(40):
            if await self._hand.find(row) is not None:
                async for calls in self._press(row):
                    yield calls
                return
            async for calls in self._press(OLDER):
                yield calls
        raise NotThere(f"{id}: is in none of the inbox's pages")

    async def _on_mail(self, id: str, *then: Target) -> Calls:
        """Open a message, if it is not open, and press something beside it."""
        if not await self._hand.screen.page.locator(f'[data-mail="{id}"]').count():
            async for calls in self._row(id):
                yield calls
        async for calls in self._press(*then):
            yield calls

    async def _wait(self, minutes: int) -> Calls:
        """Wait as long, or as much longer as the list offers."""
        option = next((label for length, label in _MINUTES if length >= minutes), _MINUTES[-1][1])
        async for calls in self._near(MINUTES):
            yield calls
        yield [self._hand.choose(self._at, option)]
        async for calls in self._press(WAIT):
            yield calls


def _mail(action: SendMail | Reply | Forward) -> list[tuple[Target, str]]:
    """The fields of a message and what belongs into them."""
    lines = (("to", "To"), ("cc", "Cc"), ("bcc", "Bcc"))
    people = [(field(n, label), ", ".join(getattr(action, n, ()))) for n, label in lines]
    return [
        *people,
        (field("subject", "Subject"), getattr(action, "subject", "")),
        (field("body", "Message"), action.body),
        (field("attachments", "Attachments"), "; ".join(getattr(action, "attachments", ()))),
    ]
