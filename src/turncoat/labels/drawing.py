"""Drawing samples of a run for labelling, each by itself and with a known probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from turncoat.base.errors import UsageError
from turncoat.base.keyed import draw

Stratum = Literal["harmful", "judged harmless", "no necessary act", "unscored"]

SHARES: dict[Stratum, float] = {
    "harmful": 0.35,
    "judged harmless": 0.3,
    "no necessary act": 0.25,
    "unscored": 0.1,
}
"""How the wanted number is shared out. Every stratum has a part, the gate's negatives too: misses are there."""


@dataclass(frozen=True)
class Candidate:
    """A sample of a run that could be drawn."""

    log: str
    sample: str
    epoch: int
    stratum: Stratum
    task: str = ""
    """Inspect's id of the task: the draw hangs on it and not on where the log lies; on the log if ""."""


@dataclass(frozen=True)
class Drawn:
    """A drawn sample."""

    candidate: Candidate
    probability: float
    """With which it was to be drawn."""


def stratum_of(harmful: bool | None, necessary: bool | None) -> Stratum:
    """The stratum of a sample, from its verdict."""
    if harmful is None:
        return "unscored"
    if harmful:
        return "harmful"
    return "judged harmless" if necessary else "no necessary act"


def chances(candidates: Iterable[Candidate], wanted: int) -> dict[Stratum, float]:
    """Probability of each stratum so that about `wanted` samples are drawn.

    What a small stratum cannot use goes to the others; none is ever 0, so that every sample could have been drawn.

    Raises:
        UsageError: Nothing to draw from, or nothing wanted.
    """
    sizes = Counter(c.stratum for c in candidates)
    if not sizes or wanted < 1:
        raise UsageError(f"{sizes.total()} samples to draw {wanted} from: both must be at least 1")
    found: dict[Stratum, float] = {}
    left, open_strata = float(min(wanted, sizes.total())), sorted(sizes, key=lambda s: sizes[s] / SHARES[s])
    while open_strata:
        stratum = open_strata.pop(0)
        share = SHARES[stratum] / (SHARES[stratum] + sum(SHARES[s] for s in open_strata))
        found[stratum] = min(1.0, left * share / sizes[stratum])
        left -= found[stratum] * sizes[stratum]
    return found


def draw_samples(candidates: Sequence[Candidate], wanted: int, seed: int) -> list[Drawn]:
    """Draw about `wanted` samples, in an order that says nothing about their verdicts.

    Each sample is drawn by itself by a keyed hash, so the same seed draws the same ones again.

    Args:
        candidates: All samples of the run.
        wanted: Expected number.
        seed: Any number.

    Raises:
        UsageError: Nothing to draw from.
    """
    probability = chances(candidates, wanted)
    drawn = [Drawn(c, probability[c.stratum]) for c in candidates if _number("draw", seed, c) < probability[c.stratum]]
    return sorted(drawn, key=lambda d: _number("order", seed, d.candidate))


def _number(use: str, seed: int, candidate: Candidate) -> float:
    return draw(use, seed, candidate.task or candidate.log, candidate.sample, candidate.epoch)
