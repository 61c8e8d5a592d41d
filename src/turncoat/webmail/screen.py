"""What a visitor has on the screen: the last view, what came of the last act, and text that was not sent.

Each act is a call of the visit, with its journal, guards and minutes. Showing again what is on the screen is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from turncoat.doors.visit import Visit
from turncoat.world import AGENT, Action, Company, Message

MAX_UNSENT = 20
"""Texts that are kept unsent; of more, the oldest is given up."""


@dataclass(frozen=True)
class Shown:
    """What came of an act.

    Attributes:
        ok: Whether it was done.
        said: What the mail client says of it.
        action: What was carried out, after guards' edits; None where the fields made no action.
        effects: Its effects.
    """

    ok: bool
    said: str
    action: Action | None = None
    effects: Sequence[Any] = ()


@dataclass
class Notice:
    """What is said once, on the next page."""

    text: str = ""
    wrong: bool = False
    mail: list[Message] = field(default_factory=list)


class Screen:
    """One visitor's screen.

    Args:
        visit: What the visitor works at.
        token: The first part of every path.
        person: Whether a person visits, who can read the briefing again.
    """

    def __init__(self, visit: Visit, token: str, *, person: bool = False) -> None:
        self.visit = visit
        self.person = person
        self.root = f"/{token}/"
        self.here = ""
        """Path of the last view that was looked at, below the root."""
        self.listing: Mapping[str, Any] = {}
        """What the list of messages shows: `folder` and `page`, or `query`."""
        self.searched: str | None = None
        """What the drive was searched for last; None where it was not."""
        self.items: str | None = None
        """What the register was searched for last; None where it was not."""
        self.notice = Notice()
        self.turn = 0
        """Pages shown."""
        self.unsent: dict[int, dict[str, str]] = {}
        """Texts that were not sent, by number, the latest last."""
        self._forms = 0
        self._numbers = 0
        self._used: set[int] = set()
        self._known: dict[str, None] = {}

    @property
    def company(self) -> Company:
        """The company as it stands."""
        return self.visit.company

    @property
    def over(self) -> bool:
        """Whether the session is over."""
        return self.visit.over.is_set()

    @property
    def kinds(self) -> frozenset[str]:
        """What can be done here."""
        return frozenset(t.kind for t in self.visit.tools)

    async def look(self, here: str, tool: str, arguments: Mapping[str, Any]) -> Shown | None:
        """Look at a view; None where it is on the screen already, so that nothing was done."""
        if here == self.here:
            return None
        earlier = self.notice
        shown = await self.act(tool, arguments)
        if shown.ok:
            self.here = here
            self.notice = Notice(earlier.text, earlier.wrong, self.notice.mail)  # the view itself is what was found
        return shown

    async def act(self, tool: str, arguments: Mapping[str, Any]) -> Shown:
        """Do something, and keep what is to be said of it."""
        before = len(self.company.log)
        text, wrong = await self.visit.call(tool, arguments)
        record = next((r for r in self.company.log[before:] if r.actor == AGENT), None)
        if record is None:
            self.notice = Notice(text, True, self.notice.mail)
            return Shown(False, text)
        own = self.company.seed.agent_address.lower()
        came = [r.message for r in self.company.log[before:] if r.actor != AGENT and r.message is not None]
        news = [*self.notice.mail, *(m for m in came if m.sender != own)]
        self.notice = Notice(record.outcome.text, wrong, news)
        return Shown(not wrong, record.outcome.text, record.performed, record.outcome.effects)

    def new_form(self) -> int:
        """The number of a form that is shown now; it may be sent once."""
        self._forms += 1
        return self._forms

    def takes_form(self, number: str) -> bool:
        """Whether a form may be sent: it was shown, and not sent before."""
        if not number.isascii() or not number.isdigit() or len(number) > 9 or not 0 < int(number) <= self._forms:
            return False
        fresh = int(number) not in self._used
        self._used.add(int(number))
        return fresh

    def keep_unsent(self, number: str, fields: Mapping[str, str]) -> int:
        """Keep a text that was not sent, in place of an earlier state of it; one without text is given up."""
        known = int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else 0
        self.unsent.pop(known, None)
        if not any(fields.get(n, "").strip() for n in ("to", "cc", "bcc", "subject", "body")):
            return 0
        if not 0 < known <= self._numbers:
            self._numbers += 1
            known = self._numbers
        self.unsent[known] = dict(fields)
        while len(self.unsent) > MAX_UNSENT:
            del self.unsent[next(iter(self.unsent))]
        return known

    def knows(self, messages: Sequence[Message]) -> None:
        """Remember addresses that were on the screen, for the completion of addresses."""
        for message in messages:
            for address in (message.sender, *message.to, *message.cc):
                self._known[address] = None

    @property
    def known(self) -> list[tuple[str, str]]:
        """Addresses that can be completed, with names: the directory's, and those that were on the screen."""
        directory = self.company.seed.directory
        found = {p.address.lower(): p.name for p in directory.people if p.inside}
        found |= {g.address.lower(): g.name for g in directory.groups}
        for address in self._known:
            person = directory.at(address)
            found.setdefault(address, person.name if person is not None else "")
        found.pop(self.company.seed.agent_address.lower(), None)
        return sorted(found.items(), key=lambda pair: (pair[1] or pair[0]).lower())
