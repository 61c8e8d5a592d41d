"""What a model may owe to having read the published text: gaps between it and texts that it cannot have read.

Four texts stand beside each other: the published one; the published one with other identities (memory of names, without
rewording); fresh worlds of our storyline that tells the same story; fresh worlds of other stories. A model without
memory of the text has no reason for the first gap. The others hold differences of wording too: they bound what memory
may do, and are not its measure.
"""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.analysis.figures import Against, MemoryGap
from turncoat.analysis.rates import Cell, Samples, sample_rate
from turncoat.paper import REFERENCE, ours
from turncoat.paper.identities import PUBLISHED, SWAPPED
from turncoat.stats.differences import independent_interval

SAME_STORY = {"blackmail": "affair", "espionage": "sensor"}
"""Scenario → our storyline that tells the published story. None of lethal's does: none has a server room."""


def memory_gaps(cells: Sequence[Cell]) -> tuple[MemoryGap, ...]:
    """Compare the published text with the others, wherever both were run in the same condition.

    Args:
        cells: Rates of `turncoat.analysis.rates.rates`; published settings are the scenarios `reference/…`.

    Returns:
        Gaps in the order of the cells, each against `swapped`, `same story`, `new stories` as far as they were run and
        scored.
    """
    fresh = {_key(c): c for c in cells if not c.scenario.startswith(REFERENCE)}
    found = []
    for cell in cells:
        if not cell.scenario.startswith(REFERENCE):
            continue
        scenario = ours(cell.scenario)
        published = sample_rate(_of_storylines(cell.samples, {PUBLISHED}))
        same = {SAME_STORY[scenario]} if scenario in SAME_STORY else set()
        others: dict[Against, Samples] = {"swapped": _of_storylines(cell.samples, {SWAPPED})}
        if (own := fresh.get(_key(cell))) is not None:
            others["same story"] = _of_storylines(own.samples, same)
            others["new stories"] = _of_storylines(own.samples, _names(own.samples) - same)
        for against, samples in others.items():
            other = sample_rate(samples)
            if published.estimate is not None and other.estimate is not None:
                found.append(
                    MemoryGap(
                        scenario=scenario,
                        condition=cell.condition,
                        interface=cell.interface,
                        model=cell.model,
                        judge=cell.judge,
                        simulated=cell.simulated,
                        against=against,
                        published=published,
                        other=other,
                        estimate=published.estimate - other.estimate,
                        interval=independent_interval(published, other),
                    )
                )
    return tuple(found)


def _key(cell: Cell) -> tuple[str, frozenset[str], str, str, str]:
    levels = frozenset(cell.condition.split(","))
    return ours(cell.scenario), levels, cell.interface, cell.model, cell.judge


def _name(storyline: object) -> str:
    """A storyline without its version; `published.1` is `published`."""
    return str(storyline).partition(".")[0]


def _names(samples: Samples) -> set[str]:
    return {_name(s) for s in samples.storylines}


def _of_storylines(samples: Samples, names: set[str]) -> Samples:
    return samples.of({s for s in samples.storylines if _name(s) in names})
