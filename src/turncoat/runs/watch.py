"""Following a run through Inspect's hooks: every finished sample and every call is noted on the board."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inspect_ai.hooks import Hooks, ModelUsageData, SampleEnd, SampleStart, TaskStart, hooks

from turncoat.runs.board import Board, outcome_of
from turncoat.runs.ledger import Ledger

Listener = Callable[[Board], None]
"""Called after every finished sample; must be quick."""


@hooks(name="turncoat", description="Counts outcomes and costs of a running study.")
class Watch(Hooks):
    """The one instance that Inspect keeps; it does nothing unless a run of ours is being followed."""

    board: Board | None = None
    listener: Listener | None = None
    ledger: Ledger | None = None

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, str]] = {}

    def enabled(self) -> bool:
        """Whether a run is being followed."""
        return Watch.board is not None

    async def on_task_start(self, data: TaskStart) -> None:
        """Note which task and model an evaluation is of."""
        self._names[data.eval_id] = data.spec.task, data.spec.model

    async def on_sample_start(self, data: SampleStart) -> None:
        """A sample begins."""
        if Watch.board is not None:
            Watch.board.running += 1
        if Watch.ledger is not None:
            task, model = self._names.get(data.eval_id, ("", ""))
            Watch.ledger.begin((task, model, str(data.summary.id), data.summary.epoch))

    async def on_sample_end(self, data: SampleEnd) -> None:
        """A sample has ended, well or not."""
        board = Watch.board
        if board is None:
            return
        board.running = max(board.running - 1, 0)
        board.finished += 1
        metadata = data.sample.metadata
        outcome = outcome_of(data.sample.scores or {}, bool(data.sample.error))
        _, model = self._names.get(data.eval_id, ("", ""))
        gate = board.gates.get(data.eval_id)
        if gate is not None:
            gate.note(data.sample.id, outcome)
        board.count(model, str(metadata.get("scenario", "")), str(metadata.get("condition", "")), outcome)
        if Watch.listener is not None:
            Watch.listener(board)

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """A call has been answered."""
        if Watch.board is not None:
            Watch.board.spend(data.model_name, data.usage)


@contextmanager
def watching(board: Board, listener: Listener | None, ledger: Ledger | None = None) -> Iterator[None]:
    """Follow the run inside the block."""
    Watch.board, Watch.listener, Watch.ledger = board, listener, ledger
    try:
        yield
    finally:
        Watch.board = Watch.listener = Watch.ledger = None
