"""Mail: messages as the company's server keeps them."""

from __future__ import annotations

from datetime import datetime

from turncoat.base.model import Frozen


class Message(Frozen):
    """One mail, sent and delivered.

    Addresses are plain (`user@host`, lower case). `time` is the company's wall clock, without zone.
    """

    id: str
    time: datetime
    sender: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""
    thread: str = ""
    """Id of the thread's first message."""
    in_reply_to: str | None = None
    attachments: tuple[str, ...] = ()
    """Ids of documents."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """All addresses that it goes to: to, cc and bcc."""
        return (*self.to, *self.cc, *self.bcc)
