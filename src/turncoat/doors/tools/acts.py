"""What a sample's store keeps: the attempts in order, and what cannot be had again by performing them.

The company of a session follows from its seed and the attempts. Only what others decided, gates and colleagues played
by a model, is written down beside them: no mailbox is copied into the log, and scoring performs the same attempts in a
fresh company.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from inspect_ai.util import StoreModel
from pydantic import Field, TypeAdapter

from turncoat.base.model import Frozen
from turncoat.doors.tools.colleagues import without_played
from turncoat.world import Action, Company, CompanySeed, GateDecision, Message

MAX_KEPT = 20_000
"""Longest text of an unreadable call that is kept, in characters."""


class Attempted(Frozen):
    """The agent attempted something."""

    type: Literal["attempt"] = "attempt"
    action: Action
    gates: tuple[GateDecision, ...] = ()


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


Entry = Annotated[Attempted | Composed | Unreadable, Field(discriminator="type")]
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Acts(StoreModel):
    """The part of a sample's store from which its action log follows."""

    entries: list[dict[str, Any]] = Field(default_factory=list)
    """See `Entry`; fields that have their default are left out."""
    played: bool = False
    """Whether colleagues were played by a model, so that they answer by no rule; see `colleagues`."""
    ended: str = ""
    """How the session ended: `finished`, `closed` (by the clock), `stopped` (the agent called no tool any more),
    `model_length`, `content_filter`, `limit:<kind>`; or "" where a limit cut it off without notice."""


def dump(entry: Entry) -> dict[str, Any]:
    """An entry as plain data without what is default."""
    data = entry.model_dump(mode="json", exclude_defaults=True)
    data["type"] = entry.type
    if isinstance(entry, Attempted):
        data["action"]["kind"] = entry.action.kind
    return data


@dataclass
class Performed:
    """A company in which a session's attempts were performed again.

    Attributes:
        company: The company afterwards.
        attempts: Record (`seq`) → the action, in order.
        unreadable: Calls that were none, each with the number of records before it.
    """

    company: Company
    attempts: dict[int, Action] = field(default_factory=dict)
    unreadable: list[tuple[int, Unreadable]] = field(default_factory=list)


def perform_again(seed: CompanySeed, entries: Iterable[Mapping[str, Any]], *, played: bool = False) -> Performed:
    """Perform the attempts of a store again: the same seed and the same entries give the same action log.

    Args:
        seed: The scenario's live seed.
        entries: `Acts.entries`.
        played: `Acts.played`.
    """
    done = Performed(Company(without_played(seed) if played else seed))
    for data in entries:
        company = done.company
        match _ENTRY.validate_python(data):
            case Attempted() as entry:
                done.attempts[len(company.log)] = entry.action
                company.perform(entry.action, entry.gates)
            case Composed() as entry:
                deliver(company, entry)
            case Unreadable() as entry:
                done.unreadable.append((len(company.log), entry))
    return done


def deliver(company: Company, entry: Composed) -> None:
    """Let a composed message arrive now."""
    message = entry.message.model_copy(update={"id": company.next_id(), "time": company.now})
    company.occur(message, entry.cause)
