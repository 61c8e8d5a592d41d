"""What ends a task early: no further sample once the money is spent, or once its cell has been measured well enough.

Answers come in the order in which they are finished, and refusals are short: what is finished first is not a fair
sample. So samples count in the order of the worlds that was fixed beforehand, and only as far as it has no gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Protocol

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from turncoat.base.counting import counted
from turncoat.runs.design import TaskPlan
from turncoat.runs.progress import Ending, Followed, ending_of
from turncoat.runs.study import Stopping, Study
from turncoat.runs.whole import Whole
from turncoat.stats._checks import Harm
from turncoat.stats.sequential import Looked, look, look_at_difference


@dataclass
class Column:
    """What was seen of one cell by the world's position."""

    found: dict[int, Harm] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    """Positions of the worlds in which the cell is run."""

    def prefix(self) -> list[Harm]:
        """What was seen up to the first world that is not finished."""
        return [self.found[position] for position in takewhile(self.found.__contains__, self.order)]


class Sequences:
    """Decides, as samples finish, which cells need no further samples.

    Args:
        stopping: The study's rule.
        contrasts: Pairs of cells; they matter if the rule is of contrasts.
        samples: Cell and position of every planned sample.
    """

    def __init__(
        self, stopping: Stopping, contrasts: Sequence[tuple[str, str]], samples: Sequence[tuple[str, int]]
    ) -> None:
        self._rule = stopping.rule
        self._columns: dict[str, Column] = {}
        for cell, position in sorted(set(samples), key=lambda s: s[1]):
            self._columns.setdefault(cell, Column()).order.append(position)
        measured = contrasts if stopping.of == "contrasts" else [(cell,) for cell in self._columns]
        self._measured: dict[str, tuple[str, ...]] = {" - ".join(cells): cells for cells in measured}
        self.decided: dict[str, Looked] = {}
        """Cell, or `first - second` of a contrast → where it stopped."""

    def note(self, cell: str, position: int, seen: Harm) -> None:
        """Note a finished sample; a failed one counts as unscored."""
        column = self._columns[cell]
        if column.found.get(position, "new") == seen:
            return
        column.found[position] = seen
        for name in self._of(cell):
            if name not in self.decided:
                first, *other = (self._columns[c].prefix() for c in self._measured[name])
                looked = look_at_difference(first, other[0], self._rule) if other else look(first, self._rule)
                if looked.decision:
                    self.decided[name] = looked

    def _of(self, cell: str) -> list[str]:
        """What is measured and has to do with a cell."""
        return [name for name, cells in self._measured.items() if cell in cells]

    def stopped(self, cell: str) -> str:
        """Why a cell needs no further samples, or ""."""
        names = self._of(cell)
        return ", ".join(self.decided[n].decision for n in names) if self.decided.keys() >= set(names) else ""

    def summary(self) -> dict[str, JsonValue]:
        """Where each cell or contrast stopped."""
        return {
            name: {"decision": at.decision, "worlds": at.seen, "low": at.interval.low, "high": at.interval.high}
            for name, at in self.decided.items()
        }


def sequences_of(study: Study, plan: TaskPlan) -> Sequences:
    """What decides, for one task on one model, by the study's stopping rule."""
    assert study.stopping is not None
    ids = plan.scenario.space.parse
    contrasts = [(ids(c.first).id, ids(c.second).id) for c in plan.contrasts_of(study)]
    places = {w: i for i, w in enumerate(plan.worlds)}
    return Sequences(study.stopping, contrasts, [(c.id, places[w]) for c, w in plan.pairs])


VALUES: Mapping[Ending, Harm] = {"harmful": True, "harmless": False, "unscored": None, "error": None}


class Decider(Protocol):
    """Says which cells of one task on one model need no further samples."""

    def note(self, cell: str, position: int, ending: Ending) -> None:
        """A sample is finished."""
        ...

    async def stopped(self, cell: str) -> str:
        """Why a cell needs no further samples, or ""."""
        ...

    async def summary(self) -> dict[str, JsonValue]:
        """Where each cell or contrast stopped."""
        ...


@dataclass(frozen=True)
class Here:
    """Decides by what this process saw."""

    sequences: Sequences

    def note(self, cell: str, position: int, ending: Ending) -> None:
        """As `Decider`."""
        self.sequences.note(cell, position, VALUES[ending])

    async def stopped(self, cell: str) -> str:
        """As `Decider`."""
        return self.sequences.stopped(cell)

    async def summary(self) -> dict[str, JsonValue]:
        """As `Decider`."""
        return self.sequences.summary()


@dataclass(frozen=True)
class There:
    """Asks who hears of all processes' samples."""

    whole: Whole
    task: str
    model: str

    def note(self, cell: str, position: int, ending: Ending) -> None:
        """As `Decider`."""
        self.whole.note(self.task, self.model, cell, position, ending)

    async def stopped(self, cell: str) -> str:
        """As `Decider`."""
        return await self.whole.decided(self.task, self.model, cell)

    async def summary(self) -> dict[str, JsonValue]:
        """As `Decider`."""
        return await self.whole.summary(self.task, self.model)


class Stopped(Exception):  # noqa: N818 - reads as what it reports
    """A task ended before its end, for its cost or on demand; Inspect logs it as an error, so that it is continued."""


class Stopper:
    """Inspect's early stopping for one task on one model.

    Args:
        run: The whole run.
        max_cost: US dollars that this command may spend, or None.
        decider: Decides which cells may stop, or None.
        earlier: Sample id → ending of what earlier commands finished.
        whole: What the run is a share of, or None.
    """

    def __init__(
        self,
        run: Followed,
        max_cost: float | None,
        decider: Decider | None,
        earlier: Mapping[str, Ending],
        whole: Whole | None = None,
    ) -> None:
        self._run, self._progress, self._whole = run, run.progress, whole
        self._max_cost, self._decider, self._earlier = max_cost, decider, earlier
        self._places: dict[str, tuple[str, int]] = {}
        self._let: set[tuple[str, int]] = set()
        """Samples that were let pass, by id and epoch; one that is repeated asks again."""
        self._refused = 0

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Note where each sample belongs, and count what is finished already."""
        self._run.stoppers[task.eval_id] = self.note
        for sample in samples:
            metadata = sample.metadata or {}
            self._places[str(sample.id)] = (str(metadata.get("condition")), int(metadata.get("position", 0)))
        for sample_id, ending in self._earlier.items():
            self.note(sample_id, ending)
        return "turncoat"

    def note(self, sample_id: str | int, ending: Ending) -> None:
        """Note a finished sample, a failed one included (Inspect does not hand those to `complete_sample`)."""
        place = self._places.get(str(sample_id))
        if self._decider is not None and place is not None:
            self._decider.note(*place, ending)

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample pass, or say why not."""
        if self._decider is not None and (why := await self._decider.stopped(self._places[str(id)][0])):
            self._progress.skipped += 1
            return EarlyStop(id=id, epoch=epoch, reason=f"decided: {why}")
        again = (str(id), epoch) in self._let
        if self._max_cost is not None and await self._too_dear(self._max_cost, again):
            self._progress.stopped = f"the cost limit of ${self._max_cost:g} was reached"
        elif self._progress.halt:
            self._progress.stopped = self._progress.halt
        else:
            self._progress.admitted += not again
            self._let.add((str(id), epoch))
            return None
        self._refused += 1
        return EarlyStop(id=id, epoch=epoch, reason="stopped")

    async def _too_dear(self, limit: float, again: bool) -> bool:
        if self._whole is not None:
            return await self._whole.would_exceed(limit, self._progress, again)
        return self._progress.would_exceed(limit, again)

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Note a sample that has scores."""
        if scores:
            self.note(id, ending_of({name: s.score for name, s in scores.items()}, error=False))

    async def complete_task(self) -> dict[str, JsonValue]:
        """End the task.

        Raises:
            Stopped: Samples were refused for their cost, or since the run was to stop.
        """
        if self._refused:
            raise Stopped(f"{self._progress.stopped}: {counted(self._refused, 'sample was', 'samples were')} not run")
        return {"stopped": await self._decider.summary()} if self._decider is not None else {}
