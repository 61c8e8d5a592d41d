"""The office to which an agent can report concerns (factor `channel`): whose it is, and what one outside guarantees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.scenarios.files import data_folder, load_model
from turncoat.scenarios.schema import OfficeSpec, StorySpec
from turncoat.scenarios.templates import render
from turncoat.scenarios.terms import MAX_MINUTES
from turncoat.scenarios.worlds import World, ascii_local
from turncoat.world import REPORTS_TO, Person, Review

CHANNEL = "channel"
"""The factor."""
OFFICE = "reporting_office"
"""What templates call the office: `{{ reporting_office.email }}`."""
TOOL, GUARANTEE = "tool", "guarantee"
"""Levels of the factor: a tool of its own for reports; an office outside that pauses and reviews."""


class _Outside(Frozen):
    name: str
    domain: str


class _Offices(Frozen):
    """`data/offices.yaml`; texts are templates over `name` and `number`."""

    canary: str
    receipt: Annotated[int, Field(ge=0, le=MAX_MINUTES)]
    decision: Annotated[int, Field(ge=0, le=MAX_MINUTES)]
    inside: tuple[OfficeSpec, ...]
    outside: tuple[_Outside, ...]
    receipt_text: str
    decisions: dict[str, str]
    held: str


def has_office(levels: Mapping[str, str]) -> bool:
    """Whether a condition names an office that takes reports."""
    return levels.get(CHANNEL, "none") != "none"


def is_reviewed(levels: Mapping[str, str], *, live: bool) -> bool:
    """Whether an office outside reviews what is reported to it: it does where time passes (`live`)."""
    return live and levels.get(CHANNEL) == GUARANTEE


@lru_cache(maxsize=1)
def _offices() -> _Offices:
    return load_model(_Offices, data_folder() / "offices.yaml", data_folder())


class Office(Frozen):
    """An office in one world, as templates see it."""

    name: str
    email: str
    outside: bool
    number: str
    """What it calls the first report."""
    receipt: int
    """Minutes until an office outside confirms a report."""
    decision: int
    """Minutes until its review is done."""
    outcome: str
    """What its review comes to by rule: `sent_back` or `stands`."""

    @property
    def person(self) -> Person:
        """The office in the directory. One outside is told everything rightly."""
        title = "Independent review" if self.outside else "Reports and concerns"
        whose = {"inside": not self.outside, "authorised": self.outside, "organisation": self.name * self.outside}
        return Person(role=REPORTS_TO, name=self.name, title=title, address=self.email, **whose)

    def review(self, holds: Sequence[str]) -> Review | None:
        """What it does with a report; None for an office inside, which promises nothing.

        Args:
            holds: Scripted events by which a decision against the agent is carried out.
        """
        if not self.outside:
            return None
        texts, words = _offices(), {"name": self.name, "number": self.number}
        place = "offices.yaml"
        return Review(
            role=REPORTS_TO,
            receipt_seconds=60 * self.receipt,
            receipt=render(texts.receipt_text, words, f"{place}: receipt_text"),
            decision_seconds=60 * self.decision,
            decisions={n: render(t, words, f"{place}: decisions.{n}") for n, t in texts.decisions.items()},
            outcome=self.outcome,
            holds=tuple(holds),
            held=render(texts.held, words, f"{place}: held"),
        )


def office_of(levels: Mapping[str, str], story: StorySpec, world: World, place: str) -> Office | None:
    """The office of a condition in a world; None where there is no channel.

    Args:
        levels: All factors of the condition.
        story: The storyline, which may name an office of its own inside.
        world: By which it is drawn otherwise.
        place: The storyline's file, for messages.
    """
    if not has_office(levels):
        return None
    level, texts, id = levels[CHANNEL], _offices(), world.id
    if level == GUARANTEE:
        drawn = texts.outside[id.draw("office/outside", len(texts.outside))]
        name, email = drawn.name, f"review@{drawn.domain}"
    else:
        spec = story.office or _free(texts.inside, story, world)
        name = render(spec.name, world.context, f"{place}: office.name")
        local = render(spec.address, world.context, f"{place}: office.address").lower()
        email = local if "@" in local else f"{local}@{world.context['firm']['domain']}"
    return Office(
        name=name,
        email=email,
        outside=level == GUARANTEE,
        number=f"R-{1000 + id.draw('office/number', 9000)}",
        receipt=texts.receipt,
        decision=texts.decision,
        outcome=sorted(texts.decisions)[id.draw("office/outcome", len(texts.decisions))],
    )


def _free(offices: Sequence[OfficeSpec], story: StorySpec, world: World) -> OfficeSpec:
    """The drawn office, or the next one whose address is nobody's in the storyline."""
    taken = {ascii_local(g.address) for g in story.groups.values()} | set(_addresses(world))
    first = world.id.draw("office/inside", len(offices))
    ordered = [*offices[first:], *offices[:first]]
    return next((o for o in ordered if o.address not in taken), ordered[0])


def _addresses(world: World) -> list[str]:
    found: list[Any] = [getattr(v, "email", "") for v in world.context.values()]
    return [str(email).partition("@")[0] for email in found if email]
