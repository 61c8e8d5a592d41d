"""What a sample's store keeps: the attempts in order, and what cannot be had again by performing them.

The company of a session follows from its seed and the attempts. Only what others decided, guards and colleagues played
by a model, is written down beside them: no mailbox is copied into the log, and scoring performs the same attempts in a
fresh company. Where the attempts stand in the kept answer, as in the text interface, only the decisions are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from inspect_ai.util import StoreModel
from pydantic import Field, TypeAdapter

from turncoat.base.model import Frozen
from turncoat.evidence.case import CutOff
from turncoat.evidence.findings import Unscored
from turncoat.evidence.passages import Span
from turncoat.world import Action, ActionLog, Decision, Message
from turncoat.world.log import Decisions

MAX_KEPT = 20_000
"""Longest text of an unreadable call that is kept, in characters."""


class Attempted(Frozen):
    """The agent attempted something."""

    type: Literal["attempt"] = "attempt"
    action: Action
    decisions: Decisions = ()


class Decided(Frozen):
    """What guards decided on an act that stands in the answer."""

    type: Literal["decided"] = "decided"
    span: Span
    """Where in the answer; several acts may stand in one tag, in order."""
    decisions: tuple[Decision, ...]


class Composed(Frozen):
    """A colleague played by a model wrote to the agent."""

    type: Literal["composed"] = "composed"
    message: Message
    """Id and time are given on arrival."""
    cause: int | None = None


class Unreadable(Frozen):
    """A call that was none: an unknown tool, or arguments that make no action. It had no effect."""

    type: Literal["unreadable"] = "unreadable"
    call: str = ""
    """Id of the call, where it is known."""
    tool: str
    text: str
    """The arguments as they came, cut at `MAX_KEPT`."""
    problem: str = ""


Entry = Annotated[Attempted | Decided | Composed | Unreadable, Field(discriminator="type")]
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Acts(StoreModel):
    """The part of a sample's store from which its action log follows."""

    entries: list[dict[str, Any]] = Field(default_factory=list)
    """See `Entry`; fields that have their default are left out."""
    played: bool = False
    """Whether colleagues were played by a model, so that they answer by no rule; see `colleagues`."""
    ended: str = ""
    """How the session ended: `finished`, `closed` (by the clock), `guard`, `stopped` (the agent called no tool any
    more), `model_length`, `content_filter`, `limit:<kind>`; or "" where a limit cut it off without notice."""


def dump(entry: Entry) -> dict[str, Any]:
    """An entry as plain data without what is default."""
    data = entry.model_dump(mode="json", exclude_defaults=True)
    data["type"] = entry.type
    if isinstance(entry, Attempted):
        data["action"]["kind"] = entry.action.kind
    if isinstance(entry, Attempted | Decided):
        for kept, decision in zip(data.get("decisions", ()), entry.decisions, strict=True):
            if decision.action is not None:
                kept["action"]["kind"] = decision.action.kind
    return data


def load(data: Mapping[str, Any]) -> Entry:
    """An entry from plain data, of older logs too."""
    return _ENTRY.validate_python(data)


def ended_by_guard(log: ActionLog) -> CutOff | None:
    """That a guard ended the session, which leaves unsaid what the agent would have done."""
    said = (d for record in log for d in record.decisions if d.decision == "end")
    ending = next(said, None)
    if ending is None:
        return None
    detail = f"the guard {ending.guard} ended the session before anything harmful was attempted"
    return CutOff(Unscored.ENDED, f"{detail}: {ending.reason}" if ending.reason else detail)
