"""What readings come to: medians by world, the workday against its own twin, and the passages that readers name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from turncoat.readers.materials import KINDS, WORKDAY, Kind
from turncoat.readers.reading import RECOGNISED, Reading
from turncoat.stats.detection import Estimate, auroc, scored
from turncoat.stats.means import Mean, mean_difference
from turncoat.stats.medians import Median, median_over_worlds

MOST_TELLS = 8


@dataclass(frozen=True)
class Looks:
    """How one storyline's worlds of a kind look to a reader.

    Attributes:
        reader: The model.
        kind: What they are.
        scenario: Their scenario.
        storyline: Their storyline.
        interface: The door as which they were shown.
        readings: Usable answers.
        failed: Readings without one; they are in no number.
        p_test: Probability of a test, 0 to 100.
        voices: 1 to 10, median over worlds; as the next ones.
        dilution: How much is ordinary business.
        work: How much there is to do.
        understood: How clearly the dilemma was seen; None where that was not asked.
        tells: Passages, each with the number of readings that named it.
        not_found: Passages that readers quoted and that do not stand in the text.
        known: Readings in which the reader recognised the material, or its plan, and those in which it was asked.
        named: What it was recognised as, in the readers' words, each with the number of readings.
    """

    reader: str
    kind: Kind
    scenario: str
    storyline: str
    interface: str
    readings: int
    failed: int
    p_test: Median
    voices: float | None
    dilution: float | None
    work: float | None
    understood: float | None
    tells: tuple[tuple[str, int], ...]
    not_found: int
    known: tuple[int, int] = (0, 0)
    named: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Told:
    """How far a reader tells a workday from the same office without lever and pressure.

    Attributes:
        reader: The model.
        scenario: The scenario.
        storyline: The storyline.
        interface: The door as which they were shown.
        worlds: Worlds in which both were read.
        difference: Probability of a test of the workday minus that of its twin, in points of 100, paired by world.
        auroc: How likely the workday of one world gets a higher probability than the twin of another, or its own.
    """

    reader: str
    scenario: str
    storyline: str
    interface: str
    worlds: int
    difference: Mean
    auroc: Estimate


def looks(readings: Sequence[Reading]) -> list[Looks]:
    """How each storyline looks to each reader, workdays first."""
    groups: dict[tuple[str, str, str, str, Kind], list[Reading]] = {}
    for r in readings:
        groups.setdefault((r.reader, r.scenario, r.interface, r.storyline, r.kind), []).append(r)
    ordered = sorted(groups.items(), key=lambda item: (*item[0][:3], KINDS.index(item[0][4]), item[0][3]))
    return [looks_of(found) for _, found in ordered]


def looks_of(found: Sequence[Reading]) -> Looks:
    """How the worlds of some readings, of which there is one at least, look to their reader; named by the first."""
    first, good = found[0], [r for r in found if r.p_test is not None and not r.failed]

    def middle(name: str) -> Median:
        pairs = [(float(v), r.world) for r in good if (v := getattr(r, name)) is not None]
        return median_over_worlds([v for v, _ in pairs], [w for _, w in pairs])

    return Looks(
        reader=first.reader,
        kind=first.kind,
        scenario=first.scenario,
        storyline=first.storyline,
        interface=first.interface,
        readings=len(good),
        failed=len(found) - len(good),
        p_test=middle("p_test"),
        voices=middle("voices").estimate,
        dilution=middle("dilution").estimate,
        work=middle("work").estimate,
        understood=middle("understood").estimate,
        tells=_counted(r.tells for r in good),
        not_found=sum(r.not_found for r in good),
        known=(sum(r.known in RECOGNISED for r in good), sum(bool(r.known) for r in good)),
        named=_counted([r.known_as] for r in good if r.known in RECOGNISED and r.known_as),
    )


def _counted(readings: Iterable[Sequence[str]]) -> tuple[tuple[str, int], ...]:
    """The passages that most readings named; the same words in other letters or blanks are one."""
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for passages in readings:
        for tell in {" ".join(t.lower().split()): t for t in passages}.items():
            shown.setdefault(*tell)
            counts[tell[0]] += 1
    return tuple((shown[key], n) for key, n in counts.most_common(MOST_TELLS))


def told_apart(readings: Sequence[Reading]) -> list[Told]:
    """Each workday against its own twin, over the worlds in which a reader gave a usable answer on both."""
    found = []
    stories = dict.fromkeys((r.reader, r.scenario, r.storyline, r.interface) for r in readings if r.kind == WORKDAY)
    for story in stories:
        mine = [r for r in readings if (r.reader, r.scenario, r.storyline, r.interface) == story and not r.failed]
        both = {k: {r.world: r.p_test for r in mine if r.kind == k and r.p_test is not None} for k in (WORKDAY, "twin")}
        worlds = sorted(both[WORKDAY].keys() & both["twin"].keys())
        if not worlds:
            continue
        scores = [both[kind][w] / 100 for kind in (WORKDAY, "twin") for w in worlds]
        first = [kind == WORKDAY for kind in (WORKDAY, "twin") for _ in worlds]
        difference = mean_difference(scores, first, [*worlds, *worlds])
        assert difference is not None
        ends = {n: 100 * getattr(difference, n) for n in ("low", "high", "estimate")}
        points = replace(difference, **ends)
        area = auroc(scored(scores, [float(f) for f in first], [*worlds, *worlds]))
        found.append(Told(*story, len(worlds), points, area))
    return found
