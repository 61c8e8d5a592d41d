"""What is claimed: rates of finds on worlds that the search never saw, and what each lever does, with all their errors.

Everything is computed from the record, so that page, command and API say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from turncoat.base.simulated import is_simulated
from turncoat.search.choosing import base_of, sequences
from turncoat.search.levers import levers, with_levers
from turncoat.search.record import Candidate, Record, Seen, counted
from turncoat.stats.differences import Difference
from turncoat.stats.rates import Interval, wilson
from turncoat.stats.selection import simultaneous_differences, simultaneous_rates

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Confirmed:
    """A find, or a cell that finds are compared with, on fresh worlds."""

    candidate: Candidate
    base: int | None
    """The candidate that it is compared with; None of such a cell itself."""
    k: int
    n: int
    interval: Interval
    """Holds together with those of all others that were confirmed."""
    searched: tuple[int, int]
    """Hits and scored samples by which it was picked."""
    naive: Interval
    """Wilson's interval of these, which is wrong: it forgets that the candidate was picked for them."""
    path: tuple[Candidate, ...]
    """From the study's cell to it."""

    @property
    def rate(self) -> float | None:
        """The rate on fresh worlds; None where nothing was scored."""
        return self.k / self.n if self.n else None


def confirmed(record: Record) -> list[Confirmed]:
    """All that was run on fresh worlds, the finds first, the worst before the others.

    The family is everything that any round of this search confirmed, finds and cells alike.
    """
    fresh, before = record.counts("confirm"), record.counts("search")
    numbers = list(fresh)
    intervals = simultaneous_rates([fresh[c] for c in numbers], CONFIDENCE)
    bases = {base_of(record, c) for c in numbers}
    found = []
    for number, interval in zip(numbers, intervals, strict=True):
        searched = before.get(number, (0, 0))
        base = base_of(record, number)
        found.append(
            Confirmed(
                candidate=record.candidates[number],
                base=base if base in fresh and number not in bases else None,
                k=fresh[number][0],
                n=fresh[number][1],
                interval=interval,
                searched=searched,
                naive=wilson(*searched),
                path=tuple(record.path_to(number)),
            )
        )
    return sorted(found, key=lambda c: (c.base is None, -(c.rate or 0), c.candidate.number))


def best_confirmed(record: Record, most: int) -> list[int]:
    """The finds with the highest confirmed rates, of those that have a cell to be compared with."""
    return [c.candidate.number for c in confirmed(record) if c.base is not None and c.n][:most]


@dataclass(frozen=True)
class Lever:
    """What a find's rate owes to one lever, world by world."""

    name: str
    level: str
    effect: Difference | None
    """The find minus the find without it; None where that has no meaning or was refused."""
    why: str = ""
    """Why there is none."""


@dataclass(frozen=True)
class Subset:
    """The base with some of a find's levers."""

    kept: tuple[str, ...]
    """`factor=level` of each."""
    k: int
    n: int
    effect: Difference | None
    """Minus the base."""


@dataclass(frozen=True)
class Ablation:
    """A find taken apart on fresh worlds; all intervals hold together."""

    find: Candidate
    base: Candidate
    levers: tuple[Lever, ...]
    """Those that matter most first."""
    subsets: tuple[Subset, ...]
    """Fewest levers first; the last is the find itself."""

    @property
    def shortest(self) -> Subset | None:
        """The fewest levers whose difference from the base is surely above none; of several the largest."""
        sure = [s for s in self.subsets if s.effect is not None and s.effect.low > 0]
        return min(sure, key=lambda s: (len(s.kept), -s.effect.estimate if s.effect else 0), default=None)


def ablations(record: Record) -> list[Ablation]:
    """The finds that were taken apart."""
    return [_ablation(record, part.find, part.seen or {}) for part in record.of("ablate") if part.find is not None]


def _ablation(record: Record, find: int, seen: dict[int, tuple[Seen, ...]]) -> Ablation:
    base = base_of(record, find)
    assert base is not None
    asked = levers(record, find, base)
    names = list(asked)
    by_key = {record.candidates[c].key: c for c in seen}
    kept_of: dict[tuple[str, ...], int] = {}
    for kept in _subsets(names):
        made = record.candidates[find] if len(kept) == len(names) else with_levers(record, find, base, kept)
        if made is not None and made.key in by_key:
            kept_of[kept] = by_key[made.key]
    without = {n: kept_of.get(tuple(m for m in names if m != n), base if len(names) == 1 else None) for n in names}
    pairs = [(_hits(seen[find]), _hits(seen[c])) for c in without.values() if c is not None]
    pairs += [(_hits(seen[c]), _hits(seen[base])) for c in kept_of.values()]
    effects = iter(simultaneous_differences(pairs, CONFIDENCE))
    taken = [
        Lever(n, asked[n], next(effects)) if c is not None else Lever(n, asked[n], None, "it has no meaning without")
        for n, c in without.items()
    ]
    subsets = [
        Subset(tuple(f"{n}={asked[n]}" for n in kept), *counted(seen[c]), next(effects)) for kept, c in kept_of.items()
    ]
    taken.sort(key=lambda lever: -lever.effect.estimate if lever.effect else 1.0)
    return Ablation(record.candidates[find], record.candidates[base], tuple(taken), tuple(subsets))


@dataclass(frozen=True)
class Trial:
    """What the search saw of a candidate while it picked."""

    candidate: Candidate
    k: int
    n: int
    sequence: Interval
    """Holds at all times, for all candidates together."""
    naive: Interval
    """Wilson's, which holds for none that was picked."""


def trials(record: Record) -> list[Trial]:
    """All candidates that were run, those with most hits first: selected numbers, and no rates."""
    limits = sequences(record)
    found = [Trial(record.candidates[c], k, n, limits[c], wilson(k, n)) for c, (k, n) in record.counts().items()]
    return sorted(found, key=lambda t: (-(t.k + 0.5) / (t.n + 1), t.candidate.number))


def as_data(record: Record) -> dict[str, Any]:
    """What is claimed, and what was selected, as JSON data."""
    counts = record.counts()
    return {
        "settings": record.settings.model_dump(mode="json"),
        "simulated": is_simulated(record.settings.model),
        "tried": len(record.tried),
        "refused": len(record.refused),
        "searched": record.spent,
        "samples": sum(r.samples for r in record.rounds),
        "cost": sum(r.cost + r.asking for r in record.rounds),
        "confirmed": [
            {
                **c.candidate.model_dump(mode="json"),
                **{"compared_with": c.base, "k": c.k, "n": c.n, "rate": c.rate},
                **{"low": c.interval.low, "high": c.interval.high},
                "path": [p.move or p.condition for p in c.path],
                "selected": list(c.searched),
            }
            for c in confirmed(record)
        ],
        "ablations": [
            {
                "find": a.find.number,
                "levers": [
                    {"lever": f"{x.name}={x.level}", "effect": _numbers(x.effect), "why": x.why} for x in a.levers
                ],
                "shortest": list(a.shortest.kept) if a.shortest else None,
            }
            for a in ablations(record)
        ],
        "selected": [
            {**record.candidates[c].model_dump(mode="json"), "k": counts[c][0], "n": counts[c][1]} for c in counts
        ],
    }


def _numbers(effect: Difference | None) -> dict[str, float] | None:
    return {"estimate": effect.estimate, "low": effect.low, "high": effect.high} if effect else None


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [kept for size in range(1, len(names) + 1) for kept in combinations(names, size)]


def _hits(seen: Sequence[Seen]) -> list[bool | None]:
    return [s.hit for s in seen]
