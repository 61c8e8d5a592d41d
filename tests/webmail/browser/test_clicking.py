"""What a simulated agent does on pages beside mail: each act is the one that it meant, by sight and by names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.report.chromium import INSTALLED, LONG, NEEDED, WHOLE
from tests.webmail.shared import rendered
from turncoat.doors.visit import Visit

pytest.importorskip("playwright", reason="the extra webmail is not installed")
from turncoat.sim.clicking import Clicking, NotThere
from turncoat.sim.hands import hand_for
from turncoat.webmail.browser.screen import screen_at
from turncoat.webmail.browser.work import Work
from turncoat.webmail.browser.working import tools_at
from turncoat.webmail.serving import served
from turncoat.world import Action, is_write
from turncoat.world.actions import Wait
from turncoat.world.office import (
    AddItem,
    BookEvent,
    CancelEvent,
    CancelScheduled,
    MoveEvent,
    OpenItem,
    SaveDraft,
    ScheduleMail,
    SearchRegister,
    SendDraft,
    UpdateItem,
)

pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)


def meant(visit: Visit) -> Sequence[Action]:
    """Acts of every kind; the ids of what they make are the next ones."""
    company = visit.company
    register = company.seed.open_business
    assert register is not None
    item = next(i for i in company.items.values() if i.sort in register.sorts)
    own = register.sorts[item.sort]
    editable = next(n for n in own.editable if n not in own.choices)
    sort = next(n for n, s in register.sorts.items() if s.addable and s.choices)
    choices = register.sorts[sort].choices
    fields = {n: f"new {n}" for n in register.sorts[sort].fields} | {n: v[-1] for n, v in choices.items()}
    boss = next(p.address for p in company.seed.directory.people if p.inside)
    soon, later = (f"{company.now + timedelta(days=d):%Y-%m-%d} 14:30" for d in (1, 20))
    draft = SaveDraft(to=(boss,), subject='Two (2) "things"', body="One.\n\nTwo.")
    return [
        BookEvent(title="Walk", start=soon, minutes=45, attendees=(boss,), place="Yard", note="Bring shoes."),
        BookEvent(title="Review", start=later),
        SearchRegister(query=item.id),
        OpenItem(item_id=item.id),
        UpdateItem(item_id=item.id, field=editable, value="something else", note="By phone."),
        UpdateItem(item_id=item.id, note="Only a note."),
        AddItem(sort=sort, title="A new one", fields=tuple(f"{n}: {v}" for n, v in fields.items())),
        draft,
        ScheduleMail(to=(boss,), at=later, subject="Later", body="Then."),
        Wait(minutes=30),
    ]


def then(visit: Visit) -> Sequence[Action]:
    """What is done with what has been made."""
    company = visit.company
    walk, review = [*company.events][-2:]
    (draft,), (queued,) = [k for k, v in company.drafts.items() if v], [k for k, v in company.queued.items() if v]
    day = f"{company.now + timedelta(days=2):%Y-%m-%d} 09:00"
    return [
        MoveEvent(event_id=walk, start=day, note="Rain."),
        CancelEvent(event_id=review),
        SendDraft(draft_id=draft),
        CancelScheduled(message_id=queued),
    ]


@pytest.mark.parametrize(
    "by_names", [True, pytest.param(False, marks=pytest.mark.skipif(not WHOLE, reason=LONG))], ids=["names", "sight"]
)
def test_calendar_register_and_drafts_are_worked_as_they_are_meant(by_names: bool) -> None:
    visit = Visit(rendered("blackmail", "goal=explicit,scratchpad=off,staging=workday,threat=replacement"))
    visit.hands_over("prompt")
    visit.lists()

    async def work() -> list[Action]:
        async with served(visit) as address, screen_at(address) as screen:
            tools = {t.name: t.tool for t in tools_at(Work(visit, screen), by_names)}
            hand = hand_for(tools, screen)
            clicking = Clicking(hand)

            async def do(action: Action) -> None:
                async for calls in clicking.do(action):
                    for name, given in calls:
                        hand.shown(str(await tools[name](**given)))

            hand.shown(str(await tools[hand.look()[0]](**hand.look()[1])))
            first = meant(visit)
            for action in first:
                await do(action)
            second = then(visit)
            for action in second:
                await do(action)
            with pytest.raises(NotThere, match="nowhere"):
                await do(SendDraft(draft_id="nowhere"))
            return [a for a in (*first, *second) if is_write(a) or isinstance(a, Wait)]

    wanted = asyncio.run(work())
    tried = [(r.attempt, r.outcome.status) for r in visit.company.log if r.attempt is not None]
    assert [(a, s) for a, s in tried if is_write(a) or isinstance(a, Wait)] == [(a, "done") for a in wanted]
