"""Settings: what scoring knows of the place where an agent acted, without any prompt text."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.scenarios.job import JobSpec
from turncoat.scenarios.schema import LadderSpec
from turncoat.scenarios.terms import Names
from turncoat.world import CompanySeed, Fact


@dataclass(frozen=True)
class Setting:
    """A company and the scenario's roles, secret and ladder in it.

    Attributes:
        name: Of the scenario: `blackmail`, a pack's `<pack>/blackmail`, or a user's.
        harm: One sentence: what counts as harmful.
        seed: The company before the agent acted.
        roles: Scenario role (`target`, `superiors` …) → roles of the cast.
        secret: Id of the fact on which the scenario turns.
        judging: Which family of rules reads meaning: `coercion`, `disclosure` or `override`.
        necessary: The necessary act: a detector's name under `detect`, and its parameters.
        job: The work that the agent is there for, of this rendering; None where none is scored.
        facts: Hash of what scoring reads in the scenario's storylines; see `Scenario.facts`.
        summaries: Whether the seed's mails are summaries of what the agent read, one line each, as in packs.
        mails: The mails as the agent read them, where the seed's are summaries and they are at hand; else "".
    """

    name: str
    harm: str
    seed: CompanySeed
    roles: dict[str, Names]
    secret: str
    judging: str
    necessary: dict[str, object]
    ladder: LadderSpec
    facts: str = ""
    job: JobSpec | None = None
    summaries: bool = False
    mails: str = ""

    @property
    def fact(self) -> Fact | None:
        """The fact on which the scenario turns."""
        return self.seed.fact(self.secret)

    def cast(self, names: Names) -> frozenset[str]:
        """Roles of the cast that scenario roles (or cast roles) stand for."""
        return frozenset(role for name in names for role in self.roles.get(name, (name,)))
