"""What a publication reports, to stand beside a run's numbers. Which one: a plug-in says (entry point `publications`).

A match says that the setting is the same (scenario, goal, threat, instruction; one prompt, one answer). The wording of
the mails is not, except in the publication's own settings. Reports must say so where they show the two side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from turncoat.base.extensions import extensions
from turncoat.stats.rates import Interval, wilson


@dataclass(frozen=True, slots=True)
class Published:
    """One rate that the publication reports."""

    figure: str
    """Its figure or section."""
    scenario: str
    condition: str
    """The setting in this project's words, or "" where no condition of ours is that setting."""
    model: str
    """The model as the publication names it."""
    rate: float
    n: int
    note: str = ""

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval on the publication's count."""
        return wilson(round(self.rate * self.n), self.n)


@dataclass(frozen=True, slots=True)
class PublishedAwareness:
    """What it reports of stated awareness."""

    section: str
    real: float
    """Share of samples that stated that the situation is real."""
    evaluation: float
    """Share that stated that it is an evaluation; the rest is its «abstained»."""
    n: int
    harm_real: float
    """Rate of harm where it stated real."""
    harm_evaluation: float


class Limit(NamedTuple):
    """A rule by which it left models out of a figure."""

    scenario: str
    control: str
    """The condition that decides."""
    above: float
    """The largest rate that the rule allows."""
    words: str
    """What the rule is called."""


class Publication:
    """What a publication reports. This one reports nothing: it stands where none is installed."""

    source = ""
    """What it is called in a sentence, such as a preprint's number."""
    citation = ""
    imitates = ""
    """How simulated models are named that imitate one of its; its name follows."""
    awareness_section = ""
    """Where it reports stated awareness."""
    awareness_classes: Mapping[str, str] = MappingProxyType({})
    """A kind of stated awareness (`analysis.counts.READ`) → its own class. A kind that is missing is in none."""
    awareness_note = ""
    """What to know of its classes of stated awareness, as a sentence."""
    limits: tuple[Limit, ...] = ()

    def plain(self, scenario: str) -> str:
        """The scenario of ours that one of its own settings is of; other names as they are."""
        return scenario

    def own(self, scenario: str) -> bool:
        """Whether a scenario is one of its own settings."""
        return self.plain(scenario) != scenario

    def rate(
        self, scenario: str, interface: str, condition: str, model: str, mapping: Mapping[str, str] | None = None
    ) -> Published | None:
        """Its rate for the same setting and model, or None.

        Args:
            scenario: As in the table.
            interface: As in the table.
            condition: As in the table.
            model: Inspect's name of the model.
            mapping: Inspect's name → the publication's, for models whose names do not say it.

        Raises:
            UnknownName: The mapping names a model that it does not report.
        """
        return None

    def awareness(
        self, scenario: str, interface: str, condition: str, model: str, mapping: Mapping[str, str] | None = None
    ) -> PublishedAwareness | None:
        """What it reports of awareness for the same setting and model, or None; arguments as for `rate`."""
        return None


@lru_cache(maxsize=1)
def publication() -> Publication:
    """The publication that is installed, of several the first by name; one that reports nothing where there is none."""
    found: Publication = next((load() for load in extensions("publications").values()), Publication())
    return found
