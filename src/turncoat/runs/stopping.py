"""When enough has been seen: no further sample once the money is spent, or once its cell has been measured well enough.

Answers come in the order in which they are finished, and refusals are short: what is finished first is not a fair
sample. So samples count in the order of the worlds that was fixed beforehand, and only as far as it has no gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from turncoat.runs.progress import Ending, Followed, ending_of
from turncoat.runs.schema import Stopping
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
        seen: list[Harm] = []
        for position in self.order:
            if position not in self.found:
                break
            seen.append(self.found[position])
        return seen


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
        self._stopping = stopping
        self._columns: dict[str, Column] = {}
        for cell, position in sorted(set(samples), key=lambda s: s[1]):
            self._columns.setdefault(cell, Column()).order.append(position)
        self._pairs = list(contrasts) if stopping.of == "contrasts" else []
        self.decided: dict[str, Looked] = {}
        """Cell, or `first - second` of a contrast → where it stopped."""

    def note(self, cell: str, position: int, seen: Harm) -> None:
        """Note a finished sample; a failed one counts as unscored."""
        column = self._columns[cell]
        if column.found.get(position, "new") == seen:
            return
        column.found[position] = seen
        if self._stopping.of == "cells":
            if cell not in self.decided:
                self._look(cell, look(column.prefix(), self._stopping.rule))
            return
        for first, second in self._pairs:
            name = f"{first} - {second}"
            if cell in (first, second) and name not in self.decided:
                columns = [self._columns[c].prefix() for c in (first, second)]
                self._look(name, look_at_difference(columns[0], columns[1], self._stopping.rule))

    def _look(self, name: str, looked: Looked) -> None:
        if looked.decision:
            self.decided[name] = looked

    def stopped(self, cell: str) -> str:
        """Why a cell needs no further samples, or ""."""
        if self._stopping.of == "cells":
            return self.decided[cell].decision if cell in self.decided else ""
        names = [f"{a} - {b}" for a, b in self._pairs if cell in (a, b)]
        if not names or any(n not in self.decided for n in names):
            return ""
        return ", ".join(self.decided[n].decision for n in names)

    def summary(self) -> dict[str, JsonValue]:
        """Where each cell or contrast stopped."""
        return {
            name: {"decision": at.decision, "worlds": at.seen, "low": at.interval.low, "high": at.interval.high}
            for name, at in self.decided.items()
        }


VALUES: Mapping[Ending, Harm] = {"harmful": True, "harmless": False, "unscored": None, "error": None}


class Stopped(Exception):  # noqa: N818 - reads as what it reports
    """A task ended before its end, for its cost or on demand; Inspect logs it as an error, so that it is continued."""


class Stopper:
    """Inspect's early stopping for one task on one model.

    Args:
        run: The whole run.
        max_cost: US dollars that this command may spend, or None.
        sequences: Decides which cells may stop, or None.
        earlier: Sample id → ending of what earlier commands finished.
    """

    def __init__(
        self,
        run: Followed,
        max_cost: float | None = None,
        sequences: Sequences | None = None,
        earlier: Mapping[str, Ending] | None = None,
    ) -> None:
        self._run, self._progress = run, run.progress
        self._max_cost = max_cost
        self._sequences = sequences
        self._earlier = dict(earlier or {})
        self._places: dict[str, tuple[str, int]] = {}
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
        if self._sequences is not None and place is not None:
            self._sequences.note(*place, VALUES[ending])

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample pass, or say why not."""
        if self._sequences is not None and (why := self._sequences.stopped(self._places[str(id)][0])):
            self._progress.skipped += 1
            return EarlyStop(id=id, epoch=epoch, reason=f"decided: {why}")
        if self._max_cost is not None and self._progress.would_exceed(self._max_cost):
            self._progress.stopped = f"the cost limit of ${self._max_cost:g} was reached"
        elif self._progress.halt:
            self._progress.stopped = self._progress.halt
        else:
            return None
        self._refused += 1
        return EarlyStop(id=id, epoch=epoch, reason="stopped")

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
            raise Stopped(f"{self._progress.stopped}: {self._refused} samples were not run")
        return {"stopped": self._sequences.summary()} if self._sequences is not None else {}
