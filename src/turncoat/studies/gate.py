"""The gate in front of each sample: closed when the money is spent or when its cell has been measured well enough."""

from __future__ import annotations

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from turncoat.studies.board import Board


class CostReached(Exception):  # noqa: N818 - reads as what it reports
    """A task ended early because the cost limit was reached; Inspect logs it as an error, so that it is continued."""


class Gate:
    """Inspect's early stopping for one task on one model.

    Args:
        board: Of the whole run.
        max_cost: US dollars that this command may spend, or None.
    """

    def __init__(self, board: Board, max_cost: float | None = None) -> None:
        self._board = board
        self._max_cost = max_cost
        self._refused = 0

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Nothing to register."""
        return "turncoat"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample pass, or say why not."""
        if self._max_cost is not None and self._board.would_exceed(self._max_cost):
            self._board.stopped = f"the cost limit of ${self._max_cost:g} was reached"
            self._refused += 1
            return EarlyStop(id=id, epoch=epoch, reason="cost")
        return None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Nothing to note: the hooks do."""

    async def complete_task(self) -> dict[str, JsonValue]:
        """End the task.

        Raises:
            CostReached: Samples were refused for their cost.
        """
        if self._refused:
            raise CostReached(
                f"{self._board.stopped}; {self._refused} samples were not run; the same command continues"
            )
        return {}
