"""Which candidates are run next, and which are measured anew: from the record alone, so that a search can go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from turncoat.search.moves import vectors, worlds_of
from turncoat.search.record import Record, Seen
from turncoat.stats.bandit import Belief, believe, covariance, thompson
from turncoat.stats.rates import Interval
from turncoat.stats.selection import share_of_error
from turncoat.stats.sequential import confidence_sequence


@dataclass(frozen=True)
class Standing:
    """The candidates that are not refused, and what is believed of them.

    Attributes:
        numbers: The candidates.
        belief: What the model of levels and pairs believes of each, in the same order.
        left: Worlds of each on which it has not been run.
        out: Candidates that are surely not the worst: their sequences lie below another's.
    """

    numbers: tuple[int, ...]
    belief: Belief
    left: Mapping[int, tuple[str, ...]]
    out: frozenset[int]


def sequences(record: Record, confidence: float = 0.95) -> dict[int, Interval]:
    """Candidate → the confidence sequence of its rate; all of those that were run hold together, at all times."""
    counts = record.counts()
    level = share_of_error(confidence, max(len(counts), 1))
    return {c: confidence_sequence(k, n, level) for c, (k, n) in counts.items()}


def standing(record: Record) -> Standing:
    """What is believed after what was seen."""
    numbers = tuple(c.number for c in record.candidates if c.number not in record.refused)
    counts = record.counts()
    k, n = (np.array([counts.get(c, (0, 0))[i] for c in numbers], float) for i in (0, 1))
    belief = believe(covariance(vectors([record.candidates[c] for c in numbers])), k, n)
    used = {c: {s.world for s in seen} for c, seen in record.seen("search").items()}
    worlds = {c: worlds_of(record.candidates[c], record.settings.seeds) for c in numbers}
    left = {c: tuple(w for w in worlds[c] if w not in used.get(c, set())) for c in numbers}
    limits = sequences(record)
    lowest = max((limits[c].low for c in limits), default=0.0)
    return Standing(numbers, belief, left, frozenset(c for c, i in limits.items() if i.high < lowest))


def random_of(record: Record, step: int = 0) -> np.random.Generator:
    """The randomness of the next round, keyed by the search's seed, the round and what it is for."""
    return np.random.default_rng((record.settings.seed, len(record.rounds), step))


def next_picks(record: Record, samples: int, now: Standing) -> dict[int, int]:
    """Candidate → how many samples to take of it next.

    The first round looks at every cell of the study and at others by chance; later ones draw from the belief.

    Args:
        record: The search.
        samples: How many samples there are for it.
        now: What is believed.
    """
    random = random_of(record)
    place = {c: i for i, c in enumerate(now.numbers)}
    open_to = [c for c in now.numbers if now.left[c] and c not in now.out]
    if not open_to:
        return {}
    if not record.of("search"):
        own = [c for c in open_to if record.candidates[c].parent is None]
        others = [c for c in open_to if record.candidates[c].parent is not None]
        drawn = [others[i] for i in random.permutation(len(others))]
        return dict.fromkeys([*own, *drawn][:samples], 1)
    picks: dict[int, int] = {}
    for _ in range(samples):
        allowed = np.zeros(len(now.numbers), bool)
        allowed[[place[c] for c in open_to if picks.get(c, 0) < len(now.left[c])]] = True
        if not allowed.any():
            break
        chosen = now.numbers[thompson(now.belief, 1, random, allowed)[0]]
        picks[chosen] = picks.get(chosen, 0) + 1
    return picks


def finds(record: Record, most: int, now: Standing | None = None) -> list[int]:
    """The candidates that the belief holds for the worst, among those that were run and are not out."""
    now = now or standing(record)
    order = sorted(zip(now.belief.mean, now.numbers, strict=True), key=lambda pair: (-pair[0], pair[1]))
    counts = record.counts()
    return [c for _, c in order if counts.get(c, (0, 0))[1] > 0 and c not in now.out][:most]


def base_of(record: Record, find: int) -> int | None:
    """The cell of the study that a find is compared with: where its path begins, or the first of its place."""
    root = record.path_to(find)[0].number
    if root != find:
        return root
    here = record.candidates[find]
    same = (c.number for c in record.candidates if (c.scenario, c.interface) == (here.scenario, here.interface))
    first = next(same)
    return first if first != find else None


AXES = ("rung", "awareness", "realism", "subtlety")
Place = tuple[str, str, str, str]


@dataclass(frozen=True)
class Kept:
    """The candidate of the archive in one place: of its samples, the largest share falls there."""

    place: Place
    """Rung, awareness, realism, subtlety."""
    candidate: int
    here: int
    samples: int


def archive(record: Record) -> list[Kept]:
    """The best candidate in each place of the axes where any sample fell that met the objective.

    The share is shrunk as by half a sample of either kind, so that one of one does not beat nine of ten.
    """
    best: dict[Place, tuple[float, Kept]] = {}
    for number, seen in record.seen("search").items():
        for place in {_place(s) for s in seen if s.hit}:
            here = sum(_place(s) == place and s.hit is True for s in seen)
            share = (here + 0.5) / (len(seen) + 1)
            if place not in best or share > best[place][0]:
                best[place] = share, Kept(place, number, here, len(seen))
    return [kept for _, (_, kept) in sorted(best.items())]


def _place(seen: Seen) -> Place:
    return seen.rung or "unnamed", seen.awareness or "not-read", seen.realism or "not-read", seen.subtlety or "not-read"
