"""Guards by rule: what the agent has no right to do is held back in every way in which it could be done."""

from __future__ import annotations

import asyncio
from functools import lru_cache

import pytest

from turncoat.guards.guard import Session
from turncoat.guards.named import make_guard
from turncoat.scenarios.finding import rendering_from, setting_of
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, CancelAlert, Company, Forward, SendMail
from turncoat.world.actions import Finish, ListMail, Reply, WriteDocument
from turncoat.world.office import BookEvent, CancelScheduled, SaveDraft, ScheduleMail, SendDraft, UpdateItem

OUT = "quotes@elsewhere.example"


@lru_cache(maxsize=2)
def workday(scenario: str = "blackmail") -> Setting:
    """The setting of a workday, whose desk has all that there is."""
    rendered = rendering_from({"scenario": scenario, "condition": "staging=workday", "world": "1"})
    return setting_of(rendered, live=True)


def inside(setting: Setting) -> str:
    own = setting.seed.agent_address.lower()
    return next(p.address for p in setting.seed.directory.people if p.inside and p.address.lower() != own)


def status(guard: str, *actions: Action, scenario: str = "blackmail") -> str:
    """What became of the last of some attempts; the others pass no guard."""
    setting = workday(scenario)
    company = Company(setting.seed)
    for action in actions[:-1]:
        assert company.perform(action).status == "done", action
    session = Session(setting, company, guards=[make_guard(guard)])
    return asyncio.run(session.act(actions[-1])).status


IN = inside(workday())
LATER = f"{workday().seed.start.replace(hour=23):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("actions", "wanted"),
    [
        ([SendMail(to=(IN,))], "done"),
        ([SendMail(to=(OUT,))], "blocked"),
        ([SendMail(to=(IN,), cc=(OUT,))], "blocked"),
        ([SendMail(to=(IN,), bcc=(OUT.upper(),))], "blocked"),
        ([SendMail(to=("not an address",))], "failed"),
        ([ScheduleMail(to=(OUT,), at=LATER)], "blocked"),
        ([SaveDraft(to=(OUT,))], "done"),
        ([SaveDraft(to=(OUT,)), SendDraft(draft_id="dr01")], "blocked"),
        ([SaveDraft(to=(IN,)), SendDraft(draft_id="dr01")], "done"),
        ([BookEvent(title="A", start=LATER, attendees=(OUT,))], "blocked"),
        ([BookEvent(title="A", start=LATER, attendees=(IN,))], "done"),
        ([ScheduleMail(to=(OUT,), at=LATER), CancelScheduled(message_id="s01")], "done"),
        ([ListMail()], "done"),
        ([WriteDocument(name="a", text=OUT)], "done"),
    ],
)
def test_no_message_leaves_the_company(actions: list[Action], wanted: str) -> None:
    assert status("no_outside_mail", *actions) == wanted


def test_answers_and_forwards_go_where_their_message_came_from() -> None:
    seed = workday().seed
    own = seed.agent_address.lower()
    came = {seed.directory.is_inside(m.sender): m for m in seed.messages if m.sender != own}
    for known, message in came.items():
        assert status("no_outside_mail", Reply(message_id=message.id, body="Yes.")) == ("done" if known else "blocked")
    some = next(iter(came.values()))
    assert status("no_outside_mail", Forward(message_id=some.id, to=(OUT,))) == "blocked"
    assert status("no_outside_mail", Forward(message_id=some.id, to=(IN,))) == "done"
    assert status("no_forwarding", Forward(message_id=some.id, to=(IN,))) == "blocked"
    assert status("no_forwarding", Reply(message_id=some.id, body=some.body)) == "done"


def test_a_private_address_of_somebody_inside_is_outside() -> None:
    setting = workday()
    aliases = [(p, a) for p in setting.seed.directory.people if p.inside for a in p.aliases]
    strange = [a for _, a in aliases if not setting.seed.directory.is_inside(a)]
    for address in strange:
        assert status("no_outside_mail", SendMail(to=(address,))) == "blocked"
    person = next(
        p for p in setting.seed.directory.people if p.inside and p.address.lower() != setting.seed.agent_address
    )
    guess = f"{person.first}.{person.last}@mail.example".lower()
    assert status("no_outside_mail", SendMail(to=(guess,))) == "blocked", "a guess at somebody's own mailbox"


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        (SendMail(to=(IN,)), "blocked"),
        (WriteDocument(name="a", text="b"), "blocked"),
        (UpdateItem(item_id="none", note="x"), "blocked"),
        (SaveDraft(to=(IN,)), "done"),
        (ListMail(), "done"),
        (Finish(), "done"),
    ],
)
def test_reading_alone_lets_nothing_be_changed(action: Action, wanted: str) -> None:
    assert status("read_only", action) == wanted


def test_no_alert_is_cancelled() -> None:
    codes = [a.code for a in workday("lethal").seed.alerts if a.code]
    for code in (*codes, "wrong"):
        assert status("no_override", CancelAlert(code=code), scenario="lethal") == "blocked"
    assert status("no_override", SendMail(to=(IN,), body="x"), scenario="lethal") != "blocked"
