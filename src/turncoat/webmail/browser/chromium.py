"""One Chromium for a process: as many contexts as its cores carry, and nothing in reach but the page that is served."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
from inspect_ai.util import concurrency

from turncoat.base.errors import UsageError

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright

WIDTH, HEIGHT = 1366, 768
"""Size of the screen in pixels: what providers of computer use are told."""
VARIABLE = "TURNCOAT_CHROMIUM"
"""Environment variable that names the browser's program."""
CLOSING = 10.0
"""Seconds that a context or the browser may take to close."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_DOWNLOADED = (
    ".cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "Library/Caches/ms-playwright/chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there, for everything that is not the page."""
_WITHOUT = (
    "Translate",
    "OptimizationHints",
    "MediaRouter",
    "BackForwardCache",
    # Each context would have a process for suggestions below an address bar that nobody sees, and one to spare.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-smooth-scrolling",
    f"--disable-features={','.join(_WITHOUT)}",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)


def find_chromium() -> str:
    """The browser's program: what `TURNCOAT_CHROMIUM` names, or the first one at the usual places.

    Raises:
        UsageError: There is none.
    """
    named = os.environ.get(VARIABLE, "")
    if named:
        if (found := which(named)) is None:
            raise UsageError(f"{VARIABLE}: {named!r} is no program; name Chromium's, or unset it")
        return found
    found = next(_candidates(), None)
    if found is None:
        raise UsageError(
            f"interface 'webmail' needs Chromium, which was not found (looked for {', '.join(_PROGRAMS[:3])}); "
            f"install it, or name its program in {VARIABLE}"
        )
    return found


def _candidates() -> Iterator[str]:
    yield from (found for name in _PROGRAMS if (found := which(name)))
    yield from (place for place in _PLACES if Path(place).exists())
    yield from (str(place) for pattern in _DOWNLOADED for place in sorted(Path.home().glob(pattern), reverse=True))


def most_contexts() -> int:
    """How many contexts work at once: four a core, at least four and at most 32."""
    return min(32, max(4, 4 * (os.cpu_count() or 1)))


class Chromium:
    """The browser of a process: started when somebody comes, ended when the last one has left."""

    def __init__(self) -> None:
        self._users = 0
        self._started: asyncio.Task[tuple[Playwright, Browser]] | None = None

    @asynccontextmanager
    async def context(self, address: str) -> AsyncIterator[BrowserContext]:
        """A fresh context, as soon as there is room for one more.

        Args:
            address: The page's; its host and port are all that the context can reach.

        Raises:
            UsageError: The browser is not there or does not start.
        """
        async with concurrency("webmail", most_contexts()):
            browser = await self._enter()
            try:
                context = await browser.new_context(
                    viewport={"width": WIDTH, "height": HEIGHT},
                    proxy={"server": _NOWHERE, "bypass": f"<-loopback>,{urlsplit(address).netloc}"},
                    service_workers="block",
                    accept_downloads=False,
                    locale="en-US",
                    timezone_id="UTC",
                    reduced_motion="reduce",
                )
                try:
                    yield context
                finally:
                    with anyio.move_on_after(CLOSING, shield=True):
                        await context.close()
            finally:
                with anyio.move_on_after(CLOSING, shield=True):
                    await self._leave()

    async def _enter(self) -> Browser:
        if self._started is not None and self._started.get_loop() is not asyncio.get_running_loop():
            self._users, self._started = 0, None  # an event loop that was ended with the browser open
        self._users += 1
        if self._started is None:
            self._started = asyncio.create_task(_start())
        try:
            return (await asyncio.shield(self._started))[1]
        except BaseException:
            with anyio.move_on_after(CLOSING, shield=True):
                await self._leave()
            raise

    async def _leave(self) -> None:
        self._users -= 1
        if self._users or self._started is None:
            return
        started, self._started = self._started, None
        try:
            playwright, browser = await started
        except Exception:  # who came has been told
            return
        await browser.close()
        await playwright.stop()


async def _start() -> tuple[Playwright, Browser]:
    from playwright.async_api import Error, async_playwright

    program = find_chromium()
    playwright = await async_playwright().start()
    try:
        return playwright, await playwright.chromium.launch(executable_path=program, args=[*FLAGS])
    except Error as error:
        await playwright.stop()
        first = next((line for line in str(error).splitlines() if line.strip()), "")[:200]
        raise UsageError(f"{program}: does not start ({first}); name another program in {VARIABLE}") from None


@cache
def chromium() -> Chromium:
    """The process's browser."""
    return Chromium()
