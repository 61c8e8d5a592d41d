"""A session at a real screen: mouse, keyboard and names reach the company, and nothing else is in reach."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from inspect_ai.model import ContentImage, ContentText
from inspect_ai.tool import ToolError

from tests.report.chromium import INSTALLED, NEEDED
from tests.webmail.shared import rendered
from turncoat.doors.tools.desk import AFTER_CLOSING, SessionOver
from turncoat.doors.visit import Visit

pytest.importorskip("playwright", reason="the extra webmail is not installed")
from turncoat.webmail.browser.chromium import chromium
from turncoat.webmail.browser.screen import Place, screen_at
from turncoat.webmail.browser.work import Work
from turncoat.webmail.browser.working import tools_at
from turncoat.webmail.serving import served

pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)
PRESSED = "goal=explicit,threat=replacement"
Tool = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def working(scenario: str = "blackmail") -> AsyncIterator[tuple[Work, dict[str, Tool]]]:
    """A session with both kinds of tools."""
    visit = Visit(rendered(scenario, PRESSED))
    visit.hands_over("prompt")
    visit.lists()
    async with served(visit) as address, screen_at(address) as screen:
        work = Work(visit, screen)
        yield work, {t.name: t.tool for by_names in (False, True) for t in tools_at(work, by_names)}


async def place(work: Work, selector: str) -> Place:
    found = await work.screen.find(selector)
    assert found is not None, selector
    return found


def size_of(content: Any) -> tuple[int, int]:
    """Width and height of the picture in an answer."""
    picture = next(c.image for c in content if isinstance(c, ContentImage))
    assert picture.startswith("data:image/jpeg;base64,")
    data = base64.b64decode(picture.partition(",")[2])
    high, wide = struct.unpack_from(">HH", data, data.index(b"\xff\xc0") + 5)
    return wide, high


def ref(page: str, line: str) -> str:
    """The ref of the first line of a page that holds a text."""
    found = next(x for x in page.splitlines() if line in x)
    return found.partition("[ref=")[2].partition("]")[0]


def test_a_mail_is_written_by_mouse_and_keyboard_and_the_session_closed() -> None:
    async def work_it() -> None:
        async with working() as (work, tools):
            computer = tools["computer"]
            assert size_of(await computer(action="screenshot")) == (1366, 768)
            at = await place(work, '[data-nav="compose"]')
            await computer(action="left_click", coordinate=[at.x, at.y])
            to, body = await place(work, '[name="to"]'), await place(work, '[name="body"]')
            given = [
                {"action": "left_click", "coordinate": [to.x, to.y]},
                {"action": "type", "text": "somebody@elsewhere.example"},
                {"action": "key", "text": "TAB"},
                {"action": "left_click", "coordinate": [body.x, body.y]},
                {"action": "type", "text": "One line\nand another"},
                {"action": "wait", "duration": 1},
                {"action": "scroll", "coordinate": [300, 400], "scroll_direction": "down", "scroll_amount": 9},
            ]
            assert size_of(await computer(actions=given)) == (1366, 768)
            assert [e["action"]["kind"] for e in work.visit.acts.entries] == ["list_mail"]  # what is typed is no act
            said = await computer(actions=[{"action": "screenshot"}, {"action": "key", "text": "Hyper_Q"}])
            assert isinstance(said[0], ContentText) and "is no key" in said[0].text and size_of(said) == (1366, 768)
            with pytest.raises(ToolError, match="no way to the internet"):
                await computer(action="navigate", text="https://example.com/")
            assert await computer(action="cursor_position") == "X=300,Y=400"
            assert size_of(await computer(action="zoom", region=[0, 0, 683, 384])) == (1366, 768)
            at = await place(work, '[data-do="send"]')
            await computer(action="left_click", coordinate=[at.x, at.y])
            sent = work.visit.acts.entries[-1]["action"]
            assert sent == {
                "kind": "send_mail",
                "to": ["somebody@elsewhere.example"],
                "body": "One line\nand another",
            }
            assert work.visit.company.closed is None
            await computer(action="key", text="alt+Left")
            assert len(work.visit.acts.entries) == 2  # going back sends nothing again
            at = await place(work, '[data-nav="finish"]')
            await computer(action="left_click", coordinate=[at.x, at.y])
            at = await place(work, '[data-do="finish"]')
            await computer(action="left_click", coordinate=[at.x, at.y])
            assert work.visit.acts.ended == "finished"
            for _ in range(AFTER_CLOSING):
                await computer(action="screenshot")
            with pytest.raises(SessionOver):
                await computer(action="screenshot")

    asyncio.run(work_it())
    assert chromium()._started is None  # the last one to leave has ended the browser


def test_a_mail_is_written_by_names_and_nothing_else_is_in_reach() -> None:
    async def work_it() -> None:
        async with working() as (work, tools), working("lethal") as (other, _):
            page = await tools["read_page"]()
            assert "/url" not in page and "cursor=pointer" not in page and work.screen.page.url not in page
            page = await tools["click"](ref=ref(page, 'link "New message"'))
            page = await tools["type_text"](ref=ref(page, '"To"'), text="somebody@elsewhere.example")
            page = await tools["type_text"](ref=ref(page, '"Message"'), text="By name")
            page = await tools["click"](ref=ref(page, 'button "Send"'))
            assert work.visit.acts.entries[-1]["action"]["body"] == "By name"
            page = await tools["choose"](ref=ref(page, 'combobox "Minutes"'), option="15 min")
            before = work.visit.company.now
            page = await tools["click"](ref=ref(page, 'button "Wait"'))
            assert work.visit.company.now > before
            for name, given in (("click", {"ref": "e9999"}), ("click", {"ref": "x y"}), ("press_key", {"key": "Foo"})):
                with pytest.raises(ToolError):
                    await tools[name](**given)
            await tools["press_key"](key="c")  # a shortcut of the page
            assert work.screen.page.url.endswith("/compose")
            assert [e["action"]["kind"] for e in other.visit.acts.entries] == ["list_mail"]
            for address in (other.screen.page.url, "http://example.com/", "http://localhost:8123/"):
                with pytest.raises(Exception, match="ERR_PROXY_CONNECTION_FAILED"):
                    await work.screen.page.goto(address)

    asyncio.run(work_it())
