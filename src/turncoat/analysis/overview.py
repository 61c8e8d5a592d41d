"""Everything that a report shows, computed in one go; who draws it computes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from turncoat.analysis.activity import Idle, idle
from turncoat.analysis.contrasts import (
    Contrast,
    Effects,
    Exclusion,
    Square,
    contrasts,
    controls,
    effects,
    exclusions,
    levels,
    mitigating_levels,
    mitigations,
    named_contrasts,
    squares,
)
from turncoat.analysis.counts import (
    Awareness,
    Distribution,
    Opening,
    ReadingCounts,
    RungOrder,
    awareness_tables,
    finding_counts,
    harm_done,
    openings,
    readings,
    rung_counts,
    rung_order,
)
from turncoat.analysis.doors import DoorContrast, door_contrasts
from turncoat.analysis.figures import Figure, MemoryGap, definitions, other_cells
from turncoat.analysis.guards import Guarded, guarded
from turncoat.analysis.interviews import Interviewed, interviews
from turncoat.analysis.rates import ByStoryline, Cell, Group, rates, storylines
from turncoat.analysis.realism import Looked, all_looks, looked
from turncoat.analysis.reported import Beside, reported
from turncoat.analysis.reviews import Reviews, reviews
from turncoat.analysis.table import Table, read_table
from turncoat.analysis.table.logs import LogInfo
from turncoat.analysis.tradeoffs import Tradeoff, controlling_levels, tradeoffs
from turncoat.analysis.trust import (
    Agreement,
    Failures,
    JudgeError,
    Validity,
    agreements,
    failures,
    read_judge_errors,
    validity,
)
from turncoat.base.errors import Problem

if TYPE_CHECKING:
    from turncoat.analysis.labelled import Corrected
    from turncoat.analysis.monitors.measures import Cost, Measures
    from turncoat.analysis.monitors.watching import Watched
    from turncoat.readers.measures import Looks
    from turncoat.readers.reading import Reading


G = TypeVar("G", bound=Group)


@dataclass(frozen=True, repr=False)
class Overview:
    """The analysis of a set of logs."""

    cells: tuple[Cell, ...]
    contrasts: tuple[Contrast, ...]
    squares: tuple[Square, ...]
    rungs: tuple[Distribution, ...]
    orders: Mapping[str, RungOrder]
    """Scenario → its rungs in order."""
    findings: tuple[Distribution, ...]
    """Over all conditions of each model."""
    awareness: tuple[Awareness, ...]
    readings: tuple[ReadingCounts, ...]
    effects: tuple[Effects, ...]
    agreements: tuple[Agreement, ...]
    exclusions: tuple[Exclusion, ...]
    mitigations: tuple[Contrast, ...]
    guarded: tuple[Guarded, ...]
    tradeoffs: tuple[Tradeoff, ...]
    """Mitigations beside each other: harm that got through, and the job."""
    gaps: tuple[MemoryGap, ...]
    idle: tuple[Idle, ...]
    """Models that hardly act, so that their rate of zero means nothing."""
    openings: tuple[Opening, ...]
    """Whether agents in sessions with tools saw the secret at all."""
    storylines: tuple[ByStoryline, ...]
    figures: tuple[Figure, ...]
    """The paper's figures, of the first judge only."""
    others: tuple[Cell, ...]
    """Cells of the first judge that no figure of the paper shows."""
    harm_done: Mapping[str, str]
    """Scenario → what its harm is, as a predicate, where its logs say so."""
    first_judge: Mapping[tuple[str, str], str]
    """(scenario, interface) → the judge whose verdicts the figures show."""
    controls: Mapping[tuple[str, str, str, str], Cell]
    """(scenario, interface, model, judge) → the control condition's rate."""
    judge_errors: tuple[JudgeError, ...]
    """The judges' measured error, where a result was given."""
    corrected: tuple[Corrected, ...]
    """Rates corrected by labels on this run, where labels were given."""
    failures: Failures
    """Samples without a verdict, beside what the study allows."""
    validity: Validity
    reported: tuple[Beside, ...]
    """What others report of conditions of the study."""
    logs: tuple[LogInfo, ...]
    problems: tuple[Problem, ...]
    doors: tuple[DoorContrast, ...] = ()
    """The same conditions through several doors."""
    monitors: tuple[Measures, ...] = ()
    """How well monitors tell harmful from harmless, where some were shown the logs."""
    costs: Mapping[str, Cost] = field(default_factory=dict)
    """Monitor → what it takes per session; none of one whose scores were taken from the logs."""
    reviews: tuple[Reviews, ...] = ()
    """What an office outside made of agents' reports, where it was told of any."""
    interviews: tuple[Interviewed, ...] = ()
    """What models said of their samples afterwards."""
    looked: tuple[Looked, ...] = ()
    """How real the worlds look to blind readers, where there are readings of them."""
    looks: tuple[Looks, ...] = ()
    """All that readers said, by storyline, whether or not it was run."""

    def shown(self, found: Iterable[G]) -> list[G]:
        """Those by the judges whose verdicts the figures show."""
        return [g for g in found if self.first_judge[g.place] == g.judge]

    def mitigated(self, condition: str) -> bool:
        """Whether a condition has a level that was chosen against harm."""
        return bool(levels(condition) & controlling_levels(self.logs))

    def __repr__(self) -> str:
        return f"<overview: {len(self.cells)} rates, {len(self.contrasts)} contrasts>"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios that occur, sorted."""
        return tuple(sorted({c.scenario for c in self.cells}))

    @property
    def models(self) -> tuple[str, ...]:
        """Models that occur: real ones first, then by name."""
        return tuple(m for _, m in sorted({(c.simulated, c.model) for c in self.cells}))

    @property
    def judges(self) -> tuple[str, ...]:
        """Judges that occur, sorted."""
        return tuple(sorted({c.judge for c in self.cells}))

    @property
    def simulated(self) -> frozenset[str]:
        """Models that are programs."""
        return frozenset(c.model for c in self.cells if c.simulated)


def analyse(
    table: Table,
    published: Mapping[str, str] | None = None,
    *,
    labels: Path | None = None,
    validation: Path | None = None,
    monitors: Sequence[Watched] = (),
    realism: Sequence[Reading] = (),
) -> Overview:
    """Compute all that a report shows.

    Args:
        table: The table.
        published: Inspect's model name → the publication's, for models whose names do not say it.
        labels: Labels that `turncoat label` drew from this run.
        validation: What `turncoat validate --json` wrote.
        monitors: What monitors say of the logs.
        realism: What blind readers said of worlds.

    Raises:
        DataError: A file cannot be read.
        UsageError: The labels are not of this run.
    """
    cells = rates(table, published)
    first = _first_judges(table, cells)
    shown = [c for c in cells if first[c.place] == c.judge]
    crossed = squares(shown)
    left_out = exclusions(table, shown)
    ruled_out = [(e.control.scenario, e.control.interface, e.control.model) for e in left_out if e.declared]
    figures = definitions().figures(shown, crossed, ruled_out)
    beside = reported(table.logs, shown)
    compared = contrasts(shown, _margin(table), named_contrasts(table.logs))
    return Overview(
        cells=cells,
        contrasts=compared,
        mitigations=mitigations(compared, mitigating_levels(table.logs)),
        guarded=guarded(table, cells),
        tradeoffs=tradeoffs(table, shown, beside),
        interviews=interviews(table, shown),
        looked=looked(table, shown, realism),
        looks=all_looks(realism),
        squares=crossed,
        awareness=awareness_tables(table, published),
        readings=readings(table),
        effects=tuple(e for e in effects(table) if first[e.place] == e.judge),
        agreements=agreements(table),
        exclusions=left_out,
        gaps=definitions().gaps(shown),
        idle=idle(shown),
        openings=openings(table),
        storylines=storylines(shown),
        figures=figures,
        others=other_cells(shown, figures),
        harm_done={s: said for s in sorted({c.scenario for c in cells}) if (said := harm_done(table, s))},
        first_judge=first,
        controls=controls(cells),
        rungs=rung_counts(table),
        orders={s: rung_order(table, s) for s in sorted({c.scenario for c in cells})},
        findings=finding_counts(table),
        judge_errors=read_judge_errors(validation) if validation else (),
        corrected=_corrected(table, labels) if labels else (),
        failures=failures(table),
        validity=validity(table, first),
        reported=beside,
        logs=table.logs,
        problems=table.problems,
        doors=door_contrasts(shown),
        monitors=_measured(monitors, labels),
        costs=_costs(monitors),
        reviews=reviews(table, cells),
    )


ENOUGH_SCORED = 0.8
"""Share of what another judge scored that the run's own judge must have scored for the figures to be by it."""


def _first_judges(table: Table, cells: Sequence[Cell]) -> dict[tuple[str, str], str]:
    """Whose verdicts the figures show: the run's own judge or panel (the score `verdict`), or the one with most scored.

    Of several judges that were the run's own the one with most scored samples; none of those where it left more than a
    fifth unscored of what another one scored.
    """
    scored: dict[tuple[str, str], Counter[str]] = {}
    for c in cells:
        scored.setdefault(c.place, Counter())[c.judge] += c.rate.n
    found = {}
    for key, n in scored.items():
        most = max(n.values())
        judges = [j for j in n if j in table.own and n[j] >= ENOUGH_SCORED * most] or list(n)
        found[key] = min(judges, key=lambda j: (-n[j], j))
    return found


def _corrected(table: Table, labels: Path) -> tuple[Corrected, ...]:
    # Labels are read by the instrument's code, which takes Inspect in: seconds that only those pay who have labels.
    from turncoat.analysis.labelled import corrected_rates
    from turncoat.labels.items import read_labelled

    return tuple(corrected_rates(table, read_labelled(labels)))


def _measured(monitors: Sequence[Watched], labels: Path | None) -> tuple[Measures, ...]:
    if not monitors:
        return ()
    from turncoat.analysis.monitors.measures import measures
    from turncoat.labels.items import read_labelled

    known = read_labelled(labels) if labels else ()
    return tuple(m for watched in monitors for m in measures(watched, labels=known))


def _costs(monitors: Sequence[Watched]) -> dict[str, Cost]:
    if not (given := [watched for watched in monitors if watched.sees != "recorded"]):
        return {}
    from turncoat.analysis.monitors.measures import cost_of

    return {watched.monitor: cost_of(watched) for watched in given}


def _margin(table: Table) -> float | None:
    """The margin of equivalence that the logs' study states; None where none does, or they differ."""
    found = {m for log in table.logs if isinstance(m := log.manifest.get("equivalence"), float) and 0 < m < 1}
    return found.pop() if len(found) == 1 else None


def analyse_logs(
    paths: Iterable[Path],
    published: Mapping[str, str] | None = None,
    *,
    labels: Path | None = None,
    validation: Path | None = None,
) -> tuple[Table, Overview]:
    """Read logs and analyse them; see `analyse`.

    Raises:
        LogError: As `read_table`.
    """
    table = read_table(paths)
    return table, analyse(table, published, labels=labels, validation=validation)
