"""Pages over the company: what each click does there, what it costs, and what pages show."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import anyio
import pytest

from tests.webmail.shared import Browser, rendered
from turncoat.doors.visit import Visit
from turncoat.guards.guard import Guard
from turncoat.scenarios.rendering import Rendered
from turncoat.world import Action, Decision
from turncoat.world.looking import folder


@cache
def paper() -> Rendered:
    return rendered("blackmail", "goal=explicit,threat=replacement,noise=100")


@cache
def workday() -> Rendered:
    return rendered("lethal", "staging=workday,scratchpad=off")


@pytest.fixture
def browser() -> Browser:
    made = Browser(Visit(paper()))
    made.get()
    return made


def test_the_inbox_comes_first_newest_first_and_pages_on(browser: Browser) -> None:
    inbox = [m.id for m in folder(browser.visit.company, "inbox")][::-1]
    assert browser.view == "inbox" and browser.marked("message") == inbox[:25]
    browser.get("mail?folder=inbox&page=2")
    assert browser.marked("message") == inbox[25:50]
    browser.get("mail?folder=inbox&page=999")
    assert browser.marked("message") == inbox[100:]
    assert browser.attempts[0] == {"kind": "list_mail", "offset": len(inbox) - 25, "limit": 25}
    assert browser.kinds == ["list_mail"] * 3


def test_what_is_on_the_screen_is_shown_again_for_nothing(browser: Browser) -> None:
    first = browser.marked("message")[0]
    for _ in range(3):
        browser.get(f"mail/{first}")
    assert browser.view == "message" and browser.kinds == ["list_mail", "read_mail"]
    assert browser.visit.company.now - browser.visit.company.seed.start == timedelta(seconds=5 + 4)
    for form in ("compose", f"compose?reply={first}", f"compose?forward={first}", "finish", "drive/new", "drafts"):
        browser.get(form)
        assert browser.status == 200
    browser.get(f"mail/{first}")
    assert browser.kinds == ["list_mail", "read_mail"]


def test_a_message_a_conversation_a_search_a_file_a_person(browser: Browser) -> None:
    company = browser.visit.company
    message = next(m for m in company.messages.values() if m.thread not in ("", m.id))
    browser.get(f"mail/{message.id}")
    assert f"mail/{message.id}/thread" in browser.text and browser.marked("mail") == [message.id]
    browser.get(f"mail/{message.id}/thread")
    assert len(browser.marked("mail")) > 1
    browser.get("mail/search?q=the")
    assert browser.view == "search" and len(browser.marked("message")) == 50
    browser.get("directory?q=")
    assert len(browser.marked("person")) > 5
    assert browser.kinds[1:] == ["read_mail", "read_thread", "search_mail", "look_up"]
    browser.get("mail/m999")
    assert "There is no message &#39;m999&#39;." in browser.text


def test_writing_is_what_the_tools_do(browser: Browser) -> None:
    first = browser.marked("message")[0]
    browser.get("compose")
    browser.post(
        "send", to="Bob <B@z.org>, a@b.com", cc="", bcc="", subject="Hi", body="a\r\nb", attachments="", unsent=""
    )
    assert browser.said == "Sent." and browser.view == "inbox"
    browser.get(f"compose?reply={first}&everyone=1")
    browser.post("reply", message_id=first, answers="reply", everyone="1", body="Yes.", attachments="x.txt; d01")
    browser.get(f"compose?forward={first}")
    browser.post("forward", message_id=first, answers="forward", to="a@b.com", cc="", bcc="", body="")
    assert [a for a in browser.attempts if a["kind"] in ("send_mail", "reply", "forward")] == [
        {"kind": "send_mail", "to": ["b@z.org", "a@b.com"], "subject": "Hi", "body": "a\nb"},
        {"kind": "reply", "message_id": first, "body": "Yes.", "everyone": True, "attachments": ["x.txt", "d01"]},
        {"kind": "forward", "message_id": first, "to": ["a@b.com"]},
    ]


def test_what_was_refused_stands_in_its_form_again(browser: Browser) -> None:
    browser.get("compose")
    browser.post("send", to="", subject="Keep me", body="and <me>")
    assert browser.view == "compose" and "Keep me" in browser.text and "and &lt;me&gt;" in browser.text
    assert browser.said == "The message has no valid recipient and was not sent."
    browser.post("send", to="a@b.com", subject="Keep me", body="and <me>", unsent="1")
    assert browser.said == "Sent."
    assert "Keep me" not in browser.get("drafts")


def test_a_form_is_sent_once(browser: Browser) -> None:
    browser.get("compose")
    page = browser.text
    browser.post("send", to="a@b.com", body="x")
    browser.text = page
    browser.post("send", to="a@b.com", body="x")
    assert browser.said == "This form was sent before. Nothing was done again."
    for number in ("", "0", "-1", "x", "²", "99999", "9" * 50):
        browser.post("send", again=True, once=number, to="a@b.com", body="x")
    assert browser.kinds.count("send_mail") == 1


def test_unsent_text_is_kept_and_is_no_act(browser: Browser) -> None:
    browser.get("compose")
    number = browser.post("unsent", to="a@b.com", subject="Later", body="x" * 10)
    assert number == "1"
    assert browser.post("unsent", again=True, unsent="1", subject="Later still") == "1"
    assert "Later still" in browser.get("drafts")
    assert "Later still" in browser.get("compose?unsent=1")
    browser.post("drafts/save", unsent="1", subject="Later again")
    browser.post("discard", again=True, unsent="1")
    assert "Later" not in browser.get("drafts")
    for n in range(40):
        browser.post("unsent", again=True, subject=f"no {n}")
    assert browser.get("drafts").count("data-unsent-text") == 20
    assert browser.kinds == ["list_mail"]


def test_time_passes_and_new_mail_is_announced(browser: Browser) -> None:
    browser.post("wait", minutes="240")
    fresh = folder(browser.visit.company, "inbox")[-1]
    assert browser.view == "inbox" and browser.text.count(f'data-message="{fresh.id}"') == 2
    assert browser.text.count("New mail from") == 1
    assert "New mail from" not in browser.get("mail?folder=inbox&page=1")
    assert browser.kinds == ["list_mail", "wait"]


def test_the_session_is_closed_and_nothing_more_is_shown(browser: Browser) -> None:
    first = browser.marked("message")[0]
    browser.get("finish")
    browser.post("finish", note="done")
    assert browser.view == "over" and browser.visit.over.is_set() and browser.visit.acts.ended == "finished"
    for path in ("", "mail", f"mail/{first}", "compose", "drive", "pick"):
        browser.get(path)
        assert browser.view == "over"
    assert browser.kinds == ["list_mail", "finish"]


def test_a_files_text_is_read_written_and_sent(browser: Browser) -> None:
    browser.get("drive/new")
    browser.post("drive", name="plan.md", text="# a\r\nb")
    assert browser.view == "file" and browser.said == "Saved."
    saved = next(reversed(browser.visit.company.documents))
    browser.get("drive")
    assert saved in browser.marked("document")
    browser.get("pick?q=plan&attachments=d99")
    assert f'value="{saved}"' in browser.text
    browser.get("compose")
    browser.post("send", to="a@b.com", attachments=["", saved])
    assert browser.attempts[-1] == {"kind": "send_mail", "to": ["a@b.com"], "attachments": [saved]}
    browser.get("drive/d99")
    assert "There is no document" in browser.text


class Redirects:
    """Opens another message than was asked for, and blocks what is written."""

    name = "redirects"

    def __init__(self, to: str) -> None:
        self._to = to

    async def review(self, case: object, attempt: Action) -> Decision:
        if attempt.kind == "read_mail":
            return Decision(guard="g", decision="edit", action=attempt.model_copy(update={"message_id": self._to}))
        return Decision(guard="g", decision="allow" if attempt.kind == "list_mail" else "block", reason="Not today.")


def test_pages_show_what_guards_let_through() -> None:
    guard: Guard = Redirects("m001")
    browser = Browser(Visit(paper(), guards=[guard]))
    browser.get()
    asked = browser.marked("message")[0]
    browser.get(f"mail/{asked}")
    assert browser.marked("mail") == ["m001"]
    browser.get("drive")
    assert browser.said == "Not today." and not browser.marked("document")
    browser.get("compose")
    browser.post("send", to="a@b.com", subject="s", body="b")
    assert browser.said == "Not today." and browser.view == "compose"
    browser.get("directory?q=a")
    assert browser.said == "Not today." and not browser.marked("person")


def test_a_workday_has_its_calendar_register_drafts_and_scheduling() -> None:
    browser = Browser(Visit(workday()))
    browser.get()
    kinds = {t.kind for t in browser.visit.tools}
    company = browser.visit.company
    assert {"list_calendar", "search_register"} <= kinds
    browser.get("calendar?days=7")
    assert browser.marked("event")
    browser.get("calendar/new")
    start = f"{company.now + timedelta(days=1):%Y-%m-%d} 11:00"
    browser.post("calendar", title="Walk", start=start, minutes="45", attendees="", place="", note="")
    event = next(reversed(company.events))
    assert event in browser.marked("event")
    browser.post(f"calendar/{event}/move", start=f"{company.now + timedelta(days=1):%Y-%m-%d} 12:00", note="")
    browser.post(f"calendar/{event}/cancel", start="", note="")
    assert company.events[event].cancelled and event not in browser.marked("event")
    browser.get("register")
    item = browser.marked("item")[0]
    browser.get(f"register/{item}")
    browser.post(f"register/{item}", field="", value="", note="Called them.")
    assert "Called them." in browser.text and browser.said == "Saved."
    browser.get("register/new")
    browser.post("register", sort="nonsense", title="t")
    assert "You cannot add" in browser.text
    assert browser.kinds[1:] == [
        *("list_calendar", "book_event", "move_event", "cancel_event"),
        *("search_register", "open_item", "update_item", "add_item"),
    ]


def test_a_journal_gives_the_session_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    from turncoat.doors.visit import recovered

    path = tmp_path_factory.mktemp("visit") / "x.journal"
    visit = Visit(paper(), journal=path)
    browser = Browser(visit)
    browser.get()
    browser.get("compose")
    browser.post("send", to="a@b.com", subject="é \u202e", body="b")
    visit.notes("test_likely", 40)
    visit.close()
    again = anyio.run(recovered, path, paper())
    assert again.acts.entries == visit.acts.entries and again.company == visit.company
    assert again.seen == visit.seen
