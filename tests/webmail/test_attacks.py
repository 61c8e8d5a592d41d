"""Who may enter a webmail, and what mails of strangers can do there: nothing."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser

import pytest

from tests.webmail.shared import HOST, TOKEN, Browser, rendered
from turncoat.doors.visit import Visit
from turncoat.scenarios.rendering import Rendered
from turncoat.webmail.entry import POLICY
from turncoat.world import Document, Message
from turncoat.world.office import MAX_BODY

OWN = f"http://{HOST}"


@cache
def paper() -> Rendered:
    return rendered("lethal", "goal=explicit,threat=replacement")


@pytest.fixture
def browser() -> Browser:
    made = Browser(Visit(paper()))
    made.get()
    return made


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/x", "/mail", "/a-token-of-the-test/mail", "/a-token-of-the-testz/mail", f"/{TOKEN.upper()}/mail"),
        *(f"/{TOKEN}", f"//{TOKEN}/mail", f"/x/%2e%2e/{TOKEN}/mail", "/assets/webmail.css", f"/%61{TOKEN[1:]}x/"),
    ],
)
def test_what_belongs_to_no_visit_is_answered_alike(browser: Browser, path: str) -> None:
    answer = browser.another().get(path, follow_redirects=False)
    assert (answer.status_code, answer.text) == (404, "not found\n")
    assert not browser.visit.seen.refused


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:8123"}, 421),
        ({"host": "127.0.0.1:9"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": "a@127.0.0.1:8123"}, 421),
        ({"host": "[::1"}, 421),
        ({"host": "127.0.0.1:99999999"}, 421),
        ({"host": "localhost:8123", "origin": "http://localhost:8123"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"{OWN}.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": OWN}, 200),
        ({"sec-purpose": "prefetch;prerender"}, 503),
    ],
)
def test_foreign_pages_and_hosts_are_refused(browser: Browser, headers: dict[str, str], status: int) -> None:
    before = len(browser.attempts)
    get = browser.client.get(f"/{TOKEN}/mail?folder=sent&page=1", headers=headers)
    assert get.status_code == status
    assert len(browser.attempts) == before + (status == 200)
    post = browser.client.post(f"/{TOKEN}/wait", data={"once": "1", "minutes": "5"}, headers=headers)
    assert post.status_code == status


def test_a_link_of_another_site_leads_to_the_beginning_only() -> None:
    client = Browser(Visit(paper())).client
    led = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get(f"/{TOKEN}/", headers=led, follow_redirects=False).status_code == 303
    assert client.get(f"/{TOKEN}/", headers=led, follow_redirects=False).status_code == 403


@pytest.mark.parametrize("cookie", ["", "holder=", "holder=x", "holder=\xe9", "holder=" + "x" * 9000, ";;=;", "x=y"])
def test_a_second_browser_is_turned_away_and_the_first_goes_on(browser: Browser, cookie: str) -> None:
    other = browser.another()
    answer = other.get(f"/{TOKEN}/mail", headers=[(b"cookie", cookie.encode("latin-1"))])
    assert answer.status_code == 409 and "set-cookie" not in answer.headers
    assert browser.visit.seen.refused == ["a second browser"]
    browser.get("mail?folder=sent&page=1")
    assert browser.status == 200


def test_a_used_token_is_refused(browser: Browser) -> None:
    browser.get("finish")
    browser.post("finish")
    assert browser.another().get(f"/{TOKEN}/").status_code == 410
    browser.get("mail")
    assert browser.view == "over" and browser.kinds == ["list_mail", "finish"]


def test_the_cookie_and_every_answer_are_bound(browser: Browser) -> None:
    answer = browser.another().get("/nothing")
    first = Browser(Visit(paper())).client.get(f"/{TOKEN}/", follow_redirects=False)
    assert re.fullmatch(rf"holder=[\w-]{{32}}; Path=/{TOKEN}/; HttpOnly; SameSite=Strict", first.headers["set-cookie"])
    for found in (answer, first, browser.client.get(f"/{TOKEN}/assets/webmail.css")):
        assert found.headers["content-security-policy"] == POLICY
        assert found.headers["x-content-type-options"] == "nosniff" and found.headers["x-frame-options"] == "DENY"
    assert first.headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY and "http" not in POLICY


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_none(browser: Browser, method: str) -> None:
    assert browser.client.request(method, f"/{TOKEN}/mail?folder=sent&page=1").status_code == 405
    assert browser.kinds == ["list_mail"]


@pytest.mark.parametrize(
    "path",
    [
        *("drive/../../../../etc/passwd", "drive/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "drive/%00", "drive/..%5c..%5cx"),
        *(
            "drive//etc/passwd",
            "assets/../app.py",
            "assets/%2e%2e/app.py",
            "assets/..%2fapp.py",
            "assets/webmail.css/x",
        ),
        *("mail/..%2f..%2fx", "mail/%ff%fe", "register/../x", "assets/htmx.LICENSE%00.css", "drive/file:%2f%2f%2fetc"),
    ],
)
def test_no_path_leads_to_a_file(browser: Browser, path: str) -> None:
    answer = browser.client.get(f"/{TOKEN}/{path}")
    assert answer.status_code in (200, 404, 405)
    assert "root:" not in answer.text and "import" not in answer.text
    assert answer.status_code == 404 or "There is no" in answer.text


def test_a_file_named_like_a_path_is_a_name(browser: Browser) -> None:
    browser.get("drive/new")
    browser.post("drive", name="../../etc/passwd", text="mine")
    assert browser.view == "file" and "mine" in browser.text
    browser.get("compose")
    browser.post("send", to="a@b.com", attachments="/etc/passwd; file:///etc/shadow; ../../x")
    assert browser.said == "Sent. Not found and left out: /etc/passwd, file:///etc/shadow, ../../x."


@pytest.mark.parametrize(
    ("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 200), (3_000_000, 200), (5_000_000, 413), (10_000_000, 413)]
)
def test_large_mails_are_refused_and_bounded(browser: Browser, size: int, status: int) -> None:
    browser.get("compose")
    browser.post("send", to="a@b.com", subject="big", body="x" * size)
    assert browser.status == status
    if status == 413:
        assert browser.kinds == ["list_mail"]
        browser.get("mail?folder=inbox&page=1")
        assert browser.status == 200
    elif size > MAX_BODY:
        assert "larger than 512 kB" in browser.said and len(browser.attempts[-1]["body"]) == MAX_BODY + 1
    else:
        assert browser.said == "Sent."


def test_a_form_of_many_fields_or_none_breaks_nothing(browser: Browser) -> None:
    for body in (b"&".join(b"a=%d" % n for n in range(5000)), b"\xff\xfe=%zz", b"once=&" * 3, b"", b"{}"):
        answer = browser.client.post(f"/{TOKEN}/send", content=body, headers={"origin": OWN})
        assert answer.status_code == 200
    assert "send_mail" not in browser.kinds


def test_floods_are_slowed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.doors.loopback.PER_SECOND", 0.0)
    monkeypatch.setattr("turncoat.doors.loopback.BURST", 40.0)
    flooded = Browser(Visit(paper()))
    flooded.get()
    found = [flooded.client.get(f"/{TOKEN}/assets/none").status_code for _ in range(60)]
    assert found[0] == 404 and found[-1] == 429 and found.count(429) in (21, 22)


def test_ten_thousand_calls_are_bounded(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.doors.visit.MAX_CALLS", 60)
    monkeypatch.setattr("turncoat.doors.loopback.BURST", 1e6)
    for n in range(90):
        browser.get(f"mail/search?q=word{n}")
        assert browser.status == 200
    assert len(browser.attempts) <= 60 and browser.said == "The session is over."


EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea></title></style><script>alert(1)</script>",
    "<form action=//evil.example><input name=once>",
    "<a hx-get='/x' hx-trigger='load' data-hx-on:click='x'>x</a>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "javascript:alert(1)",
    "\u202e\u2066 gnp.exe\x00\x1b[31m\u2028",
    "<!--",
    "&lt;b&gt;&#60;script&#62;",
]


class Marks(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(text: str) -> Rendered:
    """A company in which a stranger's text stands wherever strangers write."""
    real = paper()
    seed = real.live_seed
    sender = "x@evil.example"
    document = Document(id=f"d/{text[:40]}", name=text, text=text)
    mail = Message(
        id="m999",
        time=seed.start - timedelta(minutes=1),
        sender=sender,
        to=(seed.agent_address, f'"{text}"@evil.example'),
        cc=(text,),
        subject=text,
        body=f"{text}\n{text}",
        thread="m999",
        attachments=(document.id,),
    )
    people = seed.directory.people
    named = people[0].model_copy(update={"name": f"{text} X", "title": text, "aliases": (sender,)})
    directory = seed.directory.model_copy(update={"people": (named, *people[1:])})
    changed = seed.model_copy(
        update={
            "messages": (*seed.messages, mail),
            "documents": (*seed.documents, document),
            "directory": directory,
            "company": text,
            "agent_name": text,
        }
    )
    rendering = object.__new__(type(real))
    rendering.__dict__.update(real.__dict__)
    rendering.__dict__["live_seed"] = changed
    return rendering


PAGES = (
    *("", "mail/m999", "mail/m999/thread", "mail/search?q={}", "compose?reply=m999&everyone=1", "compose?forward=m999"),
    *("compose?to={0}&cc={0}&subject={0}&body={0}&attachments={0}&at={0}", "drive", "drive?q={}", "drive/{}"),
    *("directory", "directory?q={}", "drafts", "pick?q={}&attachments={}", "mail/{}", "drive/d%2F{}"),
)


@pytest.mark.parametrize("text", EVIL)
def test_no_markup_of_a_mail_takes_effect(text: str) -> None:
    from urllib.parse import quote

    plain, evil = Browser(Visit(hostile("Plain words"))), Browser(Visit(hostile(text)))
    for path in PAGES:
        shown = []
        for browser, words in ((plain, "Plain words"), (evil, text)):
            browser.get(path.replace("{0}", quote(words)).replace("{}", quote(words[:40], safe="")))
            shown.append(Marks(browser.text))
        tags = [{(t, a) for t, a in s.found} for s in shown]
        assert not {t for t, _ in tags[1]} - {t for t, _ in tags[0]} - {"li", "ul", "b", "p", "label", "input", "small"}
        wild = {n for _, names in tags[1] for n in names if n.startswith(("on", "style", "src", "hx-on", "data-hx"))}
        assert wild <= {"src"} and not re.search(r"<script(?! src=\"/)", evil.text)
        if not path.startswith("compose?to"):  # a visitor's own text stays as it is
            assert "\u202e" not in evil.text and "\x00" not in evil.text and "\x1b" not in evil.text
    evil.get("compose?" + "body=" + quote(text))
    kept = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", evil.text, re.S)
    assert html.unescape(kept[0]) == text
