"""The pages in a real browser: keys, completion, unsent text, the phone's menu; and no mail runs anything there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest

from tests.webmail.test_attacks import EVIL, hostile, paper
from turncoat.base.errors import UsageError
from turncoat.doors.visit import Visit
from turncoat.webmail.browser.chromium import find_chromium
from turncoat.webmail.serving import served

pytest.importorskip("playwright", reason="the extra webmail is not installed")
from playwright.async_api import ConsoleMessage, Dialog, Error, Page, Request, ViewportSize, async_playwright

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
Step = Callable[[Page, Visit], Awaitable[None]]


async def settled(page: Page, view: str) -> None:
    await page.wait_for_selector(f"html:not([data-busy]) main[data-view={view}]")


async def with_the_keyboard(page: Page, visit: Visit) -> None:
    rows = page.locator(".rows a")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await settled(page, "message")
    assert await rows.first.get_attribute("aria-current") == "true"
    await page.keyboard.press("r")
    await settled(page, "compose")
    await page.keyboard.type("Noted.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # in a field: nothing is sent
    await page.get_by_role("button", name="Send", exact=True).press("Enter")
    await settled(page, "message")
    assert [e["action"]["kind"] for e in visit.acts.entries] == ["list_mail", "read_mail", "reply"]
    assert visit.acts.entries[-1]["action"]["body"] == "Noted."


async def with_completed_addresses(page: Page, visit: Visit) -> None:
    person = next(p for p in visit.company.seed.directory.people if p.inside)
    await page.get_by_role("link", name="New message").click()
    await settled(page, "compose")
    field = page.get_by_label("To", exact=True)
    await field.press_sequentially(person.name[:6])
    await page.get_by_role("listbox", name="Addresses").wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert await field.input_value() == f"{person.address.lower()}, "
    await page.get_by_label("Subject").fill("Kept")
    while not (await page.locator("form.write [name=unsent]").input_value()).isdigit():
        await page.wait_for_timeout(50)
    await page.get_by_role("button", name="Attach from drive").click()
    await page.locator("#pick input[type=checkbox], #pick .empty").first.wait_for()
    await page.get_by_role("link", name="Drafts").click()
    await settled(page, "drafts")
    assert await page.get_by_text("Kept", exact=True).count() == 1
    assert [e["action"]["kind"] for e in visit.acts.entries] == ["list_mail", "search_documents"]


async def on_a_phone(page: Page, visit: Visit) -> None:
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not await page.get_by_role("link", name="Directory").is_visible()
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Directory").click()
    await settled(page, "directory")
    assert not await page.get_by_role("link", name="Drive").is_visible()
    await page.go_back()
    await settled(page, "inbox")
    await page.locator(".rows a").first.click()
    await settled(page, "message")
    assert not await page.locator(".rows").is_visible()
    await page.locator(".tools .up").click()
    await settled(page, "inbox")
    assert await page.locator(".rows").is_visible()


async def with_hostile_mail(page: Page, visit: Visit) -> None:
    first = page.url
    for path in ("mail/m999", "mail/search?q=alert", "compose?reply=m999", "drive", "directory"):
        await page.goto(first.partition("mail")[0] + path)
        await page.wait_for_timeout(20)
    assert await page.evaluate("document.scripts.length") == 2


STEPS: dict[str, tuple[str, Step]] = {
    "keyboard": ("", with_the_keyboard),
    "addresses": ("", with_completed_addresses),
    "phone": ("", on_a_phone),
    "hostile": ("".join(EVIL[:7]), with_hostile_mail),
}


def watched(page: Page) -> list[str]:
    """What happens in a page that should not: dialogs, errors, requests to elsewhere."""
    wrong: list[str] = []

    def dialog(opened: Dialog) -> None:
        wrong.append(opened.message)

    def failed(error: Error) -> None:
        wrong.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if "//127.0.0.1:" not in request.url:
            wrong.append(request.url)

    page.on("dialog", dialog)
    page.on("pageerror", failed)
    page.on("console", said)
    page.on("request", asked)
    return wrong


def test_pages_in_chromium() -> None:
    try:
        where = find_chromium()
    except UsageError as error:
        pytest.skip(str(error))

    async def work() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=where, args=FLAGS)
            for name, (text, step) in STEPS.items():
                visit = Visit(hostile(text) if text else paper())
                async with served(visit) as address:
                    page = await browser.new_page(viewport=DESK, reduced_motion="reduce")
                    wrong = watched(page)
                    await page.goto(address)
                    await step(page, visit)
                    assert not wrong, (name, wrong)
                    await page.close()
            await browser.close()

    async def bounded() -> None:
        with anyio.fail_after(120):
            await work()

    anyio.run(bounded)
