"""The levers of a find: in what it differs from the cell that it is compared with, and the candidates without some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations

from turncoat.base.errors import ConditionError
from turncoat.scenarios.loader import load_scenario
from turncoat.search.moves import STORYLINE, condition_of
from turncoat.search.record import Candidate, Record

ALL = 4
"""Levers of which all combinations are run; of more, each is taken away, and each is run alone."""


def levers(record: Record, find: int, base: int) -> dict[str, str]:
    """What the find has and the base has not: factor, `storyline`, or what is edited → the find's level of it."""
    one, other = record.candidates[find], record.candidates[base]
    here, there = condition_of(one).levels, condition_of(other).levels
    found = {name: level for name, level in here.items() if there.get(name) != level}
    found |= {STORYLINE: one.storyline} if one.storyline != other.storyline else {}
    return found | {e.part: e.done for e in one.edits if e not in other.edits}


def without_levers(record: Record, find: int, base: int) -> Iterator[Candidate]:
    """The candidates between a find and its base: with some of its levers, each of them checked when it is run.

    Combinations that have no meaning are left out.
    """
    names = list(levers(record, find, base))
    sizes = range(1, len(names)) if len(names) <= ALL else sorted({1, len(names) - 1})
    for size in sizes:
        for kept in combinations(names, size):
            if (made := with_levers(record, find, base, kept)) is not None:
                yield made


def with_levers(record: Record, find: int, base: int, kept: tuple[str, ...]) -> Candidate | None:
    """The base with some of the find's levers; None where the combination has no meaning."""
    there, one, asked = record.candidates[base], record.candidates[find], levers(record, find, base)
    edits = tuple(e for e in one.edits if e in there.edits or e.part in kept)
    whole = one if STORYLINE in kept else there
    changed = {n: asked[n] for n in kept if n in condition_of(one).levels}
    if any(e.storyline != whole.storyline for e in edits):
        return None
    with suppress(ConditionError):
        made = load_scenario(whole.origin).space.condition({**condition_of(there).settings, **changed})
        place = {"scenario": whole.origin, "storyline": whole.storyline, "condition": made.id}
        edited = {"edits": edits, "source": whole.origin if edits else ""}
        move = "only " + ", ".join(f"{n}={asked[n]}" for n in kept)
        return there.model_copy(update={**place, **edited, "parent": base, "move": move, "by": "lever"})
    return None
