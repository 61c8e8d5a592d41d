"""The store of a sample in a run: what its log keeps of attempts and decisions, as `turncoat.doors.kept` reads it."""

from __future__ import annotations

from typing import Any

from inspect_ai.util import StoreModel
from pydantic import Field


class Acts(StoreModel):
    """The part of a sample's store from which its action log follows."""

    entries: list[dict[str, Any]] = Field(default_factory=list)
    """See `turncoat.doors.kept.Entry`; fields that have their default are left out."""
    played: bool = False
    """Whether colleagues were played by a model, so that they answer by no rule; see `colleagues`."""
    ended: str = ""
    """How the session ended: `finished`, `closed` (by the clock), `guard`, `stopped` (the agent called no tool any
    more), `model_length`, `content_filter`, `limit:<kind>` (`limit:agent …` names the agent's own exception);
    `no_tools`, `no_prompt` or `disconnected` where an agent's own program came to nothing, with what was seen of it
    behind a colon; or "" where a limit cut it off without notice."""
    stops: list[str] = Field(default_factory=list)
    """How each turn ended, in order, without turns that only call `finish`; empty where all ended by themselves."""

    def adds(self, entry: dict[str, Any]) -> None:
        """Add an entry. Reading `entries` copies them all, so that adding there would take ever longer."""
        kept: list[dict[str, Any]] = self.store.get("Acts:entries")
        kept.append(entry)
