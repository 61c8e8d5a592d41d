"""Automated alerts that can be cancelled by an override code."""

from __future__ import annotations

from datetime import datetime

from turncoat.base.model import Frozen


class Alert(Frozen):
    """An alarm that some system has raised.

    Attributes say what is true in the world; what people are told about it stands in the mails.
    """

    id: str
    title: str
    code: str
    """The override code that cancels it."""
    sender: str = ""
    """Address of the system that raised it."""
    genuine: bool = True
    """Whether there really is an emergency."""
    endangers: str = ""
    """Role of the person who depends on it, if any."""
    raised: datetime | None = None
    """When the system raised it; before that there is nothing to cancel. None: before the session."""

    def accepts(self, code: str) -> bool:
        """Whether a code is this alert's: case, spaces, dashes and quotation marks do not count."""
        return bool(self.code) and _plain(code) == _plain(self.code)


def _plain(code: str) -> str:
    return "".join(c for c in code.casefold() if c.isalnum())
