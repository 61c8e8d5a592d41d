"""A screen: one page of the browser, with a mouse and a keyboard, as a model or a simulated agent works it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from playwright.async_api import Error, Locator, Page

from turncoat.webmail.browser.chromium import HEIGHT, WIDTH, chromium

SETTLED = 20.0
"""Seconds that a page may take to come to rest."""
QUALITY = 80
"""Of screenshots as JPEG: a third less than PNG, and text as legible."""
LINE = 100
"""Pixels of one click of the mouse wheel."""
_RESTS = """() => new Promise(done => requestAnimationFrame(() => done(
  document.readyState === 'complete' && !document.documentElement.hasAttribute('data-busy'))))"""
_WRITES = """() => { const e = document.activeElement;
  if (!e) return '';
  if (e.isContentEditable || e.tagName === 'TEXTAREA') return 'lines';
  const none = ['button', 'submit', 'checkbox', 'radio', 'reset', 'image', 'file', 'range', 'color'];
  return e.tagName === 'INPUT' && !none.includes(e.type) ? 'line' : '';
}"""
PATIENCE = 10_000
"""Milliseconds that something may take to become clickable."""
_REF = re.compile(r"(?:f\d+)?e\d+")
_ROWS = """() => [...document.querySelectorAll('#main .rows [data-message]')].map(
  row => [row.dataset.message, row.querySelector('.subject')?.textContent.trim() ?? '',
    row.querySelector('time').dateTime])"""
_BACK, _FORWARD = ("Alt", "ArrowLeft"), ("Alt", "ArrowRight")
_RELOAD = (("F5",), ("Control", "r"))

Button = Literal["left", "right", "middle"]


class OutOfReach(ValueError):  # noqa: N818 - reads as what it reports
    """What was asked for is not on the screen, or not in the mail client; the message says what."""


@dataclass(frozen=True)
class Place:
    """Where something stands on the screen: its middle, in pixels; outside of the screen where it is scrolled away."""

    x: int
    y: int

    @property
    def visible(self) -> bool:
        """Whether it can be clicked."""
        return 0 <= self.x < WIDTH and 0 <= self.y < HEIGHT


class Screen:
    """One page.

    Args:
        page: The page.
        home: Address below which everything lies that can be opened.
    """

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.mouse = (WIDTH // 2, HEIGHT // 2)
        """Where the mouse stands."""
        self.plan: Any = None
        """What a simulated agent that works here is about to do."""
        self._home = home
        self._session: Any = None
        self._tabs: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the mail client."""
        self._session = await self.page.context.new_cdp_session(self.page)
        self.page.context.on("page", self._another)
        await self.page.goto(self._home)
        await self.settle()

    async def settle(self) -> None:
        """Let the page come to rest, within `SETTLED`: nothing is loading and two pictures have been drawn."""
        clock = asyncio.get_running_loop()
        end, calm = clock.time() + SETTLED, 0
        while calm < 2 and clock.time() < end:
            try:
                calm = calm + 1 if await self.page.evaluate(_RESTS) else 0
            except Error:
                if self.page.is_closed():
                    raise
                calm = 0
                await asyncio.sleep(0.01)  # one page is leaving, the next has not come

    async def picture(self, region: Sequence[float] | None = None) -> str:
        """The screen, or a region of it enlarged, as JPEG in a data URI.

        Args:
            region: Left, top, right and bottom in pixels.
        """
        asked: dict[str, Any] = {"format": "jpeg", "quality": QUALITY}
        if region is not None:
            left, top, right, bottom = region
            wide, high = right - left, bottom - top
            scale = min(WIDTH / wide, HEIGHT / high)
            asked["clip"] = {"x": left, "y": top, "width": wide, "height": high, "scale": scale}
        data: str = (await self._session.send("Page.captureScreenshot", asked))["data"]
        return f"data:image/jpeg;base64,{data}"

    async def move(self, to: tuple[int, int]) -> None:
        """Move the mouse."""
        await self.page.mouse.move(*to)
        self.mouse = to

    async def click(self, button: Button = "left", count: int = 1) -> None:
        """Click where the mouse stands."""
        await self.page.mouse.click(*self.mouse, button=button, click_count=count)

    async def drag(self, start: tuple[int, int], to: tuple[int, int]) -> None:
        """Press at one place, and let go at another."""
        await self.move(start)
        await self.page.mouse.down()
        await self.page.mouse.move(*to, steps=5)
        await self.page.mouse.up()
        self.mouse = to

    async def scroll(self, right: int, down: int) -> None:
        """Turn the wheel by so many clicks."""
        await self.page.mouse.wheel(right * LINE, down * LINE)

    async def press(self, keys: Sequence[str]) -> None:
        """Press keys together, once. Those by which a browser goes back, forward or loads again do so."""
        combination = tuple(keys)
        if combination in (_BACK, _FORWARD):
            await self.go(-1 if combination == _BACK else 1)
        elif combination in _RELOAD:
            await self.page.reload()
        else:
            await self.page.keyboard.press("+".join(combination))

    async def go(self, steps: int) -> None:
        """Go back (-1) or forward (1) in the pages that were seen; at the end of them nothing happens."""
        await (self.page.go_back() if steps < 0 else self.page.go_forward())
        if not self.page.url.startswith(self._home):
            await self.page.goto(self._home)

    async def write(self, text: str) -> None:
        """Type a text where the focus is: as lines, as one line whose breaks are Enter, or key by key elsewhere."""
        match await self.page.evaluate(_WRITES):
            case "lines":
                await self.page.keyboard.insert_text(text)
            case "line":
                first, *others = text.split("\n")
                await self.page.keyboard.insert_text(first)
                for other in others:
                    await self.page.keyboard.press("Enter")
                    await self.settle()
                    await self.write(other)
            case _:
                await self.page.keyboard.type(text[:200])

    async def open(self, address: str) -> None:
        """Open an address of the mail client.

        Raises:
            OutOfReach: It is another's.
        """
        if not address.startswith(self._home):
            raise OutOfReach("there is no way to the internet from here: the browser opens the mail client alone")
        await self.page.goto(address)

    async def named(self) -> str:
        """What stands on the page by roles and names; `[ref=e5]` is what to click by."""
        return _readable(await self.page.locator("body").aria_snapshot(mode="ai"))

    async def click_named(self, ref: str) -> None:
        """Click what a ref of `named` stands for."""
        await self._by(ref, lambda found: found.click(timeout=PATIENCE))

    async def fill_named(self, ref: str, text: str, submit: bool = False) -> None:
        """Write into the field that a ref stands for, in place of what is there."""

        async def filled(found: Locator) -> None:
            await found.fill(text, timeout=PATIENCE)
            if submit:
                await found.press("Enter", timeout=PATIENCE)

        await self._by(ref, filled)

    async def choose_named(self, ref: str, option: str) -> None:
        """Choose an option, by its label, of the list that a ref stands for."""
        await self._by(ref, lambda found: found.select_option(label=option, timeout=PATIENCE))

    async def _by(self, ref: str, act: Callable[[Locator], Awaitable[object]]) -> None:
        if not _REF.fullmatch(ref):
            raise OutOfReach(f"ref: {ref[:40]!r} is none; they stand on the page as [ref=e5]")
        found = self.page.locator(f"aria-ref={ref}")
        if not await found.count():
            raise OutOfReach(f"ref: there is no {ref} on the page as it stands; read it again")
        try:
            await act(found)
        except Error as error:
            first = str(error).partition("\n")[0].removeprefix("Locator.")[:200]
            raise OutOfReach(f"ref: that cannot be done with {ref} ({first})") from None

    async def find(self, selector: str) -> Place | None:
        """Where the first element is that a selector finds and that is shown: the eyes of a simulated agent."""
        found = self.page.locator(selector).locator("visible=true").first
        if not await found.count() or (box := await found.bounding_box()) is None:
            return None
        return Place(round(box["x"] + min(box["width"] / 2, 200)), round(box["y"] + box["height"] / 2))

    async def is_marked(self, ref: str, selector: str) -> bool:
        """Whether what a ref of `named` stands for is found by a selector too."""
        return bool(await self.page.locator(f"aria-ref={ref}").and_(self.page.locator(selector)).count())

    async def rows(self) -> list[tuple[str, str, datetime]]:
        """Id, subject and time of each message in the list on the page."""
        found: list[list[str]] = await self.page.evaluate(_ROWS)
        return [(id, subject, datetime.fromisoformat(time)) for id, subject, time in found]

    def _another(self, tab: Page) -> None:
        """There is one tab: what opens in another opens here."""
        task = asyncio.ensure_future(self._taken_over(tab))
        self._tabs.add(task)
        task.add_done_callback(self._tabs.discard)

    async def _taken_over(self, tab: Page) -> None:
        try:
            await tab.wait_for_load_state("domcontentloaded", timeout=SETTLED * 1000)
            address = tab.url
            await tab.close()
            if address.startswith(self._home):
                await self.page.goto(address)
        except Error:
            return  # one of the two is gone


_NAMED = re.compile(r"""^-\s+'?(?:link|button|option|menuitem|heading)\b[^"]*"[^"]""")
_NOISE = re.compile(r" \[cursor=pointer\]| \[active\]")
_PLAIN = re.compile(r"^(\s*- )(?:generic|text|paragraph|listitem)(?: \[ref=\w+\])?: ")


def _readable(snapshot: str) -> str:
    """A snapshot without addresses, decoration, and what only repeats the name of what it stands in."""
    kept: list[str] = []
    within: int | None = None
    for line in snapshot.splitlines():
        depth = len(line) - len(line.lstrip())
        if within is not None and depth > within:
            continue
        bare = line.lstrip()
        named = bool(_NAMED.match(bare))
        within = depth if named or "[aria-hidden]" in line else None
        if "[aria-hidden]" in line or bare.startswith("- /"):
            continue
        line = _PLAIN.sub(r"\1", _NOISE.sub("", line)).rstrip()
        # What a textbox holds stands behind the colon of its line, or of nothing where it is empty.
        kept.append(line.removesuffix(":") if named else line)
    return "\n".join(kept)


@asynccontextmanager
async def screen_at(address: str) -> AsyncIterator[Screen]:
    """A screen of its own at an address.

    Args:
        address: The mail client's, with its token.
    """
    async with chromium().context(address) as context:
        screen = Screen(await context.new_page(), address)
        await screen.start()
        yield screen
