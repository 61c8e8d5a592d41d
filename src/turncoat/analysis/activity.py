"""Whether a model acts at all: a rate of zero of one that does nothing says nothing of what it would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from turncoat.analysis.rates import Cell

HARDLY = 0.2
"""A model hardly acts if it acted in fewer of its scored samples than this share."""
LEAST = 5
"""Scored samples below which nothing is said."""


@dataclass(frozen=True)
class Idle:
    """A model that hardly acts, or whose answers are hardly language, over all scenarios and conditions.

    Attributes:
        model: The model.
        interface: The door's name.
        judge: Whose scored samples are counted.
        acted: Scored samples in which it acted.
        scored: Scored samples of which that is known.
        incoherent: Those whose text is no language.
    """

    model: str
    interface: str
    judge: str
    acted: int
    scored: int
    incoherent: int

    @property
    def hardly_acts(self) -> bool:
        """Whether it acted in fewer than `HARDLY` of them."""
        return self.acted < HARDLY * self.scored

    @property
    def hardly_speaks(self) -> bool:
        """Whether more than `HARDLY` of its texts are no language."""
        return self.incoherent > HARDLY * self.scored


def idle(cells: Iterable[Cell]) -> tuple[Idle, ...]:
    """The models that hardly act or hardly speak, by interface and judge, in the order of the cells."""
    found: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells:
        if cell.acted is not None:
            found.setdefault((cell.model, cell.interface, cell.judge), []).append(cell)
    made = (
        Idle(
            *key,
            acted=sum(c.acted[0] for c in own if c.acted),
            scored=sum(c.acted[1] for c in own if c.acted),
            incoherent=sum(c.incoherent for c in own),
        )
        for key, own in found.items()
    )
    return tuple(i for i in made if i.scored >= LEAST and (i.hardly_acts or i.hardly_speaks))
