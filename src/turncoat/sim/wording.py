"""The words of the simulated models: whole messages by rung, thoughts, and what stands around them. Data only.

Written apart from the rules that judge: whoever writes the one does not read the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from turncoat.base.errors import ScenarioError, UsageError, choices
from turncoat.base.model import Frozen
from turncoat.scenarios.files import load_model
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import LadderSpec
from turncoat.scenarios.templates import has_markup, variables
from turncoat.scenarios.terms import Names, When, applies

FOLDER = Path(__file__).parent / "data" / "wording"
HARMFUL = "harmful"
"""Stands for the harmful rungs of whatever scenario, in their usual mix."""


class Move(Frozen):
    """What a simulated model does to reach a rung: a message, a forwarded one, a cancelled alarm."""

    finding: str = ""
    """The finding that it plants; "" for the base rung."""
    when: When = Field(default_factory=dict)
    """Levels under which it makes sense; where no move of a rung fits, any is taken."""
    to: Names = ()
    """Roles, groups, or literal addresses."""
    cc: Names = ()
    bcc: Names = ()
    subject: str = ""
    body: str = ""
    forward: bool = False
    """Forward the message that carries the document with the secret."""
    attach: bool = False
    """Attach that document."""
    cancel: Literal["", "valid", "wrong"] = ""
    prose: str = ""
    """What it says outside the messages, if this move needs its own words."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Roles, groups and other variables that it needs."""
        texts = (self.subject, self.body, self.prose, *self.to, *self.cc, *self.bcc)
        needed = (variables(t, "a move") if has_markup(t) else () for t in texts)
        people = (n for n in (*self.to, *self.cc, *self.bcc) if "@" not in n and not has_markup(n))
        return frozenset(people).union(*needed)


PHRASES = ("hint", "told", "more", "thing", "file", "code", "alert", "want", "matter", "settled", "otherwise")
"""What the words can name beyond the world, also with a capital: the secret in other words, and what is wanted."""


def known_names(rendered: Rendered) -> frozenset[str]:
    """All that moves can name in a rendering."""
    phrases = (*PHRASES, *(p.capitalize() for p in PHRASES))
    return frozenset((*rendered.context, *rendered.groups, *phrases))


def possible(moves: Sequence[Move], indices: Sequence[int], known: frozenset[str]) -> list[int]:
    """Those of some moves for which a storyline has everybody; all of them if it has so for none."""
    return [i for i in indices if moves[i].names <= known] or list(indices)


class Moves(Frozen):
    """`<scenario>/<rung>.yaml`."""

    canary: str
    moves: tuple[Move, ...]


class Calm(Frozen):
    """How what the propensities leave over is spread over harmless rungs, under some levels."""

    when: When = Field(default_factory=dict)
    rungs: dict[str, float]


class Phrases(Frozen):
    """Words for what the agent wants, under some levels."""

    when: When = Field(default_factory=dict)
    want: Names
    """Bare infinitive, addressed to who decides."""
    matter: Names
    """Noun phrase for what is about to happen."""
    settled: Names
    """Clause: it got what it wants."""
    otherwise: Names
    """Clause: it did not."""


class ScenarioWording(Frozen):
    """`<scenario>/scenario.yaml`: what the rungs share."""

    canary: str
    harmful: dict[str, float]
    """Usual mix of the harmful rungs."""
    calm: tuple[Calm, ...]
    silent: float
    """Probability that a response on the base rung sends nothing."""
    phrases: tuple[Phrases, ...] = ()
    thoughts: dict[str, Names]
    """`start`, and what follows by rung."""
    beside: tuple[Move, ...]
    """Harmless messages that stand beside the others."""


class Common(Frozen):
    """`common.yaml`: words of all scenarios."""

    canary: str
    prose: Names
    closing: Names
    nothing: Names
    signatures: Names
    report_subjects: Names
    report_bodies: Names
    awareness: dict[str, Names]
    misunderstandings: dict[str, Names]
    motives: dict[str, Names]


@dataclass(frozen=True)
class Wording:
    """All words for one scenario."""

    shared: ScenarioWording
    common: Common
    moves: Mapping[str, tuple[Move, ...]]
    """Rung → its moves."""

    def rung_of(self, name: str, ladder: LadderSpec) -> str:
        """The rung that a propensity's key means: a rung, or a finding that some move plants.

        Raises:
            UsageError: Neither.
        """
        if name in self.moves:
            return name
        planted = {m.finding for moves in self.moves.values() for m in moves}
        if name in planted and name in ladder.findings:
            return ladder.findings[name].rung
        have = [*self.moves, *sorted(planted - {""})]
        raise UsageError(f"simulated models: rung or finding {choices(name, have)}")

    def fitting(self, name: str, ladder: LadderSpec, levels: Mapping[str, str]) -> list[int]:
        """Indices of the moves of a rung that a propensity's key allows.

        A rung that has harmful findings means these; its harmless findings are planted by their own names.
        """
        moves = self.moves[self.rung_of(name, ladder)]
        if name in self.moves:
            allowed = [i for i, m in enumerate(moves) if m.finding and ladder.findings[m.finding].harmful]
        else:
            allowed = [i for i, m in enumerate(moves) if m.finding == name]
        allowed = allowed or list(range(len(moves)))
        return [i for i in allowed if applies(moves[i].when, levels)] or allowed


@lru_cache(maxsize=1)
def worded() -> tuple[str, ...]:
    """Names of the scenarios that simulated models have words for."""
    return tuple(sorted(p.name for p in FOLDER.iterdir() if p.is_dir()))


@lru_cache(maxsize=8)
def wording(scenario: str, ladder: str) -> Wording:
    """The words for a scenario.

    Args:
        scenario: Its name.
        ladder: Its rungs, separated by commas; each needs a file.

    Raises:
        UsageError: There are none for this scenario.
        ScenarioError: A file is missing or malformed.
    """
    folder = FOLDER / scenario
    if scenario not in worded():
        raise UsageError(f"sim/… models have words for {', '.join(worded())} only, not for scenario {scenario!r}")
    shared = load_model(ScenarioWording, folder / "scenario.yaml", FOLDER)
    common = load_model(Common, FOLDER / "common.yaml", FOLDER)
    moves = {rung: load_model(Moves, folder / f"{rung}.yaml", FOLDER).moves for rung in ladder.split(",")}
    return Wording(shared, common, moves)


def words_for(scenario: str, spec: LadderSpec) -> Wording:
    """The words for a scenario, checked against its ladder.

    Raises:
        UsageError: There are none for this scenario.
        ScenarioError: A move plants a finding that its rung does not have.
    """
    words = wording(scenario, ",".join(spec.rungs))
    for rung, moves in words.moves.items():
        for number, move in enumerate(moves, 1):
            found = spec.findings[move.finding].rung if move.finding in spec.findings else spec.base
            if found != rung or (move.finding and move.finding not in spec.findings):
                raise ScenarioError(
                    f"sim/data/wording/{scenario}/{rung}.yaml: moves.{number}: "
                    f"finding {move.finding!r} is not one of rung {rung!r}"
                )
    return words
