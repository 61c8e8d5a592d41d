"""Links of the built site: every page, file and anchor that is linked exists, and nothing is loaded from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src"}
"""Tag → the attribute by which a browser fetches something unasked."""
SHEETS = {"stylesheet", "preload", "preconnect", "icon", "modulepreload"}


class Page(HTMLParser):
    """What one page links to, what it loads, and the anchors that it has.

    Attributes:
        links: Addresses a reader may follow.
        loads: Addresses that the browser fetches unasked.
        anchors: Ids in the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag links to, loads, or is named."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and SHEETS & set(given.get("rel", "").split()):
            self.loads.append(given.get("href", ""))
        if tag in LOADED and LOADED[tag] in given:
            self.loads.append(given[LOADED[tag]])


def broken_links(site: Path) -> list[str]:
    """Links that lead nowhere and things that are loaded from elsewhere, as `page: address: what is wrong`."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    problems = []
    for path, page in pages.items():
        for address in (*page.links, *page.loads):
            wrong = _wrong(address, path, site, pages)
            if wrong is None and address in page.loads and urlsplit(address).netloc:
                wrong = "is loaded from elsewhere"
            if wrong and not (path.name == "404.html" and address.startswith("/")):
                problems.append(f"{path.relative_to(site)}: {address}: {wrong}")
    return problems


def _wrong(address: str, path: Path, site: Path, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None if parts.scheme in {"http", "https", "data", "mailto", ""} else "has an odd scheme"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target = target / "index.html"
    if not target.is_relative_to(site.resolve()) or not target.is_file():
        return "there is no such page or file"
    fragment = unquote(parts.fragment)
    if fragment and target in pages and fragment not in pages[target].anchors:
        return "there is no such anchor"
    return None
