"""The gate in front of each sample: closed when the money is spent or when its cell has been measured well enough."""

from __future__ import annotations

from collections.abc import Mapping

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from turncoat.runs.board import Board, Outcome, outcome_of
from turncoat.runs.sequence import Sequences

VALUES: Mapping[Outcome, bool | None] = {"harmful": True, "harmless": False, "unscored": None, "error": None}


class CostReached(Exception):  # noqa: N818 - reads as what it reports
    """A task ended early because the cost limit was reached; Inspect logs it as an error, so that it is continued."""


class Gate:
    """Inspect's early stopping for one task on one model.

    Args:
        board: Of the whole run.
        max_cost: US dollars that this command may spend, or None.
        sequences: Decides which cells may stop, or None.
        earlier: Sample id → outcome of what earlier commands finished.
    """

    def __init__(
        self,
        board: Board,
        max_cost: float | None = None,
        sequences: Sequences | None = None,
        earlier: Mapping[str, Outcome] | None = None,
    ) -> None:
        self._board = board
        self._max_cost = max_cost
        self._sequences = sequences
        self._earlier = dict(earlier or {})
        self._places: dict[str, tuple[str, int]] = {}
        self._refused = 0

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Note where each sample belongs, and take in what is finished already."""
        self._board.gates[task.eval_id] = self
        for sample in samples:
            metadata = sample.metadata or {}
            self._places[str(sample.id)] = (str(metadata.get("condition")), int(metadata.get("position", 0)))
        for sample_id, outcome in self._earlier.items():
            self.note(sample_id, outcome)
        return "turncoat"

    def note(self, sample_id: str | int, outcome: Outcome) -> None:
        """Take in a finished sample, a failed one included (Inspect does not hand those to `complete_sample`)."""
        place = self._places.get(str(sample_id))
        if self._sequences is not None and place is not None:
            self._sequences.note(*place, VALUES[outcome])

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample pass, or say why not."""
        if self._sequences is not None and (why := self._sequences.stopped(self._places[str(id)][0])):
            self._board.skipped += 1
            return EarlyStop(id=id, epoch=epoch, reason=f"decided: {why}")
        if self._max_cost is not None and self._board.would_exceed(self._max_cost):
            self._board.stopped = f"the cost limit of ${self._max_cost:g} was reached"
            self._refused += 1
            return EarlyStop(id=id, epoch=epoch, reason="cost")
        return None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Take in a sample that has scores."""
        if scores:
            self.note(id, outcome_of({name: s.score for name, s in scores.items()}, error=False))

    async def complete_task(self) -> dict[str, JsonValue]:
        """End the task.

        Raises:
            CostReached: Samples were refused for their cost.
        """
        if self._refused:
            raise CostReached(f"{self._board.stopped}: {self._refused} samples were not run")
        return {"stopped": self._sequences.summary()} if self._sequences is not None else {}
