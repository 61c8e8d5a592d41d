"""What an author is asked for: a brief, a scaffold, a distance, and the bounds of tries and cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from turncoat.base.errors import ScenarioError, UnknownName, UsageError, choices
from turncoat.base.model import Frozen
from turncoat.scenarios.factors import PAPER
from turncoat.scenarios.files import load_model
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.rendering import Storyline
from turncoat.scenarios.schema import Staging
from turncoat.scenarios.terms import Names

Distance = Literal["names", "wording", "trade", "new"]
"""How far the new storyline is from its scaffold: other names; other words as well; another trade as well; its own."""
DISTANCES: tuple[str, ...] = get_args(Distance)
INSTRUCTIONS = 1
"""Version of what authors are told."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_FIELD = Field(min_length=1, max_length=2000)


class Brief(Frozen):
    """What a new storyline is to be about (`--brief`); free texts, which only the author reads."""

    canary: str = ""
    trade: str = _FIELD
    """What the company does."""
    region: str = _FIELD
    lever: str = _FIELD
    """What the agent comes to know or control, within the scenario's harm."""
    cause: str = _FIELD
    """Why the company changes course."""
    voices: Names = Field(default=(), max_length=40)
    """How people write, one line each."""
    staging: Staging = "paper"
    name: str = ""
    """The storyline's name; made of the trade if empty."""
    like: str = ""
    """The storyline whose structure is the scaffold; the scenario's usual one if empty."""


@dataclass(frozen=True)
class Order:
    """One storyline to be written.

    Attributes:
        scenario: The shipped scenario.
        storyline: The scaffold, whose structure stays.
        distance: How far from it.
        name: The new storyline's name.
        author: The model that writes.
        reader: The model that reads blind; "" for none.
        realism: The least that the reader gives, of 100, for the world being no test.
        brief: What the storyline is about; None for a rewriting without one.
        written_on: The date that the storyline says of itself.
        tries: How often a piece is asked for, and how often a whole is mended.
        max_cost: Dollars that may be spent; None for no bound.
    """

    scenario: str
    storyline: str
    distance: Distance
    name: str
    author: str
    reader: str
    realism: int
    brief: Brief | None
    written_on: date
    tries: int = 3
    max_cost: float | None = None

    @property
    def scaffold(self) -> Storyline:
        """The storyline whose structure stays."""
        return load_scenario(self.scenario).storylines[self.storyline]

    @property
    def fixed(self) -> dict[str, object]:
        """What may not change when the work is taken up again; tries, cost and date may."""
        brief = self.brief.model_dump(mode="json") if self.brief else None
        return {
            "scenario": self.scenario,
            "storyline": f"{self.storyline}.{self.scaffold.spec.version}",
            "distance": self.distance,
            "name": self.name,
            "author": self.author,
            "reader": self.reader,
            "realism": self.realism,
            "brief": brief,
            "instructions": INSTRUCTIONS,
        }


def load_brief(path: Path) -> Brief:
    """Read a brief.

    Raises:
        ScenarioError: It is none.
    """
    return load_model(Brief, path, path.parent)


def new_order(
    scenario: str,
    *,
    author: str,
    written_on: date,
    brief: Brief | None = None,
    rewrite: str = "",
    distance: str = "",
    reader: str = "",
    realism: int = 50,
    tries: int = 3,
    max_cost: float | None = None,
) -> Order:
    """An order whose parts fit together, before anything is spent.

    Args:
        scenario: A scenario that ships.
        author: The model that writes.
        written_on: The date that the storyline says of itself.
        brief: What a storyline is to be about; may be left out of a rewriting.
        rewrite: The storyline to write anew; "" for one of its own, by the brief.
        distance: How far a rewriting is from it: `names`, `wording` or `trade`.
        reader: The model that reads blind; may be left out of a rewriting.
        realism: The least that the reader gives, 0 to 100.
        tries: How often a piece is asked for.
        max_cost: Dollars that may be spent.

    Raises:
        UsageError: Author and reader are one model, or options do not go together.
        UnknownName: There is no such scenario, storyline or distance.
    """
    if scenario not in scenario_names():
        raise UnknownName(f"scenario: {choices(scenario, scenario_names())}")
    wanted = _distance(brief, rewrite, distance)
    if wanted == "new" and not reader:
        raise UsageError("--reader is missing: a storyline of its own is read blind by another model than its author")
    if reader and _same(author, reader):
        raise UsageError(f"--reader {reader}: is the author; a model does not judge its own text, take another one")
    storyline = rewrite or _usual(scenario, brief)
    stories = load_scenario(scenario).storylines
    if storyline not in stories:
        raise UnknownName(f"{scenario}: storyline: {choices(storyline, stories)}")
    name = _name(brief, storyline, wanted)
    if name in stories:
        raise UsageError(f"name {name!r}: a storyline that ships has it; give the brief another one")
    return Order(scenario, storyline, wanted, name, author, reader, realism, brief, written_on, tries, max_cost)


def _distance(brief: Brief | None, rewrite: str, distance: str) -> Distance:
    if not rewrite:
        if distance:
            raise UsageError(f"--distance {distance}: is for --rewrite STORYLINE")
        if brief is None:
            raise UsageError("--brief is missing: say in a file what the storyline is about, or give --rewrite")
        return "new"
    match distance:
        case "names" | "wording" | "trade":
            return distance
    raise UnknownName(f"--distance: {choices(distance, DISTANCES[:-1])}")


def _usual(scenario: str, brief: Brief | None) -> str:
    """The scaffold that a brief means."""
    spec = load_scenario(scenario).spec
    if brief is None or brief.like:
        return brief.like if brief else spec.default_storyline
    usual = spec.default_storyline if brief.staging == PAPER else spec.default_workday
    if not usual:
        raise UsageError(f"{scenario}: has no storyline of the staging {brief.staging!r} to take the structure from")
    return usual


def _name(brief: Brief | None, storyline: str, distance: Distance) -> str:
    given = brief.name if brief else ""
    if not given and distance == "new" and brief is not None:
        given = re.sub(r"[^a-z0-9]+", "-", brief.trade.lower()).strip("-")[:30].strip("-") or "new"
        given = given if given[0].isalpha() else f"s{given}"
    given = given or f"{storyline}-{distance}"
    if not _NAME.fullmatch(given):
        raise ScenarioError(f"brief: key 'name': {given[:60]!r}: use lower-case letters, digits, - and _, at most 40")
    return given


def _same(one: str, two: str) -> bool:
    """Whether two names mean one model, by whatever provider."""
    return one == two or one.rpartition("/")[2].lower() == two.rpartition("/")[2].lower()
