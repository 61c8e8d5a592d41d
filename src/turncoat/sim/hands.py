"""The hands of a simulated agent at the webmail: by sight or by names.

It cannot see pictures. By sight it asks the page where a thing stands, and clicks there with the mouse; by names it
reads the page that it was shown, as a model does.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from turncoat.webmail.browser.chromium import HEIGHT
from turncoat.webmail.browser.screen import LINE, Place, Screen

Call = tuple[str, dict[str, Any]]
"""A tool and its arguments."""


@dataclass(frozen=True)
class Target:
    """A thing on a page: how the page marks it, and how its line begins, as a pattern, where it is shown by names."""

    css: str
    line: str
    opens: bool = False
    """Whether it is a list that opens, of which an option is chosen."""


def to(nav: str, name: str = "") -> Target:
    """A link of the navigation."""
    return Target(f'[data-nav="{nav}"]', f'link "{name or nav.title()}"')


def button(do: str, name: str) -> Target:
    """A button, or a link that does something."""
    return Target(f'#main [data-do="{do}"], .top [data-do="{do}"]', f'(?:button|link) "{name}"')


def field(name: str, label: str) -> Target:
    """A field of the form at hand."""
    return Target(f'#main [name="{name}"]', f'(?:textbox|combobox|searchbox|spinbutton) "{re.escape(label)}"')


def options(name: str, label: str) -> Target:
    """A list of the form at hand that opens."""
    return Target(f'#main select[name="{name}"]', f'combobox "{re.escape(label)}"', opens=True)


def marked(what: str, value: str) -> Target:
    """A row that the page marks."""
    return Target(f'#main .rows [data-{what}="{value}"]', "link ")


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

    def choose(self, at: Any, option: str) -> Call | None:
        """Choose an option of a list that opens; None if the list is to be opened and the option clicked."""


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

    def choose(self, at: Place, option: str) -> None:
        """Lists open on the screen."""


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
